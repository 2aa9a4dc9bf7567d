//! `undetermined-grantee`: it cannot be told whether the grantee is inside or outside.
//!
//! Catches every known kind of grantee whose relation is `unknown`, because the list of the
//! organization's accounts could not be read whole. Misses nothing; it says "unknown", never "external",
//! on a guess.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Relation;

pub(super) struct UndeterminedGrantee;

static META: RuleMeta = RuleMeta {
    id: "undetermined-grantee",
    title: "AMI is shared with somebody who may be outside",
    basis: Basis::Inventory,
    severity: Severity::Medium,
    risk: "The image is shared, and without the whole list of the organization's accounts it cannot be told whether \
           that is with a member or a stranger.",
    misses: "Which of the two it is. Run from the management account or a delegated administrator, or give the list \
             with --organization.",
    remediation: "Scan again with the organization's list of accounts; if the grantee is a stranger without a reason, \
                  take the share back.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html",
        SHARING_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for UndeterminedGrantee {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| {
            share.relation == Relation::Unknown && !share.share.grantee.is_unrecognized()
        })
    }
}
