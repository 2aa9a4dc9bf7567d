"""Prints keys of a role in an account: access key, secret, token."""

import sys

import boto3

sts = boto3.client(
    "sts",
    region_name="us-east-1",
    endpoint_url=sys.argv[1],
    aws_access_key_id="management",
    aws_secret_access_key="x",
)
role = f"arn:aws:iam::{sys.argv[2]}:role/Auditor"
keys = sts.assume_role(RoleArn=role, RoleSessionName="seed")["Credentials"]
print(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
