"""Meets what goes wrong with LookupEvents: AWS's limit, and faults that were asked for."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ResponseStreamingError

ONCE = Config(retries={"max_attempts": 0})


def client(region, key="AKIA0000111111111111"):
    keys = dict(aws_access_key_id=key, aws_secret_access_key="x")
    return boto3.client("cloudtrail", region_name=region, endpoint_url=sys.argv[1], config=ONCE, **keys)


def look(*where, of=None):
    try:
        (of or client(*where)).lookup_events()
        return 200, "answered"
    except ClientError as error:
        found = error.response["Error"]
        return error.response["ResponseMetadata"]["HTTPStatusCode"], found["Code"], found["Message"]
    except (HTTPClientError, ResponseStreamingError):
        return 0, "broken off"


THROTTLED = (400, "ThrottlingException", "Rate exceeded")
if sys.argv[2] == "limit":
    trail = client("us-east-1")
    answers = [look(of=trail) for _ in range(100)]
    assert answers[:2] == [(200, "answered")] * 2 and set(answers) == {(200, "answered"), THROTTLED}, answers
    # Another Region and another account have limits of their own.
    assert look("eu-west-1") == look("us-east-1", "AKIA0000222222222222") == (200, "answered")
    print("2 answered, then ThrottlingException")
else:
    expired = (400, "ExpiredTokenException", "The security token included in the request is expired")
    assert look("us-east-1") == THROTTLED
    assert look("eu-west-1")[:2] == (500, "InternalError")
    assert look("us-east-1", "AKIA0000222222222222") == expired
    assert look("eu-west-1", "AKIA0000222222222222") == (0, "broken off")
    print("every fault was met")
