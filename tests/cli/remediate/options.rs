//! `--dry-run`, what a plan is made of, and a plan of which entries were taken away.

use amiaudit::sandbox::scenario::FaultSpec;

use super::stage::{Stage, ending};
use super::world::{HERE, OTHER, THERE, THIRD, image, small};
use super::writes::{Write, modify};
use crate::support::binary::{stdout, told};
use crate::support::build::{HOME, STRANGER};

/// What a dry run may call: it names just the owners, which need no grant.
fn trials() -> Vec<Write> {
    let trial = |place: (&str, &str), id: &str| {
        let mut call = modify(place, id, "Remove", &[place.0]);
        call.others.insert("DryRun".to_owned(), "true".to_owned());
        call
    };
    // The second image is shared with the first's owner, and not with its own.
    vec![trial(HERE, "ami-1"), trial(THERE, "ami-2")]
}

fn assert_nothing_was_done(stage: &Stage) {
    assert_eq!(stage.state(), Stage::new(small()).state());
    for name in ["journal.jsonl", "remediation.csv"] {
        assert!(!stage.path(name).exists(), "{name}");
    }
}

#[test]
fn a_dry_run_changes_nothing_and_writes_nothing_down() {
    let stage = Stage::planned(small());
    let before = std::fs::read(stage.path("plan.json")).unwrap();
    // Nobody has to say yes to it, and nothing is too much.
    let output = stage.run(&["apply", "plan.json", "--dry-run", "--max-changes", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let said = stdout(&output);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((lines.len(), lines[1]), (6, "111111111111 us-east-1 ami-1 public all would_revoke"));
    assert_eq!(lines[5], "5 would_revoke");
    let told = crate::support::binary::stderr(&output);
    assert!(told.contains("5 grants would change: apply needs --max-changes for more than 0"), "{told}");
    assert_eq!(stage.writes(), trials());
    assert_nothing_was_done(&stage);
    assert_eq!(std::fs::read(stage.path("plan.json")).unwrap(), before);
}

#[test]
fn a_dry_run_is_harmless_where_the_endpoint_does_not_know_of_it() {
    let mut stage = Stage::planned(small());
    let mut scenario = small();
    scenario.faults.push(FaultSpec { kind: "dry_run_ignored".to_owned(), ..FaultSpec::default() });
    stage.becomes(scenario);
    let output = stage.apply(&["--dry-run", "--block-public-access"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let said = "us-east-1 ami-1 public all would_revoke: the endpoint does not know of dry runs; nothing was changed, \
                since the call named nobody with a grant\n";
    assert!(stdout(&output).contains(said), "{}", told(&output));
    assert_nothing_was_done(&stage);
}

#[test]
fn a_dry_run_says_what_would_be_refused() {
    let mut stage = Stage::planned(small());
    let mut scenario = small();
    scenario.faults.push(FaultSpec {
        kind: "region_denied".to_owned(),
        call: Some("ModifyImageAttribute".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..FaultSpec::default()
    });
    stage.becomes(scenario);
    let output = stage.apply(&["--dry-run"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(stdout(&output).contains("explicit deny in a service control policy"), "{}", told(&output));
    assert!(stdout(&output).ends_with("2 would_revoke, 3 failed\n"), "{}", told(&output));
    assert_nothing_was_done(&stage);
}

#[test]
fn only_what_is_left_in_a_plan_is_done() {
    let mut scenario = small();
    // The same ids in the other Region, and in the other account.
    scenario.images.push(image((HOME, "eu-west-1"), "ami-1", &["all", STRANGER]));
    scenario.images.push(image((THIRD, "us-east-1"), "ami-2", &[STRANGER]));
    let stage = Stage::planned(scenario.clone());
    stage.edit(|plan| {
        let keeps = |entry: &serde_json::Value| {
            entry["grantee"] == STRANGER && (entry["account_id"] == HOME) == (entry["region"] == "us-east-1")
        };
        plan["entries"].as_array_mut().unwrap().retain(keeps);
    });
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let wanted =
        [modify(HERE, "ami-1", "Remove", &[STRANGER]), modify(THERE, "ami-2", "Remove", &[STRANGER])];
    assert_eq!(stage.writes(), wanted);
    assert_eq!(stage.endings(), [ending("ami-1", STRANGER, "revoked"), ending("ami-2", STRANGER, "revoked")]);
    let before = Stage::new(scenario).state();
    let gone: Vec<[String; 5]> = before.difference(&stage.state()).cloned().collect();
    let member =
        |place: (&str, &str), id: &str| [place.0, place.1, id, "userId", STRANGER].map(str::to_owned);
    assert_eq!(gone, [member(HERE, "ami-1"), member(THERE, "ami-2")]);
}

#[test]
fn a_selection_plans_just_that() {
    let stage = Stage::new(small());
    stage.scan("report", &[]);
    let planned = |more: &[&str]| {
        let arguments = [&["plan", "report/report.json", "--out", "plan.json"], more].concat();
        let output = stage.run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let plan = stage.plan();
        let entries = plan["entries"].as_array().unwrap().iter();
        entries
            .map(|entry| ["image_id", "grantee"].map(|name| entry[name].as_str().unwrap().to_owned()))
            .collect()
    };
    let pairs = |all: &[[&str; 2]]| all.iter().map(|pair| pair.map(str::to_owned)).collect::<Vec<_>>();
    let both = pairs(&[["ami-1", STRANGER], ["ami-2", STRANGER]]);
    let of = |more: &[&str]| -> Vec<[String; 2]> { planned(more) };
    assert_eq!(of(&["--grantee", STRANGER]), both);
    assert_eq!(of(&["--severity", "critical"]), pairs(&[["ami-1", "all"]]));
    assert_eq!(of(&["--rule", "public-ami"]), pairs(&[["ami-1", "all"]]));
    assert_eq!(of(&["--region", "eu-west-1", "--grantee", STRANGER]), both[1..]);
    assert_eq!(of(&["--account", HOME, "--grantee", STRANGER]), both[..1]);
    assert_eq!(of(&["--image", "ami-2", "--grantee", OTHER]), pairs(&[["ami-2", OTHER]]));
    assert_eq!(of(&["--account", HOME, "--region", "eu-west-1"]), pairs(&[]));
}

#[test]
fn a_dry_run_goes_on_where_the_journal_ends() {
    let stage = Stage::planned(small());
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let (journal, calls) = (std::fs::read(stage.path("journal.jsonl")).unwrap(), stage.writes());
    let output = stage.run(&["apply", "plan.json", "--dry-run", "--max-changes", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stdout(&output), "5 revoked\n");
    assert!(!told(&output).contains("--max-changes"), "{}", told(&output));
    assert_eq!((std::fs::read(stage.path("journal.jsonl")).unwrap(), stage.writes()), (journal, calls));
}
