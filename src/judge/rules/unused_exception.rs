//! `unused-exception`: an entry of the policy covers nothing.
//!
//! Catches entries that stand and cover no share, where all that they could cover was read.
//! Misses entries tied to an id, and those of which a part was not read.

use super::{Evidence, Rule, Stage};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct UnusedException;

static META: RuleMeta = RuleMeta {
    id: "unused-exception",
    title: "An entry of the policy covers nothing",
    basis: Basis::Policy,
    severity: Severity::Low,
    risk: "An approval that nothing needs lets a future share pass that nobody has looked at.",
    misses: "Entries tied to an id, and those whose whole scope was not read in this run.",
    remediation: "Remove the entry from the policy.",
    mitre: None,
    covers: &[],
    references: &["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html"],
    controls: &[],
};

impl Rule for UnusedException {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let entries = evidence.policy.unused(evidence.usage, evidence.coverage, evidence.org, evidence.now);
        let finding = |entry: crate::judge::policy::EntryView<'_>| Finding {
            account: entry.account(),
            subject: Some(entry.id().to_owned()),
            exception_id: Some(entry.id().to_owned()),
            advice: Some(format!("{} The entry: {}.", META.remediation, entry.words())),
            ..Finding::new(&META, evidence.now)
        };
        entries.map(finding).collect()
    }
    fn stage(&self) -> Stage {
        Stage::Policy
    }
}
