"""Lists the caller's images in pages, reading the last image of two of them, which makes it vanish."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ec2 = boto3.client(
    "ec2",
    region_name="us-east-1",
    endpoint_url=sys.argv[1],
    aws_access_key_id="AKIA0000100000000000",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 0}),
)


def vanish(image):
    try:
        ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidAMIID.NotFound", error
        return
    raise AssertionError(f"{image} is still there")


seen, pages, token = [], 0, {}
while True:
    page = ec2.describe_images(Owners=["self"], MaxResults=7, **token)
    seen += [image["ImageId"] for image in page["Images"]]
    pages += 1
    if pages in (2, 8):
        vanish(seen[-1])
    if "NextToken" not in page:
        break
    token = {"NextToken": page["NextToken"]}
assert len(set(seen)) == len(seen), "an image came twice"
assert "ami-00000001" in seen, "the listed image is not there"
left = [image["ImageId"] for image in ec2.describe_images(Owners=["self"])["Images"]]
assert set(seen) - set(left) == {seen[13], seen[50]} and len(set(left)) == len(left)
print(f"{len(seen)} images in {pages} pages, each once; {len(left)} are left")
