"""Asks who launched and uses images, through boto3."""

import sys
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0})


def client(account="111111111111"):
    key = "AKIA0000" + account
    more = dict(endpoint_url=URL, aws_access_key_id=key, aws_secret_access_key="x", config=ONCE)
    return boto3.client("ec2", region_name="us-east-1", **more)


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected of {parameters}")


ec2, member = client(), client("222222222222")

# When an image was last launched: told to its owner, and only what has happened.
launched = {image["ImageId"]: image.get("LastLaunchedTime") for image in ec2.describe_images(Owners=["self"])["Images"]}
assert launched == {"ami-00000001": "2026-05-30T12:34:56Z", "ami-0123456789abcdef2": None, "ami-00000003": None}
assert "LastLaunchedTime" not in member.describe_images(ImageIds=["ami-00000001"])["Images"][0]

# A report is pending at the first look, and has no entries until then.
INSTANCES, TEMPLATES = {"ResourceType": "ec2:Instance"}, {"ResourceType": "ec2:LaunchTemplate"}
whole = dict(ImageId="ami-00000001", ResourceTypes=[INSTANCES, TEMPLATES])
refused("DryRunOperation", ec2.create_image_usage_report, DryRun=True, **whole)
assert ec2.describe_image_usage_reports()["ImageUsageReports"] == []
report = ec2.create_image_usage_report(ClientToken="once", **whole)["ReportId"]
assert ec2.create_image_usage_report(ClientToken="once", **whole)["ReportId"] == report
assert report.startswith("amiur-0")
asked = dict(ReportIds=[report])
assert ec2.describe_image_usage_report_entries(**asked)["ImageUsageReportEntries"] == []
[told] = ec2.describe_image_usage_reports(**asked)["ImageUsageReports"]
assert told["State"] == "pending" and told["ImageId"] == "ami-00000001" and told["AccountIds"] == []
assert told["ResourceTypes"] == [INSTANCES, TEMPLATES]
start = datetime(2026, 6, 1, 8, 0, tzinfo=timezone.utc)
assert start <= told["CreationTime"] < start + timedelta(minutes=10)
assert told["ExpirationTime"] - told["CreationTime"] == timedelta(days=30)
assert ec2.describe_image_usage_reports(**asked)["ImageUsageReports"][0]["State"] == "available"
entries = ec2.describe_image_usage_report_entries(**asked)["ImageUsageReportEntries"]
short = [(entry["AccountId"], entry["ResourceType"], entry["UsageCount"]) for entry in entries]
assert short == [
    ("222222222222", "ec2:Instance", 3),
    ("222222222222", "ec2:LaunchTemplate", 1),
    ("999999999999", "ec2:Instance", 12),
]
for entry in entries:
    assert (entry["ImageId"], entry["ReportId"]) == ("ami-00000001", report)
    assert entry["ReportCreationTime"] == told["CreationTime"]

# Pages.
pages = ec2.get_paginator("describe_image_usage_report_entries").paginate(PaginationConfig={"PageSize": 2}, **asked)
assert [len(page["ImageUsageReportEntries"]) for page in pages] == [2, 1]
refused("InvalidParameterValue", ec2.describe_image_usage_report_entries, NextToken="nonsense")

# Narrowed to some accounts and types; of an image that nobody uses; of nobody else's.
some = dict(ImageId="ami-00000001", ResourceTypes=[INSTANCES], AccountIds=["999999999999"])
narrow = ec2.create_image_usage_report(**some)["ReportId"]
unused = ec2.create_image_usage_report(**{**whole, "ImageId": "ami-00000003"})["ReportId"]
assert len({report, narrow, unused}) == 3
assert len(ec2.describe_image_usage_reports()["ImageUsageReports"]) == 3
of_image = ec2.describe_image_usage_reports(ImageIds=["ami-00000003"])["ImageUsageReports"]
assert [told["ReportId"] for told in of_image] == [unused]
[entry] = ec2.describe_image_usage_report_entries(ReportIds=[narrow])["ImageUsageReportEntries"]
assert (entry["AccountId"], entry["UsageCount"]) == ("999999999999", 12)
assert ec2.describe_image_usage_report_entries(ReportIds=[unused])["ImageUsageReportEntries"] == []
assert member.describe_image_usage_reports()["ImageUsageReports"] == []
refused("AuthFailure", member.create_image_usage_report, **whole)
refused("InvalidAMIID.NotFound", ec2.create_image_usage_report, **{**whole, "ImageId": "ami-0000ffff"})
refused("MissingParameter", ec2.create_image_usage_report, ImageId="ami-00000001", ResourceTypes=[])
crowd = [f"{n:012d}" for n in range(201)]
refused("InvalidParameterValue", ec2.create_image_usage_report, **{**whole, "AccountIds": crowd})
refused(
    "InvalidParameterValue",
    ec2.describe_image_usage_reports,
    Filters=[{"Name": "state", "Values": ["available"]}],
)

print("the image's uses are told as AWS tells them")
