//! A report: all that a run found, and all that it did not read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::caller::Caller;
use super::coverage::Coverage;
use super::exit::Exit;
use super::finding::{Finding, Severity, Status};
use super::gap::Gap;
use super::org_view::OrgView;
use super::share::AssessedShare;

/// The run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Names the run; two runs never share it.
    pub id: String,
    /// What was typed.
    pub arguments: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it had read all it could.
    pub ended_at: Timestamp,
    /// Who ran it.
    pub caller: Caller,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Requests sent, by API action, retries included.
    pub api_calls: BTreeMap<&'static str, u64>,
}

/// All of a run's results, in the order of the contract: account, Region, image, grantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The run.
    pub run: Run,
    /// The organization the shares were judged against.
    pub org: OrgView,
    /// What somebody has to act on.
    pub findings: Vec<Finding>,
    /// Every grant, those inside the organization too.
    pub shares: Vec<AssessedShare>,
    /// What was read.
    pub coverage: Vec<Coverage>,
    /// What was not.
    pub gaps: Vec<Gap>,
}

impl Report {
    /// The findings that stand.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.status == Status::Open)
    }

    /// How the run ends when findings at or above `fail_on` count.
    #[must_use]
    pub fn exit(&self, fail_on: Severity) -> Exit {
        if !self.gaps.is_empty() {
            Exit::Incomplete
        } else if self.open().any(|finding| finding.severity >= fail_on) {
            Exit::Exposed
        } else {
            Exit::Clean
        }
    }
}
