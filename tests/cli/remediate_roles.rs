//! What `remediate` may do: the documents that `iam-policy remediate` prints, and the sessions that roles get.

use std::path::Path;
use std::process::Output;

use amiaudit::aws::{remediate_session_policy, usage_session_policy};
use amiaudit::sandbox::Scenario;
use serde_json::{Value, json};

use crate::support::binary::{amiaudit, amiaudit_at, stderr, stdout, told};
use crate::support::python::script_with_input;
use crate::support::served::Served;

const HOME: &str = "111111111111";
const MEMBER: &str = "222222222222";
const OTHER: &str = "333333333333";

fn printed(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    amiaudit(folder.path()).arg("iam-policy").args(arguments).output().unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_documents_are_valid_and_say_just_what_is_needed() {
    let member = stdout(&printed(&["remediate"]));
    let allowed = [
        "ec2:DescribeImages",
        "ec2:DescribeImageAttribute",
        "ec2:GetImageBlockPublicAccessState",
        "ec2:ModifyImageAttribute",
        "ec2:ModifySnapshotAttribute",
        "ec2:EnableImageBlockPublicAccess",
        "ec2:DisableImageBlockPublicAccess",
    ];
    let actions = &parsed(&member)["Statement"][0]["Action"];
    for action in allowed {
        assert!(actions.as_array().unwrap().contains(&json!(action)), "{action}: {member}");
    }
    let usage = stdout(&printed(&["remediate", "--usage-report"]));
    assert_eq!(
        parsed(&usage)["Statement"][0]["Action"],
        json!([
            "ec2:CreateImageUsageReport",
            "ec2:DescribeImageUsageReports",
            "ec2:DescribeImageUsageReportEntries",
        ])
    );
    // What sessions are cut down to is that same document, and STS takes 2,048 characters.
    for (document, session) in [(&member, remediate_session_policy()), (&usage, usage_session_policy())] {
        assert_eq!(parsed(document), parsed(&session));
        assert!(session.len() <= 2_048);
    }
    let caller = ["remediate", "--document", "caller", "--role-name", "Remediator"];
    let caller = stdout(&printed(&caller));
    assert!(caller.contains("arn:*:iam::*:role/Remediator"), "{caller}");
    assert!(caller.contains("organizations:ListAccounts"), "{caller}");
    for document in [&member, &caller] {
        let findings = script_with_input("cli/validate.py", document);
        // Which images will be shared outside is not known when the role is made.
        assert!(findings.lines().all(|line| line.starts_with("RESOURCE_STAR")), "{document}\n{findings}");
    }
    let trust = stdout(&printed(&["remediate", "--document", "trust", "--account", HOME]));
    assert_eq!(parsed(&trust)["Statement"][0]["Action"], json!("sts:AssumeRole"));
    let sources = printed(&["remediate", "s3://b"]);
    assert_eq!(sources.status.code(), Some(2));
    assert!(stderr(&sources).contains("iam-policy remediate takes no sources"), "{}", told(&sources));
}

/// Three accounts, each with an image that is shared outside, in two Regions.
fn scenario() -> Scenario {
    let mut text = format!(
        "caller = {HOME:?}\nregions = [\"us-east-1\", \"eu-west-1\"]\n\
         [organization]\nid = \"o-roles00001\"\nmanagement = {HOME:?}\n"
    );
    for account in [HOME, MEMBER, OTHER] {
        text.push_str(&format!("[[account]]\nid = {account:?}\n"));
    }
    for (nth, (account, region)) in
        [(HOME, "us-east-1"), (MEMBER, "us-east-1"), (MEMBER, "eu-west-1"), (OTHER, "eu-west-1")]
            .iter()
            .enumerate()
    {
        text.push_str(&format!(
            "[[image]]\naccount = {account:?}\nregion = {region:?}\nid = \"ami-0000000000000000{nth}\"\n\
             name = \"web\"\ncreated = \"2025-01-02T03:04:05Z\"\nshared_with = [\"999999999999\"]\n"
        ));
    }
    Scenario::parse("roles.toml", &text).unwrap()
}

fn run(served: &Served, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(arguments).args(["--role-name", "R"]).output().unwrap()
}

/// The roles that were assumed since `from` calls, each with its session's policy.
fn assumed(served: &Served, from: usize) -> Vec<(String, String)> {
    let calls = served.sandbox().calls();
    let assumed = calls.iter().skip(from).filter(|call| call.action == "AssumeRole");
    let mut roles: Vec<(String, String)> =
        assumed.map(|call| (call.params["RoleArn"].clone(), call.params["Policy"].clone())).collect();
    roles.sort();
    roles
}

fn with(policy: &str) -> Vec<(String, String)> {
    [MEMBER, OTHER].map(|account| (format!("arn:aws:iam::{account}:role/R"), policy.to_owned())).to_vec()
}

#[test]
fn sessions_may_do_what_their_command_needs_and_nothing_else() {
    let served = Served::new(scenario());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(&served, folder, &["scan", "--out", "report", "--exit-zero"]);
    let mut from = served.sandbox().calls().len();
    for (arguments, policy) in [
        (&["plan", "report/report.json", "--usage-report"][..], usage_session_policy()),
        (&["apply", "plan.json", "--yes", "--block-public-access"], remediate_session_policy()),
        (&["undo", "journal.jsonl", "--yes"], remediate_session_policy()),
    ] {
        let output = run(&served, folder, &[&["remediate"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?} {}", told(&output));
        assert_eq!(assumed(&served, from), with(&policy), "{arguments:?}");
        // Calls of other accounts than the caller's are just what the session's policy names.
        let allowed = parsed(&policy);
        for call in served.sandbox().calls().iter().skip(from) {
            let name = json!(format!("ec2:{}", call.action));
            let is_home = call.place.account.to_string() == HOME;
            let is_allowed = allowed["Statement"][0]["Action"].as_array().unwrap().contains(&name);
            assert!(is_home || is_allowed, "{arguments:?} called {name}");
        }
        from = served.sandbox().calls().len();
    }
}
