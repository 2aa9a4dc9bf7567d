//! The lines of a snapshot file that hold what was read of the EBS snapshots behind images.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::convert::{BadLine, parse, place_of};
use super::lines::{GapLine, Line, SnapshotGapLine, SnapshotLine};
use crate::collect::inventory::Reading;
use crate::collect::snapshots::{Backing, SnapshotGap, shared_image};
use crate::model::grantee::Grantee;
use crate::model::ids::{ImageId, SnapshotId};
use crate::model::image::Image;
use crate::model::place::Place;
use crate::model::share::Share;
use crate::model::snapshot::SnapshotShare;

/// The lines of a reading.
pub(super) fn lines(reading: &Reading) -> impl Iterator<Item = Line> {
    let mut of_snapshot: BTreeMap<(&Place, &SnapshotId), Vec<&SnapshotShare>> = BTreeMap::new();
    for share in &reading.snapshots {
        of_snapshot.entry((&share.place, &share.snapshot)).or_default().push(share);
    }
    let known = reading.snapshots_read.iter().map(move |(place, snapshot)| {
        let shares = of_snapshot.get(&(place, snapshot)).map_or(&[][..], Vec::as_slice);
        Line::Snapshot(SnapshotLine::new(place, snapshot, (shares, &reading.shares)))
    });
    let gone = reading.snapshots_gone.iter().map(|(place, snapshot)| {
        let line = SnapshotLine::new(place, snapshot, (&[], &[]));
        Line::Snapshot(SnapshotLine { gone: true, ..line })
    });
    let missing = reading.snapshot_gaps.iter().map(|missing| {
        let SnapshotGap { gap, answered } = missing;
        Line::SnapshotGap(SnapshotGapLine { gap: GapLine::new(gap), answered: *answered })
    });
    known.chain(gone).chain(missing)
}

impl SnapshotLine {
    /// The line of a snapshot with these shares, which are in their order, as are those of all images: each image has
    /// the same grantees.
    fn new(place: &Place, snapshot: &SnapshotId, (shares, of_images): (&[&SnapshotShare], &[Share])) -> Self {
        let mut images: Vec<&Image> = shares.iter().map(|share| &*share.image).collect();
        images.dedup_by_key(|image| &image.id);
        let is_shared = |image: &&Image| shared_image(of_images, place, &image.id).is_some();
        let (shared, unshared): (Vec<&Image>, Vec<&Image>) = images.into_iter().partition(is_shared);
        let first = shares.first().map(|share| &share.image.id);
        let of_first = shares.iter().filter(|share| Some(&share.image.id) == first);
        Self {
            account: place.account.to_string(),
            region: place.region.to_string(),
            id: snapshot.to_string(),
            images: shared.iter().map(|image| image.id.to_string()).collect(),
            unshared: unshared.iter().map(|image| (image.id.to_string(), image.name.clone())).collect(),
            gone: false,
            read_at: shares.first().map(|share| share.read_at),
            grantees: of_first.map(|s| (s.grantee.word().to_owned(), s.grantee.label())).collect(),
        }
    }

    pub(super) fn place(&self) -> Result<Place, BadLine> {
        place_of(&self.account, &self.region)
    }

    /// Adds what it says to what is known of its place, which has these images.
    fn add_to(self, backing: &mut Backing, known: &BTreeMap<&ImageId, &Arc<Image>>) -> Result<(), BadLine> {
        let place = self.place()?;
        let snapshot: SnapshotId = parse(&self.id)?;
        if self.gone {
            backing.gone.insert((place, snapshot));
            return Ok(());
        }
        for image in self.backed(known)? {
            for (word, label) in &self.grantees {
                let grantee = Grantee::from_report(word, label)
                    .ok_or_else(|| BadLine(format!("{label:?} is not a grantee of the kind {word:?}")))?;
                let read_at =
                    self.read_at.ok_or_else(|| BadLine("a grant was read at no time".to_owned()))?;
                let (place, image, snapshot) = (place.clone(), Arc::clone(&image), snapshot.clone());
                backing.shares.push(SnapshotShare { place, image, snapshot, grantee, read_at });
            }
        }
        backing.read.insert((place, snapshot));
        Ok(())
    }

    /// The images that it backs, of which those that are shared are known.
    fn backed(&self, known: &BTreeMap<&ImageId, &Arc<Image>>) -> Result<Vec<Arc<Image>>, BadLine> {
        let shared = self.images.iter().map(|id| {
            let found = known.get(&parse::<ImageId>(id)?).map(|image| Arc::clone(image));
            let why = || BadLine(format!("{} is said to back {id}, which is not shared", self.id));
            found.ok_or_else(why)
        });
        let unshared =
            self.unshared.iter().map(|(id, name)| Ok(Arc::new(Image::named(parse(id)?, name.clone()))));
        shared.chain(unshared).collect()
    }
}

/// The lines of one place, until its images are known.
#[derive(Default)]
pub(super) struct BackingLog {
    pub(super) snapshots: Vec<SnapshotLine>,
    pub(super) gaps: Vec<SnapshotGap>,
}

impl BackingLog {
    /// What the lines say, of images that these shares tell.
    pub(super) fn backing(self, shares: &[Share]) -> Result<Backing, BadLine> {
        let mut backing = Backing { gaps: self.gaps, ..Backing::default() };
        let images = shares.iter().map(|share| (&share.image.id, &share.image)).collect();
        for line in self.snapshots {
            line.add_to(&mut backing, &images)?;
        }
        Ok(backing)
    }
}

impl SnapshotGapLine {
    /// The gap, and the place it is of.
    pub(super) fn gap(self) -> Result<(Place, SnapshotGap), BadLine> {
        let gap = self.gap.gap()?;
        let place = gap.account.zip(gap.region.clone());
        let (account, region) = place.ok_or_else(|| BadLine("a snapshot's gap is of no place".to_owned()))?;
        Ok((Place { account, region }, SnapshotGap { gap, answered: self.answered }))
    }
}
