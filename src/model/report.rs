//! A report: all that a run found, and all that it did not read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::caller::Caller;
use super::coverage::Coverage;
use super::event::TrailEvent;
use super::exception::Exception;
use super::exit::Exit;
use super::finding::{Finding, Severity, Status};
use super::gap::Gap;
use super::image::Image;
use super::org_view::OrgView;
use super::place::Place;
use super::share::AssessedShare;

/// The run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Names the run; two runs never share it.
    pub id: String,
    /// What was typed; secrets are left out.
    pub arguments: Vec<String>,
    /// The `AMIAUDIT_*` variables that were set; secrets are left out.
    pub variables: BTreeMap<String, String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it had read all it could.
    pub ended_at: Timestamp,
    /// Who ran it.
    pub caller: Caller,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// SHA-256 of the policy file, where there was one.
    pub policy_sha256: Option<String>,
    /// Requests sent, by API action, retries included.
    pub api_calls: BTreeMap<String, u64>,
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
    /// What the policy approves, and how much of it there is.
    pub exceptions: Vec<Exception>,
    /// What CloudTrail says of shares, where that was looked for.
    pub events: Option<Vec<Arc<TrailEvent>>>,
    /// Every image, where that was asked for.
    pub images: Option<Vec<ListedImage>>,
}

/// One image of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImage {
    /// Where it is.
    pub place: Place,
    /// The image.
    pub image: Arc<Image>,
    /// How many grants it has; `None` where they could not be read.
    pub grants: Option<u64>,
}

impl Report {
    /// The findings that stand.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.status == Status::Open)
    }

    /// How the run ends when findings at or above `fail_on` count; of those, only the ones not among `known`,
    /// the finding ids of an earlier run.
    #[must_use]
    pub fn exit(&self, fail_on: Severity, known: &BTreeSet<String>) -> Exit {
        if self.run.interrupted || self.gaps.iter().any(|gap| gap.expected_by.is_none()) {
            Exit::Incomplete
        } else if self.open().any(|finding| finding.severity >= fail_on && !known.contains(&finding.id())) {
            Exit::Exposed
        } else {
            Exit::Clean
        }
    }
}
