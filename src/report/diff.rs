//! What changed between two reports.

use std::collections::BTreeMap;

use super::text::plain;
use crate::model::finding::{Finding, Resolution, Status};

/// What became of a finding from one report to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is there for the first time.
    New,
    /// It is there in both, and its status or severity is another.
    Changed,
    /// It is there in both.
    Persisting,
    /// It is gone, and that was proven.
    Resolved,
    /// It is gone, and what it is about was not read.
    NotAssessed,
}

impl Change {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Persisting => "persisting",
            Self::Resolved => "resolved",
            Self::NotAssessed => "not_assessed",
        }
    }
}

/// Compares the findings of two reports; `new` was compared with `old` already, so that it holds what was
/// resolved or not assessed.
#[must_use]
pub fn changes<'a>(old: &[Finding], new: &'a [Finding]) -> Vec<(Change, &'a Finding)> {
    let before: BTreeMap<String, &Finding> = old.iter().map(|finding| (finding.id(), finding)).collect();
    let change = |finding: &'a Finding| {
        let change = match (finding.status, before.get(&finding.id())) {
            (Status::Resolved, _) => Change::Resolved,
            (Status::NotAssessed, _) => Change::NotAssessed,
            (_, None) => Change::New,
            (_, Some(older)) if older.status == Status::Resolved => Change::New,
            // Nobody approves it any more: that is news to whoever relied on it.
            (Status::Open, Some(older)) if older.status == Status::Excepted => Change::New,
            (_, Some(older)) if older.status != finding.status || older.severity != finding.severity => {
                Change::Changed
            }
            (_, Some(_)) => Change::Persisting,
        };
        (change, finding)
    };
    let mut changes: Vec<_> = new.iter().map(change).collect();
    changes.sort_by_key(|(change, finding)| (*change, std::cmp::Reverse(finding.severity)));
    changes
}

/// A line for each change: what, how bad, and what it is about.
#[must_use]
pub fn lines(changes: &[(Change, &Finding)]) -> String {
    let line = |(change, finding): &(Change, &Finding)| {
        let account = finding.account.map(|account| account.to_string()).unwrap_or_default();
        let region = finding.region.as_ref().map(ToString::to_string).unwrap_or_default();
        let image = finding.image.as_ref().map(|image| image.id.to_string()).unwrap_or_default();
        let grantee = finding.grantee.as_ref().map(ToString::to_string).unwrap_or_default();
        let how = finding.resolution.map(Resolution::word).unwrap_or(finding.status.word());
        let cells = [
            change.word(),
            finding.severity.word(),
            finding.rule.id,
            &account,
            &region,
            &image,
            &grantee,
            how,
            finding.id().as_str(),
        ]
        .map(plain);
        cells.join("\t") + "\n"
    };
    changes.iter().map(line).collect()
}
