"""Asks the sandbox through boto3 whatever amiaudit and its tests need of AWS, and checks the answers."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"max_attempts": 0})


def client(service, region="us-east-1", key="AKIA0000111111111111", token=None):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=URL,
        aws_access_key_id=key,
        aws_secret_access_key="x",
        aws_session_token=token,
        config=ONCE,
    )


def refused(code, call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected of {parameters}")


def ids(answer):
    return [image["ImageId"] for image in answer["Images"]]


ec2 = client("ec2")
sts = client("sts")
org = client("organizations")

# Who we are; other people's roles.
assert sts.get_caller_identity()["Account"] == "111111111111"
assert client("sts", key="anything").get_caller_identity()["Account"] == "111111111111"
role = "arn:aws:iam::222222222222:role/Auditor"
session = dict(RoleArn=role, RoleSessionName="test")
refused("AccessDenied", sts.assume_role, **session)
refused("AccessDenied", sts.assume_role, ExternalId="secret", RoleArn=role + "X", RoleSessionName="test")
refused("AccessDenied", sts.assume_role, RoleArn="arn:aws:iam::444444444444:role/Auditor", RoleSessionName="test")
assumed = sts.assume_role(ExternalId="secret", **session)
keys = assumed["Credentials"]
assert assumed["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/Auditor/test"
member = client("ec2", key=keys["AccessKeyId"], token=keys["SessionToken"])

# Regions.
regions = {r["RegionName"]: r["OptInStatus"] for r in ec2.describe_regions(AllRegions=True)["Regions"]}
assert regions == {"us-east-1": "opt-in-not-required", "eu-west-1": "opt-in-not-required", "me-south-1": "not-opted-in"}
assert len(ec2.describe_regions()["Regions"]) == 2
refused("AuthFailure", client("ec2", "me-south-1").describe_images, Owners=["self"])

# Images: owners, disabled ones, filters, ids, accounts and Regions apart.
assert ids(ec2.describe_images(Owners=["self"])) == ["ami-00000001", "ami-00000003"]
whole = ec2.describe_images(Owners=["self"], IncludeDisabled=True)
assert ids(whole) == ["ami-00000001", "ami-00000002", "ami-00000003"]
first = whole["Images"][0]
assert first["Name"] == '<one> & "only"' and first["CreationDate"] == "2025-01-02T03:04:05.000Z"
assert first["Tags"] == [{"Key": "team", "Value": "a & b"}] and first["Public"] is False
assert first["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is False
assert whole["Images"][2]["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
assert whole["Images"][1]["State"] == "disabled"
assert ids(client("ec2", "eu-west-1").describe_images(Owners=["self"])) == ["ami-00000004"]
assert ids(member.describe_images(Owners=["self"])) == ["ami-00000005"]
assert ids(member.describe_images()) == ["ami-00000001", "ami-00000005"]
public = [{"Name": "is-public", "Values": ["true"]}]
assert ids(ec2.describe_images(Filters=public)) == ["ami-00000005"]
assert ids(ec2.describe_images(Filters=[{"Name": "image-id", "Values": ["ami-00000003"]}])) == ["ami-00000003"]
refused("InvalidAMIID.NotFound", ec2.describe_images, ImageIds=["ami-0000ffff"])

# Pages.
page = ec2.describe_images(Owners=["self"], IncludeDisabled=True, MaxResults=2)
assert ids(page) == ["ami-00000001", "ami-00000002"]
rest = ec2.describe_images(Owners=["self"], IncludeDisabled=True, MaxResults=2, NextToken=page["NextToken"])
assert ids(rest) == ["ami-00000003"] and "NextToken" not in rest
refused("InvalidParameterValue", ec2.describe_images, MaxResults=1001)
refused("InvalidParameterValue", ec2.describe_images, NextToken="nonsense")


# Launch permissions: read, and changed in both forms.
def permissions(of=ec2, image="ami-00000001"):
    return of.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]


def change(**parameters):
    return ec2.modify_image_attribute(ImageId="ami-00000001", **parameters)


OURS = "arn:aws:organizations::111111111111:organization/o-ourorg0001"
UNIT = "arn:aws:organizations::111111111111:ou/o-ourorg0001/ou-ab12-outer000"
assert permissions() == [{"UserId": "222222222222"}]
change(LaunchPermission={"Add": [{"UserId": "999999999999"}, {"OrganizationArn": OURS}, {"Group": "all"}]})
assert permissions() == [
    {"Group": "all"},
    {"OrganizationArn": OURS},
    {"UserId": "222222222222"},
    {"UserId": "999999999999"},
]
assert ec2.describe_images(ImageIds=["ami-00000001"])["Images"][0]["Public"] is True
change(LaunchPermission={"Remove": [{"Group": "all"}, {"UserId": "999999999999"}], "Add": [{"OrganizationalUnitArn": UNIT}]})
change(Attribute="launchPermission", OperationType="remove", OrganizationArns=[OURS], UserIds=["222222222222"])
assert permissions() == [{"OrganizationalUnitArn": UNIT}]
change(Attribute="launchPermission", OperationType="add", UserIds=["222222222222"], UserGroups=["all"])
change(LaunchPermission={"Remove": [{"Group": "all"}, {"OrganizationalUnitArn": UNIT}]})
assert permissions() == [{"UserId": "222222222222"}]
# What is not there can be taken back, and nothing changes.
change(LaunchPermission={"Remove": [{"UserId": "444444444444"}, {"Group": "all"}, {"OrganizationArn": OURS}]})
change(Attribute="launchPermission", OperationType="remove", UserIds=["444444444444"], UserGroups=["all"])
assert permissions() == [{"UserId": "222222222222"}]
# Dry runs are answered after the checks.
refused("InvalidAMIAttributeItemValue", change, DryRun=True, LaunchPermission={"Remove": [{"UserId": "2"}]})
refused("InvalidParameterCombination", change, DryRun=True)
refused("AuthFailure", ec2.modify_image_attribute, ImageId="ami-00000005", DryRun=True, Description={"Value": "x"})
refused("DryRunOperation", ec2.describe_image_attribute, ImageId="ami-00000001", Attribute="launchPermission", DryRun=True)
dry = refused("DryRunOperation", change, DryRun=True, LaunchPermission={"Remove": [{"UserId": "222222222222"}]})
assert dry["ResponseMetadata"]["HTTPStatusCode"] == 412
assert permissions() == [{"UserId": "222222222222"}]

# AWS's checks.
refused("InvalidAMIAttributeItemValue", change, LaunchPermission={"Add": [{"UserId": "22222"}]})
refused("InvalidAMIAttributeItemValue", change, LaunchPermission={"Add": [{"Group": "friends"}]})
refused("InvalidAMIAttributeItemValue", change, LaunchPermission={"Add": [{"OrganizationArn": "o-ourorg0001"}]})
refused("InvalidAMIAttributeItemValue", change, LaunchPermission={"Add": [{"OrganizationalUnitArn": OURS}]})
refused("InvalidParameterCombination", change)
everybody = {"Add": [{"Group": "all"}]}
refused("InvalidAMIID.Unavailable", ec2.modify_image_attribute, ImageId="ami-00000002", LaunchPermission=everybody)
refused("InvalidParameter", ec2.modify_image_attribute, ImageId="ami-00000003", LaunchPermission=everybody)
refused("AuthFailure", ec2.modify_image_attribute, ImageId="ami-00000005", LaunchPermission=everybody)
refused("AuthFailure", permissions, image="ami-00000005")
refused("InvalidAMIID.NotFound", permissions, image="ami-0000ffff")
refused("InvalidAMIID.NotFound", permissions, image="ami-00000004")
refused("InvalidAMIID.Malformed", permissions, image="nonsense")
crowd = [{"UserId": f"{n:012d}"} for n in range(1001)]
refused("ResourceLimitExceeded", change, LaunchPermission={"Add": crowd})
change(LaunchPermission={"Add": crowd[:999]})
assert len(permissions()) == 1000
change(LaunchPermission={"Remove": crowd[:999]})
assert permissions() == [{"UserId": "222222222222"}]
assert permissions(member, "ami-00000005")[0] == {"Group": "all"}

# Block public access.
state = ec2.get_image_block_public_access_state()
assert (state["ImageBlockPublicAccessState"], state["ManagedBy"]) == ("unblocked", "account")
answer = ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
assert answer["ImageBlockPublicAccessState"] == "block-new-sharing"
assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
refused("OperationNotPermitted", change, LaunchPermission=everybody)
refused("DryRunOperation", ec2.disable_image_block_public_access, DryRun=True)
assert ec2.disable_image_block_public_access()["ImageBlockPublicAccessState"] == "unblocked"
elsewhere = client("ec2", "eu-west-1").get_image_block_public_access_state()
assert elsewhere["ImageBlockPublicAccessState"] == "block-new-sharing"
assert member.get_image_block_public_access_state()["ManagedBy"] == "declarative-policy"
refused("DeclarativePolicyViolation", member.disable_image_block_public_access)

# The organization.
ours = org.describe_organization()["Organization"]
assert (ours["Id"], ours["Arn"], ours["MasterAccountId"]) == ("o-ourorg0001", OURS, "111111111111")
accounts = {account["Id"]: account for account in org.list_accounts()["Accounts"]}
assert sorted(accounts) == ["111111111111", "222222222222", "333333333333"]
assert accounts["333333333333"]["State"] == "CLOSED" and accounts["333333333333"]["Status"] == "SUSPENDED"
assert accounts["222222222222"]["Paths"] == ["o-ourorg0001/r-ab12/ou-ab12-outer000/ou-ab12-inner000/222222222222/"]
pages = list(org.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}))
assert [len(page["Accounts"]) for page in pages] == [2, 1]
assert org.list_roots()["Roots"][0]["Id"] == "r-ab12"
units = org.list_organizational_units_for_parent(ParentId="r-ab12")["OrganizationalUnits"]
assert [unit["Id"] for unit in units] == ["ou-ab12-outer000"]
units = org.list_organizational_units_for_parent(ParentId="ou-ab12-outer000")["OrganizationalUnits"]
assert [unit["Id"] for unit in units] == ["ou-ab12-inner000"]
inner = org.list_accounts_for_parent(ParentId="ou-ab12-inner000")["Accounts"]
assert [account["Id"] for account in inner] == ["222222222222"]
assert org.list_parents(ChildId="222222222222")["Parents"] == [{"Id": "ou-ab12-inner000", "Type": "ORGANIZATIONAL_UNIT"}]
assert org.list_parents(ChildId="111111111111")["Parents"] == [{"Id": "r-ab12", "Type": "ROOT"}]
assert org.describe_account(AccountId="222222222222")["Account"]["Name"] == "member"
refused("AccountNotFoundException", org.describe_account, AccountId="999999999999")
refused("ParentNotFoundException", org.list_accounts_for_parent, ParentId="ou-ab12-nowhere0")
refused("InvalidInputException", org.list_accounts, MaxResults=20, NextToken="nonsense")
as_member = client("organizations", key=keys["AccessKeyId"], token=keys["SessionToken"])
assert as_member.describe_organization()["Organization"]["Id"] == "o-ourorg0001"
refused("AccessDeniedException", as_member.list_accounts)
stranger = client("organizations", key="AKIA0000999999999999")
refused("AWSOrganizationsNotInUseException", stranger.describe_organization)

print("every answer was as AWS gives it")
