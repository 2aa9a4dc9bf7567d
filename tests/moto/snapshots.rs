//! Snapshots behind images, against a server that is none of ours.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::server::Moto;
use crate::collect::broken::{Rewrite, proxy};
use crate::support::binary::{amiaudit, amiaudit_at, told};
use crate::support::python::script;
use crate::support::rows::{Row, pick, rows};

const COLUMNS: [&str; 8] = [
    "account_id",
    "region",
    "image_id",
    "snapshot_id",
    "grantee_type",
    "grantee",
    "grantee_relation",
    "severity",
];

fn seeded(moto: &Moto) -> Value {
    serde_json::from_str(&script("moto/snapshots.py", &[moto.url()], &[])).unwrap()
}

/// The findings of snapshots that a scan through `url` makes.
fn scan(folder: &Path, url: &str) -> Vec<Row> {
    let mut command = amiaudit_at(folder, url, "management");
    command.args(["scan", "--role-name", "Auditor", "--out", "report", "--quiet"]);
    let output = command.args(["--region", "us-east-1", "--region", "eu-west-1"]).output().unwrap();
    // moto lacks one call, so "clean" can never be claimed of it.
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    of_snapshots(&folder.join("report"))
}

fn of_snapshots(report: &Path) -> Vec<Row> {
    let mut found = rows(&report.join("findings.csv"));
    found.retain(|row| row["rule_id"] == "backing-snapshot-shared");
    found
}

fn sorted(truth: &Value) -> Vec<[String; 8]> {
    let row =
        |row: &Value| -> [String; 8] { std::array::from_fn(|nth| row[nth].as_str().unwrap().to_owned()) };
    let mut rows: Vec<_> = truth["findings"].as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

fn read(folder: &Path, file: &str) -> Vec<u8> {
    std::fs::read(folder.join(file)).unwrap()
}

#[test]
fn the_snapshots_of_what_is_shared_outside_are_found() {
    let moto = Moto::start();
    let truth = seeded(&moto);
    let folder = tempfile::tempdir().unwrap();
    let found = scan(folder.path(), moto.url());
    assert_eq!(pick(&found, COLUMNS), sorted(&truth));
    assert_eq!(found.len(), 4);
    for row in &found {
        let whom = if row["grantee"] == "all" {
            "--group-names all".to_owned()
        } else {
            format!("--user-ids {}", row["grantee"])
        };
        let command = format!(
            "aws ec2 modify-snapshot-attribute --region {} --snapshot-id {} --attribute \
             createVolumePermission --operation-type remove {whom}",
            row["region"], row["snapshot_id"]
        );
        assert!(row["remediation"].ends_with(&command), "{}", row["remediation"]);
    }
    // Each image with such a snapshot says so where its own share is told of.
    let beside: BTreeSet<String> = found.iter().map(|row| row["image_id"].clone()).collect();
    let mut told_of = BTreeSet::new();
    for row in rows(&folder.path().join("report/findings.csv")) {
        if row["snapshot_id"].is_empty() && row["remediation"].contains("is shared outside as well") {
            told_of.insert(row["image_id"].clone());
        }
    }
    assert_eq!(told_of, beside);
    let gaps: BTreeSet<String> =
        rows(&folder.path().join("report/gaps.csv")).iter().map(|row| row["call"].clone()).collect();
    assert_eq!(gaps, BTreeSet::from(["GetImageBlockPublicAccessState".to_owned()]));
    judged_again_it_is_the_same(folder.path());
}

fn judged_again_it_is_the_same(folder: &Path) {
    let args = ["judge", "report/snapshot.json.zst", "--out", "again", "--quiet"];
    let output = amiaudit(folder).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    for file in ["findings.csv", "shares.csv", "coverage.csv", "gaps.csv"] {
        assert_eq!(read(folder, &format!("again/{file}")), read(folder, &format!("report/{file}")), "{file}");
    }
}

/// What is taken back by the command of a finding is resolved by the next scan, and nothing else is.
#[test]
fn what_was_taken_back_is_resolved() {
    let moto = Moto::start();
    seeded(&moto);
    let folder = tempfile::tempdir().unwrap();
    let before = scan(folder.path(), moto.url());
    let public = before.iter().find(|row| row["grantee"] == "all").unwrap();
    let arguments = [moto.url(), &public["region"], &public["snapshot_id"]];
    script("moto/take_back.py", &arguments, &[]);
    let mut command = amiaudit_at(folder.path(), moto.url(), "management");
    command.args(["scan", "--role-name", "Auditor", "--out", "after", "--quiet"]);
    command.args(["--baseline", "report/report.json", "--region", "us-east-1", "--region", "eu-west-1"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    for row in of_snapshots(&folder.path().join("after")) {
        let taken = row["finding_id"] == public["finding_id"];
        let expected = if taken { ("resolved", "revoked") } else { ("open", "") };
        assert_eq!((row["status"].as_str(), row["resolution"].as_str()), expected);
    }
}

/// What the SDK would lose of an answer is met all the same, or the snapshot is a gap.
#[test]
fn an_odd_answer_hides_no_grant() {
    let moto = Moto::start();
    let truth = seeded(&moto);
    let wanted = sorted(&truth);
    let cases: &[(Rewrite, &str)] = &[
        (|body| body.replace("</userId>", "</userId><vpcArn>arn:x</vpcArn>"), "vpcArn=arn:x"),
        (|body| body.replace("userId>", "organizationArn>"), "organizationArn=888888888888"),
        (|body| body.replace("userId>", "other>").replace("group>", "other>"), "other=all"),
    ];
    for (rewrite, odd) in cases {
        let folder = tempfile::tempdir().unwrap();
        let url = proxy(moto.url().to_owned(), "DescribeSnapshotAttribute", *rewrite);
        let found = scan(folder.path(), &url);
        let grantees: BTreeSet<&str> = found.iter().map(|row| row["grantee"].as_str()).collect();
        assert!(grantees.contains(odd), "{grantees:?}");
        assert!(found.len() >= wanted.len(), "{odd}: {} of {}", found.len(), wanted.len());
        let of_odd = found.iter().filter(|row| row["grantee"] == *odd);
        assert!(
            of_odd.clone().all(|row| row["grantee_type"] == "unrecognized" && row["severity"] == "medium")
        );
    }
    for broken in [(|body: &str| body.chars().take(body.chars().count() / 2).collect()) as Rewrite, |body| {
        body.replace("createVolumePermission", "somethingElse")
    }] {
        let folder = tempfile::tempdir().unwrap();
        let url = proxy(moto.url().to_owned(), "DescribeSnapshotAttribute", broken);
        assert_eq!(scan(folder.path(), &url).len(), 0);
        let gaps = rows(&folder.path().join("report/gaps.csv"));
        let told = gaps.iter().filter(|row| row["call"] == "DescribeSnapshotAttribute").count();
        assert_eq!(told, 4, "four images are shared outside, each with one snapshot");
    }
}
