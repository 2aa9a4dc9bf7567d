//! `share-of-deregistered-image`: an image was removed while somebody outside could launch it.
//!
//! Catches grants that ended only with their image, which no inventory shows any more. Misses what happened before the
//! log or in a part of it that could not be read.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT};
use crate::judge::history::of_grant;
use crate::model::event::EventName;
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct ShareOfDeregisteredImage;

static META: RuleMeta = RuleMeta {
    id: "share-of-deregistered-image",
    title: "AMI was shared outside until it was deregistered",
    basis: Basis::Events,
    severity: Severity::Medium,
    risk: "The image is gone here, and with it the trace of the share; instances that the grantee launched, and images \
           that it made of them, stay.",
    misses: "Shares from before the log, and those in a part of it that could not be read.",
    remediation: "Ask whoever shared and removed it; look whether its snapshots are still there and shared.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &["elastic/detection-rules 6a309864-fc3f-11ee-b8cc-f661ea17fbce"],
    references: &[
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html",
        SHARING_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for ShareOfDeregisteredImage {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let found = evidence.grants().filter_map(|grant| {
            let closed = grant.closed.as_ref().filter(|event| event.name == EventName::DeregisterImage)?;
            let (opened, grantee) = (grant.opened.as_ref()?, grant.grantee.as_ref()?);
            let relation = evidence.outsider(opened, grantee)?;
            let mut finding = of_grant(&META, grant, opened, (grantee, relation), evidence);
            let seconds =
                grant.seconds().map(|seconds| format!(" after {seconds} seconds")).unwrap_or_default();
            finding.notes.push(format!("It was deregistered by {}{seconds}.", closed.actor.name()));
            Some(finding)
        });
        found.collect()
    }
}
