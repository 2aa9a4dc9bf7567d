//! What is refused: each with its reason and exit code 2, and nothing is changed or left behind.

use amiaudit::remediate::{Plan, read_plan, write_plan};
use amiaudit::sandbox::scenario::FailSpec;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::stage::Stage;
use super::world::{HERE, OTHER, small};
use super::writes::modify;
use crate::support::binary::{amiaudit_at, told};
use crate::support::build::{CLOSED, HOME, MEMBER, STRANGER};

const POLICY: &str =
    "[[trusted]]\naccounts = [\"777777777777\"]\nowner = \"o\"\nreason = \"r\"\nexpires = 2099-12-31\n";

/// The plan with other entries or of another time, its digests made anew.
fn forge(stage: &Stage, forge: impl Fn(&mut Plan)) {
    let mut plan = read_plan(&std::fs::read(stage.path("plan.json")).unwrap()).unwrap();
    forge(&mut plan);
    let plan = Plan::new(plan.created_at, None, plan.report, plan.policy_sha256, (plan.entries, plan.stays));
    std::fs::write(stage.path("plan.json"), write_plan(&plan)).unwrap();
}

#[test]
fn nobody_said_yes_or_it_is_too_much() {
    let stage = Stage::planned(small());
    let output = stage.run(&["apply", "plan.json"]);
    stage.assert_refused_cleanly(&output, "nobody can be asked here: --yes says that it is to be done");
    let output = stage.apply(&["--max-changes", "4"]);
    stage.assert_refused_cleanly(&output, "5 grants would change, and --max-changes allows 4");
    let most = stage.apply(&["--max-changes", "5"]);
    assert_eq!(most.status.code(), Some(0), "{}", told(&most));
    // Undo asks as apply does.
    let begun = stage.sandbox().calls().len();
    for (more, reason) in [
        (&["undo", "journal.jsonl"][..], "nobody can be asked here"),
        (&["undo", "journal.jsonl", "--yes", "--max-changes", "4"], "5 grants would change"),
    ] {
        let output = stage.run(more);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(reason), "{}", told(&output));
    }
    assert_eq!(stage.writes_after(begun), []);
}

#[test]
fn a_plan_of_another_time() {
    let stage = Stage::planned(small());
    let ago = |hours| Timestamp::now() - SignedDuration::from_hours(hours);
    forge(&stage, |plan| plan.created_at = ago(25));
    let output = stage.apply(&[]);
    stage.assert_refused_cleanly(&output, "which is longer ago than --max-plan-age allows: make a new plan");
    forge(&stage, |plan| plan.created_at = ago(-2));
    stage.assert_refused_cleanly(&stage.apply(&[]), "which is still to come");
    forge(&stage, |plan| plan.created_at = ago(25));
    let output = stage.apply(&["--max-plan-age", "26h"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn a_plan_that_was_made_wider() {
    let stage = Stage::planned(small());
    let whole = stage.plan();
    let widened = "it was added or changed: entries may only be taken away; make a new plan";
    let edits: [&dyn Fn(&mut serde_json::Value); 4] = [
        &|plan| plan["entries"][0]["grantee"] = json!(MEMBER),
        &|plan| plan["entries"][0]["region"] = json!("eu-west-1"),
        &|plan| plan["entries"][2]["account_id"] = json!(HOME),
        &|plan| {
            let mut more = plan["entries"][0].clone();
            more["image_id"] = json!("ami-3");
            plan["entries"].as_array_mut().unwrap().push(more);
        },
    ];
    for edit in edits {
        stage.write("plan.json", &whole.to_string());
        stage.edit(edit);
        stage.assert_refused_cleanly(&stage.apply(&[]), widened);
    }
    // With digests that fit: the report tells of no such finding.
    for (nth, forged) in [MEMBER, OTHER, CLOSED].into_iter().enumerate() {
        stage.write("plan.json", &whole.to_string());
        forge(&stage, |plan| plan.entries[0].grantee = crate::support::build::grantee(forged));
        stage.assert_refused_cleanly(&stage.apply(&[]), "is not an open finding of the plan's report");
        stage.write("plan.json", &whole.to_string());
        forge(&stage, |plan| plan.entries[nth].target.image = "ami-9".parse().unwrap());
        stage.assert_refused_cleanly(&stage.apply(&[]), "is not an open finding of the plan's report");
    }
    assert_eq!(stage.state(), Stage::new(small()).state());
}

#[test]
fn another_report_or_none() {
    let stage = Stage::planned(small());
    let report = std::fs::read_to_string(stage.path("report/report.json")).unwrap();
    stage.write("report/report.json", &format!("{report}\n"));
    let reason = "it is not the report that the plan was made from: its SHA-256 differs";
    stage.assert_refused_cleanly(&stage.apply(&[]), reason);
    // The one beside the plan is not taken where the first is there.
    stage.write("report.json", &report);
    stage.assert_refused_cleanly(&stage.apply(&[]), reason);
    std::fs::remove_file(stage.path("report.json")).unwrap();
    std::fs::remove_file(stage.path("report/report.json")).unwrap();
    stage.assert_refused_cleanly(
        &stage.apply(&[]),
        "name the report that the plan was made from with --report",
    );
    stage.write("elsewhere.json", &report);
    let output = stage.apply(&["--report", "elsewhere.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn a_policy_that_is_not_named_again() {
    let stage = Stage::new(small());
    stage.write("policy.toml", POLICY);
    stage.scan("report", &["--policy", "policy.toml"]);
    stage.run(&["plan", "report/report.json"]);
    let reason = "the report was judged by a policy: name it with --policy, so that what it approves stays";
    stage.assert_refused_cleanly(&stage.apply(&[]), reason);
    stage.write("bad.toml", "[[trusted]]\naccounts = [\"12\"]\n");
    stage.assert_refused_cleanly(&stage.apply(&["--policy", "bad.toml"]), "bad.toml");
    stage.assert_refused_cleanly(&stage.apply(&["--policy", "none.toml"]), "none.toml");
}

#[test]
fn an_organization_that_is_not_known_wholly() {
    let mut stage = Stage::planned(small());
    let saved = |as_of: Timestamp, accounts: &[&str], more: bool| {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|id| {
                let arn = format!("arn:aws:organizations::{HOME}:account/o-ourorg0001/{id}");
                json!({ "Id": id, "Arn": arn, "Name": "n", "State": "ACTIVE" })
            })
            .collect();
        let mut file = json!({ "AsOf": as_of, "Accounts": accounts });
        if more {
            file["NextToken"] = json!("t");
        }
        file.to_string()
    };
    let now = Timestamp::now();
    let hours = |hours| SignedDuration::from_hours(hours);
    for (file, reason) in [
        (saved(now - hours(25), &[HOME, MEMBER], false), "the list of accounts is older than 24 hours"),
        (saved(now, &[HOME, MEMBER], true), "the list of the organization's accounts is not complete"),
        (saved(now, &[MEMBER], false), "the list of the organization's accounts is not complete"),
    ] {
        stage.write("accounts.json", &file);
        stage.assert_refused_cleanly(&stage.apply(&["--organization", "accounts.json"]), reason);
    }
    for call in ["ListAccounts", "DescribeOrganization"] {
        let mut denied = small();
        denied.fails.push(FailSpec { call: call.to_owned(), ..FailSpec::default() });
        stage.becomes(denied);
        let output = stage.apply(&[]);
        stage.assert_refused_cleanly(&output, "organization");
        assert!(told(&output).contains(call), "{}", told(&output));
    }
    stage.becomes(small());
    stage.write("accounts.json", &saved(now - hours(23), &[HOME, MEMBER, STRANGER], false));
    let output = stage.apply(&["--organization", "accounts.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    // To the saved list the stranger is a member.
    assert_eq!(stage.writes()[0], modify(HERE, "ami-1", "Remove", &["all"]));
}

#[test]
fn another_organization_than_the_reports() {
    let mut stage = Stage::planned(small());
    let mut other = small();
    other.organization.as_mut().unwrap().id = "o-another001".to_owned();
    stage.becomes(other);
    let reason = "the report is of o-ourorg0001, and the caller is in o-another001 now: scan again";
    stage.assert_refused_cleanly(&stage.apply(&[]), reason);
    let mut none = small();
    (none.organization, none.units) = (None, Vec::new());
    stage.becomes(none);
    let reason = "the report is of o-ourorg0001, and the caller is in no organization now";
    stage.assert_refused_cleanly(&stage.apply(&[]), reason);
}

#[test]
fn other_accounts_without_a_role() {
    let stage = Stage::planned(small());
    let run = |arguments: &[&str]| {
        let mut command = amiaudit_at(stage.folder.path(), &stage.served.url(), &stage.served.key());
        command.arg("remediate").args(arguments).output().unwrap()
    };
    let reason = "222222222222 is not the caller's account: name its role with --role-name";
    stage.assert_refused_cleanly(&run(&["apply", "plan.json", "--yes"]), reason);
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let begun = stage.sandbox().calls().len();
    let output = run(&["undo", "journal.jsonl", "--yes"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains(reason), "{}", told(&output));
    assert_eq!(stage.writes_after(begun), []);
}

#[test]
fn a_plan_by_a_rule_that_is_none_or_over_one_that_matters() {
    let stage = Stage::planned(small());
    let output = stage.run(&["plan", "report/report.json", "--rule", "public-amis", "--out", "other.json"]);
    stage.assert_refused(&output, "--rule public-amis: there is no such rule");
    assert!(!stage.path("other.json").exists());
    let before = std::fs::read(stage.path("report/report.json")).unwrap();
    let output = stage.run(&["plan", "report/report.json", "--out", "report/report.json"]);
    stage.assert_refused(&output, "it is there already, and is no plan");
    assert_eq!(std::fs::read(stage.path("report/report.json")).unwrap(), before);
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let plan = std::fs::read(stage.path("plan.json")).unwrap();
    let output = stage.run(&["plan", "report/report.json", "--out", "plan.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("beside it lies the journal of an apply"), "{}", told(&output));
    assert_eq!(std::fs::read(stage.path("plan.json")).unwrap(), plan);
}
