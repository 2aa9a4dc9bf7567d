//! `public-ami`: everybody may launch it.
//!
//! Catches every launch permission `group=all`, and an image that is listed as public although its
//! permissions could not be read. Misses images that were public between two scans.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html>

use super::{
    Evidence, PUBLIC_PAGE, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT, find_shares,
};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, Control, RuleMeta};
use crate::model::share::Relation;

pub(super) struct PublicAmi;

static META: RuleMeta = RuleMeta {
    id: "public-ami",
    title: "AMI is public",
    basis: Basis::Inventory,
    severity: Severity::Critical,
    risk: "Every AWS account can launch the image, read all that is on it, and keep an image of its own.",
    misses: "An image that was public only between two scans; copies that others have already made.",
    remediation: "Take the public launch permission away, and look for secrets on the image: it may have been copied.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[PUBLIC_PAGE, SHARING_PAGE, TECHNIQUE_PAGE],
    controls: &[Control {
        id: "CIS AWS Compute Services Benchmark 1.0.0 2.1.5",
        source: "https://github.com/prowler-cloud/prowler/files/12229352/CIS_AWS_Compute_Services_Benchmark_v1.0.0.pdf",
    }],
};

impl Rule for PublicAmi {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        find_shares(&META, evidence, |share| share.relation == Relation::Public)
    }
}
