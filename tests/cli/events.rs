//! `amiaudit events` as a user meets it.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::binary::{amiaudit, stderr, stdout, told};
use crate::support::rows::parse;
use crate::trail::{call, gzip, launch_permission, records};

const IMAGE: &str = "ami-0aa1d83d0b0985c86";
const OTHER_IMAGE: &str = "ami-0bb2d83d0b0985c86";

/// A share or its end: id, day, account, Region, image, operation, grantee.
fn event(id: &str, day: &str, place: (&str, &str), image: &str, change: (&str, Value)) -> Value {
    let request = launch_permission(image, json!({ change.0: { "items": [change.1] } }));
    let fields = json!({
        "eventID": id, "eventTime": format!("{day}T12:00:00Z"), "recipientAccountId": place.0, "awsRegion": place.1,
        "requestParameters": request,
    });
    call("ModifyImageAttribute", fields)
}

/// Five events of two accounts, in two files, and one that is of no interest.
fn logs() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let home = ("111111111111", "us-east-1");
    let user = json!({ "userId": "222222222222" });
    let mut denied = event(
        "denied",
        "2026-03-03",
        ("333333333333", "eu-west-1"),
        OTHER_IMAGE,
        ("add", json!({ "group": "all" })),
    );
    denied["errorCode"] = json!("Client.OperationNotPermitted");
    let gone = call(
        "DeregisterImage",
        json!({ "eventID": "gone", "eventTime": "2026-03-05T12:00:00Z",
        "requestParameters": { "imageId": OTHER_IMAGE } }),
    );
    let first = [
        event("add", "2026-03-01", home, IMAGE, ("add", user.clone())),
        event("remove", "2026-03-02", home, IMAGE, ("remove", user)),
        call("DescribeImages", json!({ "eventTime": "2026-03-06T12:00:00Z" })),
    ];
    let both = json!({ "userId": "444444444444" });
    let second = [denied, event("late", "2026-03-04", home, OTHER_IMAGE, ("add", both)), gone];
    std::fs::write(folder.path().join("a.json"), records(&first)).unwrap();
    std::fs::write(folder.path().join("b.json.gz"), gzip(records(&second).as_bytes())).unwrap();
    folder
}

fn events(folder: &Path, arguments: &[&str]) -> Output {
    amiaudit(folder).args(["events", "."]).args(arguments).output().unwrap()
}

/// The ids of the events that are shown.
fn ids(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{}", told(output));
    parse(&output.stdout).into_iter().map(|row| row["event_id"].clone()).collect()
}

const ALL: [&str; 5] = ["add", "remove", "denied", "late", "gone"];

#[test]
fn cli_events_filters() {
    let logs = logs();
    for (arguments, wanted) in [
        (&[][..], &ALL[..]),
        (&["--since", "2026-03-03"], &["denied", "late", "gone"]),
        (&["--since", "2026-03-03T12:00:00Z"], &["denied", "late", "gone"]),
        (&["--since", "2026-03-03T12:00:01Z"], &["late", "gone"]),
        // A day is meant wholly.
        (&["--until", "2026-03-02"], &["add", "remove"]),
        (&["--until", "2026-03-02T11:59:59Z"], &["add"]),
        (&["--since", "2026-03-02", "--until", "2026-03-02"], &["remove"]),
        (&["--account", "333333333333"], &["denied"]),
        (&["--account", "333333333333,111111111111"], &ALL),
        (&["--region", "us-east-1"], &["add", "remove", "late", "gone"]),
        (&["--region", "us-east-1", "--region", "eu-west-1"], &ALL),
        (&["--image", IMAGE], &["add", "remove"]),
        (&["--grantee", "all"], &["denied"]),
        (&["--grantee", "222222222222"], &["add", "remove"]),
        (&["--event-name", "DeregisterImage"], &["gone"]),
        (&["--event-name", "DeregisterImage,ModifyImageAttribute"], &ALL),
        (&["--outcome", "failure"], &["denied"]),
        (&["--outcome", "success", "--image", OTHER_IMAGE], &["late", "gone"]),
        (&["--image", IMAGE, "--outcome", "failure"], &[]),
    ] {
        let output = events(logs.path(), arguments);
        assert_eq!(ids(&output), wanted, "{arguments:?}");
        assert!(stderr(&output).contains(&format!("matches: {};", wanted.len())), "{}", told(&output));
    }
}

#[test]
fn cli_events_variables_are_flags() {
    let logs = logs();
    for (variables, wanted) in [
        (&[("AMIAUDIT_SINCE", "2026-03-04")][..], &["late", "gone"][..]),
        (&[("AMIAUDIT_UNTIL", "2026-03-01")], &["add"]),
        (&[("AMIAUDIT_ACCOUNT", "333333333333")], &["denied"]),
        (&[("AMIAUDIT_REGION", "eu-west-1")], &["denied"]),
        (&[("AMIAUDIT_IMAGE", IMAGE)], &["add", "remove"]),
        (&[("AMIAUDIT_GRANTEE", "all,222222222222")], &["add", "remove", "denied"]),
        (&[("AMIAUDIT_EVENT_NAME", "DeregisterImage")], &["gone"]),
        (&[("AMIAUDIT_OUTCOME", "failure")], &["denied"]),
    ] {
        let output =
            amiaudit(logs.path()).args(["events", "."]).envs(variables.iter().copied()).output().unwrap();
        assert_eq!(ids(&output), wanted, "{variables:?}");
    }
    let run = |name: &str, value: &str| {
        let output = amiaudit(logs.path()).args(["events", "."]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        output
    };
    assert_eq!(stdout(&run("AMIAUDIT_RAW", "true")), stdout(&events(logs.path(), &["--raw"])));
    assert_eq!(stdout(&run("AMIAUDIT_WINDOWS", "true")), stdout(&events(logs.path(), &["--windows"])));
    assert_eq!(
        stdout(&run("AMIAUDIT_PRINT", "ndjson")),
        stdout(&events(logs.path(), &["--print", "ndjson"]))
    );
    // A flag goes before its variable.
    let output = amiaudit(logs.path())
        .args(["events", ".", "--outcome", "failure"])
        .env("AMIAUDIT_OUTCOME", "success")
        .output()
        .unwrap();
    assert_eq!(ids(&output), ["denied"]);
}

#[test]
fn cli_events_ndjson_says_what_csv_says() {
    let logs = logs();
    let table = parse(&events(logs.path(), &[]).stdout);
    let output = events(logs.path(), &["--print", "ndjson"]);
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Yes and no are no texts, and what is empty is null.
    let value = |name: &str, cell: &str| match (name, cell) {
        (_, "") => Value::Null,
        ("seed_rule_match" | "elastic_rule_match" | "console", "true" | "false") => json!(cell == "true"),
        _ => json!(cell.trim_start_matches('\'')),
    };
    let told = table
        .iter()
        .map(|row| row.iter().map(|(name, cell)| (name.clone(), value(name, cell))).collect::<Value>());
    assert_eq!(lines, told.collect::<Vec<_>>());
    assert_eq!(lines[2]["grantee_type"], "public");
}

#[test]
fn cli_events_raw_are_the_records_as_they_came() {
    let logs = logs();
    let output = events(logs.path(), &["--raw", "--image", IMAGE]);
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let user = json!({ "userId": "222222222222" });
    let home = ("111111111111", "us-east-1");
    assert_eq!(
        lines,
        [
            event("add", "2026-03-01", home, IMAGE, ("add", user.clone())),
            event("remove", "2026-03-02", home, IMAGE, ("remove", user)),
        ]
    );
    let output = events(logs.path(), &["--raw", "--windows"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
}

#[test]
fn cli_events_windows_of_a_time_are_those_that_reach_into_it() {
    let logs = logs();
    let windows = |arguments: &[&str]| {
        let output = events(logs.path(), &[&["--windows"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let columns = ["image_id", "grantee", "from", "to", "duration", "ended_by"];
        let rows = parse(&output.stdout).into_iter();
        rows.map(|row| columns.map(|column| row[column].clone())).collect::<Vec<_>>()
    };
    let day = |day: u8| format!("2026-03-0{day}T12:00:00Z");
    let first = [IMAGE, "222222222222", &day(1), &day(2), "86400", "ModifyImageAttribute"].map(str::to_owned);
    let second =
        [OTHER_IMAGE, "444444444444", &day(4), &day(5), "86400", "DeregisterImage"].map(str::to_owned);
    assert_eq!(windows(&[]), [first.clone(), second.clone()]);
    assert_eq!(windows(&["--since", "2026-03-02", "--until", "2026-03-03"]), std::slice::from_ref(&first));
    assert_eq!(windows(&["--since", "2026-03-03"]), std::slice::from_ref(&second));
    assert_eq!(windows(&["--until", "2026-03-01"]), [first]);
    assert_eq!(windows(&["--grantee", "444444444444"]), [second]);
    assert_eq!(windows(&["--since", "2026-03-06"]), [] as [[String; 6]; 0]);
}

#[test]
fn cli_events_wrong_use_is_2() {
    let logs = logs();
    for (arguments, wanted) in [
        (&["events"][..], &["SOURCE"][..]),
        (&["events", "missing"], &["missing", "No such file"]),
        (&["events", ".", "missing"], &["missing", "No such file"]),
        (&["events", ".", "--event-name", "DescribeImages"], &["--event-name", "DescribeImages"]),
        (&["events", ".", "--outcome", "maybe"], &["--outcome", "success", "failure"]),
        (&["events", ".", "--since", "last week"], &["--since", "90d"]),
        (&["events", ".", "--until", "2026-02-30"], &["--until", "2026-06-30"]),
        (
            &["events", ".", "--since", "2026-03-02", "--until", "2026-03-01"],
            &["--since: it is after --until"],
        ),
        (&["events", ".", "--print", "table"], &["--print", "csv", "ndjson"]),
        (&["events", ".", "--max-file-bytes", "much"], &["--max-file-bytes"]),
        (&["events", ".", "--digest-keys", "keys.json"], &["--verify-digests"]),
        (&["events", "s3:///prefix"], &["s3:///prefix", "s3://bucket/prefix"]),
        (
            &["events", "s3://arn:aws:s3:us-east-1:111111111111:accesspoint/logs"],
            &["is not the name of a bucket", "s3://bucket/prefix"],
        ),
        (&["events", "logs:my group"], &["logs:my group", "logs:LOG_GROUP"]),
        (&["events", ".", "--athena-output", "bucket"], &["--athena-output", "s3://bucket/prefix/"]),
        (&["events", "lookup", "--account", "1234"], &["--account takes account ids"]),
        (&["events", "lookup", "--events-role-arn", "role/Reader"], &["--events-role-arn", "arn:aws:iam::"]),
        (&["events", ".", "--print-sql"], &["--print-sql", "athena:"]),
    ] {
        let output = amiaudit(logs.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert_eq!(stdout(&output), "", "{}", told(&output));
        for part in wanted {
            assert!(stderr(&output).contains(part), "{part:?} is not in {}", told(&output));
        }
    }
    let output =
        amiaudit(logs.path()).args(["events", "."]).env("AMIAUDIT_OUTCOME", "maybe").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
}

#[test]
fn cli_events_says_last_what_was_read() {
    let logs = logs();
    let closing = |output: &Output| stderr(output).lines().last().unwrap().to_owned();
    let window = "window: 2026-03-01T12:00:00Z to 2026-03-06T12:00:00Z";
    let output = events(logs.path(), &["--image", IMAGE]);
    assert_eq!(closing(&output), format!("files: 2; records: 6; matches: 2; {window}; could not be read: 0"));

    // What could not be read is named, line by line, and the rest is shown.
    std::fs::write(logs.path().join("c.json"), "").unwrap();
    std::fs::write(logs.path().join("d.json"), "{}\n{\"eventName\n").unwrap();
    let output = events(logs.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let text = stderr(&output);
    assert!(text.contains("could not be read: ./c.json: it is empty\n"), "{text}");
    assert!(text.contains("could not be read: ./d.json:2: it is no JSON: "), "{text}");
    assert_eq!(closing(&output), format!("files: 4; records: 6; matches: 5; {window}; could not be read: 2"));
    assert_eq!(parse(&output.stdout).len(), 5);
}

#[test]
fn cli_events_without_a_record_is_20() {
    let folder = tempfile::tempdir().unwrap();
    let run = || events(folder.path(), &[]);
    let nothing = |output: &Output| {
        assert_eq!(output.status.code(), Some(20), "{}", told(output));
        assert!(stderr(output).contains("no record of CloudTrail's was found"), "{}", told(output));
        assert_eq!(parse(&output.stdout), [], "{}", told(output));
        assert!(stdout(output).starts_with("event_id,event_time,account_id,"), "{}", told(output));
    };
    nothing(&run());
    std::fs::write(folder.path().join("a.json"), "{\"Records\":[]}").unwrap();
    nothing(&run());
    // Where a file tells why, that is enough; another source has no such reason.
    std::fs::write(folder.path().join("broken.json"), "").unwrap();
    let told_of = |output: &Output| -> Vec<String> {
        let text = stderr(output);
        let lines = text.lines().filter_map(|line| line.strip_prefix("could not be read: "));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(told_of(&run()), ["./broken.json: it is empty"]);
    std::fs::create_dir(folder.path().join("broken")).unwrap();
    let output = amiaudit(folder.path()).args(["events", "broken.json", "broken"]).output().unwrap();
    assert_eq!(told_of(&output), ["broken.json: it is empty", "broken: no record of CloudTrail's was found"]);
    std::fs::remove_file(folder.path().join("broken.json")).unwrap();
    // Records, but none that matters: that is an answer.
    std::fs::write(folder.path().join("b.json"), records(&[call("DescribeImages", json!({}))])).unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(parse(&output.stdout), []);
}

#[test]
fn cli_events_file_larger_than_allowed_is_named() {
    let logs = logs();
    let size = std::fs::metadata(logs.path().join("a.json")).unwrap().len();
    let most = (size - 1).to_string();
    let output = events(logs.path(), &["--max-file-bytes", &most]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let why = format!("could not be read: ./a.json: it is larger than {most} bytes (--max-file-bytes)");
    assert!(stderr(&output).contains(&why), "{}", told(&output));
}

#[cfg(unix)]
#[test]
fn cli_events_links_are_followed_and_circles_are_told() {
    let logs = logs();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(logs.path(), folder.path().join("logs")).unwrap();
    assert_eq!(ids(&events(folder.path(), &[])), ALL);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).unwrap();
    let output = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(stderr(&output).contains("could not be read: ./round"), "{}", told(&output));
    assert_eq!(parse(&output.stdout).len(), 5);
}

#[test]
fn cli_events_everybody_is_public_or_all() {
    let logs = logs();
    for word in ["public", "all"] {
        let output = events(logs.path(), &["--grantee", word]);
        assert_eq!(ids(&output), ["denied"], "{word}");
    }
}

#[test]
fn cli_events_says_what_a_file_is_that_it_does_not_read() {
    let logs = tempfile::tempdir().unwrap();
    let text = records(&[call("DescribeImages", json!({}))]);
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(logs.path().join("windows.json"), utf_16).unwrap();
    std::fs::write(logs.path().join("packed.zip"), b"PK\x03\x04rest").unwrap();
    let output = events(logs.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let text = stderr(&output);
    assert!(text.contains("./windows.json: it is UTF-16: save it as UTF-8\n"), "{text}");
    assert!(text.contains("./packed.zip: it is a zip archive: unpack it\n"), "{text}");
}

#[test]
fn cli_events_times_of_logstash_count() {
    let logs = tempfile::tempdir().unwrap();
    let mut record = event(
        "logstash",
        "2026-03-01",
        ("111111111111", "us-east-1"),
        IMAGE,
        ("add", json!({ "group": "all" })),
    );
    record.as_object_mut().unwrap().remove("eventTime");
    record["@timestamp"] = json!("2026-03-01T12:00:00.000Z");
    std::fs::write(logs.path().join("lines.json"), format!("{record}\n{record}\n")).unwrap();
    let rows = parse(&events(logs.path(), &[]).stdout);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["event_time"], "2026-03-01T12:00:00Z");
}
