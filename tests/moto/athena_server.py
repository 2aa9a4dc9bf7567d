"""moto's server, with what it lacks of Athena:

- GetTableMetadata, made of moto's own Glue tables, of which boto3 made them;
- pages of GetQueryResults: MaxResults and NextToken;
- queries that end badly: in the workgroup `fails` they fail, in `cancels` they are cancelled by somebody, and in
  `hangs` they run until they are stopped. When such a one is asked after, a line on standard output says so;
- in `lost` it cannot be asked after, in `breaks` its second page cannot be fetched, in `round` its
  pages lead back to the second one, and in `untold` it is not said what the query read;
- StartQueryExecution that wants an output location, in the workgroup `nowhere`.
"""

import json
import sys

from moto.athena.responses import AthenaResponse
from moto.glue.models import glue_backends
from moto.server import main


def get_table_metadata(self):
    glue = glue_backends[self.current_account][self.region]
    try:
        table = glue.get_table(self._get_param("DatabaseName"), self._get_param("TableName"))
    except Exception:
        message = f"EntityNotFoundException: Entity Not Found: {self._get_param('TableName')}"
        return json.dumps({"__type": "MetadataException", "Message": message}), {"status": 400}
    given = table.versions[str(table._current_version)]
    return json.dumps(
        {
            "TableMetadata": {
                "Name": table.name,
                "Columns": given["StorageDescriptor"]["Columns"],
                "PartitionKeys": given.get("PartitionKeys", []),
                "Parameters": given.get("Parameters", {}),
            }
        }
    )


def group_of(self):
    group = self.athena_backend.executions[self._get_param("QueryExecutionId")].workgroup
    return group.name if group else None


def get_query_results(self):
    most = self._get_param("MaxResults") or 1000
    begin = int(self._get_param("NextToken") or 0)
    if begin and group_of(self) == "breaks":
        return self.error("the result is gone", 400)
    answer = json.loads(whole_results(self))
    rows = answer["ResultSet"]["Rows"]
    answer["ResultSet"]["Rows"] = rows[begin : begin + most]
    if begin + most < len(rows):
        answer["NextToken"] = str(begin + most)
    elif group_of(self) == "round":
        answer["NextToken"] = str(most)
    return json.dumps(answer)


def get_query_execution(self):
    answer = json.loads(whole_execution(self))
    query = answer["QueryExecution"]
    ends = {
        "fails": ("FAILED", "HIVE_BAD_DATA: the partition is broken"),
        "cancels": ("CANCELLED", "by the administrator"),
        "hangs": ("RUNNING", None),
    }
    group = group_of(self)
    if group == "lost" and query["Status"]["State"] != "CANCELLED":
        return self.error("the query is lost", 400)
    if group in ends and query["Status"]["State"] != "CANCELLED":
        query["Status"]["State"], reason = ends[group]
        if reason:
            query["Status"]["StateChangeReason"] = reason
    query["Statistics"]["DataScannedInBytes"] = 12_345_678
    if group == "untold":
        del query["Statistics"]["DataScannedInBytes"]
    if group == "hangs":
        print("asked", flush=True)
    return json.dumps(answer)


def start_query_execution(self):
    if self._get_param("WorkGroup") == "nowhere":
        return self.error(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input.",
            400,
        )
    assert len(self._get_param("ClientRequestToken")) >= 32
    return whole_start(self)


whole_results, whole_execution = AthenaResponse.get_query_results, AthenaResponse.get_query_execution
whole_start = AthenaResponse.start_query_execution
AthenaResponse.get_table_metadata = get_table_metadata
AthenaResponse.get_query_results = get_query_results
AthenaResponse.get_query_execution = get_query_execution
AthenaResponse.start_query_execution = start_query_execution
main(sys.argv[1:])
