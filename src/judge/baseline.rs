//! What became of an earlier run's findings: resolved only where that is proven.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::rules::unattributed_share;
use super::sort;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::finding::{Finding, Resolution, Status};
use crate::model::gap::{EVENTS, Gap};
use crate::model::ids::{ImageId, SnapshotId};
use crate::model::org_view::OrgView;
use crate::model::place::Place;
use crate::model::rule::Basis;
use crate::model::share::{AssessedShare, Relation, Verdict, find};
use crate::model::snapshot::{SnapshotAt, SnapshotShare};
use crate::model::trace::Attribution;

/// What this run knows.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// The organization.
    pub org: &'a OrgView,
    /// Every grant.
    pub shares: &'a [AssessedShare],
    /// How far each place was read.
    pub coverage: &'a [Coverage],
    /// What was not read.
    pub gaps: &'a [Gap],
    /// Every grant of a snapshot that was asked after.
    pub snapshots: &'a [SnapshotShare],
    /// The snapshots whose grants are known.
    pub snapshots_read: &'a BTreeSet<SnapshotAt>,
    /// The snapshots that are there no more.
    pub snapshots_gone: &'a BTreeSet<SnapshotAt>,
    /// The states of the images that earlier findings are about, where they are still there; `None` where
    /// that was not kept.
    pub states: Option<&'a BTreeMap<(Place, ImageId), String>>,
    /// The entries of the policy that cover nothing as far as was read, and of which a part was not; `None` where
    /// the policy is not known.
    pub unread: Option<&'a BTreeSet<String>>,
    /// The run's time.
    pub at: Timestamp,
}

/// Compares with the findings of an earlier run: what is still there keeps the time it was first seen, and
/// what is not is added as resolved or not assessed.
pub fn since(earlier: Vec<Finding>, findings: &mut Vec<Finding>, now: Now<'_>) {
    let mut before: BTreeMap<String, Finding> =
        earlier.into_iter().filter(|f| f.status != Status::Resolved).map(|f| (f.id(), f)).collect();
    for finding in findings.iter_mut() {
        if let Some(older) = before.remove(&finding.id()) {
            finding.first_seen = older.first_seen.min(finding.first_seen);
        }
    }
    let mut current: BTreeMap<ShareOf, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.snapshot.is_none()) {
        current.entry(share_of(finding)).or_default().insert(finding.rule.id);
    }
    let mut added = Vec::new();
    for mut finding in before.into_values() {
        if now.assesses(&finding) {
            let others = current.get(&share_of(&finding)).filter(|_| finding.grantee.is_some());
            let elsewhere = others.is_some_and(|rules| rules.iter().any(|rule| *rule != finding.rule.id));
            finding.status = Status::Resolved;
            finding.resolved_at = Some(now.at);
            finding.resolution = match &finding.snapshot {
                Some(snapshot) => now.resolution_of_snapshot(&finding, snapshot),
                None => now.resolution(&finding, elsewhere),
            };
        } else {
            finding.status = Status::NotAssessed;
        }
        added.push(finding);
    }
    findings.extend(added);
    sort(findings);
}

const BLOCK_PUBLIC_ACCESS: &str = "GetImageBlockPublicAccessState";
const SNAPSHOTS: &str = "DescribeSnapshotAttribute";

/// Whether a gap of an image's place could hide the image: one that is about it, or about no image in
/// particular. Whatever failed, a role say, what could not be listed is not gone.
fn blocks(gap: &Gap, image: &ImageId) -> bool {
    let of_another = gap.subject.parse::<ImageId>().is_ok_and(|subject| subject != *image);
    let of_none = [BLOCK_PUBLIC_ACCESS, SNAPSHOTS, EVENTS].contains(&gap.call.as_str());
    !(of_another || of_none)
}

type ShareOf = (Option<Place>, Option<ImageId>, Option<String>);

fn place_of(finding: &Finding) -> Option<Place> {
    let (account, region) = finding.account.zip(finding.region.clone())?;
    Some(Place { account, region })
}

fn is_of_image(share: &SnapshotShare, finding: &Finding) -> bool {
    finding.image.as_ref().is_some_and(|image| image.id == share.image.id)
}

fn share_of(finding: &Finding) -> ShareOf {
    let grantee = finding.grantee.as_ref().map(ToString::to_string);
    (place_of(finding), finding.image.as_ref().map(|image| image.id.clone()), grantee)
}

impl Now<'_> {
    /// Whether this run read what the finding is about, so that its absence means something.
    fn assesses(&self, finding: &Finding) -> bool {
        // What events tell of does not end: it goes out of the log.
        if finding.rule.basis == Basis::Events {
            return false;
        }
        if finding.rule.id == unattributed_share::ID && !self.searched(finding) {
            return false;
        }
        if let Some(snapshot) = &finding.snapshot {
            return self.assesses_snapshot(finding, snapshot);
        }
        if let Some(entry) = &finding.subject {
            return match self.unread {
                Some(unread) => !unread.contains(entry),
                None => self.coverage.iter().all(Coverage::is_settled),
            };
        }
        let Some(account) = finding.account else { return false };
        match (&finding.region, &finding.image) {
            (Some(region), Some(image)) => {
                self.read_image(&Place { account, region: region.clone() }, &image.id)
            }
            _ => self.read_block_public_access(account, finding),
        }
    }

    /// Whether it is known who may make volumes of the snapshot, or that it is gone. That its image is gone proves
    /// nothing: the snapshot stays, with its permissions.
    fn assesses_snapshot(&self, finding: &Finding, snapshot: &SnapshotId) -> bool {
        let Some(place) = place_of(finding) else { return false };
        let at = (place, snapshot.clone());
        if self.snapshots_gone.contains(&at) {
            return true;
        }
        // A grant that stands, and was not judged for this image, is neither revoked nor approved.
        let mut held = self.held(&at, finding).peekable();
        let for_another = held.peek().is_some() && !held.any(|share| is_of_image(share, finding));
        self.snapshots_read.contains(&at) && !for_another
    }

    /// The grants of a snapshot to a finding's grantee, one for each image that it backs.
    fn held<'b>(
        &'b self,
        at: &'b SnapshotAt,
        finding: &'b Finding,
    ) -> impl Iterator<Item = &'b SnapshotShare> {
        self.snapshots.iter().filter(move |share| {
            (&share.place, &share.snapshot) == (&at.0, &at.1)
                && Some(&share.grantee) == finding.grantee.as_ref()
        })
    }

    fn resolution_of_snapshot(&self, finding: &Finding, snapshot: &SnapshotId) -> Option<Resolution> {
        let at = (place_of(finding)?, snapshot.clone());
        if self.snapshots_gone.contains(&at) {
            return Some(Resolution::Deregistered);
        }
        let grantee = finding.grantee.as_ref()?;
        if self.held(&at, finding).next().is_none() {
            return Some(Resolution::Revoked);
        }
        let joined = matches!(finding.relation, Some(Relation::External | Relation::FormerMember));
        let is_ours = Verdict::of(grantee.relation(at.0.account, self.org)) == Verdict::Own;
        Some(if joined && is_ours { Resolution::Joined } else { Resolution::PolicyChanged })
    }

    /// Whether the log was looked at for who made this grant.
    fn searched(&self, finding: &Finding) -> bool {
        let Some(place) = place_of(finding) else { return false };
        let unknown = |assessed: &AssessedShare| {
            let attribution = assessed.trace.attribution;
            matches!(
                attribution,
                Attribution::NotSearched
                    | Attribution::LogGap
                    | Attribution::Pending
                    | Attribution::PredatesLog
            )
        };
        self.row(&place).is_some_and(|row| row.events.is_some())
            && !self.standing(finding).is_some_and(unknown)
    }

    /// The grant that a finding is about, where it stands.
    fn standing(&self, finding: &Finding) -> Option<&AssessedShare> {
        let (image, grantee) = (finding.image.as_ref()?, finding.grantee.as_ref()?);
        self.shares.get(find(self.shares, &place_of(finding)?, &image.id, grantee)?)
    }

    fn row(&self, place: &Place) -> Option<&Coverage> {
        let here =
            |row: &&Coverage| row.account == place.account && row.region.as_ref() == Some(&place.region);
        self.coverage.iter().find(here)
    }

    fn read_image(&self, place: &Place, image: &ImageId) -> bool {
        let Some(row) = self.row(place) else { return false };
        let mut gaps = self
            .gaps
            .iter()
            .filter(|gap| gap.account == Some(place.account) && gap.region.as_ref() == Some(&place.region));
        match row.status {
            CoverageStatus::Read => true,
            // The list was read whole, and this image is not among what was not.
            CoverageStatus::Partial => !gaps.any(|gap| blocks(gap, image)),
            CoverageStatus::Unread | CoverageStatus::NotApplicable | CoverageStatus::NotSelected => false,
        }
    }

    /// One finding for an account: every Region that it named must have been read.
    fn read_block_public_access(&self, account: crate::model::ids::AccountId, finding: &Finding) -> bool {
        let read = |region: &crate::model::ids::Region| {
            let place = Place { account, region: region.clone() };
            let failed = |gap: &Gap| {
                gap.account == Some(account)
                    && gap.region.as_ref() == Some(region)
                    && (gap.call == BLOCK_PUBLIC_ACCESS || gap.subject.is_empty())
            };
            let row = self.row(&place).map(|row| row.status);
            matches!(row, Some(CoverageStatus::Read | CoverageStatus::Partial))
                && !self.gaps.iter().any(failed)
        };
        !finding.regions.is_empty() && finding.regions.iter().all(read)
    }

    fn resolution(&self, finding: &Finding, elsewhere: bool) -> Option<Resolution> {
        let (Some(image), Some(place), Some(_)) = (&finding.image, place_of(finding), &finding.grantee)
        else {
            return Some(Resolution::PolicyChanged).filter(|_| finding.subject.is_some());
        };
        match self.standing(finding) {
            Some(_) if elsewhere => Some(Resolution::Reclassified),
            Some(assessed) if assessed.verdict == Verdict::Own => Some(match finding.relation {
                Some(Relation::External | Relation::FormerMember) => Resolution::Joined,
                before if before == Some(assessed.relation) => Resolution::PolicyChanged,
                _ => Resolution::Reclassified,
            }),
            Some(assessed) if assessed.verdict == Verdict::Excepted => Some(Resolution::Excepted),
            Some(_) if finding.rule.id == unattributed_share::ID => Some(Resolution::Reclassified),
            Some(_) => Some(Resolution::PolicyChanged),
            None => match self.states?.get(&(place, image.id.clone())) {
                None => Some(Resolution::Deregistered),
                Some(state) if state == "disabled" => Some(Resolution::Disabled),
                Some(_) => Some(Resolution::Revoked),
            },
        }
    }
}
