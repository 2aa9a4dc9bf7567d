//! A backing snapshot's own share: somebody who may copy what an image is made of, launch permission or not.

use std::sync::Arc;

use jiff::Timestamp;

use super::grantee::Grantee;
use super::ids::{ImageId, SnapshotId};
use super::image::Image;
use super::place::Place;
use super::share::Share;

/// A snapshot in its place: what AWS is asked about once, however many images it backs.
pub type SnapshotAt = (Place, SnapshotId);

/// Somebody who may make a volume of a snapshot that backs an image.
/// <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotShare {
    /// The owner's account and Region.
    pub place: Place,
    /// The image that the snapshot backs.
    pub image: Arc<Image>,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Who may make a volume of it.
    pub grantee: Grantee,
    /// When this was read.
    pub read_at: Timestamp,
}

impl SnapshotShare {
    /// Account, Region, image, snapshot, grantee. One grant has one place in it.
    #[must_use]
    pub fn order(&self) -> (&Place, &ImageId, &SnapshotId, &Grantee) {
        (&self.place, &self.image.id, &self.snapshot, &self.grantee)
    }

    /// The same as a share of the image, which is what a policy speaks of.
    #[must_use]
    pub fn as_of_image(&self) -> Share {
        Share {
            place: self.place.clone(),
            image: Arc::clone(&self.image),
            grantee: self.grantee.clone(),
            read_at: self.read_at,
        }
    }
}
