//! `shared-with-foreign-organization`: somebody else's organization, or a unit of it, may launch it.
//!
//! Catches every organization and OU ARN whose organization is not ours. Misses nothing that stands at
//! the time of the scan; who is in that organization is not to be seen from outside.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html>

use super::{
    Evidence, ORGANIZATIONS_PAGE, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares,
};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Relation;

pub(super) struct SharedWithForeignOrganization;

static META: RuleMeta = RuleMeta {
    id: "shared-with-foreign-organization",
    title: "AMI is shared with somebody else's organization",
    basis: Basis::Inventory,
    severity: Severity::High,
    risk: "Every account of another organization, those that join it later too, can launch the image and keep an \
           image of its own.",
    misses: "How many accounts that is: a foreign organization's members cannot be seen. Shares that came and went \
             between two scans.",
    remediation: "If nobody can name that organization and the reason for the share, take it back; if the share is \
                  meant, name the accounts instead.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[ORGANIZATIONS_PAGE, SHARING_PAGE, TECHNIQUE_PAGE],
    controls: &[],
};

impl Rule for SharedWithForeignOrganization {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| share.relation == Relation::ForeignOrganization)
    }
}
