//! `shared-outside-organization`: an account outside our organization may launch it.
//!
//! Catches every account that a complete list of the organization's accounts does not name, and those
//! that have left it. Misses accounts that reach the image through an organization or unit (other
//! rules), and grants that came and went between two scans. Covers Elastic's rule, and tells members
//! from strangers, which that rule cannot.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Relation;

pub(super) struct SharedOutsideOrganization;

static META: RuleMeta = RuleMeta {
    id: "shared-outside-organization",
    title: "AMI is shared with an account outside the organization",
    basis: Basis::Inventory,
    severity: Severity::High,
    risk: "An account that the organization does not govern can launch the image, read all that is on it, and keep \
           an image of its own.",
    misses: "A share that came and went between two scans; instances already launched and copies already made.",
    remediation: "If nobody can name the owner of the account and the reason for the share, take it back.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &["elastic/detection-rules 6a309864-fc3f-11ee-b8cc-f661ea17fbce"],
    references: &[
        SHARING_PAGE,
        TECHNIQUE_PAGE,
        "https://attack.mitre.org/tactics/TA0010/",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIs.html",
        "https://stratus-red-team.cloud/attack-techniques/AWS/aws.exfiltration.ec2-share-ami/",
        "https://github.com/elastic/detection-rules/blob/main/rules/integrations/aws/exfiltration_ec2_ami_shared_with_separate_account.toml",
    ],
    controls: &[],
};

impl Rule for SharedOutsideOrganization {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| {
            matches!(share.relation, Relation::External | Relation::FormerMember)
        })
    }
}
