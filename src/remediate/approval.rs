//! The signature of a second person. It covers the plan and the entries that were in it then: what is taken away later
//! is not missed, and what is put back was not approved.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::{Entry, Person, Plan};

/// That somebody approved a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// The SHA-256 of each entry that was approved.
    pub entries_sha256: Vec<String>,
    /// The Ed25519 signature of [`signed_text`], in hex.
    pub signature: String,
}

/// What an approval signs: one line a part, none of which can hold a line's end.
#[must_use]
pub fn signed_text(plan_sha256: &str, approval: &Approval) -> Vec<u8> {
    let Person { account_id, arn, user_id } = &approval.by;
    let at = approval.at.to_string();
    let mut parts = vec!["amiaudit approval 1", plan_sha256, &at, account_id, arn, user_id];
    parts.extend(approval.entries_sha256.iter().map(String::as_str));
    let lines: Vec<String> = parts.iter().map(|part| part.replace(['\n', '\r'], " ")).collect();
    lines.join("\n").into_bytes()
}

impl Plan {
    /// The approval of all entries that are in the plan now, still unsigned.
    #[must_use]
    pub fn to_approve(&self, by: Person, at: Timestamp) -> Approval {
        let entries_sha256 = self.entries.iter().map(Entry::sha256).collect();
        Approval { at, by, entries_sha256, signature: String::new() }
    }

    /// Whether an approval, whose signature fits, lets this plan be done; else why not.
    ///
    /// # Errors
    /// The reason.
    pub fn is_approved_by(&self, approval: &Approval) -> Result<(), String> {
        if approval.by.user_id == self.report.by.user_id {
            return Err(format!("{} planned it too: another person must approve", approval.by.arn));
        }
        let approved: BTreeSet<&String> = approval.entries_sha256.iter().collect();
        match self.entries.iter().find(|entry| !approved.contains(&entry.sha256())) {
            Some(entry) => Err(format!("{} was not in the plan that was approved", entry.finding_id)),
            None => Ok(()),
        }
    }
}
