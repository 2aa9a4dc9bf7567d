//! One page of a place: listed, then the launch permissions of its images read, side by side and bounded.

use std::pin::pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use tokio::sync::oneshot;

use super::cloud::{Cloud, ListedImage};
use super::context::{Context, unless_stopped};
use super::settle::{Settled, settle};
use crate::model::coverage::Counts;
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::image::Image;
use crate::model::place::Place;
use crate::model::report::ListedImage as InventoryImage;
use crate::model::share::Share;

/// Permission reads of one place under way at once: enough to spend the burst quickly, and to keep
/// 20 a second going while the next page is listed.
pub(super) const READS_AT_ONCE: usize = 16;

/// Images left of a page when the next one is asked for, so that listing overlaps reading: five seconds of it
/// at AWS's 20 a second.
const NEARLY_DONE: usize = 100;

/// Failures of one place in a row, each after its retries, before the rest of it is not tried any more.
const MOST_IN_A_ROW: usize = 25;

/// Where the list of a place goes on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Next {
    /// With the page of this token; the first one has none.
    Page(Option<String>),
    /// Nowhere: that was all.
    End,
}

impl Next {
    /// The token that AWS is to be given.
    pub(super) fn token(&self) -> Option<String> {
        match self {
            Self::Page(token) => token.clone(),
            Self::End => None,
        }
    }
}

/// A page as listed.
pub(super) struct Listed {
    items: Vec<ListedImage>,
    pub(super) next: Next,
}

impl Listed {
    /// Its images' ids, as far as they have any.
    pub(super) fn ids(&self) -> Vec<Result<&ImageId, &String>> {
        self.items.iter().map(|item| item.as_ref().map(|image| &image.id)).collect()
    }
}

/// How the reading of a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PageEnd {
    /// Each of its images was tried.
    Whole,
    /// The run was stopped first.
    Stopped,
    /// Nothing succeeds in the place any more.
    Hopeless,
}

/// What a page gave.
#[derive(Debug)]
pub(super) struct PageReading {
    /// The how-manieth of its place it is; the first is 0.
    pub(super) nth: u64,
    pub(super) counts: Counts,
    /// Images that were tried.
    pub(super) tried: u64,
    pub(super) shares: Vec<Share>,
    pub(super) gaps: Vec<Gap>,
    /// Every image that is there, with its state.
    pub(super) states: Vec<(ImageId, String)>,
    /// Every image, where the inventory was asked for.
    pub(super) images: Vec<InventoryImage>,
    pub(super) next: Next,
    pub(super) end: PageEnd,
    /// Whether AWS answered all that was asked of its images.
    pub(super) answered: bool,
}

/// Lists a page; `None` where the run is stopped first.
pub(super) async fn list<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    token: Option<String>,
) -> Option<Result<Listed, Failure>> {
    let page = match unless_stopped(cx, cx.cloud.images(cx.caller, place, token)).await? {
        Ok(page) => page,
        Err(failure) => return Some(Err(failure)),
    };
    cx.progress.images_listed(page.items.len());
    let next = page.next.map_or(Next::End, |token| Next::Page(Some(token)));
    Some(Ok(Listed { items: page.items, next }))
}

/// Reads the permissions of a page's images. `nearly` is told when few are left.
pub(super) async fn read_page<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    nth: u64,
    listed: Listed,
    nearly: oneshot::Sender<()>,
) -> PageReading {
    let (mut nearly, mut left) = (Some(nearly), listed.items.len());
    let mut page = PageReading::new(nth, left as u64, listed.next);
    let settled = stream::iter(listed.items)
        .map(|item| settle(cx, place, item))
        .buffer_unordered(READS_AT_ONCE)
        .take_until(cx.stop.asked());
    let mut settled = pin!(settled);
    let mut in_a_row = 0;
    loop {
        if left <= NEARLY_DONE
            && let Some(nearly) = nearly.take()
        {
            // Whoever is not there any more does not wait either.
            let _ = nearly.send(());
        }
        let Some(outcome) = settled.next().await else { break };
        left = left.saturating_sub(1);
        in_a_row = match &outcome {
            Settled::Unread(_, failure) if failure.kind != FailureKind::Denied => in_a_row + 1,
            _ => 0,
        };
        let hopeless = matches!(&outcome, Settled::Unread(_, failure) if is_hopeless(failure, in_a_row));
        page.add(cx, place, outcome);
        if hopeless && left > 0 {
            page.end = PageEnd::Hopeless;
            return page;
        }
    }
    if left > 0 {
        page.end = PageEnd::Stopped;
    }
    page
}

/// Whether going on would only repeat the failure: the credentials are gone, or nothing answers.
pub(super) fn is_hopeless(failure: &Failure, in_a_row: usize) -> bool {
    failure.kind == FailureKind::Credentials || in_a_row >= MOST_IN_A_ROW
}

/// Whether AWS decided: asking again would get the same.
pub(super) fn is_an_answer(failure: &Failure) -> bool {
    !matches!(failure.kind, FailureKind::Throttled | FailureKind::Passing | FailureKind::Credentials)
}

impl PageReading {
    /// A page of which nothing was read yet.
    pub(super) fn new(nth: u64, listed: u64, next: Next) -> Self {
        Self {
            nth,
            counts: Counts { images_listed: listed, ..Counts::default() },
            tried: 0,
            shares: Vec::new(),
            gaps: Vec::new(),
            states: Vec::new(),
            images: Vec::new(),
            next,
            end: PageEnd::Whole,
            answered: true,
        }
    }

    fn add<C: Cloud>(&mut self, cx: &Context<'_, C>, place: &Place, outcome: Settled) {
        self.tried += 1;
        match outcome {
            Settled::Known(image, grantees) => {
                self.counts.permissions_read += 1;
                self.note_image(cx, place, &image, Some(grantees.len() as u64));
                for grantee in grantees {
                    self.add_share(cx, place, &image, grantee);
                }
            }
            Settled::Gone => self.counts.images_gone += 1,
            Settled::Unread(image, failure) => {
                self.answered &= is_an_answer(&failure);
                self.gaps.push(Gap::in_place(place, image.id.as_str(), &failure));
                self.note_image(cx, place, &image, None);
                if image.listed_public {
                    self.add_share(cx, place, &image, Grantee::everybody());
                }
            }
            Settled::Nameless(raw) => {
                let why = "an image was listed that cannot be this account's, or has no id";
                let gap = Gap::new(Some(place.account), Some(&place.region), "DescribeImages", why);
                self.gaps.push(Gap { subject: raw, ..gap });
            }
        }
        cx.progress.image_done();
    }

    /// Keeps what the comparison with an earlier report, and the inventory, need of an image.
    fn note_image<C>(&mut self, cx: &Context<'_, C>, place: &Place, image: &Arc<Image>, grants: Option<u64>) {
        self.states.push((image.id.clone(), image.state.clone()));
        if cx.keeps_images {
            self.images.push(InventoryImage { place: place.clone(), image: Arc::clone(image), grants });
        }
    }

    fn add_share<C>(&mut self, cx: &Context<'_, C>, place: &Place, image: &Arc<Image>, grantee: Grantee) {
        self.counts.grants += 1;
        let read_at = cx.clock.now();
        self.shares.push(Share { place: place.clone(), image: Arc::clone(image), grantee, read_at });
    }
}
