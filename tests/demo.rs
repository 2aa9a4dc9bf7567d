//! The demo: what a newcomer sees, and the sample of it that is committed.

use std::collections::BTreeSet;
use std::path::Path;

use amiaudit::model::trace::Attribution;

use crate::support::binary::{amiaudit, stderr, stdout, told};
use crate::support::rows::{Row, pick, rows};

const SAMPLE: &str = "reports/sample";

#[test]
fn it_shows_every_relation_and_kind_and_is_the_committed_sample() {
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit(folder.path()).args(["demo", "--out", SAMPLE]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let made = folder.path().join(SAMPLE);
    shows_what_it_should(&made);
    let open = rows(&made.join("findings.csv")).iter().filter(|row| row["status"] == "open").count();
    assert_eq!(stdout(&output).lines().count(), open);
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
            "trusted",
        ])
    );
    let gaps = pick(&rows(&report.join("gaps.csv")), ["account_id", "region", "call", "error_code"]);
    assert_eq!(gaps, GAPS.iter().map(|row| row.map(str::to_owned)).collect::<Vec<_>>());
    let coverage = rows(&report.join("coverage.csv"));
    let accounts: BTreeSet<&String> = coverage.iter().map(|row| &row["account_id"]).collect();
    assert_eq!(accounts.len(), 12);
    let images: u64 = coverage.iter().filter_map(|row| row["images_listed"].parse::<u64>().ok()).sum();
    assert!((130..200).contains(&images), "{images}");
    let verdicts = words("verdict");
    assert_eq!(verdicts, set(&["own", "trusted", "excepted", "open", "undetermined"]));
    findings_row_by_row(report);
    exceptions_row_by_row(report);
    sharers_row_by_row(&shares);
}

/// What the demo cannot read: a role, a history that breaks off, and one that is denied in every Region.
const GAPS: &[[&str; 4]] = &[
    ["100000000005", "ap-southeast-2", "events", ""],
    ["100000000006", "ap-southeast-2", "LookupEvents", "AccessDeniedException"],
    ["100000000006", "eu-west-1", "LookupEvents", "AccessDeniedException"],
    ["100000000006", "us-east-1", "LookupEvents", "AccessDeniedException"],
    ["100000000006", "us-west-2", "LookupEvents", "AccessDeniedException"],
    ["100000000008", "", "AssumeRole", "AccessDenied"],
];

/// Who made each of the grants that are no pipeline's, and how sure that is.
const SHARERS: &[[&str; 5]] = &[
    [
        "ami-0d3e0000000000008",
        "100000000002",
        "ambiguous",
        "2026-04-22T13:37:18Z",
        "arn:aws:sts::100000000001:assumed-role/terraform-apply/run-298",
    ],
    [
        "ami-0d3e0000000000008",
        "arn:aws:organizations::100000000001:ou/o-acmecorp01/ou-acme-security",
        "predates_log",
        "",
        "",
    ],
    [
        "ami-0d3e0000000000005",
        "100000000006",
        "earliest_seen",
        "2026-04-14T11:20:45Z",
        "arn:aws:sts::100000000004:assumed-role/terraform-apply/run-311",
    ],
    ["ami-0d3e0000000000005", "100000000011", "predates_log", "", ""],
    ["ami-0d3e0000000000005", "100000000012", "predates_log", "", ""],
    ["ami-0d3e000000000000b", "100000000006", "log_gap", "", ""],
    [
        "ami-0d3e0000000000006",
        "teamArn=arn:aws:teams::100000000001:team/partners",
        "exact",
        "2026-05-29T12:09:30Z",
        "arn:aws:sts::100000000005:assumed-role/ci-packer/canary-77",
    ],
    ["ami-00a40b00000000008", "200000000002", "pending", "", ""],
    ["ami-0d3e000000000000c", "100000000005", "not_searched", "", ""],
    [
        "ami-0d3e0000000000009",
        "200000000001",
        "exact",
        "2026-04-01T00:31:07Z",
        "arn:aws:sts::100000000007:assumed-role/AWSReservedSSO_DataScience_7160f5e4d3c2b1a0/noor@acme.example",
    ],
    ["ami-0d3e0000000000009", "999999999999", "missing", "", ""],
    [
        "ami-0d3e0000000000001",
        "all",
        "exact",
        "2026-05-20T16:58:02Z",
        "arn:aws:sts::100000000009:assumed-role/AWSReservedSSO_Developer_0a1b2c3d4e5f6071/robin@acme.example",
    ],
    [
        "ami-0d3e0000000000002",
        "100000000006",
        "exact",
        "2026-05-21T09:12:40Z",
        "arn:aws:iam::100000000009:root",
    ],
    ["ami-0d3e0000000000004", "012345678901", "predates_log", "", ""],
    [
        "ami-0d3e0000000000004",
        "100000000005",
        "earliest_seen",
        "2026-03-20T14:05:09Z",
        "arn:aws:sts::100000000010:assumed-role/AWSReservedSSO_Integration_9f8e7d6c5b4a3921/sam@acme.example",
    ],
    ["ami-0d3e0000000000004", "100000000010", "pending", "", ""],
    ["ami-6eb72111", "all", "predates_log", "", ""],
    ["ami-6eb72111", "arn:aws:organizations::300000000001:organization/o-oldparent1", "predates_log", "", ""],
    [
        "ami-6eb72111",
        "arn:aws:organizations::300000000001:ou/o-oldparent1/ou-oldp-engineer",
        "predates_log",
        "",
        "",
    ],
];

fn sharers_row_by_row(shares: &[Row]) {
    let columns = ["image_id", "grantee", "attribution", "shared_at", "shared_by"];
    let own = |row: &&Row| !row["image_id"].starts_with("ami-00a") || row["attribution"] == "pending";
    let found: Vec<Row> = shares.iter().filter(own).cloned().collect();
    let found = pick(&found, columns);
    for row in SHARERS {
        assert!(found.contains(&row.map(str::to_owned)), "{row:?} is not among {found:#?}");
    }
    let words: BTreeSet<&str> = shares.iter().map(|row| row["attribution"].as_str()).collect();
    let all: BTreeSet<&str> = Attribution::ALL.iter().map(|word| word.word()).collect();
    assert_eq!(words, all);
    // Whatever was shared within the history, a pipeline's image too, has its sharer.
    let of_pipelines = shares.iter().filter(|row| row["image_id"].starts_with("ami-00a"));
    let unknown = of_pipelines.filter(|row| row["shared_by"].is_empty() && row["attribution"] == "exact");
    assert_eq!(unknown.count(), 0);
}

/// Every finding of the demo.
const FINDINGS: &[[&str; 7]] = &[
    [
        "backing-snapshot-shared",
        "100000000007",
        "ami-0d3e0000000000009",
        "200000000002",
        "external",
        "open",
        "high",
    ],
    ["backing-snapshot-shared", "100000000010", "ami-6eb72111", "all", "public", "excepted", "critical"],
    ["block-public-access-disabled", "100000000009", "", "", "", "open", "medium"],
    ["image-exported", "100000000007", "ami-00a30b00000000003", "", "", "open", "medium"],
    ["refused-share-attempt", "100000000009", "ami-0d3e0000000000001", "all", "public", "open", "low"],
    ["transient-share", "100000000005", "", "", "", "open", "medium"],
    [
        "transient-share",
        "100000000005",
        "ami-0d3e000000000000d",
        "999999999999",
        "external",
        "open",
        "medium",
    ],
    [
        "unattributed-share",
        "100000000007",
        "ami-0d3e0000000000009",
        "999999999999",
        "external",
        "open",
        "low",
    ],
    ["block-public-access-off", "100000000001", "", "", "", "open", "medium"],
    ["block-public-access-off", "100000000009", "", "", "", "open", "medium"],
    ["block-public-access-off", "100000000010", "", "", "", "open", "medium"],
    ["expired-exception", "100000000010", "", "", "", "open", "low"],
    ["public-ami", "100000000009", "ami-0d3e0000000000001", "all", "public", "open", "critical"],
    ["public-ami", "100000000010", "ami-6eb72111", "all", "public", "excepted", "critical"],
    [
        "shared-across-boundary",
        "100000000001",
        "ami-0d3e0000000000008",
        "100000000002",
        "member",
        "open",
        "medium",
    ],
    [
        "shared-across-boundary",
        "100000000001",
        "ami-0d3e0000000000008",
        "arn:aws:organizations::100000000001:ou/o-acmecorp01/ou-acme-security",
        "own_organization",
        "open",
        "medium",
    ],
    [
        "shared-outside-organization",
        "100000000005",
        "ami-00a40b00000000008",
        "200000000002",
        "external",
        "open",
        "high",
    ],
    [
        "shared-outside-organization",
        "100000000007",
        "ami-0d3e0000000000009",
        "999999999999",
        "external",
        "open",
        "high",
    ],
    [
        "shared-outside-organization",
        "100000000010",
        "ami-0d3e0000000000004",
        "012345678901",
        "external",
        "open",
        "high",
    ],
    [
        "shared-with-foreign-organization",
        "100000000010",
        "ami-6eb72111",
        "arn:aws:organizations::300000000001:organization/o-oldparent1",
        "foreign_organization",
        "excepted",
        "high",
    ],
    [
        "shared-with-foreign-organization",
        "100000000010",
        "ami-6eb72111",
        "arn:aws:organizations::300000000001:ou/o-oldparent1/ou-oldp-engineer",
        "foreign_organization",
        "open",
        "high",
    ],
    [
        "shared-with-suspended-account",
        "100000000004",
        "ami-0d3e0000000000005",
        "100000000011",
        "suspended_member",
        "open",
        "medium",
    ],
    [
        "shared-with-suspended-account",
        "100000000004",
        "ami-0d3e0000000000005",
        "100000000012",
        "suspended_member",
        "open",
        "medium",
    ],
    [
        "unrecognized-grantee",
        "100000000005",
        "ami-0d3e0000000000006",
        "teamArn=arn:aws:teams::100000000001:team/partners",
        "unknown",
        "open",
        "medium",
    ],
    ["unused-exception", "100000000006", "", "", "", "open", "low"],
];

fn findings_row_by_row(report: &Path) {
    let findings = pick(
        &rows(&report.join("findings.csv")),
        ["rule_id", "account_id", "image_id", "grantee", "grantee_relation", "status", "severity"],
    );
    let mut expected: Vec<[String; 7]> = FINDINGS.iter().map(|row| row.map(str::to_owned)).collect();
    expected.sort();
    assert_eq!(findings, expected);
}

fn exceptions_row_by_row(report: &Path) {
    let exceptions = pick(&rows(&report.join("exceptions.csv")), ["kind", "owner", "matches"]);
    let mut expected = [
        ["exception", "integration@acme.example", "0"],
        ["exception", "integration@acme.example", "1"],
        ["exception", "shop@acme.example", "0"],
        ["intended_public", "integration@acme.example", "2"],
        ["trusted", "data-team@acme.example", "6"],
    ]
    .map(|row| row.map(str::to_owned));
    expected.sort();
    assert_eq!(exceptions, expected);
}

/// The day before, a share stood that was taken back, and one in the account that refuses us today.
#[test]
fn against_yesterday_it_shows_the_other_statuses() {
    use amiaudit::sandbox::scenario::ImageSpec;
    let folder = tempfile::tempdir().unwrap();
    let mut yesterday = amiaudit::sandbox::demo::organization().unwrap();
    let shared = |account: &str, region: &str, id: &str| ImageSpec {
        account: account.to_owned(),
        region: region.to_owned(),
        id: id.to_owned(),
        shared_with: vec!["999999999999".to_owned()],
        ..ImageSpec::default()
    };
    yesterday.accounts.iter_mut().for_each(|account| account.roles = None);
    yesterday.images.retain(|image| image.id != "ami-0d3e0000000000002");
    yesterday.images.push(shared("100000000009", "us-west-2", "ami-0d3e0000000000002"));
    yesterday.images.push(shared("100000000008", "us-east-1", "ami-0d3e000000000000a"));
    let served = crate::support::served::Served::new(yesterday);
    crate::support::binary::amiaudit_at(folder.path(), &served.url(), &served.key())
        .args(["scan", "--role-name", "amiaudit", "--quiet", "--out", "yesterday"])
        .output()
        .unwrap();
    amiaudit(folder.path())
        .args(["demo", "--quiet", "--baseline", "yesterday/report.json", "--out", "today"])
        .output()
        .unwrap();
    let findings = rows(&folder.path().join("today/findings.csv"));
    let became = |image: &str| {
        let found: Vec<&str> = findings
            .iter()
            .filter(|row| row["image_id"] == image && row["grantee"] == "999999999999")
            .map(|row| row["status"].as_str())
            .collect();
        found.join(",")
    };
    assert_eq!(became("ami-0d3e0000000000002"), "resolved");
    assert_eq!(became("ami-0d3e000000000000a"), "not_assessed");
    let statuses: BTreeSet<&String> = findings.iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses.len(), 4, "{statuses:?}");
    let relations: BTreeSet<&String> = findings.iter().map(|row| &row["resolution"]).collect();
    assert!(relations.contains(&"policy_changed".to_owned()), "{relations:?}");
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
