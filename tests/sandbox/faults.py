"""Meets each kind of fault through boto3."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ResponseStreamingError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0})


def client(service, region="us-east-1", key="AKIA0000111111111111"):
    return boto3.client(
        service, region_name=region, endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key="x", config=ONCE
    )


def refused(status, code, words, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code and words in found["Message"], error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error
        return
    raise AssertionError(f"{code} was expected of {parameters}")


ec2, sts, org = client("ec2"), client("sts"), client("organizations")


def read(image, of=ec2):
    return of.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]


# Faults of an image: reads and writes that name it, not the lists it stands on.
listed = {f"ami-{n:08x}" for n in range(1, 11)}
assert {image["ImageId"] for image in ec2.describe_images(Owners=["self"])["Images"]} == listed
add = {"Add": [{"UserId": "222222222222"}]}
for image, status, code, words in [
    ("ami-00000002", 403, "AuthFailure", "Not authorized for image:ami-00000002"),
    ("ami-00000003", 400, "InvalidAMIID.NotFound", "'[ami-00000003]' does not exist"),
    ("ami-00000004", 400, "InvalidAMIID.Unavailable", "ami-00000004"),
    ("ami-00000005", 400, "InvalidAMIID.NotFound", "'[ami-00000005]' does not exist"),
]:
    refused(status, code, words, read, image=image)
    refused(status, code, words, ec2.modify_image_attribute, ImageId=image, LaunchPermission=add)
refused(503, "RequestLimitExceeded", "exceeded", read, image="ami-00000006")
assert read("ami-00000007") == []
assert {image["ImageId"] for image in ec2.describe_images(Owners=["self"])["Images"]} == listed - {"ami-00000005"}

# Faults of a call, in the words of each service; of one account only.
refused(400, "Throttling", "Rate exceeded", sts.get_caller_identity)
assert client("sts", key="AKIA0000222222222222").get_caller_identity()["Account"] == "222222222222"
refused(400, "TooManyRequestsException", "Too many requests", org.list_roots)
refused(400, "ExpiredTokenException", "expired", org.describe_organization)
role = "arn:aws:iam::222222222222:role/Auditor"
refused(403, "ExpiredToken", "expired", sts.assume_role, RoleArn=role, RoleSessionName="test")
refused(400, "RequestExpired", "expired", ec2.get_image_block_public_access_state)

# Faults of a Region.
refused(500, "InternalError", "internal", client("ec2", "eu-west-1").describe_images, Owners=["self"])
assert len(client("ec2", "eu-west-1").describe_regions()["Regions"]) == 4
denied = "ec2:DescribeRegions with an explicit deny in a service control policy"
refused(403, "UnauthorizedOperation", denied, client("ec2", "eu-north-1").describe_regions)
assert client("sts", "eu-north-1", "AKIA0000222222222222").get_caller_identity()
try:
    client("ec2", "eu-west-2").describe_regions()
except (HTTPClientError, ResponseStreamingError):
    pass
else:
    raise AssertionError("the answer did not break off")

# Three reads after a write show what was before it: of the permissions, and of lists.
before = [{"UserId": "222222222222"}]


def is_public():
    return [image["Public"] for image in ec2.describe_images(ImageIds=["ami-00000001"])["Images"]] == [True]


change = {"Add": [{"UserId": "333333333333"}], "Remove": [{"UserId": "222222222222"}]}
ec2.modify_image_attribute(ImageId="ami-00000001", LaunchPermission=change)
assert [read("ami-00000001") for _ in range(4)] == [before] * 3 + [[{"UserId": "333333333333"}]]
client("ec2").disable_image_block_public_access()
ec2.modify_image_attribute(ImageId="ami-00000001", LaunchPermission={"Add": [{"Group": "all"}]})
assert not is_public()
assert read("ami-00000001") == [{"UserId": "333333333333"}]
assert not is_public()
assert is_public()
# Another write while one is not shown yet: from then on, what was before the later one.
ec2.modify_image_attribute(ImageId="ami-00000001", LaunchPermission={"Remove": [{"Group": "all"}]})
ec2.modify_image_attribute(ImageId="ami-00000001", LaunchPermission={"Remove": [{"UserId": "333333333333"}]})
assert [read("ami-00000001") for _ in range(4)] == [[{"UserId": "333333333333"}]] * 3 + [[]]

# Three faults that a number of times ends. A dry run that is carried out; the next one is none.
change = {"Remove": [{"UserId": "222222222222"}]}
refused(
    500,
    "InternalError",
    "internal",
    ec2.modify_image_attribute,
    ImageId="ami-00000008",
    LaunchPermission=change,
    DryRun=True,
)
assert read("ami-00000008") == []
add = {"Add": [{"UserId": "222222222222"}]}
again = dict(ImageId="ami-00000008", LaunchPermission=add)
refused(412, "DryRunOperation", "would have succeeded", ec2.modify_image_attribute, DryRun=True, **again)
assert read("ami-00000008") == []
ec2.modify_image_attribute(**again)
assert read("ami-00000008") == before


# A change that is made, and fails all the same. Dry runs do not count.
def volumes(snapshot):
    answer = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return [list(grant.values())[0] for grant in answer["CreateVolumePermissions"]]


def take(snapshot, account, **more):
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, CreateVolumePermission={"Remove": [{"UserId": account}]}, **more
    )


refused(412, "DryRunOperation", "succeeded", take, snapshot="snap-00000009", account="222222222222", DryRun=True)
refused(500, "InternalError", "internal", take, snapshot="snap-00000009", account="222222222222")
assert volumes("snap-00000009") == ["333333333333"]
refused(500, "InternalError", "internal", take, snapshot="snap-00000009", account="333333333333")
assert volumes("snap-00000009") == []
take("snap-00000009", "333333333333")

# Two reads after a write to a snapshot show what was before it, once.
take("snap-0000000a", "222222222222")
assert [volumes("snap-0000000a") for _ in range(3)] == [["222222222222"], ["222222222222"], []]
ec2.modify_snapshot_attribute(SnapshotId="snap-0000000a", CreateVolumePermission=add)
assert volumes("snap-0000000a") == ["222222222222"]

print("every fault was where it was asked for, and nowhere else")
