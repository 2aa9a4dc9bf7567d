"""Changes things through boto3, and looks up what was recorded of it."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0}, user_agent_extra="test/record")


def client(service, region="us-east-1", key="AKIA0000111111111111", token=None):
    keys = dict(aws_access_key_id=key, aws_secret_access_key="x", aws_session_token=token)
    return boto3.client(service, region_name=region, endpoint_url=URL, config=ONCE, **keys)


def refused(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["ResponseMetadata"]["RequestId"]
    raise AssertionError(f"{parameters} went through")


def recorded(region="us-east-1", key="AKIA0000111111111111"):
    events = client("cloudtrail", region, key).lookup_events()["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in reversed(events)]


ec2 = client("ec2")
session = client("ec2", key="ASIA0000222222222222", token="x")
image = dict(ImageId="ami-00000001")
# Reads are not recorded.
ec2.describe_images(Owners=["self"])
ec2.describe_image_attribute(Attribute="launchPermission", **image)
assert recorded() == []

add = {"Add": [{"UserId": "222222222222"}]}
answer = ec2.modify_image_attribute(LaunchPermission=add, **image)
flat = dict(Attribute="launchPermission", OperationType="remove", UserIds=["222222222222"])
ec2.modify_image_attribute(**flat, **image)
ec2.modify_image_attribute(Description={"Value": "new"}, **image)
refusals = [
    refused(ec2.modify_image_attribute, DryRun=True, LaunchPermission=add, **image),
    refused(ec2.modify_image_attribute, LaunchPermission={"Add": [{"Group": "all"}]}, **image),
    refused(ec2.modify_image_attribute, **image),
    refused(ec2.modify_image_attribute, ImageId="ami-0000ffff", LaunchPermission=add),
]
ec2.disable_image_block_public_access()
found = recorded()
assert [record["requestID"] for record in found[3:7]] == refusals
codes = [(record["eventName"], record.get("errorCode")) for record in found]
assert codes == [
    ("ModifyImageAttribute", None),
    ("ModifyImageAttribute", None),
    ("ModifyImageAttribute", None),
    ("ModifyImageAttribute", "Client.DryRunOperation"),
    ("ModifyImageAttribute", "Client.OperationNotPermitted"),
    ("ModifyImageAttribute", "Client.InvalidParameterCombination"),
    ("ModifyImageAttribute", "Client.InvalidAMIID.NotFound"),
    ("DisableImageBlockPublicAccess", None),
], codes
added, removed, described, dry, public, empty, missing, unblocked = found
assert added["requestID"] == answer["ResponseMetadata"]["RequestId"] == added["responseElements"]["requestId"]
assert added["requestParameters"]["launchPermission"] == {"add": {"items": [{"userId": "222222222222"}]}}
assert removed["requestParameters"]["launchPermission"] == {"remove": {"items": [{"userId": "222222222222"}]}}
assert described["requestParameters"]["description"] == {"value": "new"}
assert dry["requestParameters"] == added["requestParameters"] and dry["responseElements"] is None
assert public["errorMessage"].startswith("You can't publicly share this image")
assert empty["requestParameters"] is None and empty["errorMessage"] == "No attributes specified."
assert added["userIdentity"]["type"] == "IAMUser" and added["userIdentity"]["accessKeyId"] == "AKIA0000111111111111"
assert "Boto3/" in added["userAgent"] and "test/record" in added["userAgent"]
assert added["sourceIPAddress"] == "127.0.0.1"
assert len({record["eventID"] for record in found}) == len(found)

# Other places are apart; a role's session is one.
assert recorded("eu-west-1") == [] and recorded(key="AKIA0000222222222222") == []
session.modify_image_attribute(ImageId="ami-00000002", LaunchPermission={"Add": [{"UserId": "111111111111"}]})
(by_role,) = recorded(key="AKIA0000222222222222")
assert by_role["userIdentity"]["type"] == "AssumedRole"
assert by_role["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "role"
assert by_role["recipientAccountId"] == "222222222222"
# A call without parameters, for there are too many.
crowd = [{"UserId": f"{n:012d}"} for n in range(4000)]
refused(ec2.modify_image_attribute, LaunchPermission={"Add": crowd}, **image)
last = recorded()[-1]
assert (last["errorCode"], last["requestParameters"]) == ("Client.ResourceLimitExceeded", None)

print("what was changed is recorded")
