"""Seeds moto with an organization of two accounts whose images are shared outside and whose snapshots are shared in
every way, and prints what a scan has to find of the snapshots, as JSON."""

import json
import sys

import boto3

URL = sys.argv[1]
STRANGER, OTHER = "012345678901", "888888888888"


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
management = org.create_organization(FeatureSet="ALL")["Organization"]["MasterAccountId"]
member = org.create_account(AccountName="member", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
keys = sts.assume_role(RoleArn=f"arn:aws:iam::{member}:role/Auditor", RoleSessionName="seed")["Credentials"]
keys = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

findings = []


def share(ec2, account, region, to, volumes):
    """Registers an image, lets `to` in, and shares its snapshot by moto's flat form. Expects what is outside."""
    image = ec2.register_image(Name=f"{account} {region}", RootDeviceName="/dev/xvda")["ImageId"]
    devices = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
    snapshot = devices[0]["Ebs"]["SnapshotId"]
    for entry in to:
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [entry]})
    for whom, kind, label, relation, severity in volumes:
        ec2.modify_snapshot_attribute(
            SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", **whom
        )
        if severity:
            findings.append([account, region, image, snapshot, kind, label, relation, severity])
    return image, snapshot


def account_of(account, relation, severity):
    return {"UserIds": [account]}, "account", account, relation, severity


everybody = {"GroupNames": ["all"]}, "public", "all", "public", "critical"
stranger, other = account_of(STRANGER, "external", "high"), account_of(OTHER, "external", "high")
let_in = [{"UserId": STRANGER}]
here, there = client("ec2"), client("ec2", "eu-west-1", keys)
share(here, management, "us-east-1", let_in, [stranger, account_of(member, "member", None)])
share(here, management, "us-east-1", [{"Group": "all"}], [everybody, other])
share(client("ec2", "eu-west-1"), management, "eu-west-1", let_in, [])
share(there, member, "eu-west-1", let_in, [other])
# Inside the organization, and with nobody: such snapshots are not asked after.
share(there, member, "eu-west-1", [{"UserId": management}], [(*stranger[:4], None)])
share(client("ec2", "us-east-1", keys), member, "us-east-1", [], [(*everybody[:4], None)])

print(json.dumps({"management": management, "member": member, "findings": findings}))
