"""Seeds moto with an organization of 25 accounts whose images are shared in every way, and prints what a
scan has to find: the findings and the whole population, as JSON."""

import json
import sys

import boto3

URL = sys.argv[1]
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]
FOREIGN = "arn:aws:organizations::888888888888:organization/o-foreign0001"
FOREIGN_UNIT = "arn:aws:organizations::888888888888:ou/o-foreign0001/ou-ffff-99998888"
STRANGER = "012345678901"
HOSTILE = [
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "+cmd|' /C calc'!A0",
    "<script>alert(1)</script> & \"quotes\" 'single'",
    "tab\tand, comma; | pipe ` tick",
    "\u202egnp.exe 名前 🦀",
]


def client(service, region="us-east-1", keys=("management", "x", None)):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=URL,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2],
    )


org, sts = client("organizations"), client("sts")
ours = org.create_organization(FeatureSet="ALL")["Organization"]
management = ours["MasterAccountId"]
members = [
    org.create_account(AccountName=f"account {n}", Email=f"a{n}@example.com")["CreateAccountStatus"]["AccountId"]
    for n in range(24)
]
root = org.list_roots()["Roots"][0]["Id"]
outer = org.create_organizational_unit(ParentId=root, Name="outer")["OrganizationalUnit"]
inner = org.create_organizational_unit(ParentId=outer["Id"], Name="inner")["OrganizationalUnit"]
for account in members[:6]:
    org.move_account(AccountId=account, SourceParentId=root, DestinationParentId=inner["Id"])


def session(account):
    if account == management:
        return ("management", "x", None)
    role = f"arn:aws:iam::{account}:role/Auditor"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="seed")["Credentials"]
    return (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


findings, shares, images = [], [], []


def share(ec2, account, region, name, grants):
    """Registers an image and shares it. A grant is what to add, its kind, its label, and the rule that flags it."""
    image = ec2.register_image(Name=name, RootDeviceName="/dev/xvda")["ImageId"]
    images.append([account, region, image])
    for entry, kind, relation, rule in grants:
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [entry]})
        label = next(iter(entry.values()))
        shares.append([account, region, image, kind, label, relation])
        if rule:
            findings.append([rule, account, region, image, kind, label, relation])


closed = members[-1]
public = ({"Group": "all"}, "public", "public", "public-ami")
stranger = ({"UserId": STRANGER}, "account", "external", "shared-outside-organization")
member = ({"UserId": members[0]}, "account", "member", None)
to_closed = ({"UserId": closed}, "account", "suspended_member", "shared-with-suspended-account")
own_org = ({"OrganizationArn": ours["Arn"]}, "organization", "own_organization", None)
own_unit = ({"OrganizationalUnitArn": inner["Arn"]}, "organizational_unit", "own_organization", None)
foreign = ({"OrganizationArn": FOREIGN}, "organization", "foreign_organization", "shared-with-foreign-organization")
foreign_unit = (
    {"OrganizationalUnitArn": FOREIGN_UNIT},
    "organizational_unit",
    "foreign_organization",
    "shared-with-foreign-organization",
)
itself = lambda account: ({"UserId": account}, "account", "self", None)

MIXES = [
    lambda a: [],
    lambda a: [public],
    lambda a: [stranger, itself(a), to_closed],
    lambda a: [own_org, own_unit],
    lambda a: [foreign, foreign_unit, own_org, stranger],
    lambda a: [public, stranger, to_closed, own_org, own_unit, foreign, foreign_unit],
]
nth = 0
for account in [management] + members[1:-1]:
    keys = session(account)
    for region in REGIONS[: 1 + nth % 3]:
        ec2 = client("ec2", region, keys)
        for _ in range(2):
            share(ec2, account, region, HOSTILE[nth % len(HOSTILE)] + f" {nth}", MIXES[nth % len(MIXES)](account))
            nth += 1
# A member may be let in, and that is no finding.
share(client("ec2", "eu-west-1", session(management)), management, "eu-west-1", "for a member", [member])
org.close_account(AccountId=closed)

print(json.dumps({"management": management, "members": members, "closed": closed, "organization": ours["Id"],
                  "findings": findings, "shares": shares, "images": images}))
