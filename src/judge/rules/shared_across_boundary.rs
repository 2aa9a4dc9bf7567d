//! `shared-across-boundary`: inside our organization, across a line that the policy draws.
//!
//! Catches grants of accounts in a `[[boundary]]` to members, units or the whole organization outside it.
//! Misses whatever the policy draws no line around; shares that leave the organization are other rules'.

use super::{Evidence, ORGANIZATIONS_PAGE, Rule, SHARING_PAGE, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct SharedAcrossBoundary;

static META: RuleMeta = RuleMeta {
    id: "shared-across-boundary",
    title: "AMI is shared across a boundary inside the organization",
    basis: Basis::Inventory,
    severity: Severity::Medium,
    risk: "An image of a part of the organization that is kept apart can be launched, and read, in another part.",
    misses: "Parts of the organization that no [[boundary]] of the policy names.",
    remediation: "Take the share back, or have whoever keeps the boundary approve it in the policy.",
    mitre: None,
    covers: &[],
    references: &[SHARING_PAGE, ORGANIZATIONS_PAGE],
    controls: &[],
};

impl Rule for SharedAcrossBoundary {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| share.crosses.is_some())
    }
}
