//! `unattributed-share`: a share stands, and the log that must hold the call that made it does not.
//!
//! Catches open shares whose whole life the log covers without an add in it: the log was tampered with, or a call is
//! missing from it. Misses shares older than the log, and those where a part of it could not be read: there nothing can
//! be said.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>

use super::{Evidence, Rule, SHARING_PAGE, Stage, TRAIL_PAGE, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Verdict;
use crate::model::trace::Attribution;

/// The rule's id: what became of its findings is told by the log, not by the grant.
pub(in crate::judge) const ID: &str = "unattributed-share";

pub(super) struct UnattributedShare;

static META: RuleMeta = RuleMeta {
    id: ID,
    title: "No event tells who shared the AMI",
    basis: Basis::Inventory,
    severity: Severity::Low,
    risk: "A share that nobody is on record for: the log is not whole, or was changed.",
    misses: "Shares older than the log, and those where a part of it could not be read.",
    remediation: "Check the trail's integrity (aws cloudtrail validate-logs), and whether the source covers this \
                  account and Region.",
    mitre: None,
    covers: &[],
    references: &[TRAIL_PAGE, SHARING_PAGE],
    controls: &[],
};

impl Rule for UnattributedShare {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn stage(&self) -> Stage {
        Stage::Approved
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| {
            matches!(share.verdict, Verdict::Open | Verdict::Undetermined)
                && share.trace.attribution == Attribution::Missing
        })
    }
}
