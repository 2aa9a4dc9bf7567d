"""Makes a table of CloudTrail's records in moto's Glue, workgroups, and the result that the next query has.
Standard input: the server's URL, the columns, and the rows of the result."""

import json
import sys
import urllib.request

import boto3

given = json.load(sys.stdin)
URL = given["url"]


def client(service):
    return boto3.client(
        service, region_name="us-east-1", endpoint_url=URL, aws_access_key_id="management", aws_secret_access_key="x"
    )


glue, athena = client("glue"), client("athena")
columns = lambda key: [{"Name": name, "Type": kind} for name, kind in given[key]]
glue.create_database(DatabaseInput={"Name": "security"})
for name, fields in [("cloudtrail", columns("columns")), ("other", columns("columns")[:3])]:
    glue.create_table(
        DatabaseName="security",
        TableInput={
            "Name": name,
            "StorageDescriptor": {"Columns": fields},
            "PartitionKeys": columns("keys"),
            "Parameters": given["parameters"],
        },
    )
for group in ["fails", "cancels", "hangs", "lost", "breaks", "round", "untold", "nowhere", "auditors"]:
    athena.create_work_group(Name=group)
cell = lambda text: {} if text is None else {"VarCharValue": text}
rows = [{"Data": [cell(text) for text in row]} for row in given["rows"]]
body = json.dumps({"results": [{"rows": rows, "column_info": []}]}).encode()
request = urllib.request.Request(
    f"{URL}/moto-api/static/athena/query-results", body, {"Content-Type": "application/json"}
)
assert urllib.request.urlopen(request).status == 201
