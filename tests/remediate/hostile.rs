//! Files that somebody wrote into: what is read of them is never more than what was written.

use std::sync::LazyLock;

use amiaudit::remediate::{
    Entry, JournalFile, Ledger as _, Line, Plan, ReportRef, read_journal, read_plan, write_plan,
};
use proptest::prelude::*;

use super::fake::{begun, clock, entry, person, target};
use crate::support::build::{HOME, MEMBER, STRANGER, THEIR_ORG, now};

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let entries: Vec<Entry> = vec![
        entry(&target(HOME, "us-east-1", "ami-1"), STRANGER),
        entry(&target(HOME, "us-east-1", "ami-1"), "all"),
        entry(&target(MEMBER, "eu-west-1", "ami-2"), THEIR_ORG),
    ];
    let report = ReportRef {
        path: "report.json".to_owned(),
        sha256: "ab".repeat(32),
        run_id: "run-1".to_owned(),
        started_at: now(),
        by: person("planner"),
    };
    Plan::new(now(), None, report, None, (entries, Vec::new()))
});

static JOURNAL: LazyLock<(Vec<u8>, Vec<Line>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = JournalFile::open(&path, true, clock()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..4 {
            journal.write(begun()).await.unwrap();
        }
    });
    (std::fs::read(path).unwrap(), journal.lines())
});

/// Bytes put in the place of others.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, Vec<u8>)>> {
    let text = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        "[0-9a-f\"{},:\\[\\]\n]{0,12}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 0..40usize, text), 1..3).prop_map(|edits| {
        edits.into_iter().map(|(at, length, text)| (at.index(100_000), length, text)).collect()
    })
}

fn edited(bytes: &[u8], edits: &[(usize, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, length, text) in edits {
        let at = at % (bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, text.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn a_plan_is_refused_or_has_only_entries_that_were_planned(edits in edits()) {
        if let Ok(read) = read_plan(&edited(&write_plan(&PLAN), &edits)) {
            prop_assert!(read.entries.iter().all(|entry| PLAN.entries.contains(entry)));
            prop_assert_eq!(&read.sha256, &PLAN.sha256);
            prop_assert_eq!(&read.report, &PLAN.report);
        }
    }

    #[test]
    fn a_journal_is_refused_or_tells_what_was_written_up_to_a_line(edits in edits()) {
        let (bytes, lines) = &*JOURNAL;
        if let Ok((read, _)) = read_journal(&edited(bytes, &edits)) {
            prop_assert!(read.len() <= lines.len());
            prop_assert_eq!(&read[..], &lines[..read.len()]);
        }
    }
}
