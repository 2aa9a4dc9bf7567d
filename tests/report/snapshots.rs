//! Findings of snapshots behind images, and last launches: written, and read back.

use std::sync::Arc;

use amiaudit::judge::policy::Policy;
use amiaudit::judge::rules::find;
use amiaudit::judge::{Case, judge};
use amiaudit::model::finding::Finding;
use amiaudit::model::image::Image;
use amiaudit::model::report::{ListedImage, Report};
use amiaudit::model::share::Share;
use amiaudit::report::{FORMATS, read};
use serde_json::Value;

use super::report;
use crate::support::build::{
    HOME, MEMBER, STRANGER, case, image, organization, place, share, snapshot_share,
};
use crate::support::rows::{parse, pick};

fn launched() -> Image {
    Image { last_launched_at: "2026-05-30T01:02:03Z".parse().ok(), ..image("ami-0000000a") }
}

/// Two images of two accounts in two Regions: of one the last launch is known, of both a snapshot is shared.
fn snapshots() -> Report {
    let shares = vec![
        Share { image: Arc::new(launched()), ..share(HOME, "us-east-1", "ami-0000000a", STRANGER) },
        share(MEMBER, "eu-west-1", "ami-0000000b", "all"),
    ];
    let mut snapshots = [
        snapshot_share((HOME, "us-east-1"), "ami-0000000a", "snap-0aa", STRANGER),
        snapshot_share((MEMBER, "eu-west-1"), "ami-0000000b", "snap-0bb", "all"),
    ];
    snapshots[0].image = Arc::new(launched());
    let (org, policy) = (organization(), Policy::default());
    let judged = judge(Case { shares, snapshots: &snapshots, ..case(&org, &policy) });
    Report { findings: judged.findings, shares: judged.shares, ..report() }
}

fn bytes(file: &str, report: &Report) -> Vec<u8> {
    let format = FORMATS.iter().find(|format| format.file() == file).unwrap();
    let mut bytes = Vec::new();
    format.render(report, &mut bytes).unwrap();
    bytes
}

fn texts<const N: usize>(rows: &[[&str; N]]) -> Vec<[String; N]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

#[test]
fn findings_name_the_snapshot_and_the_last_launch() {
    let rows = parse(&bytes("findings.csv", &snapshots()));
    let columns = ["image_id", "rule_id", "snapshot_id", "last_launched_at", "attribution"];
    assert_eq!(
        pick(&rows, columns),
        texts(&[
            ["ami-0000000a", "backing-snapshot-shared", "snap-0aa", "2026-05-30T01:02:03Z", ""],
            ["ami-0000000a", "shared-outside-organization", "", "2026-05-30T01:02:03Z", "not_searched"],
            ["ami-0000000b", "backing-snapshot-shared", "snap-0bb", "", ""],
            ["ami-0000000b", "public-ami", "", "", "not_searched"],
        ])
    );
    let value: Value = serde_json::from_slice(&bytes("report.json", &snapshots())).unwrap();
    let in_json = |key: &str| -> Vec<Value> {
        value["findings"].as_array().unwrap().iter().map(|finding| finding[key].clone()).collect()
    };
    assert_eq!(in_json("snapshot_id"), ["snap-0aa".into(), Value::Null, "snap-0bb".into(), Value::Null]);
    assert_eq!(in_json("subject"), in_json("snapshot_id"));
    let launched: Value = "2026-05-30T01:02:03Z".into();
    assert_eq!(in_json("last_launched_at"), [launched.clone(), launched, Value::Null, Value::Null]);
}

#[test]
fn they_read_back_as_they_were() {
    let report = snapshots();
    let rule = |id: &str| find(id).map(|rule| rule.meta());
    let earlier = read(&bytes("report.json", &report), rule).unwrap();
    let told = |findings: &[Finding]| -> Vec<_> {
        let of = |finding: &Finding| {
            let launched = finding.image.as_ref().unwrap().last_launched_at;
            (finding.id(), finding.snapshot.clone(), launched, finding.remediation().into_owned())
        };
        findings.iter().map(of).collect()
    };
    assert_eq!(told(&earlier.findings), told(&report.findings));
    // A report of before is read too, and one whose snapshot is none is not.
    let mut value: Value = serde_json::from_slice(&bytes("report.json", &report)).unwrap();
    value["findings"].as_array_mut().unwrap().retain(|finding| finding["snapshot_id"].is_null());
    for finding in value["findings"].as_array_mut().unwrap() {
        let finding = finding.as_object_mut().unwrap();
        finding.remove("snapshot_id");
        finding.remove("last_launched_at");
    }
    assert_eq!(read(&serde_json::to_vec(&value).unwrap(), rule).unwrap().findings.len(), 2);
    value["findings"][0]["snapshot_id"] = "vol-1".into();
    let error = read(&serde_json::to_vec(&value).unwrap(), rule).unwrap_err().to_string();
    assert!(error.contains("\"vol-1\" is not a snapshot id"), "{error}");
}

#[test]
fn the_inventory_tells_the_last_launch() {
    let listed = |owner: &str, region: &str, image: Image| ListedImage {
        place: place(owner, region),
        image: Arc::new(image),
        grants: Some(0),
    };
    let images =
        vec![listed(HOME, "us-east-1", launched()), listed(MEMBER, "eu-west-1", image("ami-0000000b"))];
    let rows = parse(&bytes("images.csv", &Report { images: Some(images), ..report() }));
    assert_eq!(
        pick(&rows, ["image_id", "last_launched_at"]),
        texts(&[["ami-0000000a", "2026-05-30T01:02:03Z"], ["ami-0000000b", ""]])
    );
}
