"""Looks the event history up through boto3, and checks what it tells."""

import json
import sys
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0}, user_agent_extra="test/history")


def client(service, region="us-east-1", key="AKIA0000111111111111"):
    return boto3.client(
        service, region_name=region, endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key="x", config=ONCE
    )


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == code, f"{found} instead of {code}"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error.response
        return found["Message"]
    raise AssertionError(f"{code} was expected of {parameters}")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def times(answer):
    return [event["EventTime"].astimezone(timezone.utc).strftime("%m-%dT%H:%M:%S") for event in answer["Events"]]


def by(key, value):
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def records(answer):
    return [json.loads(event["CloudTrailEvent"]) for event in answer["Events"]]


trail = client("cloudtrail")
far = client("cloudtrail", "eu-west-1")
member = client("cloudtrail", key="AKIA0000222222222222")

# Newest first, of this account and Region, of the last 90 days. What is unlogged is not there.
whole = trail.lookup_events()
assert times(whole) == [
    "05-05T10:00:00",
    "05-04T10:00:00",
    "05-03T10:00:00",
    "05-02T10:00:00",
    "05-02T10:00:00",
    "03-03T08:00:30",
], times(whole)
assert "NextToken" not in whole
assert times(far.lookup_events()) == ["05-01T10:00:00"]
# What is not delivered yet is not there, and what is later has not happened.
assert times(member.lookup_events()) == ["06-01T07:54:00", "05-08T10:00:00", "05-07T10:00:00"]
assert len({event["EventId"] for event in whole["Events"]}) == 6

# Pages, and their tokens.
page = trail.lookup_events(MaxResults=4)
assert page["Events"] == whole["Events"][:4]
rest = trail.lookup_events(MaxResults=4, NextToken=page["NextToken"])
assert rest["Events"] == whole["Events"][4:] and "NextToken" not in rest
pages = trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2}, **by("EventName", "ModifyImageAttribute"))
assert [len(page["Events"]) for page in pages] == [2, 2, 2]
for other in [{}, {"MaxResults": 3}, {"MaxResults": 4, "StartTime": at("2026-05-01")}, {"MaxResults": 4, **by("ReadOnly", "false")}]:
    refused("InvalidNextTokenException", trail.lookup_events, NextToken=page["NextToken"], **other)
refused("InvalidNextTokenException", trail.lookup_events, NextToken="nonsense")
refused("InvalidMaxResultsException", trail.lookup_events, MaxResults=51)
one = {}
for _ in range(4):
    one = trail.lookup_events(MaxResults=1, **({"NextToken": one["NextToken"]} if one else {}))
denied = refused("AccessDeniedException", trail.lookup_events, MaxResults=1, NextToken=one["NextToken"])

# Times: both ends count.
def between(start, end):
    return times(trail.lookup_events(StartTime=start, EndTime=end))


assert between(at("2026-05-02T10:00:00"), at("2026-05-03T10:00:00")) == ["05-03T10:00:00", "05-02T10:00:00", "05-02T10:00:00"]
assert between(at("2026-05-02T10:00:01"), at("2026-05-03T09:59:59")) == []
assert between(at("2020-01-01"), at("2026-03-10")) == ["03-03T08:00:30"]
assert between(at("2026-05-05T10:00:00"), at("2027-01-01")) == ["05-05T10:00:00"]
assert between(at("2020-01-01"), at("2020-01-02")) == []
refused("InvalidTimeRangeException", trail.lookup_events, StartTime=at("2026-05-03"), EndTime=at("2026-05-02"))

# One attribute at most.
first = whole["Events"][-1]
for key, value, count in [
    ("EventName", "ModifyImageAttribute", 6),
    ("EventName", "modifyimageattribute", 0),
    ("EventId", first["EventId"], 1),
    ("EventSource", "ec2.amazonaws.com", 6),
    ("Username", "eve@example.com", 1),
    ("Username", "root", 1),
    ("Username", "deployer", 1),
    ("ResourceName", "ami-00000001", 5),
    ("ResourceType", "AWS::EC2::Ami", 5),
    ("ReadOnly", "false", 6),
    ("ReadOnly", "true", 0),
    ("AccessKeyId", first["AccessKeyId"], 3),
]:
    found = trail.lookup_events(**by(key, value))["Events"]
    assert len(found) == count, (key, value, len(found))
two = by("EventName", "x")["LookupAttributes"] + by("Username", "y")["LookupAttributes"]
refused("InvalidLookupAttributesException", trail.lookup_events, LookupAttributes=two)
refused("InvalidLookupAttributesException", trail.lookup_events, **by("EventVersion", "1"))
assert trail.lookup_events(EventCategory="insight")["Events"] == []
refused("InvalidEventCategoryException", trail.lookup_events, EventCategory="data")

# Who may not.
wanted = "is not authorized to perform: cloudtrail:LookupEvents"
assert wanted in denied and "User: arn:aws:iam::111111111111:user/auditor" in denied, denied
assert wanted in refused("AccessDeniedException", client("cloudtrail", "eu-west-1", "AKIA0000222222222222").lookup_events)
refused("UnrecognizedClientException", client("cloudtrail", "me-south-1").lookup_events)
refused("UnknownOperationException", trail.describe_trails)
refused("UnknownOperationException", client("ssm").describe_parameters)

# The records.
error, null, description, root, sso, old = records(whole)
assert list(old)[:8] == [
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
]
assert (old["eventVersion"], old["eventSource"], old["awsRegion"]) == ("1.11", "ec2.amazonaws.com", "us-east-1")
assert old["requestParameters"] == {
    "imageId": "ami-00000001",
    "launchPermission": {"remove": {"items": [{"userId": "333333333333"}]}},
    "attributeType": "launchPermission",
}
assert old["responseElements"] == {"_return": True, "requestId": old["requestID"]}
assert (old["readOnly"], old["managementEvent"]) == (False, True)
assert (old["eventType"], old["eventCategory"], old["recipientAccountId"]) == ("AwsApiCall", "Management", "111111111111")
assert old["eventID"] == first["EventId"] and first["ReadOnly"] == "false"
assert first["Resources"] == [{"ResourceType": "AWS::EC2::Ami", "ResourceName": "ami-00000001"}]
assert sso["userIdentity"]["type"] == "AssumedRole"
issuer = sso["userIdentity"]["sessionContext"]["sessionIssuer"]
assert issuer["arn"].endswith(":role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"), issuer
assert sso["userIdentity"]["principalId"] == issuer["principalId"] + ":eve@example.com"
assert sso["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
assert (sso["sourceIPAddress"], sso["sessionCredentialFromConsole"]) == ("198.51.100.7", "true")
assert sso["requestParameters"]["launchPermission"] == {
    "add": {"items": [{"group": "all"}, {"userId": "222222222222"}]},
    "remove": {"items": [{"organizationArn": "arn:aws:organizations::111111111111:organization/o-ourorg0001"}]},
}
assert root["userIdentity"]["type"] == "Root" and root["userIdentity"]["principalId"] == "111111111111"
assert description["userIdentity"]["type"] == "IAMUser" and description["userIdentity"]["userName"] == "deployer"
assert description["requestParameters"] == {
    "imageId": "ami-00000001",
    "description": {"value": "pre-add=1"},
    "attributeType": "description",
}
assert null["requestParameters"] is None and null["responseElements"]["_return"] is True
assert (error["errorCode"], error["responseElements"]) == ("Client.OperationNotPermitted", None)
(built,) = records(far.lookup_events())
assert built["userIdentity"]["invokedBy"] == built["sourceIPAddress"] == built["userAgent"] == "imagebuilder.amazonaws.com"
assert built["responseElements"]["imageId"] == "ami-00000003"
_, stored, unblocked = records(member.lookup_events())
assert stored["requestParameters"] == {"CreateStoreImageTaskRequest": {"ImageId": "ami-00000004", "Bucket": "exports"}}
state = unblocked["responseElements"]["DisableImageBlockPublicAccessResponse"]
assert state == {"imageBlockPublicAccessState": "unblocked", "requestId": unblocked["requestID"]}

print("the history is as CloudTrail tells it")
