//! The demo: what a newcomer sees, and the sample of it that is committed.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::binary::{amiaudit, stderr, stdout, told};
use crate::support::rows::{pick, rows};

const SAMPLE: &str = "reports/sample";

#[test]
fn it_shows_every_relation_and_kind_and_is_the_committed_sample() {
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit(folder.path()).args(["demo", "--out", SAMPLE]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let made = folder.path().join(SAMPLE);
    shows_what_it_should(&made);
    assert_eq!(stdout(&output).lines().count(), rows(&made.join("findings.csv")).len());
    assert!(stderr(&output).contains("no AWS account is used"));

    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE);
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names(&made), names(&committed));
    for name in names(&made) {
        let same = std::fs::read(made.join(&name)).unwrap() == std::fs::read(committed.join(&name)).unwrap();
        assert!(same, "{SAMPLE}/{name} is stale: remake it with `cargo run -- demo --out {SAMPLE}`");
    }
}

fn shows_what_it_should(report: &Path) {
    let shares = rows(&report.join("shares.csv"));
    let words = |column: &str| -> BTreeSet<String> { shares.iter().map(|row| row[column].clone()).collect() };
    let set = |words: &[&str]| -> BTreeSet<String> { words.iter().map(|&word| word.to_owned()).collect() };
    assert_eq!(
        words("grantee_type"),
        set(&["public", "account", "organization", "organizational_unit", "unrecognized"])
    );
    assert_eq!(
        words("grantee_relation"),
        set(&[
            "public",
            "self",
            "member",
            "suspended_member",
            "own_organization",
            "external",
            "foreign_organization",
            "unknown",
        ])
    );
    let gaps = pick(&rows(&report.join("gaps.csv")), ["account_id", "region", "call", "error_code"]);
    assert_eq!(gaps, [["100000000008", "", "AssumeRole", "AccessDenied"].map(str::to_owned)]);
    let coverage = rows(&report.join("coverage.csv"));
    let accounts: BTreeSet<&String> = coverage.iter().map(|row| &row["account_id"]).collect();
    assert_eq!(accounts.len(), 12);
    let images: u64 = coverage.iter().filter_map(|row| row["images_listed"].parse::<u64>().ok()).sum();
    assert!((130..200).contains(&images), "{images}");
    let findings =
        pick(&rows(&report.join("findings.csv")), ["rule_id", "account_id", "image_id", "grantee"]);
    for expected in [
        ["public-ami", "100000000009", "ami-0d3e0000000000001", "all"],
        ["public-ami", "100000000010", "ami-6eb72111", "all"],
        ["shared-outside-organization", "100000000010", "ami-0d3e0000000000004", "012345678901"],
        ["shared-with-suspended-account", "100000000004", "ami-0d3e0000000000005", "100000000012"],
        ["block-public-access-off", "100000000009", "", ""],
    ] {
        assert!(findings.contains(&expected.map(str::to_owned)), "{expected:?}");
    }
}

#[test]
fn the_users_own_aws_settings_play_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit(folder.path())
        .args(["demo", "--quiet"])
        .envs([
            ("AWS_PROFILE", "nobody"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("AWS_REGION", "eu-north-1"),
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(folder.path().join("reports/demo/manifest.json").is_file());
}
