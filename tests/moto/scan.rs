use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::server::Moto;
use crate::support::binary::{amiaudit_at, told};
use crate::support::python::script;
use crate::support::rows::{Row, pick, rows};

const REGIONS: [&str; 3] = ["ap-southeast-2", "eu-west-1", "us-east-1"];

fn table<const N: usize>(value: &Value) -> Vec<[String; N]> {
    let row = |row: &Value| std::array::from_fn(|nth| row[nth].as_str().unwrap().to_owned());
    let mut rows: Vec<[String; N]> = value.as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn findings_equal_what_was_seeded() {
    let moto = Moto::start();
    let truth: Value = serde_json::from_str(&script("moto/seed.py", &[moto.url()], &[])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), moto.url(), "management");
    command.args(["scan", "--role-name", "Auditor", "--events", "none", "--out", "report", "--quiet"]);
    for region in REGIONS {
        command.args(["--region", region]);
    }
    let output = command.output().unwrap();
    // moto lacks one call, so "clean" can never be claimed of it.
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let read = |file: &str| rows(&folder.path().join("report").join(file));

    let findings = read("findings.csv");
    let columns =
        ["rule_id", "account_id", "region", "image_id", "grantee_type", "grantee", "grantee_relation"];
    assert_eq!(pick(&findings, columns), table(&truth["findings"]));
    let shares = read("shares.csv");
    let columns = ["account_id", "region", "image_id", "grantee_type", "grantee", "grantee_relation"];
    assert_eq!(pick(&shares, columns), table(&truth["shares"]));
    only_the_missing_call_is_a_gap(&read("gaps.csv"), &truth);
    coverage_is_complete(&read("coverage.csv"), &truth);
    hostile_names_came_through(&findings);
}

/// Every place has the gap of the call that moto lacks, and nothing else is one.
fn only_the_missing_call_is_a_gap(gaps: &[Row], truth: &Value) {
    let mut expected = Vec::new();
    for account in open_accounts(truth) {
        for region in REGIONS {
            expected.push([account.clone(), region.to_owned(), "GetImageBlockPublicAccessState".to_owned()]);
        }
    }
    expected.sort();
    assert_eq!(pick(gaps, ["account_id", "region", "call"]), expected);
}

fn open_accounts(truth: &Value) -> BTreeSet<String> {
    let members = truth["members"].as_array().unwrap().iter().chain([&truth["management"]]);
    members.filter(|id| **id != truth["closed"]).map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn coverage_is_complete(coverage: &[Row], truth: &Value) {
    let mut images: BTreeMap<(String, String), u64> = BTreeMap::new();
    for [account, region, _] in table::<3>(&truth["images"]) {
        *images.entry((account, region)).or_default() += 1;
    }
    let mut read = 0;
    for row in coverage {
        let key = (row["account_id"].clone(), row["region"].clone());
        if row["account_id"] == truth["closed"].as_str().unwrap() {
            assert_eq!((row["status"].as_str(), row["region"].as_str()), ("not_applicable", ""));
        } else if REGIONS.contains(&row["region"].as_str()) {
            let listed = images.get(&key).copied().unwrap_or_default().to_string();
            assert_eq!(
                (row["status"].as_str(), &row["images_listed"], &row["permissions_read"]),
                ("partial", &listed, &listed)
            );
            read += 1;
        } else {
            assert_eq!(row["status"], "not_selected");
        }
    }
    assert_eq!(read, 24 * 3);
}

fn hostile_names_came_through(findings: &[Row]) {
    let named = |start: &str| findings.iter().filter(|row| row["image_name"].starts_with(start)).count();
    for start in
        ["'=HYPERLINK(", "'+cmd|", "<script>alert(1)</script> & \"quotes\"", "\u{202e}gnp.exe 名前 🦀"]
    {
        assert!(named(start) > 0, "{start}");
    }
}

/// To a plain member moto gives an empty list where AWS denies it: either way nobody is called external.
#[test]
fn a_member_that_cannot_list_the_organization_calls_nobody_external() {
    let moto = Moto::start();
    let truth: Value = serde_json::from_str(&script("moto/seed.py", &[moto.url()], &[])).unwrap();
    let member = truth["members"][4].as_str().unwrap();
    let keys = script("moto/keys.py", &[moto.url(), member], &[]);
    let keys: Vec<&str> = keys.split_whitespace().collect();
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit_at(folder.path(), moto.url(), keys[0])
        .env("AWS_SECRET_ACCESS_KEY", keys[1])
        .env("AWS_SESSION_TOKEN", keys[2])
        .args([
            "scan",
            "--region",
            "us-east-1",
            "--region",
            "eu-west-1",
            "--region",
            "ap-southeast-2",
            "--out",
            "report",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let report = folder.path().join("report");
    let gaps = rows(&report.join("gaps.csv"));
    assert_eq!(gaps.iter().filter(|row| row["call"] == "ListAccounts").count(), 1);
    let relations: BTreeSet<String> =
        rows(&report.join("shares.csv")).iter().map(|row| row["grantee_relation"].clone()).collect();
    assert!(!relations.contains("external") && !relations.contains("member"), "{relations:?}");
    let own: Vec<_> = table::<6>(&truth["shares"]).into_iter().filter(|row| row[0] == member).collect();
    assert!(!own.is_empty());
    assert_eq!(rows(&report.join("shares.csv")).len(), own.len());
}
