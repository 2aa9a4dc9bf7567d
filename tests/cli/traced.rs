//! Scans and judgements that were given a log of events.

use std::path::Path;
use std::process::Output;

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::{AccountSpec, ImageSpec, OrganizationSpec};
use serde_json::{Value, json};

use crate::support::binary::{amiaudit, amiaudit_at, stderr, told};
use crate::support::build::{HOME, MEMBER, STRANGER};
use crate::support::events::{about, modify, organizations};
use crate::support::rows::{Row, pick, rows};
use crate::support::served::Served;

const LEFT: &str = "444444444444";
const HERE: (&str, &str) = (HOME, "us-east-1");
const THERE: (&str, &str) = (MEMBER, "eu-west-1");

/// Two accounts in two Regions; an image of each is shared with a stranger, one also with an account that left.
fn scenario() -> Scenario {
    let account =
        |id: &str| AccountSpec { id: id.to_owned(), name: format!("name {id}"), ..AccountSpec::default() };
    let image = |place: (&str, &str), id: &str, to: &[&str]| ImageSpec {
        account: place.0.to_owned(),
        region: place.1.to_owned(),
        id: id.to_owned(),
        name: "web".to_owned(),
        created: "2026-02-01T00:00:00Z".parse().ok(),
        shared_with: to.iter().map(|&to| to.to_owned()).collect(),
        ..ImageSpec::default()
    };
    Scenario {
        caller: HOME.to_owned(),
        regions: vec![HERE.1.to_owned(), THERE.1.to_owned()],
        session_seconds: 3_600,
        organization: Some(OrganizationSpec {
            id: "o-ourorg0001".to_owned(),
            management: HOME.to_owned(),
            root: "r-ab12".to_owned(),
            delegated: Default::default(),
            old_fields_only: false,
        }),
        accounts: vec![account(HOME), account(MEMBER)],
        images: vec![image(HERE, "ami-1", &[STRANGER, LEFT]), image(THERE, "ami-2", &[STRANGER])],
        ..Scenario::default()
    }
}

/// Who made the standing grants, who left, and a share of 56 seconds.
fn records() -> Vec<Value> {
    vec![
        about("2026-01-01T00:00:00Z", HERE, "DescribeInstances", ""),
        modify("2026-03-01T00:00:00Z", HERE, "ami-1", "add", LEFT),
        modify("2026-03-02T00:00:00Z", HERE, "ami-1", "add", STRANGER),
        organizations("2026-03-03T00:00:00Z", LEFT, "LeaveOrganization", Value::Null),
        about("2026-02-15T00:00:00Z", THERE, "DescribeInstances", ""),
        modify("2026-03-04T00:00:00Z", THERE, "ami-2", "add", STRANGER),
        modify("2026-03-05T12:11:01Z", THERE, "ami-3", "add", "all"),
        modify("2026-03-05T12:11:57Z", THERE, "ami-3", "remove", "all"),
    ]
}

fn logs(folder: &Path, records: &[Value]) {
    std::fs::create_dir_all(folder.join("logs")).unwrap();
    std::fs::write(folder.join("logs/one.json"), json!({ "Records": records }).to_string()).unwrap();
}

fn scan(served: &Served, folder: &Path, more: &[&str]) -> Output {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(["scan", "--role-name", "Auditor", "--quiet"]).args(more).output().unwrap()
}

fn report(folder: &Path, name: &str, file: &str) -> Vec<Row> {
    rows(&folder.join(name).join(file))
}

/// Of findings of shares: rule, image, grantee, shared_at, attribution.
fn traced(found: &[Row]) -> Vec<[String; 5]> {
    let about_shares: Vec<Row> = found.iter().filter(|row| !row["image_id"].is_empty()).cloned().collect();
    pick(&about_shares, ["rule_id", "image_id", "grantee", "shared_at", "attribution"])
}

fn expected() -> Vec<[String; 5]> {
    [
        ["shared-outside-organization", "ami-1", LEFT, "2026-03-01T00:00:00Z", "exact"],
        ["shared-outside-organization", "ami-1", STRANGER, "2026-03-02T00:00:00Z", "exact"],
        ["shared-outside-organization", "ami-2", STRANGER, "2026-03-04T00:00:00Z", "earliest_seen"],
        ["transient-share", "ami-3", "all", "2026-03-05T12:11:01Z", "earliest_seen"],
    ]
    .map(|row| row.map(str::to_owned))
    .to_vec()
}

#[test]
fn a_scan_says_who_shared_and_what_came_and_went() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path(), &records());
    let output = scan(&served, folder.path(), &["--events", "logs", "--out", "report"]);
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let findings = report(folder.path(), "report", "findings.csv");
    assert_eq!(traced(&findings), expected());
    let left = findings.iter().find(|row| row["grantee"] == LEFT).unwrap();
    assert_eq!(left["grantee_relation"], "former_member");
    let note =
        "The grantee left the organization at 2026-03-03T00:00:00Z, and was a member when it was let in.";
    assert!(left["remediation"].ends_with(note), "{}", left["remediation"]);
    assert_eq!(
        [
            &left["shared_by"],
            &left["shared_by_type"],
            &left["source_ip"],
            &left["user_agent"],
            &left["event_id"]
        ],
        [
            "arn:aws:iam::111111111111:user/jan",
            "IAMUser",
            "192.0.2.7",
            "aws-cli/2.17",
            "ModifyImageAttribute at 2026-03-01T00:00:00Z"
        ]
    );
    let events = report(folder.path(), "report", "events.csv");
    assert_eq!(events.len(), 6);
    assert_eq!((&*events[0]["event_time"], &*events[0]["image_id"]), ("2026-03-01T00:00:00Z", "ami-1"));
    let coverage = report(folder.path(), "report", "coverage.csv");
    assert_eq!(
        pick(&coverage, ["account_id", "region", "events_from", "events_to"]),
        [
            [HOME, "eu-west-1", "", ""],
            [HOME, "us-east-1", "2026-01-01T00:00:00Z", "2026-03-02T00:00:00Z"],
            [MEMBER, "eu-west-1", "2026-02-15T00:00:00Z", "2026-03-05T12:11:57Z"],
            [MEMBER, "us-east-1", "", ""],
        ]
        .map(|row| row.map(str::to_owned))
    );
}

#[test]
fn judging_again_gives_the_same_bytes() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path(), &records());
    std::fs::write(folder.path().join("logs/damaged.json"), "{").unwrap();
    let output = scan(&served, folder.path(), &["--events", "logs", "--out", "report"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let judged = amiaudit(folder.path())
        .args(["judge", "report/snapshot.json.zst", "--out", "again", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(judged.status.code(), Some(20), "{}", told(&judged));
    for file in ["findings.csv", "shares.csv", "events.csv", "coverage.csv", "gaps.csv"] {
        let read = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
        assert!(read("report") == read("again"), "{file}");
    }
    let gaps = report(folder.path(), "again", "gaps.csv");
    assert_eq!(pick(&gaps, ["call", "subject"]), [["events", "logs/damaged.json:1"].map(str::to_owned)]);
}

#[test]
fn a_snapshot_is_judged_with_logs_that_came_later() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path(), &records());
    let output = scan(&served, folder.path(), &["--events", "none", "--out", "report"]);
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    assert!(!folder.path().join("report/events.csv").exists(), "events were not looked for");
    let plain = traced(&report(folder.path(), "report", "findings.csv"));
    assert!(plain.iter().all(|row| row[4] == "not_searched"), "{plain:?}");
    let judged = amiaudit(folder.path())
        .args(["judge", "report/snapshot.json.zst", "--events", "logs", "--out", "again", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(judged.status.code(), Some(10), "{}", told(&judged));
    assert_eq!(traced(&report(folder.path(), "again", "findings.csv")), expected());
}

#[test]
fn only_the_chosen_time_counts() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path(), &records());
    let time = ["--since", "2026-03-02", "--until", "2026-03-04"];
    let output =
        scan(&served, folder.path(), &[&["--events", "logs", "--out", "report"], &time[..]].concat());
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let times: Vec<String> =
        report(folder.path(), "report", "events.csv").iter().map(|row| row["event_time"].clone()).collect();
    assert_eq!(times, ["2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"]);
    let covered = pick(&report(folder.path(), "report", "coverage.csv"), ["events_from", "events_to"]);
    assert!(
        covered.contains(&["2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"].map(str::to_owned)),
        "{covered:?}"
    );
}

#[test]
fn findings_of_events_go_out_of_the_log_and_are_not_resolved() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    logs(folder.path(), &records());
    scan(&served, folder.path(), &["--events", "logs", "--out", "first"]);
    let more = ["--since", "2026-04-01", "--baseline", "first/report.json", "--out", "second"];
    let output = scan(&served, folder.path(), &[&["--events", "logs"], &more[..]].concat());
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let status = |name: &str| {
        let found = report(folder.path(), name, "findings.csv");
        let of_event: Vec<Row> =
            found.into_iter().filter(|row| row["rule_id"] == "transient-share").collect();
        pick(&of_event, ["status", "resolution", "shared_at", "attribution"])
    };
    let row = |status: &str| [[status, "", "2026-03-05T12:11:01Z", "earliest_seen"].map(str::to_owned)];
    assert_eq!(status("first"), row("open"));
    assert_eq!(status("second"), row("not_assessed"));
}

#[test]
fn a_source_that_is_not_there_is_told_before_aws_is_asked() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    for (source, why) in [
        ("nowhere", "events: nowhere: "),
        ("s3://", "it is written s3://bucket/prefix"),
        ("lookup,none", "none"),
    ] {
        let output = scan(&served, folder.path(), &["--events", source, "--out", "report"]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(stderr(&output).contains(why), "{}", told(&output));
    }
    assert!(served.counts().is_empty(), "{:?}", served.counts());
}
