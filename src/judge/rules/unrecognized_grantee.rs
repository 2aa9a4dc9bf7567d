//! `unrecognized-grantee`: a launch permission of no kind that AWS documents.
//!
//! Catches a group other than `all`, an account id that is not 12 digits, an ARN that does not parse,
//! and members that AWS may add later. Misses nothing that the API returns.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct UnrecognizedGrantee;

static META: RuleMeta = RuleMeta {
    id: "unrecognized-grantee",
    title: "AMI is shared with a grantee of an unknown kind",
    basis: Basis::Inventory,
    severity: Severity::Medium,
    risk: "Somebody holds a launch permission that cannot be understood, so it cannot be told who can launch the \
           image.",
    misses: "What such a grantee is: that needs a look by hand.",
    remediation: "Look at the image's launch permissions by hand (aws ec2 describe-image-attribute --attribute \
                  launchPermission) and report the new kind to the makers of amiaudit.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html",
        SHARING_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for UnrecognizedGrantee {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| share.share.grantee.is_unrecognized())
    }
}
