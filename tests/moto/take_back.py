"""Takes everybody's permission to make volumes of a snapshot of the management account back."""

import sys

import boto3

URL, REGION, SNAPSHOT = sys.argv[1:]
ec2 = boto3.client(
    "ec2", region_name=REGION, endpoint_url=URL, aws_access_key_id="management", aws_secret_access_key="x"
)
ec2.modify_snapshot_attribute(
    SnapshotId=SNAPSHOT, Attribute="createVolumePermission", OperationType="remove", GroupNames=["all"]
)
