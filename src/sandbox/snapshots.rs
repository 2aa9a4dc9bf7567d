//! The snapshots behind images: DescribeSnapshotAttribute and ModifySnapshotAttribute, with AWS's checks.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html>
//!
//! An image has one, whose id is its own with another prefix; it outlives the image.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, AwsError, ec2};
use super::auth::Asker;
use super::change::{CREATE_VOLUME, Change};
use super::ec2::{refuse_dry_run, text};
use super::images::Backing;
use super::sts::Params;
use super::world::{Grant, World};
use crate::model::ids::{AccountId, ImageId};
use crate::model::place::Place;

/// The most that one call may add or remove.
const MOST_CHANGES: usize = 500;

/// The snapshot behind an image.
pub(super) fn of_image(image: &str) -> String {
    format!("snap-{}", image.strip_prefix("ami-").unwrap_or(image))
}

/// The image that a snapshot is behind; nothing, if that is no snapshot's id.
pub(super) fn image_of(snapshot: &str) -> Option<String> {
    let image = format!("ami-{}", snapshot.strip_prefix("snap-")?);
    image.parse::<ImageId>().is_ok().then_some(image)
}

/// Who may make volumes of which snapshots.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshots {
    grants: BTreeMap<(Place, String), BTreeSet<Grant>>,
    stale: BTreeMap<(Place, String), Stale>,
}

/// What was granted before a write that reads do not show yet.
#[derive(Debug, Clone)]
struct Stale {
    before: BTreeSet<Grant>,
    reads: u32,
}

impl Snapshots {
    /// What stands.
    pub(super) fn grants(&self, place: &Place, snapshot: &str) -> BTreeSet<Grant> {
        self.grants.get(&(place.clone(), snapshot.to_owned())).cloned().unwrap_or_default()
    }

    /// Gives a snapshot other grants.
    pub(super) fn set(&mut self, place: &Place, snapshot: &str, grants: BTreeSet<Grant>) {
        let key = (place.clone(), snapshot.to_owned());
        if grants.is_empty() {
            self.grants.remove(&key);
        } else {
            self.grants.insert(key, grants);
        }
    }

    /// All grants that stand.
    pub(super) fn all(&self) -> impl Iterator<Item = (Place, String, Grant)> {
        self.grants.iter().flat_map(|((place, snapshot), grants)| {
            grants.iter().map(|grant| (place.clone(), snapshot.clone(), grant.clone()))
        })
    }

    /// Lets the next reads of a snapshot show what is granted now, whatever is written to it.
    pub(super) fn keep_showing(&mut self, place: &Place, snapshot: &str, reads: u32) {
        let before = self.grants(place, snapshot);
        if reads > 0 && !snapshot.is_empty() {
            self.stale.insert((place.clone(), snapshot.to_owned()), Stale { before, reads });
        }
    }

    /// What a read shows, which counts as one.
    fn read(&mut self, place: &Place, snapshot: &str) -> BTreeSet<Grant> {
        let key = (place.clone(), snapshot.to_owned());
        let Some(stale) = self.stale.get_mut(&key) else { return self.grants(place, snapshot) };
        let shown = stale.before.clone();
        stale.reads -= 1;
        if stale.reads == 0 {
            self.stale.remove(&key);
        }
        shown
    }
}

pub(super) fn describe(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    let id = text(params, "SnapshotId");
    owned(world, asker, id)?;
    let attribute = text(params, "Attribute");
    if attribute != "createVolumePermission" {
        let message = format!("Value ({attribute}) for parameter attribute is invalid. Unknown attribute.");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    refuse_dry_run(params)?;
    let grants = world.snapshots.read(&asker.place, id);
    Ok(ec2("DescribeSnapshotAttribute", |xml| {
        xml.leaf("snapshotId", id);
        xml.element(attribute, |xml| {
            for Grant { member, value } in &grants {
                xml.element("item", |xml| {
                    xml.leaf(member, value);
                });
            }
        });
    }))
}

/// What is known of the snapshot, if it is the asker's own: only the owner may read or change permissions. In which
/// words AWS refuses others it does not say; these are its general ones.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn owned(world: &World, asker: &Asker, id: &str) -> Result<Backing, AwsError> {
    let Some(image) = image_of(id) else {
        let message = format!("Invalid id: \"{id}\" (expecting \"snap-...\")");
        return Err(AwsError::new(400, "InvalidSnapshotID.Malformed", message));
    };
    match world.images.behind(&asker.place.region, &image) {
        Some((owner, backing)) if owner == asker.place.account => Ok(backing),
        Some(_) => {
            let message = "You do not have permission to access the specified resource.";
            Err(AwsError::new(403, "AuthFailure", message))
        }
        None => {
            let message = format!("The snapshot '{id}' does not exist.");
            Err(AwsError::new(400, "InvalidSnapshot.NotFound", message))
        }
    }
}

pub(super) fn modify(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    let id = text(params, "SnapshotId");
    let backing = owned(world, asker, id)?;
    let Change { added, removed } = CREATE_VOLUME.read(params)?;
    check(&added, &removed)?;
    if added.contains(&Grant::parse("all")) {
        check_public(backing)?;
    }
    refuse_dry_run(params)?;
    let mut after = world.snapshots.grants(&asker.place, id);
    after.extend(added);
    after.retain(|grant| !removed.contains(grant));
    world.snapshots.set(&asker.place, id, after);
    Ok(ec2("ModifySnapshotAttribute", |xml| {
        xml.leaf("return", "true");
    }))
}

/// AWS documents that these are refused, but not with which codes.
fn check(added: &BTreeSet<Grant>, removed: &BTreeSet<Grant>) -> Result<(), AwsError> {
    if !added.is_empty() && !removed.is_empty() {
        let message = "Permissions cannot be added and removed in one request.";
        return Err(AwsError::new(400, "InvalidParameterCombination", message));
    }
    if added.len() + removed.len() > MOST_CHANGES {
        let message = format!("A request can make at most {MOST_CHANGES} modifications.");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    match added.iter().chain(removed).find(|grant| !can_be_granted(grant)) {
        Some(Grant { member, value }) => {
            let message = format!("Value ({value}) for parameter {member} is invalid.");
            Err(AwsError::new(400, "InvalidParameterValue", message))
        }
        None => Ok(()),
    }
}

/// Whether a snapshot can be shared with that: an account or everybody, not an organization.
pub(super) fn can_be_granted(Grant { member, value }: &Grant) -> bool {
    match member.as_str() {
        "userId" => value.parse::<AccountId>().is_ok(),
        "group" => value == "all",
        _ => false,
    }
}

fn check_public(backing: Backing) -> Result<(), AwsError> {
    let refused = |message: &str| Err(AwsError::new(400, "OperationNotPermitted", message));
    if backing.encrypted {
        return refused("Encrypted snapshots cannot be shared publicly");
    }
    if backing.has_product_codes {
        return refused("Snapshots with product codes cannot be shared publicly");
    }
    Ok(())
}
