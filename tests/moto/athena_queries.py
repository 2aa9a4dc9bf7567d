"""Prints the queries that moto's Athena was asked to run: each with its text, state, workgroup and output."""

import json
import sys

import boto3

athena = boto3.client(
    "athena",
    region_name="us-east-1",
    endpoint_url=sys.argv[1],
    aws_access_key_id="management",
    aws_secret_access_key="x",
)
queries = []
for id in athena.list_query_executions()["QueryExecutionIds"]:
    query = athena.get_query_execution(QueryExecutionId=id)["QueryExecution"]
    queries.append(
        {
            "sql": query["Query"],
            "state": query["Status"]["State"],
            "group": query.get("WorkGroup"),
            "output": (query.get("ResultConfiguration") or {}).get("OutputLocation"),
            "database": query["QueryExecutionContext"]["Database"],
        }
    )
print(json.dumps(queries))
