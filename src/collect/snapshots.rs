//! Who may copy the snapshots behind images that are shared outside: neither a launch permission that is taken back nor
//! the end of the image ends that, so what an earlier report found is asked after again.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/how-ami-copy-works.html>

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cloud::Cloud;
use super::context::{Context, Watched, interrupted, unless_stopped};
use super::page::{READS_AT_ONCE, is_an_answer, is_hopeless};
use super::place::PlaceReading;
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::ids::{ImageId, SnapshotId};
use crate::model::image::Image;
use crate::model::org_view::OrgView;
use crate::model::place::Place;
use crate::model::share::{Share, Verdict};
use crate::model::snapshot::{SnapshotAt, SnapshotShare};

const CALL: &str = "DescribeSnapshotAttribute";

/// What was read of backing snapshots.
#[derive(Debug, Default)]
pub(super) struct Backing {
    /// Who may make volumes of them.
    pub(super) shares: Vec<SnapshotShare>,
    /// The snapshots whose permissions are known.
    pub(super) read: BTreeSet<SnapshotAt>,
    /// The snapshots that are there no more.
    pub(super) gone: BTreeSet<SnapshotAt>,
    /// What is missing.
    pub(super) gaps: Vec<SnapshotGap>,
}

/// What could not be read of backing snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotGap {
    /// The gap.
    pub gap: Gap,
    /// Whether AWS decided so: asking again would get the same.
    pub answered: bool,
}

/// What is to be asked of a place: its snapshots, each with the images that it backs.
#[derive(Default)]
struct Ask {
    snapshots: BTreeMap<SnapshotId, BTreeMap<ImageId, Arc<Image>>>,
    gaps: Vec<SnapshotGap>,
}

/// What became of a snapshot.
enum Settled {
    Known(Vec<Grantee>),
    /// It went with its images.
    Gone,
    Unread(Failure),
}

/// Asks after the snapshots of every image that somebody outside may launch, or somebody who may be outside, and after
/// those that an earlier report speaks of.
pub(super) async fn read_backing<C: Cloud>(
    cx: &Context<'_, C>,
    places_at_once: usize,
    (shares, org): (&[Share], &OrgView),
    readings: &mut BTreeMap<Place, PlaceReading>,
) {
    let mut asks = asks(shares, org);
    add_watched(&mut asks, cx.watched, shares, |place| readings.contains_key(place));
    let mut read = pin!(
        stream::iter(asks)
            .map(|(place, ask)| async move {
                let backing = read_place(cx, &place, ask).await;
                (place, backing)
            })
            .buffer_unordered(places_at_once)
    );
    while let Some((place, backing)) = read.next().await {
        if let Some(reading) = readings.get_mut(&place) {
            reading.take_backing(backing);
        }
    }
}

fn asks(shares: &[Share], org: &OrgView) -> BTreeMap<Place, Ask> {
    let mut asks: BTreeMap<Place, Ask> = BTreeMap::new();
    let mut seen: BTreeSet<(&Place, &ImageId)> = BTreeSet::new();
    let is_outside =
        |share: &&Share| Verdict::of(share.grantee.relation(share.place.account, org)) != Verdict::Own;
    for share in shares.iter().filter(is_outside) {
        if !seen.insert((&share.place, &share.image.id)) {
            continue;
        }
        let ask = asks.entry(share.place.clone()).or_default();
        for snapshot in &share.image.snapshots {
            let images = ask.snapshots.entry(snapshot.clone()).or_default();
            images.insert(share.image.id.clone(), Arc::clone(&share.image));
        }
        ask.gaps.extend(share.image.odd_snapshots.iter().map(|raw| odd(share, raw)));
    }
    asks.retain(|_, ask| !ask.snapshots.is_empty() || !ask.gaps.is_empty());
    asks
}

/// Adds what an earlier report speaks of, in places that are read.
fn add_watched(
    asks: &mut BTreeMap<Place, Ask>,
    watched: &Watched,
    shares: &[Share],
    is_read: impl Fn(&Place) -> bool,
) {
    for (place, snapshots) in watched.snapshots.iter().filter(|(place, _)| is_read(place)) {
        let ask = asks.entry(place.clone()).or_default();
        for (snapshot, names) in snapshots {
            let images = ask.snapshots.entry(snapshot.clone()).or_default();
            for (id, name) in names {
                let of_share = || shared_image(shares, place, id).cloned();
                let named = || Arc::new(Image::named(id.clone(), name.clone()));
                images.entry(id.clone()).or_insert_with(|| of_share().unwrap_or_else(named));
            }
        }
    }
}

/// The image of shares that are in their order, if it is shared with anybody.
pub(super) fn shared_image<'a>(shares: &'a [Share], place: &Place, id: &ImageId) -> Option<&'a Arc<Image>> {
    let nth = shares.partition_point(|share| (&share.place, &share.image.id) < (place, id));
    let share = shares.get(nth).filter(|share| (&share.place, &share.image.id) == (place, id))?;
    Some(&share.image)
}

fn how_many(tried: usize, all: usize) -> String {
    format!("{tried} of {all} snapshots behind shared images were tried")
}

/// The gap of a snapshot that cannot be asked after.
fn odd(share: &Share, raw: &str) -> SnapshotGap {
    let raw: String = raw.chars().take(200).collect();
    let why = format!("one of its snapshots cannot be asked after: {raw:?} is no snapshot id");
    let gap = Gap::new(Some(share.place.account), Some(&share.place.region), "DescribeImages", &why);
    SnapshotGap { gap: Gap { subject: share.image.id.to_string(), ..gap }, answered: true }
}

/// Asks one place. Never fails: what could not be read is in the gaps.
async fn read_place<C: Cloud>(cx: &Context<'_, C>, place: &Place, ask: Ask) -> Backing {
    let mut backing = Backing { gaps: ask.gaps, ..Backing::default() };
    if ask.snapshots.is_empty() {
        return backing;
    }
    match unless_stopped(cx, cx.cloud.open(cx.caller, place)).await {
        Some(Ok(())) => backing.read(cx, place, ask.snapshots).await,
        Some(Err(failure)) => {
            let reason = format!("{}: {}", failure.call, failure.reason);
            let subject = how_many(0, ask.snapshots.len());
            backing.fail(place, &subject, &Failure { call: CALL, reason, ..failure });
        }
        None => backing.cut_short(place, (0, ask.snapshots.len()), None),
    }
    cx.cloud.done_with(place);
    backing
}

impl Backing {
    async fn read<C: Cloud>(
        &mut self,
        cx: &Context<'_, C>,
        place: &Place,
        snapshots: BTreeMap<SnapshotId, BTreeMap<ImageId, Arc<Image>>>,
    ) {
        let (all, mut tried, mut in_a_row) = (snapshots.len(), 0, 0);
        let settled = stream::iter(snapshots)
            .map(|(snapshot, images)| async move {
                let settled = settle(cx, place, &snapshot, &images).await;
                (snapshot, images, settled)
            })
            .buffer_unordered(READS_AT_ONCE)
            .take_until(cx.stop.asked());
        let mut settled = pin!(settled);
        while let Some((snapshot, images, outcome)) = settled.next().await {
            tried += 1;
            match outcome {
                Settled::Known(grantees) => {
                    in_a_row = 0;
                    self.add(cx, (place, snapshot), &images, &grantees);
                }
                Settled::Gone => {
                    in_a_row = 0;
                    self.gone.insert((place.clone(), snapshot));
                }
                Settled::Unread(failure) => {
                    in_a_row = if failure.kind == FailureKind::Denied { 0 } else { in_a_row + 1 };
                    self.fail(place, snapshot.as_str(), &failure);
                    if is_hopeless(&failure, in_a_row) && tried < all {
                        return self.cut_short(place, (tried, all), Some(&failure.reason));
                    }
                }
            }
        }
        if tried < all {
            self.cut_short(place, (tried, all), None);
        }
    }

    fn add<C>(
        &mut self,
        cx: &Context<'_, C>,
        (place, snapshot): (&Place, SnapshotId),
        images: &BTreeMap<ImageId, Arc<Image>>,
        grantees: &[Grantee],
    ) {
        let read_at = cx.clock.now();
        for image in images.values() {
            self.shares.extend(grantees.iter().map(|grantee| SnapshotShare {
                place: place.clone(),
                image: Arc::clone(image),
                snapshot: snapshot.clone(),
                grantee: grantee.clone(),
                read_at,
            }));
        }
        self.read.insert((place.clone(), snapshot));
    }

    fn fail(&mut self, place: &Place, subject: &str, failure: &Failure) {
        let answered = is_an_answer(failure);
        self.gaps.push(SnapshotGap { gap: Gap::in_place(place, subject, failure), answered });
    }

    /// Notes that not all were asked after: the run was stopped, or the place is beyond hope, and why.
    fn cut_short(&mut self, place: &Place, (tried, all): (usize, usize), beyond_hope: Option<&str>) {
        let mut gap = interrupted(place, CALL, &how_many(tried, all));
        if let Some(why) = beyond_hope {
            gap.reason =
                format!("the rest of the place was not tried, since nothing succeeds there any more: {why}");
        }
        self.gaps.push(SnapshotGap { gap, answered: false });
    }

    /// Takes in what was read elsewhere.
    pub(super) fn absorb(&mut self, other: Self) {
        self.shares.extend(other.shares);
        self.read.extend(other.read);
        self.gone.extend(other.gone);
        self.gaps.extend(other.gaps);
    }

    /// The same in its order, each once.
    pub(super) fn finished(mut self) -> Self {
        self.shares.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        self.shares.dedup_by(|a, b| a.order() == b.order());
        self.gaps.sort_by(|a, b| a.gap.cmp(&b.gap));
        self
    }
}

async fn settle<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    snapshot: &SnapshotId,
    images: &BTreeMap<ImageId, Arc<Image>>,
) -> Settled {
    let gone = match cx.cloud.snapshot_grantees(cx.caller, place, snapshot).await {
        Ok(grantees) => return Settled::Known(grantees),
        Err(failure) if failure.kind == FailureKind::Gone => failure,
        Err(failure) => return Settled::Unread(failure),
    };
    // The snapshot of an image cannot be deleted before the image is deregistered, so one that is there proves that
    // this is no end: it is asked after once more.
    for image in images.keys() {
        match cx.cloud.look_up(cx.caller, place, image).await {
            Ok(None) => {}
            Ok(Some(found)) if found.state == "deregistered" => {}
            Ok(Some(_)) => {
                let again = cx.cloud.snapshot_grantees(cx.caller, place, snapshot).await;
                return again.map_or_else(Settled::Unread, Settled::Known);
            }
            Err(second) => {
                let reason =
                    format!("{}; looking {image} up again failed too: {}", gone.reason, second.reason);
                return Settled::Unread(Failure { reason, ..gone });
            }
        }
    }
    Settled::Gone
}
