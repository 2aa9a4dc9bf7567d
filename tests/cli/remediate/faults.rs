//! What goes wrong between plan and end: each is told as it was, in journal, remediation.csv and exit code.

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::{FailSpec, FaultSpec};

use super::stage::{Stage, all_ended, ending};
use super::world::{HERE, OTHER, THERE, small};
use super::writes::{Write, modify, planned};
use crate::support::binary::{stdout, told};
use crate::support::build::{STRANGER, THEIR_ORG};

const REST: [&str; 3] = [OTHER, STRANGER, THEIR_ORG];

fn first() -> Write {
    modify(HERE, "ami-1", "Remove", &["all", STRANGER])
}

fn second() -> Write {
    modify(THERE, "ami-2", "Remove", &REST)
}

fn fault(kind: &str) -> FaultSpec {
    let call = Some("ModifyImageAttribute".to_owned());
    FaultSpec { kind: kind.to_owned(), call, image: Some("ami-1".to_owned()), ..FaultSpec::default() }
}

fn with(fault: FaultSpec) -> Scenario {
    let mut scenario = small();
    scenario.faults.push(fault);
    scenario
}

fn denied(call: &str) -> Scenario {
    let mut scenario = small();
    let image = Some("ami-1".to_owned());
    scenario.fails.push(FailSpec { call: call.to_owned(), image, ..FailSpec::default() });
    scenario
}

/// The rows where the first image's grants ended so, and the second's were taken back.
fn first_ended(result: &str) -> Vec<[String; 4]> {
    let of_first = [STRANGER, "all"].map(|to| ending("ami-1", to, result));
    of_first.into_iter().chain(REST.map(|to| ending("ami-2", to, "revoked"))).collect()
}

fn reasons(stage: &Stage, image: &str) -> Vec<String> {
    stage.rows().iter().filter(|row| row["image_id"] == image).map(|row| row["reason"].clone()).collect()
}

/// Plans, applies in another world, and looks at the exit code.
fn applied(scenario: Scenario, code: i32) -> Stage {
    let mut stage = Stage::planned(small());
    stage.becomes(scenario);
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(code), "{}", told(&output));
    stage
}

/// The journal's records of a kind, that are about an image.
fn journalled(stage: &Stage, what: &str, image: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(stage.path("journal.jsonl")).unwrap();
    let records =
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["record"].take());
    records.filter(|record| record["what"] == what && record["on"]["image_id"] == image).collect()
}

#[test]
fn what_passes_is_tried_again() {
    for kind in ["throttle", "server_error", "cut"] {
        let stage = applied(with(FaultSpec { times: Some(2), ..fault(kind) }), 0);
        assert_eq!(stage.endings(), all_ended("revoked"), "{kind}");
        assert_eq!(stage.writes(), [first(), first(), first(), second()], "{kind}");
        assert_eq!(reasons(&stage, "ami-1"), ["", ""], "{kind}");
    }
}

#[test]
fn a_fault_after_the_change_is_no_failure() {
    let stage = applied(with(FaultSpec { times: Some(1), ..fault("after_change") }), 0);
    assert_eq!(stage.endings(), all_ended("revoked"));
    assert_eq!(stage.writes(), [first(), first(), second()]);

    // As long as it lasts: it was done, and is told to have been, and comes back.
    let before = Stage::new(small()).state();
    let stage = applied(with(fault("after_change")), 0);
    assert_eq!(stage.endings(), all_ended("revoked"));
    for reason in reasons(&stage, "ami-1") {
        assert!(reason.starts_with("AWS did it, and answered: ModifyImageAttribute: "), "{reason}");
    }
    let answered = &journalled(&stage, "answered", "ami-1")[0];
    assert!(answered["error"].as_str().unwrap().contains("InternalError"), "{answered}");
    let undone = stage.undo(&[]);
    assert_eq!(undone.status.code(), Some(0), "{}", told(&undone));
    assert_eq!((stage.endings(), stage.state()), (all_ended("restored"), before));
}

#[test]
fn one_that_is_denied_keeps_no_other_from_being_done() {
    let mut stage = applied(denied("ModifyImageAttribute"), 20);
    assert_eq!(stage.endings(), first_ended("failed"));
    for reason in reasons(&stage, "ami-1") {
        assert!(reason.contains("UnauthorizedOperation"), "{reason}");
    }
    assert_eq!(stage.writes(), [first(), second()]);
    let row = &stage.rows()[0];
    let held = "account:222222222222 account:999999999999 public:all";
    assert_eq!((row["before"].as_str(), row["after"].as_str()), (held, held));
    assert_eq!(journalled(&stage, "removing", "ami-1").len(), 1);

    // Undone, only what was taken comes back.
    let kept: Vec<[String; 5]> = stage.state().into_iter().filter(|grant| grant[2] == "ami-1").collect();
    let begun = stage.sandbox().calls().len();
    let undone = stage.undo(&[]);
    assert_eq!(undone.status.code(), Some(0), "{}", told(&undone));
    assert_eq!(stage.writes_after(begun), [modify(THERE, "ami-2", "Add", &REST)]);
    let now: Vec<[String; 5]> = stage.state().into_iter().filter(|grant| grant[2] == "ami-1").collect();
    assert_eq!(now, kept);

    // Where it is allowed by now, the same command does what is left.
    stage = applied(denied("ModifyImageAttribute"), 20);
    let mut scenario = small();
    super::world::of(&mut scenario, "ami-2").shared_with.retain(|to| !REST.contains(&to.as_str()));
    stage.becomes(scenario);
    let again = stage.apply(&[]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!((stage.writes(), stage.endings()), (vec![first()], all_ended("revoked")));
}

#[test]
fn one_that_cannot_be_read_is_not_written_to() {
    for call in ["DescribeImages", "DescribeImageAttribute"] {
        let mut scenario = denied(call);
        (scenario.fails[0].image, scenario.fails[0].account) = (None, Some(HERE.0.to_owned()));
        let stage = applied(scenario, 20);
        assert_eq!(stage.endings(), first_ended("failed"));
        assert_eq!(stage.writes(), [second()]);
    }
}

#[test]
fn an_account_whose_role_cannot_be_assumed_is_left_alone() {
    let mut scenario = small();
    scenario.fails.push(FailSpec { call: "AssumeRole".to_owned(), ..FailSpec::default() });
    let stage = applied(scenario, 20);
    let mut wanted = all_ended("revoked");
    for (nth, to) in REST.into_iter().enumerate() {
        wanted[2 + nth] = ending("ami-2", to, "failed");
    }
    assert_eq!((stage.endings(), stage.writes()), (wanted, vec![first()]));
    for reason in reasons(&stage, "ami-2") {
        assert!(reason.contains("AccessDenied"), "{reason}");
    }
}

#[test]
fn one_that_is_gone_by_now_is_done_with() {
    let mut scenario = small();
    scenario.images.retain(|image| image.id != "ami-1");
    let stage = applied(scenario, 0);
    assert_eq!(stage.endings(), first_ended("target_gone"));
    assert_eq!(stage.writes(), [second()]);

    // And one that goes while it is looked at, or while it is written to.
    for call in ["DescribeImageAttribute", "ModifyImageAttribute"] {
        let stage = applied(with(FaultSpec { call: Some(call.to_owned()), ..fault("vanish") }), 0);
        assert_eq!(stage.endings(), first_ended("target_gone"), "{call}");
    }
}

#[test]
fn a_read_that_does_not_show_the_change_yet_is_made_again() {
    let stage = applied(with(FaultSpec { reads: Some(2), ..fault("stale") }), 0);
    assert_eq!(stage.endings(), all_ended("revoked"));
    assert_eq!(stage.writes(), [first(), second()]);
    assert_eq!(journalled(&stage, "settled", "ami-1").len(), 1);
}

#[test]
fn a_grant_that_went_by_itself_is_told_so_and_does_not_come_back() {
    let mut scenario = small();
    super::world::of(&mut scenario, "ami-1").shared_with.retain(|to| to != "all");
    let stage = applied(scenario, 0);
    let mut wanted = all_ended("revoked");
    wanted[1] = ending("ami-1", "all", "already_gone");
    assert_eq!(stage.endings(), wanted);
    assert_eq!(stage.writes(), [modify(HERE, "ami-1", "Remove", &[STRANGER]), second()]);
    assert_eq!(stage.undo(&[]).status.code(), Some(0));
    assert_eq!(stage.writes()[0], modify(HERE, "ami-1", "Add", &[STRANGER]));
    assert!(!stage.state().iter().any(|grant| grant[4] == "all"));
}

#[test]
fn an_undo_that_is_refused_can_be_done_later() {
    let before = Stage::new(small()).state();
    let mut stage = Stage::planned(small());
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let mut scenario = denied("ModifyImageAttribute");
    for image in &mut scenario.images {
        image.shared_with.retain(|to| !["all"].iter().chain(&REST).any(|gone| gone == to));
    }
    stage.becomes(scenario.clone());
    let output = stage.undo(&[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let mut wanted = all_ended("restored");
    wanted[0] = ending("ami-1", STRANGER, "failed");
    wanted[1] = ending("ami-1", "all", "failed");
    assert_eq!(stage.endings(), wanted);
    scenario.fails.clear();
    super::world::of(&mut scenario, "ami-2").shared_with =
        super::world::of(&mut small(), "ami-2").shared_with.clone();
    stage.becomes(scenario);
    let output = stage.undo(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.writes(), [modify(HERE, "ami-1", "Add", &["all", STRANGER])]);
    assert_eq!((stage.endings(), stage.state()), (all_ended("restored"), before));
}

#[test]
fn a_canary_that_fails_keeps_all_others_untouched() {
    let mut stage = Stage::planned(small());
    stage.becomes(denied("ModifyImageAttribute"));
    let before = stage.state();
    let output = stage.apply(&["--canary", "1"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!((stage.writes(), stage.state()), (vec![first()], before));
    let mut wanted = all_ended("not_done");
    wanted[0] = ending("ami-1", STRANGER, "failed");
    wanted[1] = ending("ami-1", "all", "failed");
    assert_eq!(stage.endings(), wanted);
    assert!(stdout(&output).ends_with("2 failed, 3 not_done\n"), "{}", told(&output));

    stage.becomes(small());
    let output = stage.apply(&["--canary", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let calls = stage.sandbox().calls();
    let modified: Vec<&str> = calls
        .iter()
        .filter(|call| call.action == "ModifyImageAttribute")
        .map(|call| call.params["ImageId"].as_str())
        .collect();
    assert_eq!(modified, ["ami-1", "ami-2"]);
    assert_eq!(stage.writes(), planned(&stage.plan(), "Remove"));
}
