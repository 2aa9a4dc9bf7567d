//! Grants of the snapshots behind images: what each is to us, and what it adds to findings of the image.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::family;
use super::policy::Policy;
use crate::model::finding::{Finding, hash_id};
use crate::model::place::Place;
use crate::model::share::{Relation, Share, Verdict};
use crate::model::snapshot::SnapshotShare;

/// A grant of a snapshot with what it is to us.
#[derive(Debug)]
pub(crate) struct AssessedSnapshot<'a> {
    pub(crate) share: &'a SnapshotShare,
    pub(crate) relation: Relation,
    pub(super) grantee_name: String,
}

impl AssessedSnapshot<'_> {
    /// Whether it is neither inside our organization nor trusted, as far as can be told.
    pub(crate) fn is_open(&self) -> bool {
        matches!(Verdict::of(self.relation), Verdict::Open | Verdict::Undetermined)
    }
}

/// Assessed grants of snapshots, in the order of the grants.
#[derive(Debug)]
pub(super) struct Snapshots<'a>(Vec<AssessedSnapshot<'a>>);

impl<'a> Snapshots<'a> {
    pub(super) fn new(assessed: impl Iterator<Item = AssessedSnapshot<'a>>) -> Self {
        let mut assessed: Vec<_> = assessed.collect();
        assessed.sort_by(|a, b| a.share.order().cmp(&b.share.order()));
        Self(assessed)
    }

    pub(super) fn all(&self) -> &[AssessedSnapshot<'a>] {
        &self.0
    }

    /// Those of an image.
    fn of_image(&self, share: &Share) -> &[AssessedSnapshot<'a>] {
        let image = (&share.place, &share.image.id);
        let beside =
            |assessed: &AssessedSnapshot<'_>| (&assessed.share.place, &assessed.share.image.id).cmp(&image);
        let from = self.0.partition_point(|assessed| beside(assessed) == Ordering::Less);
        let to = self.0.partition_point(|assessed| beside(assessed) != Ordering::Greater);
        self.0.get(from..to).unwrap_or_default()
    }

    /// The one that a finding is about.
    fn of_finding(&self, finding: &Finding) -> Option<&AssessedSnapshot<'a>> {
        let (snapshot, image) = (finding.snapshot.as_ref()?, finding.image.as_ref()?);
        let place = place_of(finding)?;
        let wanted = (&place, &image.id, snapshot, finding.grantee.as_ref()?);
        let nth = self.0.binary_search_by(|assessed| assessed.share.order().cmp(&wanted)).ok()?;
        self.0.get(nth)
    }

    /// Fills in what a finding of a snapshot takes from its image and grantee.
    pub(super) fn complete(&self, finding: &mut Finding, policy: &Policy) {
        let Some(assessed) = self.of_finding(finding) else { return };
        let share = assessed.share;
        finding.group_id = Some(group(finding, &share.as_of_image(), policy));
        finding.grantee_name.clone_from(&assessed.grantee_name);
        family::managed_by(&share.image).clone_into(&mut finding.managed_by);
    }

    /// What there is to say, in a finding of an image's share outside, of how far the image has gone: when it was last
    /// launched, and which of its snapshots are shared outside too.
    pub(super) fn notes(&self, share: &Share) -> Vec<String> {
        let launched = share
            .image
            .last_launched_at
            .map(|at| format!("It was last launched at {}.", at.strftime("%Y-%m-%dT%H:%M:%SZ")));
        let is_outside = |assessed: &&AssessedSnapshot<'_>| Verdict::of(assessed.relation) == Verdict::Open;
        let mut outside: Vec<&str> =
            self.of_image(share).iter().filter(is_outside).map(|of| of.share.snapshot.as_str()).collect();
        outside.dedup();
        let copied = match outside.as_slice() {
            [] => None,
            [one] => Some(format!(
                "Its snapshot {one} is shared outside as well: whoever holds that can copy the data."
            )),
            several => Some(format!(
                "Its snapshots {} are shared outside as well: whoever holds them can copy the data.",
                several.join(", ")
            )),
        };
        launched.into_iter().chain(copied).collect()
    }
}

fn place_of(finding: &Finding) -> Option<Place> {
    Some(Place { account: finding.account?, region: finding.region.clone()? })
}

/// The share of its image that a finding of a snapshot is approved like: the grantee may hold none of the image.
pub(super) fn as_share(finding: &Finding, read_at: Timestamp) -> Option<Share> {
    finding.snapshot.as_ref()?;
    Some(Share {
        place: place_of(finding)?,
        image: finding.image.clone()?,
        grantee: finding.grantee.clone()?,
        read_at,
    })
}

/// What belongs together in one story: rule, account, Region, grantee and image family.
pub(super) fn group(finding: &Finding, share: &Share, policy: &Policy) -> String {
    let family = family::family(&share.image, policy.family_tag());
    let (account, region) = (share.place.account.to_string(), share.place.region.as_str());
    let parts = [finding.rule.id, &account, region, share.grantee.word(), &share.grantee.label(), &family];
    hash_id("g-", &parts)
}
