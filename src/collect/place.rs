//! Reads one place: page after page, the next one listed while the last images of the one before are
//! read. Only grants, counts and gaps stay in memory.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use super::cloud::Cloud;
use super::context::{Context, interrupted, unless_stopped};
use super::page::{Listed, Next, PageEnd, PageReading, is_an_answer, list, read_page};
use super::pages::Pages;
use super::snapshots::Backing;
use crate::aws::action::DESCRIBE_IMAGES;
use crate::model::coverage::{Counts, CoverageStatus};
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::ids::ImageId;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::report::ListedImage;
use crate::model::share::Share;

/// All that was read in one place.
#[derive(Debug)]
pub(super) struct PlaceReading {
    pub(super) place: Place,
    pub(super) status: CoverageStatus,
    pub(super) counts: Counts,
    /// Images that were tried.
    pub(super) tried: u64,
    pub(super) shares: Vec<Share>,
    pub(super) block_public_access: Option<BlockPublicAccess>,
    /// What is missing of the place as a whole.
    pub(super) gaps: Vec<Gap>,
    /// What is missing of its images.
    pub(super) image_gaps: Vec<Gap>,
    /// What was read of the snapshots behind images that are shared outside.
    pub(super) backing: Backing,
    /// The images that an earlier report speaks of and that are there, with their state.
    pub(super) states: Vec<(ImageId, String)>,
    /// How many images there are, where all were listed.
    pub(super) images_there: Option<u64>,
    /// Every image, where the inventory was asked for.
    pub(super) images: Vec<ListedImage>,
    /// Pages read so far.
    pub(super) pages: u64,
    /// Where its list goes on.
    pub(super) next: Next,
    /// Whether AWS answered all that was asked: what was refused stays refused, what did not come may come yet.
    pub(super) settled: bool,
    /// Whether an earlier part of the run read it.
    pub(super) done: bool,
}

/// Reads a place, or goes on with one that was begun. Never fails: what could not be read is in its gaps.
pub(super) async fn read_place<C: Cloud>(cx: &Context<'_, C>, mut reading: PlaceReading) -> PlaceReading {
    let place = reading.place.clone();
    reading.show_progress(cx);
    if reading.done {
        reading.status = reading.how_far();
        cx.progress.place_done(&place);
        return reading;
    }
    let skipped = cx.stop.is_asked();
    if skipped {
        reading.interrupt("DescribeImages", "");
    } else {
        match unless_stopped(cx, cx.cloud.open(cx.caller, &place)).await {
            Some(Ok(())) => reading.read(cx).await,
            Some(Err(failure)) => reading.fail(&failure),
            None => reading.interrupt("DescribeImages", ""),
        }
        cx.cloud.done_with(&place);
    }
    reading.status = reading.how_far();
    if let Some(snapshot) = cx.snapshot {
        snapshot.place(&reading);
    }
    if !skipped {
        cx.progress.place_done(&place);
    }
    reading
}

impl PlaceReading {
    /// A place of which nothing was read yet.
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            status: CoverageStatus::Unread,
            counts: Counts::default(),
            tried: 0,
            shares: Vec::new(),
            block_public_access: None,
            gaps: Vec::new(),
            image_gaps: Vec::new(),
            backing: Backing::default(),
            states: Vec::new(),
            images_there: None,
            images: Vec::new(),
            pages: 0,
            next: Next::Page(None),
            settled: true,
            done: false,
        }
    }

    /// Shows what an earlier part of the run read.
    fn show_progress<C>(&self, cx: &Context<'_, C>) {
        if self.tried > 0 {
            cx.progress.images_listed(usize::try_from(self.tried).unwrap_or(usize::MAX));
            (0..self.tried).for_each(|_| cx.progress.image_done());
        }
    }

    /// All that is missing of the place.
    pub(super) fn all_gaps(&self) -> impl Iterator<Item = &Gap> {
        let of_snapshots = self.backing.gaps.iter().map(|missing| &missing.gap);
        self.gaps.iter().chain(&self.image_gaps).chain(of_snapshots)
    }

    /// Takes in what was read of the snapshots behind its images.
    pub(super) fn take_backing(&mut self, backing: Backing) {
        self.backing = backing;
        self.status = self.how_far();
    }

    fn how_far(&self) -> CoverageStatus {
        let nothing = self.tried == 0 && self.images_there.is_none();
        match (nothing, self.all_gaps().next().is_none()) {
            (true, _) => CoverageStatus::Unread,
            (false, true) => CoverageStatus::Read,
            (false, false) => CoverageStatus::Partial,
        }
    }

    fn fail(&mut self, failure: &Failure) {
        self.settled &= is_an_answer(failure);
        self.gaps.push(Gap::in_place(&self.place, "", failure));
    }

    fn interrupt(&mut self, call: &str, subject: &str) {
        self.settled = false;
        self.gaps.push(interrupted(&self.place, call, subject));
    }

    /// Reads block public access and the images.
    async fn read<C: Cloud>(&mut self, cx: &Context<'_, C>) {
        let place = self.place.clone();
        let block = unless_stopped(cx, cx.cloud.block_public_access(cx.caller, &place));
        let (block, ()) = futures::join!(block, self.read_images(cx));
        match block {
            Some(Ok(state)) => self.block_public_access = Some(state),
            Some(Err(failure)) => self.fail(&failure),
            None => self.interrupt("GetImageBlockPublicAccessState", ""),
        }
    }

    /// Reads images and grants, from where the list goes on.
    async fn read_images<C: Cloud>(&mut self, cx: &Context<'_, C>) {
        let mut listed = match self.next.clone() {
            Next::End => return self.images_there = Some(self.counts.images_listed),
            Next::Page(token) => self.first_page(cx, token).await,
        };
        // Not the token that was just tried: where AWS did not take it, the place was begun anew.
        let mut pages = Pages::after(self.next.token());
        loop {
            let page = match listed {
                Some(Ok(page)) => page,
                Some(Err(failure)) => return self.fail(&failure),
                None => return self.cut_short(None),
            };
            let leads_back = pages.goes_on(DESCRIBE_IMAGES.name, &page.ids(), page.next.token()).err();
            let (end, following) = self.one_page(cx, page, leads_back).await;
            match end {
                PageEnd::Whole => {}
                PageEnd::Stopped => return self.cut_short(None),
                PageEnd::Hopeless => {
                    let why = self.image_gaps.last().map(|gap| gap.reason.clone()).unwrap_or_default();
                    return self.cut_short(Some(&why));
                }
            }
            match following {
                Following::Nothing => return self.images_there = Some(self.counts.images_listed),
                Following::Endless(failure) => return self.fail(&failure),
                Following::Page(next) => listed = next,
            }
        }
    }

    /// The first page that is to be read. Where a run goes on and AWS does not take its token any more, the
    /// place is begun anew.
    async fn first_page<C: Cloud>(
        &mut self,
        cx: &Context<'_, C>,
        token: Option<String>,
    ) -> Option<Result<Listed, Failure>> {
        let goes_on = token.is_some();
        match list(cx, &self.place, token).await {
            Some(Err(failure)) if goes_on && failure.kind == FailureKind::Other => {
                *self = Self::new(self.place.clone());
                if let Some(snapshot) = cx.snapshot {
                    snapshot.begin_anew(&self.place);
                }
                list(cx, &self.place, None).await
            }
            listed => listed,
        }
    }

    /// Reads a page, writes it down, and lists the one after it meanwhile, unless that leads back.
    async fn one_page<C: Cloud>(
        &mut self,
        cx: &Context<'_, C>,
        listed: Listed,
        leads_back: Option<Failure>,
    ) -> (PageEnd, Following) {
        let (nearly, near) = oneshot::channel();
        let next = listed.next.clone();
        let place = self.place.clone();
        let following = async {
            match (leads_back, near.await, next) {
                (Some(failure), ..) => Following::Endless(failure),
                (None, Ok(()), Next::Page(token)) => Following::Page(list(cx, &place, token).await),
                _ => Following::Nothing,
            }
        };
        let (page, following) = futures::join!(read_page(cx, &place, self.pages, listed, nearly), following);
        if let Some(snapshot) = cx.snapshot {
            snapshot.page(&place, &page, &cx.cloud.sent());
        }
        let end = page.end.clone();
        self.take(page, cx.watched.images.get(&place));
        (end, following)
    }

    /// Takes in what a page gave.
    pub(super) fn take(&mut self, page: PageReading, watched: Option<&BTreeSet<ImageId>>) {
        self.counts.add(page.counts);
        self.tried += page.tried;
        self.settled &= page.answered;
        self.shares.extend(page.shares);
        self.image_gaps.extend(page.gaps);
        self.images.extend(page.images);
        let is_watched = |(id, _): &(ImageId, String)| watched.is_some_and(|watched| watched.contains(id));
        self.states.extend(page.states.into_iter().filter(is_watched));
        if page.end == PageEnd::Whole {
            self.pages = page.nth + 1;
            self.next = page.next;
        }
    }

    /// Notes that the images were not all read: the run was stopped, or the place is beyond hope, and why.
    fn cut_short(&mut self, beyond_hope: Option<&str>) {
        let subject =
            format!("{} of {} images listed so far were tried", self.tried, self.counts.images_listed);
        self.interrupt("DescribeImages", &subject);
        if let (Some(why), Some(gap)) = (beyond_hope, self.gaps.last_mut()) {
            gap.reason =
                format!("the rest of the place was not tried, since nothing succeeds there any more: {why}");
        }
    }
}

/// What comes after a page.
enum Following {
    /// That was the last, or nothing is asked for any more.
    Nothing,
    /// Pages that were listed before, or ever more without anything in them.
    Endless(Failure),
    /// The next one, as listed.
    Page(Option<Result<Listed, Failure>>),
}
