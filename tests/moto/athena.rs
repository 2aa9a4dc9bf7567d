//! Athena's protocol: a query is started, asked after, fetched page by page, stopped.

use std::io::Read as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::python::{script, script_with_input};
use crate::support::rows::parse;

const TABLE: &str = "athena:security.cloudtrail";
const HEADER: [&str; 14] = [
    "account",
    "region",
    "first",
    "last",
    "records",
    "wanted",
    "eventversion",
    "eventid",
    "eventtime",
    "eventname",
    "eventsource",
    "awsregion",
    "recipientaccountid",
    "requestparameters",
];

/// A row of a place's records that do not matter.
fn place(account: &str) -> Value {
    let mut row = vec![json!(account), json!("eu-west-1")];
    row.extend([json!("2026-05-01T00:00:00Z"), json!("2026-05-31T23:59:59Z"), json!("1000"), json!("false")]);
    row.resize(HEADER.len(), Value::Null);
    Value::Array(row)
}

/// A row of a share.
fn share(nth: usize) -> Value {
    let at = format!("2026-05-02T{:02}:{:02}:{:02}Z", nth / 3600, nth / 60 % 60, nth % 60);
    let parameters =
        json!({ "imageId": "ami-1", "launchPermission": { "add": { "items": [{ "group": "all" }] } } });
    let id = format!("event {nth}");
    json!([
        "111122223333",
        "eu-west-1",
        at,
        at,
        "1",
        "true",
        "1.08",
        id,
        at,
        "ModifyImageAttribute",
        "ec2.amazonaws.com",
        "eu-west-1",
        "111122223333",
        parameters.to_string(),
    ])
}

/// A server with a table, and this result for the query to come.
fn seeded(rows: &[Value]) -> Moto {
    let moto = Moto::with_athena();
    let columns = [
        "eventid",
        "eventname",
        "eventsource",
        "eventtime",
        "awsregion",
        "errorcode",
        "requestparameters",
        "recipientaccountid",
    ];
    let mut columns: Vec<[&str; 2]> = columns.iter().map(|name| [*name, "string"]).collect();
    columns.push(["useridentity", "struct<arn:string,accountid:string>"]);
    let mut all = vec![json!(HEADER)];
    all.extend_from_slice(rows);
    let input = json!({
        "url": moto.url(),
        "columns": columns,
        "keys": [["dt", "string"]],
        "parameters": {
            "projection.enabled": "true",
            "projection.dt.type": "date",
            "projection.dt.format": "yyyy-MM-dd",
        },
        "rows": all,
    });
    script_with_input("moto/athena_seed.py", &input.to_string());
    moto
}

fn events(moto: &Moto, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    amiaudit_at(folder.path(), moto.url(), "management")
        .args(["events", "--since", "2026-05-01", "--until", "2026-05-31"])
        .args(more)
        .output()
        .unwrap()
}

fn queries(moto: &Moto) -> Vec<Value> {
    serde_json::from_str(&script("moto/athena_queries.py", &[moto.url()], &[])).unwrap()
}

#[test]
fn athena_events_come_through_all_pages() {
    let mut rows = vec![place("111122223333"), place("444455556666")];
    rows.extend((0..2_500).map(share));
    let moto = seeded(&rows);
    let output =
        events(&moto, &[TABLE, "--athena-output", "s3://results/x/", "--athena-workgroup", "auditors"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let rows = parse(&output.stdout);
    assert_eq!(rows.len(), 2_500);
    assert!(rows.iter().all(|row| row["source_file"] == TABLE && row["grantee"] == "all"));
    let text = stderr(&output);
    assert!(text.contains("athena:security.cloudtrail scanned 12.3 MB\n"), "{text}");
    assert!(text.contains("records: 4500;"), "{text}");

    let [query] = queries(&moto).try_into().unwrap();
    assert_eq!((&query["state"], &query["group"]), (&json!("SUCCEEDED"), &json!("auditors")));
    assert!(query["output"].as_str().unwrap().starts_with("s3://results/x/"), "{query}");
    let sql = query["sql"].as_str().unwrap();
    assert!(sql.contains("\"dt\" BETWEEN '2026-05-01' AND '2026-06-01'"), "{sql}");

    // What is shown is what is run, and nothing is run for it.
    let reader = ["--events-role-arn", "arn:aws:iam::123456789012:role/Reader"];
    let shown = events(&moto, &[[TABLE, "--print-sql"], reader].concat());
    assert_eq!(shown.status.code(), Some(0), "{}", told(&shown));
    assert_eq!(stdout(&shown), sql);
    // A scan shows it too, and scans nothing.
    let folder = tempfile::tempdir().unwrap();
    let mut scan = amiaudit_at(folder.path(), moto.url(), "management");
    scan.args(["scan", "--since", "2026-05-01", "--until", "2026-05-31", "--events", TABLE, "--print-sql"]);
    let shown = scan.args(reader).output().unwrap();
    assert_eq!((shown.status.code(), stdout(&shown).as_str()), (Some(0), sql), "{}", told(&shown));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(queries(&moto).len(), 1);
}

#[test]
fn athena_bytes_are_not_told_where_nobody_wants_to_hear() {
    let moto = seeded(&[place("111122223333")]);
    let output = events(&moto, &[TABLE, "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(!stderr(&output).contains("scanned"), "{}", told(&output));
}

#[test]
fn athena_queries_that_end_badly_are_told() {
    let moto = seeded(&[]);
    for (table, group, wanted) in [
        (TABLE, "fails", "the query failed: HIVE_BAD_DATA: the partition is broken"),
        (TABLE, "cancels", "the query was cancelled: by the administrator"),
        (
            TABLE,
            "nowhere",
            "; give --athena-output s3://BUCKET/PREFIX/, or with --athena-workgroup a workgroup",
        ),
        (
            "athena:security.absent",
            "auditors",
            "MetadataException: EntityNotFoundException: Entity Not Found: absent",
        ),
        (
            "athena:security.other",
            "auditors",
            "it is no table of CloudTrail's records: it has no column eventtime,",
        ),
    ] {
        let output = events(&moto, &[table, "--athena-workgroup", group]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        let text = stderr(&output);
        assert!(text.contains(wanted) && text.contains(table), "{}", told(&output));
    }
    let states: Vec<_> = queries(&moto).iter().map(|query| query["group"].clone()).collect();
    assert_eq!(states, ["fails", "cancels"]);
}

/// What came before is kept, and what did not come is a hole.
#[test]
fn athena_results_that_break_off_are_kept_as_far_as_they_came() {
    let rows: Vec<Value> = (0..1_500).map(share).collect();
    let moto = seeded(&rows);
    let output = events(&moto, &[TABLE, "--athena-workgroup", "breaks"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(parse(&output.stdout).len(), 999, "a page, but for its header");
    let wanted =
        "could not be read: athena:security.cloudtrail: GetQueryResults: InvalidRequestException: the result";
    assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
}

#[test]
fn athena_results_that_lead_back_end() {
    let rows: Vec<Value> = (0..2_500).map(share).collect();
    let moto = seeded(&rows);
    let output = events(&moto, &[TABLE, "--athena-workgroup", "round"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(parse(&output.stdout).len(), 2_500);
    let wanted = "could not be read: athena:security.cloudtrail: GetQueryResults: the list does not end";
    assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
}

#[test]
fn athena_bytes_that_are_not_told_are_unknown() {
    let moto = seeded(&[place("111122223333")]);
    let output = events(&moto, &[TABLE, "--athena-workgroup", "untold"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let wanted = "athena:security.cloudtrail scanned an unknown number of bytes\n";
    assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
}

#[test]
fn athena_query_that_cannot_be_asked_after_is_stopped() {
    let moto = seeded(&[]);
    let output = events(&moto, &[TABLE, "--athena-workgroup", "lost"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let wanted = "could not be read: athena:security.cloudtrail: GetQueryExecution: InvalidRequestException: the query";
    assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
    let states: Vec<_> = queries(&moto).iter().map(|query| query["state"].clone()).collect();
    assert_eq!(states, ["CANCELLED"]);
}

#[test]
fn athena_result_without_a_record_is_no_silence() {
    let moto = seeded(&[]);
    let output = events(&moto, &[TABLE]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(stderr(&output).contains("no record of CloudTrail's was found"), "{}", told(&output));
}

#[test]
fn athena_query_is_stopped_with_the_run() {
    let mut moto = seeded(&[]);
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("AWS_ENDPOINT_URL", moto.url())
        .env("AWS_ACCESS_KEY_ID", "management")
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AWS_REGION", "us-east-1")
        .args(["events", TABLE, "--athena-workgroup", "hangs"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    moto.wait_until_asked();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(20), "{told}");
    assert!(told.contains("athena:security.cloudtrail: the run was interrupted"), "{told}");
    let states: Vec<_> = queries(&moto).iter().map(|query| query["state"].clone()).collect();
    assert_eq!(states, ["CANCELLED"]);
}
