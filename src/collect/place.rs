//! Reads one place: pages of images feed the reads of their launch permissions, side by side and
//! bounded, and only grants, counts and gaps stay in memory.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::stream::StreamExt as _;
use jiff::Timestamp;

use super::cloud::Cloud;
use super::context::{Context, interrupted, unless_stopped};
use super::settle::{Listing, Settled, pages, settle};
use crate::model::coverage::{Counts, CoverageStatus};
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::image::Image;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::report::ListedImage;
use crate::model::share::Share;

/// Permission reads of one place under way at once: enough to spend the burst quickly, and to keep
/// 20 a second going while the next page is listed.
const READS_AT_ONCE: usize = 16;

/// All that was read in one place.
#[derive(Debug)]
pub(super) struct PlaceReading {
    pub(super) place: Place,
    pub(super) status: CoverageStatus,
    pub(super) counts: Counts,
    pub(super) shares: Vec<Share>,
    pub(super) block_public_access: Option<BlockPublicAccess>,
    pub(super) gaps: Vec<Gap>,
    /// Every image that is there, with its state.
    pub(super) states: Vec<(ImageId, String)>,
    /// How many images there are, where all were listed.
    pub(super) images_there: Option<u64>,
    /// Every image, where the inventory was asked for.
    pub(super) images: Vec<ListedImage>,
}

/// Reads a place. Never fails: what could not be read is in its gaps.
pub(super) async fn read_place<C: Cloud>(cx: &Context<'_, C>, place: Place) -> PlaceReading {
    let mut reading = PlaceReading::new(place);
    let place = reading.place.clone();
    match unless_stopped(cx, cx.cloud.open(cx.caller, &place)).await {
        Some(Ok(())) => {
            let block = unless_stopped(cx, cx.cloud.block_public_access(cx.caller, &place));
            let (block, ()) = futures::join!(block, reading.read_images(cx));
            match block {
                Some(Ok(state)) => reading.block_public_access = Some(state),
                Some(Err(failure)) => reading.gaps.push(Gap::in_place(&place, "", &failure)),
                None => reading.gaps.push(interrupted(&place, "GetImageBlockPublicAccessState", "")),
            }
        }
        Some(Err(failure)) => reading.unread(Gap::in_place(&place, "", &failure)),
        None => reading.unread(interrupted(&place, "DescribeImages", "")),
    }
    if reading.status != CoverageStatus::Unread && !reading.gaps.is_empty() {
        reading.status = CoverageStatus::Partial;
    }
    cx.cloud.done_with(&place);
    cx.progress.place_done(&place);
    if let Some(snapshot) = cx.snapshot {
        snapshot.place(&reading);
    }
    reading
}

impl PlaceReading {
    fn new(place: Place) -> Self {
        Self {
            place,
            status: CoverageStatus::Read,
            counts: Counts::default(),
            shares: Vec::new(),
            block_public_access: None,
            gaps: Vec::new(),
            states: Vec::new(),
            images_there: None,
            images: Vec::new(),
        }
    }

    /// A place of which nothing was read.
    pub(super) fn skipped(place: Place) -> Self {
        let gap = interrupted(&place, "DescribeImages", "");
        let mut reading = Self::new(place);
        reading.unread(gap);
        reading
    }

    /// Keeps what the comparison with an earlier report, and the inventory, need of an image.
    fn note_image<C>(&mut self, cx: &Context<'_, C>, image: &Arc<Image>, grants: Option<u64>) {
        self.states.push((image.id.clone(), image.state.clone()));
        if cx.keeps_images {
            self.images.push(ListedImage { place: self.place.clone(), image: Arc::clone(image), grants });
        }
    }

    fn unread(&mut self, gap: Gap) {
        self.status = CoverageStatus::Unread;
        self.gaps.push(gap);
    }

    /// Reads images and grants.
    async fn read_images<C: Cloud>(&mut self, cx: &Context<'_, C>) {
        let place = self.place.clone();
        let listing = Listing::default();
        let settled = pages(cx, &place, &listing)
            .map(|listed| settle(cx, &place, listed))
            .buffer_unordered(READS_AT_ONCE)
            .take_until(cx.stop.asked());
        let mut settled = pin!(settled);
        let (mut done, mut list_broke, mut in_a_row) = (0, false, 0);
        while let Some(outcome) = settled.next().await {
            match &outcome {
                Settled::ListBroke(_) => list_broke = true,
                Settled::Unread(_, failure) if failure.kind != FailureKind::Denied => {
                    (done, in_a_row) = (done + 1, in_a_row + 1);
                }
                _ => (done, in_a_row) = (done + 1, 0),
            }
            let hopeless = matches!(&outcome, Settled::Unread(_, failure) if is_hopeless(failure, in_a_row));
            self.add(cx, outcome);
            if hopeless {
                break;
            }
        }
        let listed = listing.listed.load(Ordering::Relaxed);
        self.counts.images_listed = listed;
        self.images_there = listing.ended.load(Ordering::Relaxed).then_some(listed);
        let whole = (listing.ended.load(Ordering::Relaxed) || list_broke) && done == listed;
        if list_broke && done == 0 {
            self.status = CoverageStatus::Unread;
        }
        if !whole {
            self.cut_short(cx.stop.is_asked(), done, listed);
        }
    }

    /// Notes that the images were not all read: the run was stopped, or the place is beyond hope.
    fn cut_short(&mut self, stopped: bool, done: u64, listed: u64) {
        let subject = format!("{done} of {listed} images listed so far were tried");
        let mut gap = interrupted(&self.place, "DescribeImages", &subject);
        if !stopped {
            let why = self.gaps.last().map(|gap| gap.reason.clone()).unwrap_or_default();
            gap.reason =
                format!("the rest of the place was not tried, since nothing succeeds there any more: {why}");
        }
        if done == 0 {
            self.status = CoverageStatus::Unread;
        }
        self.gaps.push(gap);
    }

    fn add<C: Cloud>(&mut self, cx: &Context<'_, C>, outcome: Settled) {
        match outcome {
            Settled::Known(image, grantees) => {
                self.counts.permissions_read += 1;
                self.note_image(cx, &image, Some(grantees.len() as u64));
                let read_at = cx.clock.now();
                for grantee in grantees {
                    self.add_share(Arc::clone(&image), grantee, read_at);
                }
            }
            Settled::Gone => self.counts.images_gone += 1,
            Settled::Unread(image, failure) => {
                self.gaps.push(Gap::in_place(&self.place, image.id.as_str(), &failure));
                self.note_image(cx, &image, None);
                if image.listed_public {
                    self.add_share(image, Grantee::everybody(), cx.clock.now());
                }
            }
            Settled::Nameless(raw) => {
                self.gaps.push(Gap {
                    reason: "an image was listed that cannot be this account's, or has no id".to_owned(),
                    ..interrupted(&self.place, "DescribeImages", &raw)
                });
            }
            Settled::ListBroke(failure) => self.gaps.push(Gap::in_place(&self.place, "", &failure)),
        }
        cx.progress.image_done();
    }

    fn add_share(&mut self, image: Arc<Image>, grantee: Grantee, read_at: Timestamp) {
        self.counts.grants += 1;
        self.shares.push(Share { place: self.place.clone(), image, grantee, read_at });
    }
}

/// Failures of one place in a row, each after its retries, before the rest of it is not tried any more.
const MOST_IN_A_ROW: usize = 25;

/// Whether going on would only repeat the failure: the credentials are gone, or nothing answers.
fn is_hopeless(failure: &Failure, in_a_row: usize) -> bool {
    failure.kind == FailureKind::Credentials || in_a_row >= MOST_IN_A_ROW
}
