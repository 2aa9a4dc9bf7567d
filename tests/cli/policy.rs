//! `policy`, `iam-policy`, `doctor`.

use std::path::Path;
use std::process::Output;

use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::scenario::FailSpec;
use serde_json::{Value, json};

use crate::support::binary::{amiaudit, amiaudit_at, stderr, stdout, told};
use crate::support::python::script_with_input;
use crate::support::served::Served;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    amiaudit(folder).args(arguments).output().unwrap()
}

#[test]
fn init_check_and_suggest_fit_together() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["policy", "init", "policy.toml"]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["policy", "check", "policy.toml"]).status.code(), Some(0));
    let again = run(folder.path(), &["policy", "init", "policy.toml"]);
    assert_eq!(again.status.code(), Some(2), "{}", told(&again));

    run(folder.path(), &["demo", "--quiet", "--policy", "policy.toml", "--out", "report"]);
    let output = run(folder.path(), &["policy", "suggest", "report/report.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let text = stdout(&output);
    // As it is it lacks owner, reason and expiry, and does not pass.
    std::fs::write(folder.path().join("proposed.toml"), &text).unwrap();
    assert_eq!(run(folder.path(), &["policy", "check", "proposed.toml"]).status.code(), Some(2));
    let signed = text
        .replace("owner = \"\"", "owner = \"o\"")
        .replace("reason = \"\"", "reason = \"r\"")
        .replace("expires = \"\"", "expires = 2026-12-31");
    std::fs::write(folder.path().join("signed.toml"), &signed).unwrap();
    let checked = run(folder.path(), &["policy", "check", "signed.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{signed}\n{}", told(&checked));
    // Signed as proposed, no share is open any more; events have ids of their own to be excepted by.
    let judged = run(
        folder.path(),
        &[
            "judge",
            "report/snapshot.json.zst",
            "--policy",
            "signed.toml",
            "--out",
            "judged",
            "--print",
            "ndjson",
            "--quiet",
        ],
    );
    let open: Vec<Value> = stdout(&judged)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|finding| finding["status"] == "open" && finding["grantee"].is_string())
        .filter(|finding| {
            finding["rule_id"] != "refused-share-attempt" && finding["rule_id"] != "transient-share"
        })
        .collect();
    assert_eq!(open, Vec::<Value>::new());
}

#[test]
fn a_broken_policy_is_2_with_every_problem_and_a_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[trusted]]\naccounts = [\"12\"]\nonwer = \"x\"\n";
    std::fs::write(folder.path().join("policy.toml"), text).unwrap();
    for arguments in [&["policy", "check", "policy.toml"][..], &["demo", "--policy", "policy.toml"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        let told = stderr(&output);
        for part in [
            "12 digits",
            "policy.toml:2:",
            "policy.toml:3:1",
            "did you mean `owner`?",
            "no `expires`",
            "5 problems",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!folder.path().join("reports").exists());
    }
}

#[test]
fn a_scan_under_a_policy_that_expects_its_gap_is_not_incomplete() {
    let mut scenario =
        organization(Size { accounts: 2, regions: 1, images: 0, seed: 1, shared_percent: 12.5 });
    scenario.fails.push(FailSpec {
        call: "DescribeImages".to_owned(),
        account: Some("100000000001".to_owned()),
        ..FailSpec::default()
    });
    let served = Served::new(scenario);
    let folder = tempfile::tempdir().unwrap();
    let scan = |policy: &str| {
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let mut command = amiaudit_at(folder.path(), &served.url(), &served.key());
        command.args(["scan", "--role-name", "R", "--policy", "policy.toml", "--out", "report", "--quiet"]);
        command.output().unwrap().status.code()
    };
    let expected = "[[expected_gap]]\naccount = \"100000000001\"\ncall = \"DescribeImages\"\nowner = \"net\"\nreason = \"r\"\nexpires = 2099-01-01\n";
    assert_eq!(scan(""), Some(20));
    assert_eq!(scan(expected), Some(0));
    assert_eq!(scan(&expected.replace("2099", "2020")), Some(20));
    assert_eq!(scan(&expected.replace("100000000001", "100000000000")), Some(20));
    assert_eq!(scan(&expected.replace("DescribeImages", "DescribeRegions")), Some(20));
    scan(expected);
    let gaps = crate::support::rows::rows(&folder.path().join("report/gaps.csv"));
    assert_eq!((gaps[0]["expected"].as_str(), gaps[0]["owner"].as_str()), ("true", "net"));
}

#[test]
fn iam_policies_are_valid_and_as_small_as_a_session_takes() {
    let folder = tempfile::tempdir().unwrap();
    let member = stdout(&run(folder.path(), &["iam-policy", "scan"]));
    let parsed: Value = serde_json::from_str(&member).unwrap();
    // The session policy is that same document, and STS takes 2,048 characters.
    assert_eq!(parsed, serde_json::from_str::<Value>(&amiaudit::aws::scan_session_policy()).unwrap());
    assert!(amiaudit::aws::scan_session_policy().len() <= 2_048);
    let actions = parsed["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.iter().all(|action| {
        ["ec2:Describe", "ec2:Get", "cloudtrail:Lookup"]
            .iter()
            .any(|read| action.as_str().unwrap().starts_with(read))
    }));
    let caller = stdout(&run(
        folder.path(),
        &["iam-policy", "scan", "--document", "caller", "--role-name", "audit/Reader"],
    ));
    assert!(caller.contains("arn:*:iam::*:role/audit/Reader"), "{caller}");
    let sources = ["s3://acme-trail/logs", "logs:trail", "athena:security.cloudtrail"];
    let events = stdout(&run(folder.path(), &[&["iam-policy", "events"], &sources[..]].concat()));
    for part in ["arn:*:s3:::acme-trail/*", "log-group:trail:*", "athena:StartQueryExecution", "kms:Decrypt"]
    {
        assert!(events.contains(part), "{part}: {events}");
    }
    let narrow = [
        "iam-policy",
        "events",
        "athena:security.cloudtrail",
        "--athena-workgroup",
        "audit",
        "--athena-output",
        "s3://acme-results/audit/",
    ];
    let narrow = stdout(&run(folder.path(), &narrow));
    for part in ["arn:*:athena:*:*:workgroup/audit", "arn:*:s3:::acme-results/audit/*"] {
        assert!(narrow.contains(part) && !events.contains(part), "{part}: {narrow}");
    }
    let lookup = stdout(&run(folder.path(), &["iam-policy", "events", "lookup"]));
    let allowed: Value = serde_json::from_str(&lookup).unwrap();
    let actions = json!(["ec2:DescribeRegions", "cloudtrail:LookupEvents"]);
    assert_eq!(allowed["Statement"], json!([{ "Effect": "Allow", "Action": actions, "Resource": ["*"] }]));
    let missing = run(folder.path(), &["iam-policy", "events", "no-such-folder"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("no-such-folder: No such file"), "{}", stderr(&missing));
    assert_eq!(run(folder.path(), &["iam-policy", "events"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["iam-policy", "scan", "s3://b"]).status.code(), Some(2));
    for document in [&member, &caller, &events, &narrow, &lookup] {
        let findings = script_with_input("cli/validate.py", document);
        // The reads have no smaller resource than all of the account's images.
        assert!(findings.lines().all(|line| line.starts_with("RESOURCE_STAR")), "{document}\n{findings}");
    }
    let trust =
        ["iam-policy", "scan", "--document", "trust", "--account", "111122223333", "--external-id", "x"];
    let trust: Value = serde_json::from_str(&stdout(&run(folder.path(), &trust))).unwrap();
    assert_eq!(
        trust["Statement"][0],
        json!({
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": "x" } },
        })
    );
    assert_eq!(run(folder.path(), &["iam-policy", "scan", "--document", "trust"]).status.code(), Some(2));
}

#[test]
fn nothing_is_called_that_the_policies_do_not_list() {
    use amiaudit::aws::action::{CALLER, READS};
    let mut scenario =
        organization(Size { accounts: 3, regions: 2, images: 5, seed: 1, shared_percent: 12.5 });
    scenario.organization.as_mut().unwrap().old_fields_only = true;
    let served = Served::new(scenario);
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), &served.url(), &served.key());
    command.args(["scan", "--role-name", "R", "--ou", "ou-demo-workload", "--quiet"]).output().unwrap();
    let called: Vec<(String, bool)> = served
        .sandbox()
        .calls()
        .into_iter()
        .map(|call| (call.action, call.place.account.to_string() == "100000000000"))
        .collect();
    assert!(called.len() > 30);
    for (action, by_caller) in called {
        let reads = READS.iter().any(|listed| listed.name == action);
        let caller = CALLER.iter().any(|listed| listed.name == action);
        assert!(reads || (by_caller && caller), "{action} is called and not listed");
    }
}

#[test]
fn the_doctor_says_what_works_and_what_to_fix() {
    let mut scenario =
        organization(Size { accounts: 3, regions: 1, images: 0, seed: 1, shared_percent: 12.5 });
    let served = Served::new(scenario.clone());
    let folder = tempfile::tempdir().unwrap();
    let doctor = |served: &Served| {
        amiaudit_at(folder.path(), &served.url(), &served.key())
            .args(["doctor", "--role-name", "R", "--events", "lookup"])
            .args(["--api-rate", "LookupEvents=1000000/1000000"])
            .output()
            .unwrap()
    };
    let well = doctor(&served);
    assert_eq!(well.status.code(), Some(0), "{}", told(&well));
    assert!(
        stdout(&well).contains("ok     organization: o-generated00, 3 accounts listed, complete"),
        "{}",
        told(&well)
    );
    assert!(stdout(&well).contains("ok     accounts that can be read: 3"));
    assert!(stdout(&well).contains("ok     event sources: lookup"), "{}", told(&well));
    scenario.fails = vec![FailSpec {
        call: "LookupEvents".to_owned(),
        account: Some("100000000001".to_owned()),
        ..FailSpec::default()
    }];
    scenario.accounts[2].roles = Some(Default::default());
    let ill = doctor(&Served::new(scenario));
    assert_eq!(ill.status.code(), Some(20), "{}", told(&ill));
    assert!(stdout(&ill).contains("fails  100000000002 AssumeRole: the role"), "{}", told(&ill));
    let denied = "fails  event sources: 100000000001 us-east-1 LookupEvents: permission for cloudtrail:LookupEvents is missing";
    assert!(stdout(&ill).contains(denied), "{}", told(&ill));
    let nothing = run(folder.path(), &["doctor", "--endpoint-url", "http://127.0.0.1:9"]);
    assert_eq!(nothing.status.code(), Some(20), "{}", told(&nothing));
    assert!(stdout(&nothing).contains("fails  credentials"), "{}", told(&nothing));
}

#[test]
fn the_doctor_looks_at_sources_of_events_first_and_says_of_which_place_they_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing answers there, and nothing is asked.
    let doctor = ["doctor", "--endpoint-url", "http://127.0.0.1:9", "--events"];
    let slip = run(folder.path(), &[&doctor[..], &["no-such-folder"]].concat());
    assert_eq!(slip.status.code(), Some(2), "{}", told(&slip));
    let line = "fails  event sources: events: no-such-folder: No such file or directory (os error 2)\n";
    assert_eq!(stdout(&slip), line, "{}", told(&slip));
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    let unread = "logs/100000000000_CloudTrail_us-east-1_20260301T0000Z_x.json.gz";
    std::fs::write(folder.path().join(unread), "this is no gzip").unwrap();
    let served =
        Served::new(organization(Size { accounts: 1, regions: 1, images: 0, seed: 1, shared_percent: 0.0 }));
    let mut command = amiaudit_at(folder.path(), &served.url(), &served.key());
    let ill = command.args(["doctor", "--events", "logs"]).output().unwrap();
    assert_eq!(ill.status.code(), Some(20), "{}", told(&ill));
    let place = format!("fails  event sources: 100000000000 us-east-1 {unread}");
    assert!(stdout(&ill).contains(&place), "{}", told(&ill));
}
