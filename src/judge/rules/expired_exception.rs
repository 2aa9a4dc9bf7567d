//! `expired-exception`: an entry of the policy is past its date.
//!
//! Catches every entry that lets something pass and has expired.
//! Misses nothing: an entry ends with its date.

use super::{Evidence, Rule, Stage};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct ExpiredException;

static META: RuleMeta = RuleMeta {
    id: "expired-exception",
    title: "An entry of the policy has expired",
    basis: Basis::Policy,
    severity: Severity::Low,
    risk: "What it approved is not approved any more, and whoever answered for it has not said whether it is still meant.",
    misses: "Nothing: an entry ends with its date.",
    remediation: "Renew the entry with a new date and approval, or remove it from the policy.",
    mitre: None,
    covers: &[],
    references: &["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html"],
    controls: &[],
};

impl Rule for ExpiredException {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let entries = evidence.policy.expired(evidence.now);
        let finding = |entry: crate::judge::policy::EntryView<'_>| Finding {
            account: entry.account(),
            subject: Some(entry.id().to_owned()),
            exception_id: Some(entry.id().to_owned()),
            advice: Some(format!(
                "{} The entry: {}, expired {}.",
                META.remediation,
                entry.words(),
                entry.expires()
            )),
            ..Finding::new(&META, evidence.now)
        };
        entries.map(finding).collect()
    }
    fn stage(&self) -> Stage {
        Stage::Policy
    }
}
