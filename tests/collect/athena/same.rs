//! What a query gives is what the same records give when they are read from files.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use amiaudit::collect::athena::{Question, Results, sql};
use amiaudit::collect::{FileOptions, LocalSource, Quiet, read_files};
use amiaudit::model::event::TrailEvent;
use amiaudit::model::event_log::{EventLog, Window};
use amiaudit::report::events_csv;
use serde_json::{Value, json};

use super::tables::{COLUMNS, Shape, documented};
use crate::support::events::{call, modify, organizations, with};
use crate::support::rows::{Row, parse};
use crate::support::shapes::shapes;

const A: (&str, &str) = ("111122223333", "us-east-1");
const B: (&str, &str) = ("012345678901", "eu-west-1");

fn window(from: &str, to: &str) -> Window {
    Window { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn always() -> Window {
    window("2000-01-01T00:00:00Z", "2040-01-01T00:00:00Z")
}

/// Everything of a log.
fn all(window: Window) -> Question<'static> {
    static NONE: (BTreeSet<amiaudit::model::ids::AccountId>, BTreeSet<amiaudit::model::ids::Region>) =
        (BTreeSet::new(), BTreeSet::new());
    Question { window, accounts: &NONE.0, regions: &NONE.1 }
}

fn by_athena(shape: &Shape, question: Question<'_>, records: &[(Value, Vec<Value>)]) -> EventLog {
    let text = sql(&shape.table, &question).unwrap();
    let mut results = Results::new("athena:security.cloudtrail_logs", &shape.table, question, false);
    results.take(shape.run(&text, records));
    results.finish()
}

fn placed(shape: &Shape, records: &[Value]) -> Vec<(Value, Vec<Value>)> {
    records.iter().map(|record| (record.clone(), shape.partition(record))).collect()
}

/// What the same records give when they lie in a file.
fn by_file(records: &[Value]) -> EventLog {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    std::fs::write(&file, json!({ "Records": records }).to_string()).unwrap();
    let options = FileOptions { most: 1 << 30, keeps_records: false, verifies: false };
    read_files(&[LocalSource::Path(file)], options, &Quiet).unwrap()
}

/// The rows of events.csv but for the file.
fn rows(log: &EventLog) -> Vec<Row> {
    let events: Vec<&TrailEvent> = log.events.iter().map(AsRef::as_ref).collect();
    let mut out = Vec::new();
    events_csv::csv(events.iter().flat_map(|event| events_csv::rows(event)), &mut out).unwrap();
    let mut rows = parse(&out);
    rows.iter_mut().for_each(|row| _ = row.remove("source_file"));
    rows
}

/// Both say the same: every cell, the windows of every place, the number of records.
fn same(what: &str, athena: &EventLog, file: &EventLog) {
    assert_eq!(athena.holes, [], "{what}");
    let (ours, theirs) = (rows(athena), rows(file));
    for (one, other) in ours.iter().zip(&theirs) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(ours.len(), theirs.len(), "{what}");
    assert_eq!(athena.windows, file.windows, "{what}");
    assert_eq!((athena.window, athena.records), (file.window, file.records), "{what}");
    let identities = |log: &EventLog| -> Vec<_> {
        log.events.iter().map(|event| (event.id.clone(), event.parameters, event.is_clear)).collect()
    };
    assert_eq!(identities(athena), identities(file), "{what}: what makes two deliveries one");
    for event in &athena.events {
        assert_eq!(&*event.source_file, "athena:security.cloudtrail_logs");
    }
}

/// Records of every kind that matters, and of others.
fn built() -> Vec<Value> {
    let mut records: Vec<Value> = shapes().into_iter().map(|(_, record)| record).collect();
    records.extend([
        modify("2026-05-02T00:00:00Z", B, "ami-2", "add", "all"),
        modify("2026-05-31T23:59:59Z", B, "ami-2", "remove", "all"),
        call("2026-05-03T10:00:00Z", A, "DescribeInstances", json!({ "maxResults": 5 })),
        call("2026-05-01T10:00:00Z", A, "RunInstances", json!({ "imageId": "ami-1" })),
        with(
            call("2026-05-04T00:00:00Z", A, "CreateImage", json!({ "instanceId": "i-1", "name": "x" })),
            "responseElements",
            json!({ "imageId": "ami-3", "requestId": "r" }),
        ),
        // AppStream's is none of EC2's.
        with(
            call("2026-05-04T00:00:01Z", A, "CopyImage", json!({ "sourceImageName": "x" })),
            "eventSource",
            json!("appstream.amazonaws.com"),
        ),
        call(
            "2026-05-05T00:00:00Z",
            A,
            "DisableImage",
            json!({ "DisableImageRequest": { "ImageId": "ami-1" } }),
        ),
        organizations("2026-05-06T00:00:00Z", A.0, "LeaveOrganization", Value::Null),
        with(
            organizations("2026-05-06T00:00:01Z", A.0, "AcceptHandshake", json!({ "handshakeId": "h-1" })),
            "responseElements",
            json!({ "handshake": { "action": "INVITE", "parties": [{ "id": "1" }] } }),
        ),
        with(
            organizations("2026-05-06T00:00:02Z", A.0, "CreateAccountResult", Value::Null),
            "serviceEventDetails",
            json!({ "createAccountStatus": { "state": "SUCCEEDED", "accountId": "999988887777" } }),
        ),
        with(
            modify("2026-05-07T00:00:00Z", A, "ami-'1'", "add", "222233334444"),
            "userAgent",
            json!("quotes \" and ' and\na line, \u{202e}gnp.exe 名前 🦀"),
        ),
        with(
            modify("2026-05-07T00:00:01Z", A, "ami-1", "add", "222233334444"),
            "sessionCredentialFromConsole",
            json!("true"),
        ),
    ]);
    let session = json!({
        "type": "AssumedRole",
        "principalId": "AROAX:jan@example.com",
        "arn": "arn:aws:sts::111122223333:assumed-role/Admin/jan@example.com",
        "accountId": "111122223333",
        "accessKeyId": "ASIAX",
        "sessionContext": {
            "attributes": { "mfaAuthenticated": "true", "creationDate": "2026-05-08T00:00:00Z" },
            "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/Admin" },
        },
        "invokedBy": "cloudformation.amazonaws.com",
    });
    records.push(with(modify("2026-05-08T00:00:00Z", A, "ami-1", "add", "all"), "userIdentity", session));
    // No trail's account: the caller's is taken.
    let mut without = modify("2026-05-09T00:00:00Z", B, "ami-2", "add", "222233334444");
    without.as_object_mut().unwrap().remove("recipientAccountId");
    records.push(without);
    records.push(with(
        modify("2026-05-09T00:00:01Z", B, "ami-2", "add", "all"),
        "requestParameters",
        json!("HIDDEN_DUE_TO_SECURITY_REASONS"),
    ));
    for (nth, record) in records.iter_mut().enumerate() {
        record["eventID"] = json!(format!("event {nth}"));
    }
    records
}

#[test]
fn athena_sql_gives_what_files_give() {
    let records = built();
    let file = by_file(&records);
    assert_eq!((rows(&file).len(), file.windows.len()), (731, 3));
    for (what, shape) in documented() {
        same(what, &by_athena(&shape, all(always()), &placed(&shape, &records)), &file);
    }
}

/// Tables that somebody made otherwise: times, accounts and identities of other types.
#[test]
fn athena_sql_copes_with_other_types() {
    let [_, _, (_, plain)] = documented();
    let records = built();
    let file = by_file(&records);
    let identity = plain.clone().retyped("useridentity", "string");
    let moment = plain.clone().retyped("eventtime", "timestamp");
    for (what, shape) in [("an identity in JSON", identity), ("a moment", moment)] {
        same(what, &by_athena(&shape, all(always()), &placed(&shape, &records)), &file);
    }
    let number = plain.retyped("recipientaccountid", "bigint");
    let of_b: Vec<Value> = records.into_iter().filter(|record| record["awsRegion"] == B.1).collect();
    let found = by_athena(&number, all(always()), &placed(&number, &of_b));
    same("an account that begins with a zero", &found, &by_file(&of_b));
}

/// Parameters that are no JSON: a structure and a map keep what their types have room for.
#[test]
fn athena_sql_reads_parameters_of_other_types() {
    let [_, _, (_, plain)] = documented();
    let records = [
        modify("2026-05-02T00:00:00Z", A, "ami-2", "add", "222233334444"),
        modify("2026-05-03T00:00:00Z", A, "ami-2", "remove", "all"),
    ];
    let items = "struct<items:array<struct<userid:string,group:string>>>";
    let structure = format!(
        "struct<imageid:string,attributetype:string,launchpermission:struct<add:{items},remove:{items}>>"
    );
    for kind in [structure.as_str(), "map<string,string>"] {
        let shape = plain.clone().retyped("requestparameters", kind);
        let found = by_athena(&shape, all(always()), &placed(&shape, &records));
        same(kind, &found, &by_file(&records));
    }
}

#[test]
fn athena_rows_outside_the_window_or_its_partitions_are_not_returned() {
    let at = |time: &str, nth: u32| {
        with(modify(time, A, "ami-1", "add", "all"), "eventID", json!(format!("event {nth}")))
    };
    let inside = [
        at("2026-04-30T12:00:00Z", 1),
        at("2026-05-31T11:59:59Z", 2),
        // It came a day late.
        at("2026-05-31T11:00:00Z", 3),
    ];
    let outside =
        [at("2026-04-30T11:59:59Z", 4), at("2026-05-31T12:00:00Z", 5), at("2025-05-15T00:00:00Z", 6)];
    let question = all(window("2026-04-30T12:00:00Z", "2026-05-31T11:59:59.5Z"));
    for (what, shape) in documented() {
        let mut records = placed(&shape, &[inside.as_slice(), &outside].concat());
        records[2].1 = shape.partition(&at("2026-06-01T00:00:00Z", 0));
        // Never so in a bucket of AWS's: it shows that the partitions are looked at, and not the records alone.
        let has_keys = !shape.table.keys.is_empty();
        if has_keys {
            let elsewhere = at("2026-05-10T00:00:00Z", 7);
            records.push((elsewhere, shape.partition(&at("2026-07-10T00:00:00Z", 0))));
        }
        same(what, &by_athena(&shape, question, &records), &by_file(&inside));
    }
}

#[test]
fn athena_sql_asks_for_the_accounts_and_regions_that_were_named() {
    let records = built();
    let question = Question {
        accounts: &BTreeSet::from([B.0.parse().unwrap()]),
        regions: &BTreeSet::from([B.1.parse().unwrap()]),
        window: always(),
    };
    let wanted: Vec<Value> = records.iter().filter(|record| record["awsRegion"] == B.1).cloned().collect();
    for (what, shape) in documented() {
        same(what, &by_athena(&shape, question, &placed(&shape, &records)), &by_file(&wanted));
    }
}

/// Times that do not read as such may be of any, so they are not left out.
#[test]
fn athena_sql_keeps_events_without_a_clear_time() {
    let [_, _, (_, shape)] = documented();
    let records = [
        modify("2026-05-02T00:00:00Z", A, "ami-1", "add", "all"),
        with(modify("x", A, "ami-2", "add", "all"), "eventTime", json!("yesterday")),
        with(modify("y", A, "ami-3", "add", "all"), "eventTime", Value::Null),
        with(modify("z", A, "ami-4", "add", "all"), "eventTime", json!("2026-05-03 00:00:00")),
        with(modify("z", A, "ami-5", "add", "all"), "eventTime", json!("2026-06-03 00:00:00")),
    ];
    let partitions: Vec<_> = records.iter().map(|record| (record.clone(), Vec::new())).collect();
    let question = all(window("2026-05-01T00:00:00Z", "2026-05-31T00:00:00Z"));
    same("clear or not", &by_athena(&shape, question, &partitions), &by_file(&records[..4]));
}

/// Older tables lack some columns; the query names them.
#[test]
fn athena_sql_projects_only_what_a_table_has() {
    let absent = ["sessioncredentialfromconsole", "sharedeventid", "serviceeventdetails"];
    let columns: Vec<_> = COLUMNS.iter().copied().filter(|(name, _)| !absent.contains(name)).collect();
    let shape = Shape::with(&columns, &[], &[]);
    let records = [modify("2026-05-02T00:00:00Z", A, "ami-1", "add", "all")];
    same("fewer", &by_athena(&shape, all(always()), &placed(&shape, &records)), &by_file(&records));
    let text = sql(&shape.table, &all(always())).unwrap();
    for name in absent {
        assert!(text.contains(&format!("-- the table has no column {name}\n")), "{text}");
    }
}

/// The records of real logs, in CloudTrail's own form.
fn collect(value: &Value, records: &mut Vec<Value>) {
    match value {
        Value::Object(map) if map.contains_key("eventVersion") && map.contains_key("eventID") => {
            // `trail` does not take a name that is no text, and says so.
            records.push(value.clone());
        }
        Value::Object(map) => map.values().for_each(|inner| collect(inner, records)),
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, records)),
        _ => {}
    }
}

fn corpus(folder: &Path) -> Vec<Value> {
    let mut records = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let Ok(text) = std::fs::read_to_string(entry.unwrap().path()) else { continue };
        match serde_json::from_str(&text) {
            Ok(value) => collect(&value, &mut records),
            Err(_) => text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .for_each(|value: Value| collect(&value, &mut records)),
        }
    }
    records
}

#[test]
fn athena_sql_gives_what_files_give_of_the_corpus() {
    let Some(folder) = std::env::var_os("AMIAUDIT_CORPUS") else {
        // Not by eprintln: that is shown of failed tests alone.
        let why =
            "SKIPPED: AMIAUDIT_CORPUS is not set, so Athena's SQL was not run on the corpus of real logs";
        std::io::stderr().write_all(format!("{why}\n").as_bytes()).unwrap();
        return;
    };
    let records = corpus(Path::new(&folder));
    let file = by_file(&records);
    assert!(records.len() > 1_000 && rows(&file).len() >= 10, "{} records", records.len());
    for (what, shape) in documented() {
        same(what, &by_athena(&shape, all(always()), &placed(&shape, &records)), &file);
    }
}
