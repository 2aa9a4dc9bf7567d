//! One file a rule, and the slice of them. Every list of rules anywhere is made from it.

mod backing_snapshot_shared;
mod block_public_access_disabled;
mod block_public_access_off;
mod expired_exception;
mod image_exported;
mod public_ami;
mod refused_share_attempt;
mod share_of_deregistered_image;
mod shared_across_boundary;
mod shared_outside_organization;
mod shared_with_foreign_organization;
mod shared_with_suspended_account;
mod transient_share;
pub(in crate::judge) mod unattributed_share;
mod undetermined_grantee;
mod unrecognized_grantee;
mod unused_exception;

use jiff::Timestamp;

use super::history::History;
use super::policy::{Policy, Usage};
use super::snapshots::AssessedSnapshot;
use crate::model::coverage::Coverage;
use crate::model::finding::Finding;
use crate::model::org_view::OrgView;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::rule::{Mitre, RuleMeta};
use crate::model::share::AssessedShare;

/// What the rules judge.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Every grant with its relation.
    pub(crate) shares: &'a [AssessedShare],
    /// Grants of the snapshots behind images that are shared outside.
    pub(crate) snapshots: &'a [AssessedSnapshot<'a>],
    /// The state of block public access where it was read, and how many images are there.
    pub(crate) blocks: &'a [(Place, BlockPublicAccess, Option<u64>)],
    /// How far each place was read.
    pub(crate) coverage: &'a [Coverage],
    /// What the events tell.
    pub(crate) history: &'a History<'a>,
    /// The organization.
    pub(crate) org: &'a OrgView,
    /// What is meant.
    pub(crate) policy: &'a Policy,
    /// How often each entry of the policy was used; known to the rules about the policy only.
    pub(crate) usage: &'a Usage,
    /// The run's time.
    pub(crate) now: Timestamp,
}

/// One rule.
pub trait Rule: Sync {
    /// Everything there is to say of it.
    fn meta(&self) -> &'static RuleMeta;
    /// What it finds.
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding>;
    /// When it judges.
    fn stage(&self) -> Stage {
        Stage::First
    }
}

/// When a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before anything is approved.
    First,
    /// When the policy has approved shares: it asks more of those that it did not.
    Approved,
    /// When the policy was applied to all: it judges the policy.
    Policy,
}

/// All rules, in the order in which they are listed.
pub static RULES: &[&dyn Rule] = &[
    &public_ami::PublicAmi,
    &shared_outside_organization::SharedOutsideOrganization,
    &shared_with_foreign_organization::SharedWithForeignOrganization,
    &shared_with_suspended_account::SharedWithSuspendedAccount,
    &unrecognized_grantee::UnrecognizedGrantee,
    &undetermined_grantee::UndeterminedGrantee,
    &backing_snapshot_shared::BackingSnapshotShared,
    &block_public_access_off::BlockPublicAccessOff,
    &shared_across_boundary::SharedAcrossBoundary,
    &transient_share::TransientShare,
    &share_of_deregistered_image::ShareOfDeregisteredImage,
    &refused_share_attempt::RefusedShareAttempt,
    &block_public_access_disabled::BlockPublicAccessDisabled,
    &image_exported::ImageExported,
    &unattributed_share::UnattributedShare,
    &expired_exception::ExpiredException,
    &unused_exception::UnusedException,
];

/// The rule of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| rule.meta().id == id)
}

/// Data taken out through an account that the adversary controls.
const TRANSFER_TO_CLOUD_ACCOUNT: Mitre = Mitre {
    technique: "T1537",
    technique_name: "Transfer Data to Cloud Account",
    tactic: "TA0010",
    tactic_name: "Exfiltration",
};

/// The pages that every rule about a grant rests on.
const SHARING_PAGE: &str = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html";
const PUBLIC_PAGE: &str = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html";
const ORGANIZATIONS_PAGE: &str =
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-with-organizations-and-OUs.html";
const BLOCK_PAGE: &str =
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html";
const TRAIL_PAGE: &str = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/using-cloudtrail.html";
const TECHNIQUE_PAGE: &str = "https://attack.mitre.org/techniques/T1537/";

/// One finding for each share that `concerns` picks.
fn find_shares(
    meta: &'static RuleMeta,
    evidence: &Evidence<'_>,
    concerns: impl Fn(&AssessedShare) -> bool,
) -> Vec<Finding> {
    let picked = evidence.shares.iter().filter(|share| concerns(share));
    picked.map(|share| of_share(meta, share, evidence.now)).collect()
}

fn of_share(meta: &'static RuleMeta, assessed: &AssessedShare, seen_at: Timestamp) -> Finding {
    let share = &assessed.share;
    Finding {
        account: Some(share.place.account),
        region: Some(share.place.region.clone()),
        image: Some(share.image.clone()),
        grantee: Some(share.grantee.clone()),
        relation: Some(assessed.relation),
        trace: Some(assessed.trace.clone()),
        ..Finding::new(meta, seen_at)
    }
}
