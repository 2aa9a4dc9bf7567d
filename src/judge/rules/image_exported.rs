//! `image-exported`: an image, or the instance it could be made of, was written to a bucket.
//!
//! Catches the three calls that write a disk to S3: from there it goes wherever the bucket's policy lets it, without a
//! launch permission. Misses copies by way of snapshots and volumes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html>

use super::{Evidence, Rule, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT};
use crate::judge::history::of_event;
use crate::model::event::EventName;
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct ImageExported;

static META: RuleMeta = RuleMeta {
    id: "image-exported",
    title: "AMI or instance was exported to a bucket",
    basis: Basis::Events,
    severity: Severity::Medium,
    risk: "Who may read the bucket has the content, and no launch permission shows it.",
    misses: "Copies by way of snapshots and volumes.",
    remediation: "Ask whoever exported it; look at who may read the bucket.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-store-restore.html",
        "https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport_image.html",
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for ImageExported {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let exports = evidence.events().filter(|event| event.name.is_export() && event.succeeded());
        let found = exports.map(|event| {
            let mut finding = of_event(&META, event, None, evidence);
            let what = match event.name {
                EventName::CreateInstanceExportTask => "the instance",
                _ => "the bucket",
            };
            if !event.resource.is_empty() {
                finding.notes.push(format!("{} names {what} {}.", event.name, event.resource));
            }
            finding
        });
        found.collect()
    }
}
