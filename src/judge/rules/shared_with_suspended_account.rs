//! `shared-with-suspended-account`: a member that is suspended, being closed or closed holds a grant.
//!
//! Catches grants that name such an account. Misses those that reach it through our organization or a
//! unit, which are meant for whoever is in it.
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Relation;

pub(super) struct SharedWithSuspendedAccount;

static META: RuleMeta = RuleMeta {
    id: "shared-with-suspended-account",
    title: "AMI is shared with a suspended or closed account",
    basis: Basis::Inventory,
    severity: Severity::Medium,
    risk: "Nobody watches an account that is closed or suspended; if it is reopened, or leaves the organization, the \
           grant works again.",
    misses: "Grants to our organization or a unit that such an account is in.",
    remediation: "Take the grant back: the account has no use for it.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html",
        SHARING_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for SharedWithSuspendedAccount {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| share.relation == Relation::SuspendedMember)
    }
}
