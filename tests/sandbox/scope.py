"""Sends calls whose signatures are for something else, and checks how they are refused."""

import datetime
import http.client
import json
import re
import sys

HOST = sys.argv[1].removeprefix("http://")
NOW = datetime.datetime.now(datetime.timezone.utc)
STAMP = NOW.strftime("%Y%m%dT%H%M%SZ")
DAY = STAMP[:8]
YESTERDAY = (NOW - datetime.timedelta(days=1)).strftime("%Y%m%d")
EC2 = "Action=DescribeRegions&Version=2016-11-15"
STS = "Action=GetCallerIdentity&Version=2011-06-15"
ORG = "AWSOrganizationsV20161128.DescribeOrganization"
TRAIL = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
# As the SDK for Rust writes it.
SHORT = "CloudTrail_20131101.LookupEvents"
TARGETS = (ORG, TRAIL, SHORT)
HEX = "0123456789abcdef" * 4


def scope(service, region="us-east-1", day=DAY, end="aws4_request"):
    return f"AKIA0000111111111111/{day}/{region}/{service}/{end}"


def header(credential, headers="host;x-amz-date", signature=HEX, algorithm="AWS4-HMAC-SHA256"):
    return f"{algorithm} Credential={credential}, SignedHeaders={headers}, Signature={signature}"


def ask(call, authorization, stamp=STAMP):
    headers = {"Host": HOST}
    if authorization:
        headers["Authorization"] = authorization
    if stamp:
        headers["X-Amz-Date"] = stamp
    body = call
    if call in TARGETS:
        headers["X-Amz-Target"], body = call, "{}"
    connection = http.client.HTTPConnection(HOST)
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if call in TARGETS:
        found = json.loads(text)
        return answer.status, found.get("__type"), found.get("Message", "")
    code = re.search("<Code>(.*)</Code>", text)
    message = re.search("<Message>(.*)</Message>", text)
    return answer.status, code and code[1], message[1] if message else ""


# These pass. Clients with an endpoint of their own sign STS and Organizations for their own Region.
for call, service, region in [
    (EC2, "ec2", "us-east-1"),
    (EC2, "ec2", "eu-west-1"),
    (STS, "sts", "us-east-1"),
    (STS, "sts", "ap-southeast-4"),
    (ORG, "organizations", "us-east-1"),
    (ORG, "organizations", "ap-southeast-4"),
    (TRAIL, "cloudtrail", "us-east-1"),
    (SHORT, "cloudtrail", "eu-west-1"),
]:
    assert ask(call, header(scope(service, region)))[:2] == (200, None), (call, service, region)

MISMATCH = {EC2: (403, "SignatureDoesNotMatch"), STS: (403, "SignatureDoesNotMatch"), ORG: (400, "InvalidSignatureException")}
MISMATCH[TRAIL] = MISMATCH[ORG]
INCOMPLETE = {EC2: (400, "IncompleteSignature"), STS: (400, "IncompleteSignature"), ORG: (400, "IncompleteSignatureException")}
INCOMPLETE[TRAIL] = INCOMPLETE[ORG]
NAME = {EC2: "ec2", STS: "sts", ORG: "organizations", TRAIL: "cloudtrail"}

for call, name in NAME.items():
    good = scope(name)
    refusals = [
        (MISMATCH, header(scope(other)), f"correct service: '{name}'") for other in ["ec2", "sts", "organizations", "cloudtrail", "s3"] if other != name
    ] + [
        (MISMATCH, header(scope(name, day=YESTERDAY)), "Date in Credential scope"),
        (MISMATCH, header(scope(name, day=DAY[:6])), "Date in Credential scope"),
        (MISMATCH, header(scope(name, end="aws3")), "valid terminator"),
        (MISMATCH, header(scope(name, region="nowhere")), "valid region"),
        (MISMATCH, header(good, headers="x-amz-date"), "SignedHeader"),
        (MISMATCH, header(good, signature=HEX[1:]), "does not match the signature"),
        (MISMATCH, header(good, signature="x" * 64), "does not match the signature"),
        (INCOMPLETE, header("AKIA/" + DAY), "exactly 5"),
        (INCOMPLETE, header(good, algorithm="AWS3"), "AWS4-HMAC-SHA256"),
        (INCOMPLETE, f"AWS4-HMAC-SHA256 Credential={good}", "Signature"),
        (INCOMPLETE, f"AWS4-HMAC-SHA256 SignedHeaders=host, Signature={HEX}", "Credential"),
        (INCOMPLETE, f"AWS4-HMAC-SHA256 Credential={good}, Signature={HEX}", "SignedHeaders"),
    ]
    for expected, authorization, words in refusals:
        status, code, message = ask(call, authorization)
        assert (status, code) == expected[call], (call, authorization, status, code, message)
        assert words in message.replace("&apos;", "'"), (words, message)
    assert ask(call, header(good), stamp=None)[:2] == INCOMPLETE[call]
    assert ask(call, header(good), stamp="yesterday")[:2] == INCOMPLETE[call]
    assert ask(call, None)[:2] == (403, "MissingAuthenticationToken")

# A Region that the world does not have is none to EC2 and CloudTrail.
assert ask(EC2, header(scope("ec2", "ap-southeast-4")))[:2] == MISMATCH[EC2]
assert ask(TRAIL, header(scope("cloudtrail", "ap-southeast-4")))[:2] == MISMATCH[TRAIL]
# A time long past, with a scope of the same day.
old = header(scope("ec2", day="20200101"))
assert ask(EC2, old, stamp="20200101T000000Z")[:2] == (400, "RequestExpired")

print("every signature was judged as AWS judges it")
