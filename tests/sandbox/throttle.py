"""Spends the whole bucket of one call in one Region."""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ONCE = Config(retries={"max_attempts": 0}, max_pool_connections=32)


def client(region):
    keys = dict(aws_access_key_id="AKIA0000111111111111", aws_secret_access_key="x")
    return boto3.client("ec2", region_name=region, endpoint_url=sys.argv[1], config=ONCE, **keys)


def state(ec2):
    try:
        ec2.get_image_block_public_access_state()
        return "answered"
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        return error.response["Error"]["Code"]


ec2, other = client("us-east-1"), client("eu-west-1")
with ThreadPoolExecutor(32) as pool:
    results = list(pool.map(lambda _: state(ec2), range(400)))
answered = results.count("answered")
refused = results.count("RequestLimitExceeded")
assert answered + refused == 400, set(results)
# While the 400 were sent, 20 a second flowed back.
assert 100 <= answered < 300 and refused > 0, answered
assert results[:50] == ["answered"] * 50
assert state(other) == "answered"
print("100 answered, then RequestLimitExceeded; the other Region still answers")
