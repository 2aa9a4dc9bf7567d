//! What a policy approves, as a report shows it.

use jiff::Timestamp;

/// One entry of the policy that lets something pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: String,
    /// `trusted`, `exception` or `intended_public`.
    pub kind: &'static str,
    /// What it covers, in words.
    pub scope: String,
    /// Who answers for it.
    pub owner: String,
    /// Who approved it.
    pub approver: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// It holds before this.
    pub expires_at: Timestamp,
    /// How many shares and findings it covers in this run.
    pub matches: u64,
}
