//! The journal beside a plan: whose it is, whether it is whole, and what it ends.

use amiaudit::model::clock::Clock;
use amiaudit::remediate::JournalFile;
use jiff::Timestamp;

use super::stage::{Stage, all_ended};
use super::world::small;
use super::writes::planned;
use crate::support::binary::{stderr, told};

/// Runs both commands that go by the journal: each is refused for the reason, and nothing changes, the journal least.
fn assert_both_refused(stage: &Stage, reason: &str) {
    let (calls, state) = (stage.sandbox().calls().len(), stage.state());
    let journal = std::fs::read(stage.path("journal.jsonl")).unwrap();
    for output in [stage.apply(&[]), stage.undo(&[])] {
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(stderr(&output).contains(reason), "{reason:?} is not in {}", told(&output));
    }
    assert_eq!((stage.writes_after(calls), stage.state()), (vec![], state));
    assert_eq!(std::fs::read(stage.path("journal.jsonl")).unwrap(), journal);
}

#[test]
fn one_that_was_changed_is_gone_by_no_more() {
    let stage = Stage::planned(small());
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let text = std::fs::read_to_string(stage.path("journal.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 7, "{text}");
    let fewer_or_more = "a line was changed, added or taken away; nothing was changed";
    let changed = "it is not as it was written: its sha256 does not fit it; nothing was changed";
    for nth in 0..lines.len() - 1 {
        let mut fewer = lines.clone();
        fewer.remove(nth);
        stage.write("journal.jsonl", &(fewer.join("\n") + "\n"));
        assert_both_refused(&stage, fewer_or_more);
        let mut other = lines.clone();
        let line = other[nth].replacen("\"at\":\"2", "\"at\":\"3", 1);
        other[nth] = &line;
        stage.write("journal.jsonl", &(other.join("\n") + "\n"));
        assert_both_refused(&stage, changed);
    }
    let mut twice = lines.clone();
    twice.push(lines[1]);
    stage.write("journal.jsonl", &(twice.join("\n") + "\n"));
    assert_both_refused(&stage, fewer_or_more);
    stage.write("journal.jsonl", &format!("{text}something else\n"));
    assert_both_refused(&stage, "it is not a line of a journal of amiaudit");

    stage.write("journal.jsonl", &text);
    let before = Stage::new(small()).state();
    assert_eq!(stage.undo(&[]).status.code(), Some(0));
    assert_eq!(stage.state(), before);
}

#[test]
fn one_of_another_plan_is_not_appended_to() {
    let stage = Stage::planned(small());
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let (journal, rows) =
        ["journal.jsonl", "remediation.csv"].map(|name| std::fs::read(stage.path(name)).unwrap()).into();
    std::fs::create_dir(stage.path("next")).unwrap();
    assert_eq!(stage.run(&["plan", "report/report.json", "--out", "next/plan.json"]).status.code(), Some(0));
    std::fs::copy(stage.path("next/plan.json"), stage.path("plan.json")).unwrap();
    let calls = stage.sandbox().calls().len();
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(stderr(&output).contains("the journal beside it is of another plan: use another folder"));
    assert_eq!(stage.sandbox().calls().len(), calls, "nothing is asked of AWS");
    assert_eq!(std::fs::read(stage.path("journal.jsonl")).unwrap(), journal);
    assert_eq!(std::fs::read(stage.path("remediation.csv")).unwrap(), rows);
}

#[test]
fn one_that_another_run_has_is_left_to_it() {
    let stage = Stage::planned(small());
    let path = stage.path("journal.jsonl");
    let held = JournalFile::open(&path, true, Clock::new(Timestamp::now)).unwrap();
    assert_both_refused(&stage, "another amiaudit is at work with this plan: wait until it has ended");
    drop(held);
    // The lock goes with the thread that writes, which ends by itself.
    while let Err(error) = JournalFile::open(&path, false, Clock::new(Timestamp::now)) {
        assert!(matches!(error, amiaudit::remediate::BadFile::Locked), "{error}");
        std::thread::yield_now();
    }
    let mut output = stage.apply(&[]);
    while stderr(&output).contains("is at work with this plan") {
        output = stage.apply(&[]);
    }
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.endings(), all_ended("revoked"));
}

#[test]
fn an_empty_one_or_none_undoes_nothing() {
    let stage = Stage::planned(small());
    let output = stage.undo(&[]);
    stage.assert_refused_cleanly(&output, "journal.jsonl: ");
    stage.write("journal.jsonl", "");
    stage.assert_refused(&stage.undo(&[]), "it tells of no apply, so that there is nothing to undo");
    assert_eq!(std::fs::read(stage.path("journal.jsonl")).unwrap(), b"");
    assert!(!stage.path("remediation.csv").exists());
    std::fs::remove_file(stage.path("journal.jsonl")).unwrap();
    std::os::unix::fs::symlink(stage.path("plan.json"), stage.path("journal.jsonl")).unwrap();
    let plan = stage.plan();
    stage.assert_refused(&stage.apply(&[]), "it is no plain file");
    assert_eq!(stage.plan(), plan);
}

#[test]
fn what_was_applied_is_not_applied_again_and_what_was_undone_not_at_all() {
    let stage = Stage::planned(small());
    let before = stage.state();
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let calls = planned(&stage.plan(), "Remove");
    let again = stage.apply(&[]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!(stage.writes(), calls, "nothing is left to do");
    assert_eq!(stage.endings(), all_ended("revoked"));

    assert_eq!(stage.undo(&[]).status.code(), Some(0));
    let begun = stage.sandbox().calls().len();
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(stderr(&output).contains("it was applied and undone: make a new plan"), "{}", told(&output));
    assert_eq!((stage.writes_after(begun), stage.state()), (vec![], before));
    assert_eq!(stage.endings(), all_ended("restored"));
}

#[test]
fn a_line_that_was_never_wholly_written_says_nothing() {
    let stage = Stage::planned(small());
    assert_eq!(stage.apply(&[]).status.code(), Some(0));
    let text = std::fs::read_to_string(stage.path("journal.jsonl")).unwrap();
    let next = text.lines().count() + 1;
    stage.write("journal.jsonl", &format!("{text}{{\"n\":{next},\"prev\":\""));
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let mended = std::fs::read_to_string(stage.path("journal.jsonl")).unwrap();
    let (first, rest) = mended.split_at(text.len());
    assert_eq!(first, text);
    assert!(rest.starts_with("{\"n\":"), "{rest}");
    assert_eq!(stage.endings(), all_ended("revoked"));
}
