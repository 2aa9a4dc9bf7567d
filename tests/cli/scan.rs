//! Exit codes, files and output of a scan.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::{AccountSpec, ImageSpec, OrganizationSpec};
use assert_cmd::Command;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::rows::{pick, rows};
use crate::support::served::Served;

const HOME: &str = "111111111111";
const STRANGER: &str = "999999999999";

/// An organization of two accounts in two Regions, with these grants of one image each in two places.
fn scenario(shared_with: &[&str]) -> Scenario {
    let account =
        |id: &str| AccountSpec { id: id.to_owned(), name: format!("name {id}"), ..AccountSpec::default() };
    let image = |account: &str, region: &str, id: &str| ImageSpec {
        account: account.to_owned(),
        region: region.to_owned(),
        id: id.to_owned(),
        name: "web".to_owned(),
        shared_with: shared_with.iter().map(|&to| to.to_owned()).collect(),
        ..ImageSpec::default()
    };
    Scenario {
        caller: HOME.to_owned(),
        regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
        session_seconds: 3_600,
        organization: Some(OrganizationSpec {
            id: "o-ourorg0001".to_owned(),
            management: HOME.to_owned(),
            root: "r-ab12".to_owned(),
            delegated: Default::default(),
            old_fields_only: false,
        }),
        accounts: vec![account(HOME), account("222222222222")],
        images: vec![image(HOME, "us-east-1", "ami-1"), image("222222222222", "eu-west-1", "ami-2")],
        ..Scenario::default()
    }
}

fn scan(served: &Served, folder: &Path) -> Command {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(["scan", "--role-name", "Auditor", "--out", "report"]);
    command
}

#[test]
fn nothing_found_is_0() {
    let served = Served::new(scenario(&["222222222222", HOME]));
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stdout(&output), "");
    assert!(
        stderr(&output).contains("no open finding\n2 images and 4 grants in 4 places read"),
        "{}",
        told(&output)
    );
    assert_eq!(rows(&folder.path().join("report/shares.csv")).len(), 4);
}

#[test]
fn an_open_finding_is_10_from_the_severity_on_that_counts() {
    let served = Served::new(scenario(&[STRANGER]));
    for (more, code) in
        [(&[][..], 10), (&["--fail-on", "high"], 10), (&["--fail-on", "critical"], 0), (&["--exit-zero"], 0)]
    {
        let folder = tempfile::tempdir().unwrap();
        let output = scan(&served, folder.path()).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", told(&output));
        let found = pick(
            &rows(&folder.path().join("report/findings.csv")),
            ["account_id", "region", "image_id", "grantee"],
        );
        assert_eq!(
            found,
            [[HOME, "us-east-1", "ami-1", STRANGER], ["222222222222", "eu-west-1", "ami-2", STRANGER]]
                .map(|row| row.map(str::to_owned))
        );
    }
}

#[test]
fn a_gap_is_20_and_the_open_findings_are_still_said() {
    let mut scenario = scenario(&[STRANGER]);
    scenario.accounts[1].roles = Some(Default::default());
    let served = Served::new(scenario);
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let told = stderr(&output);
    assert!(
        told.contains(&format!("open: high shared-outside-organization {HOME} us-east-1 ami-1 {STRANGER}")),
        "{told}"
    );
    assert!(told.contains("not read: 222222222222 AssumeRole"), "{told}");
    let output = scan(&served, folder.path()).arg("--exit-zero").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn quiet_says_nothing_and_print_still_prints() {
    let served = Served::new(scenario(&["all"]));
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path()).arg("--quiet").output().unwrap();
    assert_eq!(
        (output.status.code(), stdout(&output).as_str(), stderr(&output).as_str()),
        (Some(10), "", "")
    );
    let output = scan(&served, folder.path()).args(["--quiet", "--print", "ndjson"]).output().unwrap();
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["grantee"], "all");
    assert_eq!(stderr(&output), "");
}

#[test]
fn messages_as_json_are_json_line_by_line() {
    let served = Served::new(scenario(&["all"]));
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path())
        .args(["--log-format", "json", "-vv", "--progress", "always"])
        .output()
        .unwrap();
    let text = stderr(&output);
    assert!(text.lines().count() > 6, "{text}");
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value["level"].is_string(), "{line}");
    }
}

#[test]
fn the_folder_is_whole_private_and_hashed() {
    let served = Served::new(scenario(&["all", STRANGER]));
    let folder = tempfile::tempdir().unwrap();
    scan(&served, folder.path()).output().unwrap();
    let report = folder.path().join("report");
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(report.join("manifest.json")).unwrap()).unwrap();
    let mut named: Vec<String> = Vec::new();
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let bytes = std::fs::read(report.join(name)).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["sha256"], sha256, "{name}");
        if name.ends_with(".csv") {
            assert_eq!(file["rows"], rows(&report.join(name)).len(), "{name}");
        }
        named.push(name.to_owned());
    }
    named.push("manifest.json".to_owned());
    named.sort();
    let mut there: Vec<String> = std::fs::read_dir(&report)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            entry.file_name().into_string().unwrap()
        })
        .collect();
    there.sort();
    assert_eq!(there, named);
    assert_eq!(manifest["arguments"], json!(["scan", "--role-name", "Auditor", "--out", "report"]));
    assert_eq!(manifest["organization_id"], "o-ourorg0001");
    assert_eq!(manifest["caller_account_id"], HOME);
    let asked = served.counts();
    for (action, count) in manifest["api_calls"].as_object().unwrap() {
        assert_eq!(count.as_u64(), asked.get(action).copied(), "{action}");
    }
    assert_eq!(asked["DescribeImageAttribute"], 2);
}

#[test]
fn secrets_stay_out_of_the_manifest_and_variables_are_in_it() {
    let served = Served::new(scenario(&[]));
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit_at(folder.path(), &served.url(), &served.key())
        .args(["scan", "--external-id", "secret-1", "--out", "report"])
        .env("AMIAUDIT_ROLE_NAME", "Auditor")
        .env("AMIAUDIT_REGION", "")
        .env("AMIAUDIT_ENDPOINT_URL", served.url().replace("http://", "http://user:secret-2@"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let text = std::fs::read_to_string(folder.path().join("report/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["arguments"], json!(["scan", "--external-id", "***", "--out", "report"]));
    assert_eq!(manifest["variables"]["AMIAUDIT_ROLE_NAME"], "Auditor");
    assert!(manifest["variables"].get("AMIAUDIT_REGION").is_none());
    assert!(!text.contains("secret-"), "{text}");
}

#[test]
fn runs_of_one_second_get_folders_of_their_own() {
    let served = Served::new(scenario(&[]));
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..3)
        .map(|_| {
            let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"));
            command.env_clear().current_dir(folder.path()).arg("scan").arg("--quiet");
            command.env("AWS_ENDPOINT_URL", served.url()).env("AWS_ACCESS_KEY_ID", served.key());
            command.env("AWS_SECRET_ACCESS_KEY", "x").env("AMIAUDIT_EVENTS", "none").spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let made: Vec<_> =
        std::fs::read_dir(folder.path().join("reports")).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(made.len(), 3);
    for entry in made {
        assert!(entry.path().join("manifest.json").is_file());
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn an_incomplete_saved_list_is_a_gap() {
    let served = Served::new(scenario(&[STRANGER]));
    let folder = tempfile::tempdir().unwrap();
    let arn = format!("arn:aws:organizations::{HOME}:account/o-ourorg0001/{HOME}");
    let saved = json!({ "Accounts": [{ "Id": HOME, "State": "ACTIVE", "Arn": arn }], "NextToken": "more" });
    std::fs::write(folder.path().join("accounts.json"), saved.to_string()).unwrap();
    let output = scan(&served, folder.path()).args(["--organization", "accounts.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let gaps = pick(&rows(&folder.path().join("report/gaps.csv")), ["call", "account_id"]);
    assert_eq!(gaps, [["ListAccounts".to_owned(), HOME.to_owned()]]);
}

#[test]
fn only_the_chosen_files_are_written() {
    let served = Served::new(scenario(&[]));
    let folder = tempfile::tempdir().unwrap();
    // What an earlier run left there would stand beside a manifest that does not speak of it.
    scan(&served, folder.path()).output().unwrap();
    scan(&served, folder.path()).args(["--format", "json"]).output().unwrap();
    let mut there: Vec<_> = std::fs::read_dir(folder.path().join("report"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["manifest.json", "report.json", "snapshot.json.zst"]);
}

#[test]
fn two_runs_in_one_folder_leave_the_second_whole() {
    let folder = tempfile::tempdir().unwrap();
    for to in ["all", STRANGER] {
        let served = Served::new(scenario(&[to]));
        scan(&served, folder.path()).output().unwrap();
        let grantees = pick(&rows(&folder.path().join("report/findings.csv")), ["grantee"]);
        assert_eq!(grantees, [[to.to_owned()], [to.to_owned()]]);
    }
}

#[test]
fn without_an_organization_everybody_else_is_external() {
    let mut alone = scenario(&["222222222222", "all"]);
    alone.organization = None;
    let served = Served::new(alone);
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let relations = pick(&rows(&folder.path().join("report/shares.csv")), ["account_id", "grantee_relation"]);
    assert_eq!(relations, [[HOME, "external"], [HOME, "public"]].map(|row| row.map(str::to_owned)));
    assert!(stderr(&output).contains("this account is in no organization"));
}

#[test]
fn an_organization_that_is_not_asked_makes_others_unknown() {
    let served = Served::new(scenario(&[
        "222222222222",
        STRANGER,
        "arn:aws:organizations::111111111111:organization/o-ourorg0001",
    ]));
    let folder = tempfile::tempdir().unwrap();
    let output = scan(&served, folder.path()).arg("--no-organization").output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let relations = pick(&rows(&folder.path().join("report/findings.csv")), ["rule_id", "grantee_relation"]);
    assert_eq!(relations, vec![["undetermined-grantee".to_owned(), "unknown".to_owned()]; 3]);
    assert!(
        !served.counts().keys().any(|action| action.contains("Organization") || action == "ListAccounts")
    );
}

#[test]
fn a_saved_list_replaces_the_api() {
    let served = Served::new(scenario(&["222222222222", STRANGER]));
    let folder = tempfile::tempdir().unwrap();
    let entry = |id: &str| {
        json!({ "Id": id, "Name": "x", "State": "ACTIVE",
                "Arn": format!("arn:aws:organizations::{HOME}:account/o-ourorg0001/{id}") })
    };
    let saved = json!({ "Accounts": [entry(HOME), entry("222222222222")] });
    std::fs::write(folder.path().join("accounts.json"), saved.to_string()).unwrap();
    let output = scan(&served, folder.path()).args(["--organization", "accounts.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    let relations =
        pick(&rows(&folder.path().join("report/shares.csv")), ["account_id", "grantee", "grantee_relation"]);
    assert_eq!(
        relations,
        [
            [HOME, "222222222222", "member"],
            [HOME, STRANGER, "external"],
            ["222222222222", "222222222222", "self"],
            ["222222222222", STRANGER, "external"],
        ]
        .map(|row| row.map(str::to_owned))
    );
    assert!(!served.counts().contains_key("ListAccounts"));
}

#[test]
fn a_plain_member_cannot_list_and_calls_nobody_external() {
    let served = Served::new(scenario(&[STRANGER, HOME]));
    let folder = tempfile::tempdir().unwrap();
    let key = amiaudit::sandbox::Sandbox::access_key("222222222222".parse().unwrap());
    let output =
        amiaudit_at(folder.path(), &served.url(), &key).args(["scan", "--out", "report"]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let relations =
        pick(&rows(&folder.path().join("report/shares.csv")), ["account_id", "grantee", "grantee_relation"]);
    assert_eq!(
        relations,
        [["222222222222", HOME, "unknown"], ["222222222222", STRANGER, "unknown"]]
            .map(|row| row.map(str::to_owned))
    );
    let gaps = pick(&rows(&folder.path().join("report/gaps.csv")), ["account_id", "call", "error_code"]);
    assert_eq!(gaps, [["222222222222", "ListAccounts", "AccessDeniedException"].map(str::to_owned)]);
}
