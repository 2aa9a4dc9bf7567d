//! A plan: a pure value that says which grants are to be taken back, and where it came from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::approval::Approval;
use super::users::Usage;
use crate::model::caller::Caller;
use crate::model::grantee::Grantee;
use crate::model::remediation::Target;

/// A plan, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The SHA-256 by which it is known: over all of it but what may be taken away and what is added later.
    pub sha256: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The ticket that the user named.
    pub ticket: Option<String>,
    /// The report that it was made from.
    pub report: ReportRef,
    /// The SHA-256 of the policy that the report was judged by, where there was one.
    pub policy_sha256: Option<String>,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The SHA-256 of each entry as it was planned: some may have been taken away since.
    pub planned: Vec<String>,
    /// What is to be taken back, by place, image, snapshot and grantee.
    pub entries: Vec<Entry>,
    /// What is open and is not taken back, and why.
    pub stays: Vec<Stays>,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// Who uses the images, where AWS was asked: for people, and covered by no digest.
    pub usage: Vec<Usage>,
}

/// The report that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRef {
    /// Where it was.
    pub path: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// Its run.
    pub run_id: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// Who ran it, and so planned: `plan` itself asks nothing of AWS.
    pub by: Person,
}

/// Somebody, as STS knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The account.
    pub account_id: String,
    /// The ARN.
    pub arn: String,
    /// The unique id, which tells two people of one role apart.
    pub user_id: String,
}

impl From<&Caller> for Person {
    fn from(caller: &Caller) -> Self {
        Self {
            account_id: caller.account.to_string(),
            arn: caller.arn.clone(),
            user_id: caller.user_id.clone(),
        }
    }
}

/// One grant that is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The open finding that it rests on.
    pub finding_id: String,
    /// The finding's rule.
    pub rule_id: String,
    /// The finding's severity.
    pub severity: String,
    /// What holds the grant.
    pub target: Target,
    /// The image's name: hostile text.
    pub image_name: String,
    /// Who is to be let in no more.
    pub grantee: Grantee,
    /// What the grantee is to us.
    pub relation: String,
    /// Who the grantee is, where that is known.
    pub grantee_name: String,
    /// The pipeline that seems to keep the grant.
    pub managed_by: String,
    /// When the image was last launched, as AWS tells it.
    pub last_launched_at: Option<Timestamp>,
}

/// An open finding that the plan leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stays {
    /// The finding.
    pub finding_id: String,
    /// What it is about: hostile text.
    pub about: String,
    /// Why it stays.
    pub reason: String,
}
