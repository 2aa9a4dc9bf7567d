//! The least that reading a table through Athena needs. What Athena reads and writes for its caller is allowed only
//! through Athena.
//! <https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena-calledvia.html>
//! <https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html>

use serde_json::{Value, json};

use super::super::policy::allow;
use super::super::source::SourceOptions;
use super::table::TableName;
use crate::aws::action::{
    GET_QUERY_EXECUTION, GET_QUERY_RESULTS, GET_TABLE_METADATA, START_QUERY_EXECUTION, STOP_QUERY_EXECUTION,
};

/// The statements of an IAM policy for one table.
///
/// The log's bucket is known only when the table is, so its objects are not named; encrypted logs need
/// `kms:Decrypt`. Where the output is encrypted with a key of KMS's, `kms:GenerateDataKey` on that key has to be
/// added by its owner. Where the output is the workgroup's, its bucket is not known here either.
#[must_use]
pub fn statements(table: &TableName, options: &SourceOptions) -> Vec<Value> {
    let workgroup = options.athena_workgroup.as_deref().unwrap_or("primary");
    let queries = [START_QUERY_EXECUTION, GET_QUERY_EXECUTION, GET_QUERY_RESULTS, STOP_QUERY_EXECUTION];
    let queries = queries.map(|action| format!("athena:{}", action.name));
    let TableName { catalog, database, table } = table;
    let glue = |rest: &str| format!("arn:*:glue:*:*:{rest}");
    let mut statements = vec![
        allow(&queries.each_ref().map(String::as_str), &[&format!("arn:*:athena:*:*:workgroup/{workgroup}")]),
        allow(
            &[&format!("athena:{}", GET_TABLE_METADATA.name)],
            &[&format!("arn:*:athena:*:*:datacatalog/{catalog}")],
        ),
        through_athena(
            &["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "glue:BatchGetPartition"],
            &[
                &glue("catalog"),
                &glue("database/default"),
                &glue(&format!("database/{database}")),
                &glue(&format!("table/{database}/{table}")),
            ],
        ),
        through_athena(&["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "kms:Decrypt"], &["*"]),
        allow(&["lakeformation:GetDataAccess"], &["*"]),
    ];
    let output = options.athena_output.as_deref().and_then(|url| url.strip_prefix("s3://"));
    let objects = output.map(|output| format!("arn:*:s3:::{}/*", output.trim_end_matches('/')));
    statements.push(through_athena(
        &["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        &[objects.as_deref().unwrap_or("*")],
    ));
    statements
}

fn through_athena(actions: &[&str], resources: &[&str]) -> Value {
    let mut statement = allow(actions, resources);
    if let Some(fields) = statement.as_object_mut() {
        let through = json!({ "ForAnyValue:StringEquals": { "aws:CalledVia": "athena.amazonaws.com" } });
        fields.insert("Condition".to_owned(), through);
    }
    statement
}
