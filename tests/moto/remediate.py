"""Three things to do with moto at URL, after `remediate.py URL`:

seed: makes an organization whose images are shared with outsiders and with our own, in each of two accounts and two
Regions, and prints which grants have to go and which have to stay.
read: prints all grants, as boto3 reads them.
meddle IMAGE GONE: does what others do between a plan and its apply. IMAGE loses its public grant and gets a stranger's;
GONE is deregistered. Both are in the first account and Region.

A grant is [account, Region, image, member, value]."""

import json
import sys

import boto3

URL, VERB = sys.argv[1:3]
REGIONS = ["us-east-1", "eu-west-1"]
STRANGER, LATER = "012345678901", "099999999999"
FOREIGN = "arn:aws:organizations::888888888888:organization/o-foreign0001"
FOREIGN_UNIT = "arn:aws:organizations::888888888888:ou/o-foreign0001/ou-ffff-99998888"


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


def ec2(account, region):
    role = f"arn:aws:iam::{account}:role/Remediator"
    keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return client("ec2", region, (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))


def owners():
    """The accounts with images, in the order of their making."""
    accounts = org.get_paginator("list_accounts").paginate().build_full_result()["Accounts"]
    return sorted((a["Name"], a["Id"]) for a in accounts if a["Name"].startswith("owner"))


def seed():
    ours = org.create_organization(FeatureSet="ALL")["Organization"]
    ids = {
        name: org.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        for name in ["owner-1", "owner-2", "member"]
    }
    root = org.list_roots()["Roots"][0]["Id"]
    unit = org.create_organizational_unit(ParentId=root, Name="unit")["OrganizationalUnit"]["Arn"]
    outsiders = [
        {"UserId": STRANGER},
        {"Group": "all"},
        {"OrganizationArn": FOREIGN},
        {"OrganizationalUnitArn": FOREIGN_UNIT},
    ]
    insiders = [{"UserId": ids["member"]}, {"OrganizationArn": ours["Arn"]}, {"OrganizationalUnitArn": unit}]
    truth = {"images": [], "goes": [], "stays": []}
    for _, owner in owners():
        for region in REGIONS:
            # One that has every kind of both, one that loses all that it has, one that is left alone.
            for name, out, own in [("both", outsiders, insiders), ("out", outsiders[:1], []), ("own", [], insiders)]:
                in_place = ec2(owner, region)
                image = in_place.register_image(Name=f"{name} of {owner}", RootDeviceName="/dev/xvda")["ImageId"]
                in_place.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [*out, *own]})
                truth["images"].append([owner, region, image, name])
                truth["goes"] += [[owner, region, image, *next(iter(grant.items()))] for grant in out]
                truth["stays"] += [[owner, region, image, *next(iter(grant.items()))] for grant in own]
    return truth


def read():
    grants = []
    for _, owner in owners():
        for region in REGIONS:
            in_place = ec2(owner, region)
            for image in in_place.describe_images(Owners=["self"])["Images"]:
                image = image["ImageId"]
                found = in_place.describe_image_attribute(ImageId=image, Attribute="launchPermission")
                grants += [[owner, region, image, *next(iter(grant.items()))] for grant in found["LaunchPermissions"]]
    return grants


def meddle(image, gone):
    in_place = ec2(owners()[0][1], REGIONS[0])
    change = {"Add": [{"UserId": LATER}], "Remove": [{"Group": "all"}]}
    in_place.modify_image_attribute(ImageId=image, LaunchPermission=change)
    in_place.deregister_image(ImageId=gone)


print(json.dumps({"seed": seed, "read": read, "meddle": meddle}[VERB](*sys.argv[3:])))
