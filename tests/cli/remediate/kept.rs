//! What is approved or ours by now stays, whatever the plan says.

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::AccountSpec;
use serde_json::json;

use super::stage::{Stage, all_ended, ending};
use super::world::{HERE, OTHER, THERE, small};
use super::writes::{Write, modify};
use crate::support::binary::told;
use crate::support::build::{HOME, MEMBER, SIGNED, STRANGER, THEIR_ORG};
use crate::support::events::{about, modify as record};
use crate::support::rows::rows;

/// Signed for longer than the tests will be run.
fn signed() -> String {
    SIGNED.replace("2026", "2099")
}

/// Applies in this world, and that one grant, on the image, stays for the reason; all others go.
fn assert_kept(stage: &mut Stage, scenario: Scenario, (nth, reason): (usize, &str), more: &[&str]) {
    stage.becomes(scenario);
    let output = stage.apply(more);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let mut wanted = all_ended("revoked");
    let [image, grantee] = [0, 1].map(|part| wanted[nth][part].clone());
    wanted[nth] = ending(&image, &grantee, "no_longer_unauthorized");
    assert_eq!(stage.endings(), wanted);
    assert!(stage.rows()[nth]["reason"].contains(reason), "{:?}", stage.rows()[nth]);
    assert_eq!(stage.writes(), calls_without(&image, &grantee));
    assert!(stage.state().iter().any(|grant| grant[2] == image && grant[4] == grantee));
    // What was not taken is not given.
    let undone = stage.undo(&[]);
    assert_eq!(undone.status.code(), Some(0), "{}", told(&undone));
    assert_eq!(stage.state(), Stage::new(small()).state());
}

fn calls_without(image: &str, grantee: &str) -> Vec<Write> {
    let but = |id: &str, all: &[&'static str]| -> Vec<&'static str> {
        all.iter().copied().filter(|to| id != image || *to != grantee).collect()
    };
    vec![
        modify(HERE, "ami-1", "Remove", &but("ami-1", &["all", STRANGER])),
        modify(THERE, "ami-2", "Remove", &but("ami-2", &[OTHER, STRANGER, THEIR_ORG])),
    ]
}

#[test]
fn what_an_exception_covers_since_the_plan() {
    let mut stage = Stage::planned(small());
    let scope = format!("account = \"{MEMBER}\"\nimage = \"ami-2\"\ngrantee = \"{STRANGER}\"\n");
    stage.write("policy.toml", &format!("[[exception]]\nid = \"e-7\"\n{scope}{}", signed()));
    let kept = (3, "the policy approves it now (e-7)");
    assert_kept(&mut stage, small(), kept, &["--policy", "policy.toml"]);
}

#[test]
fn what_an_exception_covers_only_elsewhere_or_covered_once_goes() {
    let mut stage = Stage::planned(small());
    let scope = |account: &str, image: &str| {
        format!("[[exception]]\naccount = \"{account}\"\nimage = \"{image}\"\ngrantee = \"{STRANGER}\"\n")
    };
    let expired = signed().replace("2099", "2020");
    let elsewhere = [
        format!("{}{}", scope(HOME, "ami-2"), signed()),
        format!("{}region = \"us-east-1\"\n{}", scope(MEMBER, "ami-2"), signed()),
        format!("{}{expired}", scope(MEMBER, "ami-2")),
    ];
    stage.write("policy.toml", &elsewhere.concat());
    stage.becomes(small());
    let output = stage.apply(&["--policy", "policy.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.endings(), all_ended("revoked"));
}

#[test]
fn what_the_policy_trusts_or_means_to_be_public_since_the_plan() {
    let trusted = format!("[[trusted]]\nid = \"t-1\"\norganizations = [\"o-theirorg01\"]\n{}", signed());
    let public = format!(
        "[[intended_public]]\nid = \"p-1\"\naccount = \"{HOME}\"\nimages = [\"ami-1\"]\n{}",
        signed()
    );
    for (text, kept) in [(trusted, (4, "t-1")), (public, (1, "p-1"))] {
        let mut stage = Stage::planned(small());
        stage.write("policy.toml", &text);
        assert_kept(&mut stage, small(), kept, &["--policy", "policy.toml"]);
    }
}

#[test]
fn who_joined_the_organization_since_the_plan() {
    let mut joined = small();
    joined.accounts.push(AccountSpec {
        id: OTHER.to_owned(),
        name: "joined".to_owned(),
        ..AccountSpec::default()
    });
    let mut stage = Stage::planned(small());
    assert_kept(&mut stage, joined, (2, "the grantee is member now"), &[]);
}

/// The log of who shared what: one call for each grant of the stranger's.
fn write_log(stage: &Stage) {
    let records = [
        about("2026-01-01T00:00:00Z", HERE, "DescribeInstances", ""),
        record("2026-03-02T00:00:00Z", HERE, "ami-1", "add", STRANGER),
        about("2026-01-01T00:00:00Z", THERE, "DescribeInstances", ""),
        record("2026-03-04T00:00:00Z", THERE, "ami-2", "add", STRANGER),
    ];
    stage.write("log.json", &json!({ "Records": records }).to_string());
}

#[test]
fn what_an_exception_ties_to_the_call_or_the_finding() {
    let of = |stage: &Stage, column: &str| {
        let findings = rows(&stage.path("report/findings.csv"));
        let found = findings.iter().find(|row| row["image_id"] == "ami-1" && row["grantee"] == STRANGER);
        found.unwrap()[column].clone()
    };
    for tie in ["event_id", "finding_id", "group_id"] {
        let mut stage = Stage::new(small());
        write_log(&stage);
        stage.scan("report", &["--events", "log.json", "--since", "2025-12-01"]);
        let output = stage.run(&["plan", "report/report.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let id = of(&stage, tie);
        assert!(!id.is_empty(), "{tie}");
        let text = format!("[[exception]]\nid = \"tied\"\n{tie} = {}\n{}", json!(id), signed());
        stage.write("policy.toml", &text);
        let kept = (0, "the policy approves it now (tied)");
        assert_kept(&mut stage, small(), kept, &["--policy", "policy.toml"]);
    }
}
