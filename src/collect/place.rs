//! Reads one place: pages of images feed the reads of their launch permissions, side by side and
//! bounded, and only grants, counts and gaps stay in memory.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures::stream::{self, Stream, StreamExt as _};

use super::cloud::{Cloud, ListedImage};
use super::progress::Progress;
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::coverage::{Counts, CoverageStatus};
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::share::Share;

/// Permission reads of one place under way at once: enough to spend the burst quickly, and to keep
/// 20 a second going while the next page is listed.
const READS_AT_ONCE: usize = 16;

/// What the readers of all places share.
pub(super) struct Context<'a, C> {
    pub(super) cloud: &'a C,
    pub(super) caller: &'a Caller,
    pub(super) clock: &'a Clock,
    pub(super) stop: &'a Stop,
    pub(super) progress: &'a dyn Progress,
}

/// All that was read in one place.
#[derive(Debug)]
pub(super) struct PlaceReading {
    pub(super) place: Place,
    pub(super) status: CoverageStatus,
    pub(super) counts: Counts,
    pub(super) shares: Vec<Share>,
    pub(super) block_public_access: Option<BlockPublicAccess>,
    pub(super) gaps: Vec<Gap>,
}

/// What became of one listed image.
enum Settled {
    /// Its launch permissions are known.
    Known(Arc<Image>, Vec<Grantee>),
    /// It was deregistered in the meantime.
    Gone,
    /// They could not be read. What the listing said of it still counts.
    Unread(Arc<Image>, Failure),
    /// It has no id that can be read.
    Nameless(String),
    /// The listing itself broke off.
    ListBroke(Failure),
}

/// How far the listing came, for when a run is interrupted.
#[derive(Debug, Default)]
struct Listing {
    listed: AtomicU64,
    ended: AtomicBool,
}

/// Reads a place. Never fails: what could not be read is in its gaps.
pub(super) async fn read_place<C: Cloud>(cx: &Context<'_, C>, place: Place) -> PlaceReading {
    let mut reading = PlaceReading {
        status: CoverageStatus::Read,
        counts: Counts::default(),
        shares: Vec::new(),
        block_public_access: None,
        gaps: Vec::new(),
        place,
    };
    let place = reading.place.clone();
    let block = async {
        tokio::select! {
            biased;
            answer = cx.cloud.block_public_access(cx.caller, &place) => Some(answer),
            () = cx.stop.asked() => None,
        }
    };
    let (block, ()) = futures::join!(block, reading.read_images(cx));
    match block {
        Some(Ok(state)) => reading.block_public_access = Some(state),
        Some(Err(failure)) => reading.gaps.push(Gap::in_place(&place, "", &failure)),
        // The images of an interrupted place have their gap already.
        None if !reading.gaps.is_empty() => {}
        None => reading.gaps.push(interrupted(&place, "GetImageBlockPublicAccessState", "")),
    }
    if reading.status != CoverageStatus::Unread && !reading.gaps.is_empty() {
        reading.status = CoverageStatus::Partial;
    }
    cx.cloud.done_with(&place);
    cx.progress.place_done(&place);
    reading
}

/// The gap of a place, or a part of one, that the run was stopped before.
pub(super) fn interrupted(place: &Place, call: &str, subject: &str) -> Gap {
    Gap {
        account: Some(place.account),
        region: Some(place.region.clone()),
        call: call.to_owned(),
        subject: subject.to_owned(),
        reason: "the run was interrupted before this was read".to_owned(),
        error_code: None,
    }
}

impl PlaceReading {
    async fn read_images<C: Cloud>(&mut self, cx: &Context<'_, C>) {
        let place = self.place.clone();
        let listing = Listing::default();
        let settled = pages(cx, &place, &listing)
            .map(|listed| settle(cx, &place, listed))
            .buffer_unordered(READS_AT_ONCE)
            .take_until(cx.stop.asked());
        let mut settled = pin!(settled);
        let mut done = 0;
        while let Some(outcome) = settled.next().await {
            if !matches!(outcome, Settled::ListBroke(_)) {
                done += 1;
            }
            self.add(cx, outcome);
        }
        let listed = listing.listed.load(Ordering::Relaxed);
        self.counts.images_listed = listed;
        let whole = listing.ended.load(Ordering::Relaxed) && done == listed;
        if cx.stop.is_asked() && !whole {
            let subject = format!("{done} of {listed} images listed so far were read");
            self.gaps.push(interrupted(&place, "DescribeImages", &subject));
            if done == 0 {
                self.status = CoverageStatus::Unread;
            }
        }
    }

    fn add<C: Cloud>(&mut self, cx: &Context<'_, C>, outcome: Settled) {
        match outcome {
            Settled::Known(image, grantees) => {
                self.counts.permissions_read += 1;
                for grantee in grantees {
                    self.add_share(cx, Arc::clone(&image), grantee);
                }
            }
            Settled::Gone => self.counts.images_gone += 1,
            Settled::Unread(image, failure) => {
                self.gaps.push(Gap::in_place(&self.place, image.id.as_str(), &failure));
                if image.listed_public {
                    self.add_share(cx, image, Grantee::everybody());
                }
            }
            Settled::Nameless(raw) => {
                self.gaps.push(Gap {
                    reason: "an image has an id that cannot be read".to_owned(),
                    ..interrupted(&self.place, "DescribeImages", &raw)
                });
            }
            Settled::ListBroke(failure) => {
                let listed = self.counts.permissions_read + self.counts.images_gone;
                if listed == 0 && self.gaps.is_empty() {
                    self.status = CoverageStatus::Unread;
                }
                self.gaps.push(Gap::in_place(&self.place, "", &failure));
            }
        }
        cx.progress.image_done();
    }

    fn add_share<C: Cloud>(&mut self, cx: &Context<'_, C>, image: Arc<Image>, grantee: Grantee) {
        self.counts.grants += 1;
        let read_at = cx.clock.now();
        self.shares.push(Share { place: self.place.clone(), image, grantee, read_at });
    }
}

/// The images of a place, page by page; a page that fails ends them.
fn pages<'a, C: Cloud>(
    cx: &'a Context<'_, C>,
    place: &'a Place,
    listing: &'a Listing,
) -> impl Stream<Item = Result<ListedImage, Failure>> + 'a {
    /// Where the next page begins.
    enum Next {
        Page(Option<String>),
        End,
    }
    let pages = stream::unfold(Next::Page(None), move |next| async move {
        let Next::Page(token) = next else { return None };
        match cx.cloud.images(cx.caller, place, token.clone()).await {
            Ok(page) => {
                listing.listed.fetch_add(page.items.len() as u64, Ordering::Relaxed);
                cx.progress.images_listed(page.items.len());
                let mut items: Vec<_> = page.items.into_iter().map(Ok).collect();
                let next = match page.next {
                    Some(same) if Some(&same) == token.as_ref() => {
                        items.push(Err(endless()));
                        Next::End
                    }
                    Some(token) => Next::Page(Some(token)),
                    None => {
                        listing.ended.store(true, Ordering::Relaxed);
                        Next::End
                    }
                };
                Some((items, next))
            }
            Err(failure) => Some((vec![Err(failure)], Next::End)),
        }
    });
    pages.flat_map(stream::iter)
}

fn endless() -> Failure {
    Failure {
        call: "DescribeImages",
        kind: FailureKind::Other,
        code: None,
        reason: "the list does not end: a page names itself as the next".to_owned(),
    }
}

async fn settle<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    listed: Result<ListedImage, Failure>,
) -> Settled {
    let image = match listed {
        Err(failure) => return Settled::ListBroke(failure),
        Ok(Err(raw)) => return Settled::Nameless(raw),
        Ok(Ok(image)) => Arc::new(image),
    };
    match cx.cloud.grantees(cx.caller, place, &image.id).await {
        Ok(grantees) => Settled::Known(image, grantees),
        Err(failure) if failure.kind == FailureKind::Gone => look_again(cx, place, image, failure).await,
        Err(failure) => Settled::Unread(image, failure),
    }
}

/// AWS said that a listed image is not there, or in no state to be asked. Deregistered images linger
/// in lists for a while and new ones are not known everywhere at once, so the image is looked up.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>
async fn look_again<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    image: Arc<Image>,
    failure: Failure,
) -> Settled {
    match cx.cloud.look_up(cx.caller, place, &image.id).await {
        Ok(None) => Settled::Gone,
        Ok(Some(found)) if found.state == "deregistered" => Settled::Gone,
        // Disabling an image takes all its grants away, and one that is not made yet has none.
        // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html
        Ok(Some(found)) if !found.is_available() => Settled::Known(Arc::new(found), Vec::new()),
        Ok(Some(found)) => match cx.cloud.grantees(cx.caller, place, &found.id).await {
            Ok(grantees) => Settled::Known(Arc::new(found), grantees),
            Err(again) => Settled::Unread(Arc::new(found), again),
        },
        Err(second) => {
            let reason = format!("{}; looking it up again failed too: {}", failure.reason, second.reason);
            Settled::Unread(image, Failure { reason, ..failure })
        }
    }
}
