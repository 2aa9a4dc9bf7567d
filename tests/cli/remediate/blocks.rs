//! `--block-public-access`: on in the plan's places with apply, and off again with undo where apply had switched it.

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::FailSpec;

use super::stage::{Stage, all_ended, ending};
use super::world::{HERE, OTHER, THERE, small};
use super::writes::{Write, modify, switch};
use crate::support::binary::{stderr, told};
use crate::support::build::{HOME, MEMBER, OUR_ORG, STRANGER};

/// The state of block public access in each place, as AWS tells it.
fn blocks(stage: &Stage, out: &str) -> Vec<[String; 2]> {
    stage.scan(out, &[]);
    let findings = crate::support::rows::rows(&stage.path(out).join("findings.csv"));
    let off = findings.into_iter().filter(|row| row["rule_id"] == "block-public-access-off");
    off.map(|row| ["account_id", "remediation"].map(|column| row[column].clone())).collect()
}

#[test]
fn block_public_access_goes_on_in_the_plans_places_and_off_again_there() {
    let stage = Stage::planned(small());
    let (before, open) = (stage.state(), blocks(&stage, "before"));
    let output = stage.apply(&["--block-public-access"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let removes = [
        modify(HERE, "ami-1", "Remove", &["all", STRANGER]),
        modify(THERE, "ami-2", "Remove", &[OTHER, STRANGER, crate::support::build::THEIR_ORG]),
    ];
    let mut wanted = [removes.to_vec(), vec![switch(HERE, true), switch(THERE, true)]].concat();
    wanted.sort();
    assert_eq!(stage.writes(), wanted);
    assert_eq!(stage.endings(), all_ended("revoked"));
    assert_ne!(blocks(&stage, "on"), open);
    // Where it is on, it is not switched again.
    let begun = stage.sandbox().calls().len();
    assert_eq!(stage.apply(&["--block-public-access"]).status.code(), Some(0));
    assert_eq!(stage.writes_after(begun), []);

    // It is off before anything is made public again.
    let output = stage.undo(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let undone = stage.writes_after(begun);
    let off: Vec<&Write> = undone.iter().filter(|write| write.action != "ModifyImageAttribute").collect();
    assert_eq!(off, [&switch(HERE, false), &switch(THERE, false)]);
    assert_eq!((stage.state(), blocks(&stage, "off")), (before, open));
    let again = stage.sandbox().calls().len();
    assert_eq!(stage.undo(&[]).status.code(), Some(0));
    assert_eq!(stage.writes_after(again), [], "what is off is not switched off again");
}

#[test]
fn an_undo_that_cannot_switch_it_off_says_so_and_does_the_rest() {
    let mut stage = Stage::planned(small());
    assert_eq!(stage.apply(&["--block-public-access"]).status.code(), Some(0));
    let mut scenario = failing("DisableImageBlockPublicAccess", None);
    scenario.blocks.clear();
    for image in &mut scenario.images {
        image.shared_with.retain(|to| [MEMBER, HOME, OUR_ORG].contains(&to.as_str()));
    }
    stage.becomes(scenario);
    let output = stage.undo(&[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let said = format!("{HOME} us-east-1: block public access: DisableImageBlockPublicAccess: ");
    assert!(stderr(&output).contains(&said), "{}", told(&output));
    // What was public cannot be so again: the call that says it fails as a whole.
    let mut wanted = all_ended("restored");
    wanted[0] = ending("ami-1", STRANGER, "failed");
    wanted[1] = ending("ami-1", "all", "failed");
    assert_eq!(stage.endings(), wanted);
}

#[test]
fn what_was_on_already_stays_on_when_it_is_undone() {
    let mut scenario = small();
    scenario.blocks.retain(|block| block.account != MEMBER);
    let stage = Stage::planned(scenario);
    assert_eq!(stage.apply(&["--block-public-access"]).status.code(), Some(0));
    assert_eq!(stage.undo(&[]).status.code(), Some(0));
    let calls = stage.writes();
    let switched: Vec<&Write> = calls.iter().filter(|write| write.action != "ModifyImageAttribute").collect();
    assert_eq!(switched, [&switch(HERE, false), &switch(HERE, true)]);
}

fn failing(call: &str, image: Option<&str>) -> Scenario {
    let mut scenario = small();
    let (account, image) = (Some(HOME.to_owned()), image.map(str::to_owned));
    scenario.fails.push(FailSpec { call: call.to_owned(), account, image, ..FailSpec::default() });
    scenario
}

#[test]
fn a_place_whose_block_public_access_cannot_be_switched_is_told_and_not_done() {
    for call in ["EnableImageBlockPublicAccess", "GetImageBlockPublicAccessState"] {
        let mut stage = Stage::planned(small());
        let before = stage.state();
        stage.becomes(failing(call, None));
        let output = stage.apply(&["--block-public-access"]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        let said = format!("{HOME} us-east-1: block public access: {call}: ");
        assert!(stderr(&output).contains(&said), "{}", told(&output));
        assert_eq!(stage.endings(), all_ended("revoked"));
        assert!(stage.writes().contains(&switch(THERE, true)));
        // What was not switched on need not be switched off.
        let begun = stage.sandbox().calls().len();
        let undone = stage.undo(&[]);
        assert_eq!(undone.status.code(), Some(0), "{call}: {}", told(&undone));
        let undone = stage.writes_after(begun);
        let switched: Vec<&Write> =
            undone.iter().filter(|write| write.action != "ModifyImageAttribute").collect();
        assert_eq!((switched, stage.state()), (vec![&switch(THERE, false)], before));
    }
}

#[test]
fn block_public_access_that_was_refused_is_switched_by_the_same_command_later() {
    for call in ["EnableImageBlockPublicAccess", "GetImageBlockPublicAccessState"] {
        for is_on_by_then in [false, true] {
            let mut stage = Stage::planned(small());
            stage.becomes(failing(call, None));
            assert_eq!(stage.apply(&["--block-public-access"]).status.code(), Some(20));
            let mut later = small();
            for image in &mut later.images {
                image.shared_with.clear();
            }
            let on = |account: &str| account == MEMBER || is_on_by_then;
            later.blocks.retain(|block| !on(&block.account));
            stage.becomes(later);
            let output = stage.apply(&["--block-public-access"]);
            assert_eq!(output.status.code(), Some(0), "{call} {is_on_by_then}: {}", told(&output));
            let wanted = if is_on_by_then { vec![] } else { vec![switch(HERE, true)] };
            assert_eq!(stage.writes(), wanted, "{call} {is_on_by_then}");
        }
    }
}

#[test]
fn a_canary_that_fails_keeps_block_public_access_as_it_is() {
    let mut stage = Stage::planned(small());
    stage.becomes(failing("ModifyImageAttribute", Some("ami-1")));
    let output = stage.apply(&["--canary", "1", "--block-public-access"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(stage.writes(), [modify(HERE, "ami-1", "Remove", &["all", STRANGER])]);
    // Without one, what can be done is.
    let output = stage.apply(&["--block-public-access"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let switched = [switch(HERE, true), switch(THERE, true)];
    assert!(switched.iter().all(|call| stage.writes().contains(call)), "{:?}", stage.writes());
}
