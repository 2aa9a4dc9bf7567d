"""Reads and changes who may make volumes of snapshots, through boto3."""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0})


def client(region="us-east-1", account="111111111111"):
    key = "AKIA0000" + account
    more = dict(endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key="x", config=ONCE)
    return boto3.client("ec2", region_name=region, **more)


def refused(status, code, call, *words, **parameters):
    try:
        call(*words, **parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error
        return
    raise AssertionError(f"{code} was expected of {words} {parameters}")


ec2, member = client(), client(account="222222222222")
FIRST, LOCKED, SOLD = "snap-00000001", "snap-0123456789abcdef2", "snap-00000003"


def read(snapshot, of=ec2, **more):
    answer = of.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", **more)
    assert answer["SnapshotId"] == snapshot
    return answer["CreateVolumePermissions"]


def change(snapshot=FIRST, of=ec2, **parameters):
    return of.modify_snapshot_attribute(SnapshotId=snapshot, **parameters)


def items(word, *grants):
    return {word: [{"Group": who} if who == "all" else {"UserId": who} for who in grants]}


def add(*grants):
    return {"CreateVolumePermission": items("Add", *grants)}


def remove(*grants):
    return {"CreateVolumePermission": items("Remove", *grants)}


# The snapshots are those of the images.
images = {image["ImageId"]: image for image in ec2.describe_images(Owners=["self"])["Images"]}
backing = {name: image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] for name, image in images.items()}
assert backing == {"ami-00000001": FIRST, "ami-0123456789abcdef2": LOCKED, "ami-00000003": SOLD}

# Both forms; several items; what is not there can be taken back, and nothing changes.
assert read(FIRST) == [{"Group": "all"}, {"UserId": "222222222222"}]
assert read(LOCKED) == []
change(**remove("all", "222222222222"))
assert read(FIRST) == []
change(**add("222222222222", "333333333333"))
change(**remove("444444444444", "all"))
assert read(FIRST) == [{"UserId": "222222222222"}, {"UserId": "333333333333"}]
flat = dict(Attribute="createVolumePermission", OperationType="remove")
change(UserIds=["222222222222"], GroupNames=["all"], **flat)
assert read(FIRST) == [{"UserId": "333333333333"}]
flat["OperationType"] = "add"
change(UserIds=["222222222222", "333333333333"], GroupNames=["all"], **flat)
assert read(FIRST) == [{"Group": "all"}, {"UserId": "222222222222"}, {"UserId": "333333333333"}]

# Dry runs change nothing, and are answered after the checks.
refused(412, "DryRunOperation", change, DryRun=True, **remove("all"))
refused(412, "DryRunOperation", read, FIRST, DryRun=True)
refused(400, "OperationNotPermitted", change, LOCKED, DryRun=True, **add("all"))
assert len(read(FIRST)) == 3

# AWS's checks.
refused(400, "OperationNotPermitted", change, LOCKED, **add("222222222222", "all"))
change(LOCKED, **add("222222222222"))
change(LOCKED, **remove("all"))
assert read(LOCKED) == [{"UserId": "222222222222"}]
refused(400, "OperationNotPermitted", change, SOLD, **add("all"))
both = {"CreateVolumePermission": items("Add", "222222222222") | items("Remove", "333333333333")}
refused(400, "InvalidParameterCombination", change, **both)
refused(400, "InvalidParameterCombination", change)
refused(400, "InvalidParameterCombination", change, OperationType="add", Attribute="productCodes", UserIds=["222222222222"])
refused(400, "InvalidParameterValue", change, **add("22222"))
refused(400, "InvalidParameterValue", change, CreateVolumePermission={"Add": [{"Group": "friends"}]})
crowd = [f"{n:012d}" for n in range(501)]
refused(400, "InvalidParameterValue", change, **add(*crowd))
change(**add(*crowd[:500]))
assert len(read(FIRST)) == 503
change(**remove(*crowd[:500]))

# Whose they are, and where. A snapshot stays when its image goes.
for call in [read, lambda snapshot, of=ec2: change(snapshot, of, **remove("all"))]:
    refused(403, "AuthFailure", call, FIRST, member)
    refused(400, "InvalidSnapshot.NotFound", call, "snap-0000ffff")
    refused(400, "InvalidSnapshot.NotFound", call, FIRST, client("eu-west-1"))
    refused(400, "InvalidSnapshotID.Malformed", call, "ami-00000001")
    refused(403, "AuthFailure", call, "snap-00000005")
assert read("snap-00000005", member) == []
change("snap-00000005", member, **add("all"))
assert read("snap-00000005", member) == [{"Group": "all"}]
refused(400, "InvalidParameterValue", ec2.describe_snapshot_attribute, SnapshotId=FIRST, Attribute="productCodes")
elsewhere = client("eu-west-1")
refused(403, "UnauthorizedOperation", read, "snap-00000004", elsewhere)
change("snap-00000004", elsewhere, **add("all"))

# What the calls of the past left, and how all are recorded.
assert read(SOLD) == [{"UserId": "222222222222"}]
with urllib.request.urlopen(URL + "/sandbox/trail") as trail:
    records = json.load(trail)["Records"]
records = [record for record in records if record["eventName"] == "ModifySnapshotAttribute"]
past = records[0]
assert past["eventTime"] == "2026-05-20T16:43:00Z" and past["responseElements"]["_return"] is True
assert past["requestParameters"] == {
    "snapshotId": SOLD,
    "createVolumePermission": {"add": {"items": [{"userId": "222222222222"}]}},
    "attributeType": "CREATE_VOLUME_PERMISSION",
}
first = records[2]
assert first["requestParameters"] == {
    "snapshotId": FIRST,
    "createVolumePermission": {"remove": {"items": [{"group": "all"}, {"userId": "222222222222"}]}},
    "attributeType": "CREATE_VOLUME_PERMISSION",
}
assert first["responseElements"] == {"_return": True, "requestId": first["requestID"]}
codes = {record.get("errorCode") for record in records}
assert {None, "Client.DryRunOperation", "Client.OperationNotPermitted", "Client.AuthFailure"} <= codes, codes
nothing = [record for record in records if record["requestParameters"] is None]
assert len(nothing) == 2 and all(record["errorCode"] == "Client.InvalidParameterCombination" for record in nothing)

print("snapshots are shared as AWS shares them")
