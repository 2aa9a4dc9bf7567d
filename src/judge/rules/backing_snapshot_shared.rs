//! `backing-snapshot-shared`: somebody outside may make a volume of a snapshot that backs a shared image.
//!
//! Catches permissions to make volumes of the snapshots behind images that are shared outside: they stay when the launch
//! permission is taken back and when the image is deregistered, and they let the grantee copy the image. With the earlier
//! report as baseline it catches them then too. Misses the snapshots of other images that are shared with nobody outside
//! (any more), and what a key lets the grantee do with an encrypted one.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ami-copy-works.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT};
use crate::judge::snapshots::AssessedSnapshot;
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::Relation;

pub(super) struct BackingSnapshotShared;

static META: RuleMeta = RuleMeta {
    id: "backing-snapshot-shared",
    title: "Snapshot of a shared AMI is shared outside as well",
    basis: Basis::Inventory,
    severity: Severity::High,
    risk: "Whoever may make a volume of the snapshot can read all that is on the image and keep a copy, also after the \
           launch permission was taken back.",
    misses: "Snapshots of images that are shared only inside the organization or across a boundary, with nobody any \
             more, or deregistered, unless the report named with --baseline has the finding; whether the grantee can use the KMS key of an encrypted one; copies and volumes already made.",
    remediation: "If nobody can name the grantee and the reason, take the snapshot back together with the image.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ami-copy-works.html",
        SHARING_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for BackingSnapshotShared {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let open = evidence.snapshots.iter().filter(|assessed| assessed.is_open());
        open.map(|assessed| finding(assessed, evidence)).collect()
    }
}

fn finding(assessed: &AssessedSnapshot<'_>, evidence: &Evidence<'_>) -> Finding {
    let share = assessed.share;
    let (severity, note) = match assessed.relation {
        Relation::Public => (Severity::Critical, None),
        Relation::Unknown if share.grantee.is_unrecognized() => (
            Severity::Medium,
            Some(
                "The grantee is of no kind that AWS documents for snapshots: it cannot be told who that is.",
            ),
        ),
        Relation::Unknown => {
            (Severity::Medium, Some("It cannot be told whether the grantee is inside the organization."))
        }
        _ => (META.severity, None),
    };
    Finding {
        severity,
        account: Some(share.place.account),
        region: Some(share.place.region.clone()),
        image: Some(share.image.clone()),
        snapshot: Some(share.snapshot.clone()),
        subject: Some(share.snapshot.to_string()),
        grantee: Some(share.grantee.clone()),
        relation: Some(assessed.relation),
        notes: note.into_iter().map(str::to_owned).collect(),
        ..Finding::new(&META, evidence.now)
    }
}
