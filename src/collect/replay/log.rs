//! What the lines of one snapshot say. A run that went on after an interruption wrote some pages and places
//! a second time: the later ones count.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::backing::BackingLog;
use super::convert::{BadLine, counts_of, place_of, states_of};
use super::events::begun;
use super::lines::{EndLine, GapLine, HeaderLine, ImageLine, Line, PageLine, PlaceLine};
use crate::collect::context::Watched;
use crate::collect::page::{Next, PageEnd, PageReading};
use crate::collect::place::PlaceReading;
use crate::model::caller::Caller;
use crate::model::coverage::Coverage;
use crate::model::event_log::EventLog;
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, ImageId, Region};
use crate::model::organization::Membership;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::report::ListedImage;
use crate::model::share::Share;

/// A snapshot, line by line.
pub(super) struct Log<'a> {
    pub(super) caller: Caller,
    pub(super) started_at: Timestamp,
    pub(super) scope: BTreeMap<String, String>,
    pub(super) every_image: bool,
    pub(super) places: BTreeMap<Place, PlaceLog>,
    pub(super) membership: Membership,
    pub(super) coverage: BTreeMap<(AccountId, Option<Region>), Coverage>,
    /// Gaps of accounts as a whole.
    pub(super) gaps: Vec<Gap>,
    /// What was read of the snapshots behind images, by place.
    pub(super) backing: BTreeMap<Place, BackingLog>,
    /// The events, where any were looked for.
    pub(super) events: Option<EventLog>,
    pub(super) api_calls: BTreeMap<String, u64>,
    pub(super) end: Option<EndLine>,
    /// Images and gaps whose page or place has not ended yet.
    pending: Pending,
    watched: &'a Watched,
}

/// A place: its pages by number, and how it ended.
#[derive(Default)]
pub(super) struct PlaceLog {
    pages: BTreeMap<u64, PageReading>,
    end: Option<PlaceEnd>,
}

/// How a place ended.
struct PlaceEnd {
    block_public_access: Option<BlockPublicAccess>,
    images_there: Option<u64>,
    settled: bool,
    gaps: Vec<Gap>,
}

#[derive(Default)]
struct Pending {
    place: Option<Place>,
    shares: Vec<Share>,
    images: Vec<ListedImage>,
    gaps: Vec<Gap>,
}

impl<'a> Log<'a> {
    pub(super) fn new(header: &HeaderLine, watched: &'a Watched) -> Result<Self, BadLine> {
        Ok(Self {
            caller: header.caller()?,
            started_at: header.started_at,
            scope: header.scope.clone(),
            every_image: header.every_image,
            backing: BTreeMap::new(),
            events: None,
            places: BTreeMap::new(),
            membership: Membership::NotAsked,
            coverage: BTreeMap::new(),
            gaps: Vec::new(),
            api_calls: BTreeMap::new(),
            end: None,
            pending: Pending::default(),
            watched,
        })
    }

    /// Takes in one line.
    pub(super) fn take(&mut self, line: Line) -> Result<(), BadLine> {
        match line {
            Line::Image(line) => self.image(line)?,
            Line::Gap(line) => self.gap(line)?,
            Line::Page(line) => self.page(line)?,
            Line::Place(line) => self.place(line)?,
            Line::Anew(line) => {
                let place = place_of(&line.account, &line.region)?;
                match (line.from_page, self.places.get_mut(&place)) {
                    (Some(nth), Some(log)) => log.pages.retain(|page, _| *page < nth),
                    _ => _ = self.places.remove(&place),
                }
            }
            Line::Organization(line) => self.membership = line.membership()?,
            Line::Coverage(line) => {
                let row = line.row()?;
                self.coverage.insert((row.account, row.region.clone()), row);
            }
            Line::Snapshot(line) => self.backing.entry(line.place()?).or_default().snapshots.push(line),
            Line::SnapshotGap(line) => {
                let (place, gap) = line.gap()?;
                self.backing.entry(place).or_default().gaps.push(gap);
            }
            Line::Log(line) => self.events = Some(line.log()),
            Line::Window(line) => line.add_to(begun(&mut self.events)?)?,
            Line::Hole(line) => begun(&mut self.events)?.holes.push(line.hole()?),
            Line::Unsearched(line) => begun(&mut self.events)?.unsearched.push(line.gap()?),
            Line::Event(line) => begun(&mut self.events)?.events.push(line.event()?),
            Line::End(line) => {
                self.pending.close(None)?;
                self.api_calls.clone_from(&line.api_calls);
                self.end = Some(line);
            }
            Line::Header(_) => return Err(BadLine("it stands in the wrong place".to_owned())),
        }
        Ok(())
    }

    fn image(&mut self, line: ImageLine) -> Result<(), BadLine> {
        let place = place_of(&line.account, &line.region)?;
        let (image, shares) = line.image(&place)?;
        self.pending.belongs_to(place)?;
        self.pending.shares.extend(shares);
        if self.every_image {
            self.pending.images.push(image);
        }
        Ok(())
    }

    fn gap(&mut self, line: GapLine) -> Result<(), BadLine> {
        let gap = line.gap()?;
        match (gap.account, gap.region.clone()) {
            (Some(account), Some(region)) => {
                self.pending.belongs_to(Place { account, region })?;
                self.pending.gaps.push(gap);
            }
            _ => self.gaps.push(gap),
        }
        Ok(())
    }

    fn page(&mut self, line: PageLine) -> Result<(), BadLine> {
        let place = place_of(&line.account, &line.region)?;
        let Pending { shares, images, gaps, .. } = self.pending.close(Some(&place))?;
        let next = line.next.map_or(Next::End, |token| Next::Page(Some(token)));
        let page = PageReading {
            counts: counts_of(line.counts),
            tried: line.tried,
            shares,
            gaps,
            states: self.watched_of(&place, line.states)?,
            images,
            end: if line.whole { PageEnd::Whole } else { PageEnd::Stopped },
            ..PageReading::new(line.nth, 0, next)
        };
        self.api_calls = line.api_calls;
        self.places.entry(place).or_default().pages.insert(page.nth, page);
        Ok(())
    }

    fn place(&mut self, line: PlaceLine) -> Result<(), BadLine> {
        let place = place_of(&line.account, &line.region)?;
        let Pending { shares, images, gaps, .. } = self.pending.close(Some(&place))?;
        let states = self.watched_of(&place, line.states)?;
        let block = line.block_public_access;
        let block_public_access = block.map(|(state, managed_by)| BlockPublicAccess { state, managed_by });
        let log = self.places.entry(place).or_default();
        if !shares.is_empty() || !states.is_empty() {
            // The first version had no pages: all that it read of a place stands before the place's own line.
            let whole = PageReading { shares, states, images, ..PageReading::new(0, 0, Next::End) };
            log.pages.insert(0, whole);
        }
        let (images_there, settled) = (line.images, line.settled);
        log.end = Some(PlaceEnd { block_public_access, images_there, settled, gaps });
        Ok(())
    }

    fn watched_of(
        &self,
        place: &Place,
        states: Vec<(String, String)>,
    ) -> Result<Vec<(ImageId, String)>, BadLine> {
        let Some(watched) = self.watched.images.get(place) else { return Ok(Vec::new()) };
        let mut states = states_of(states)?;
        states.retain(|(id, _)| watched.contains(id));
        Ok(states)
    }
}

impl Pending {
    fn belongs_to(&mut self, place: Place) -> Result<(), BadLine> {
        match &self.place {
            Some(other) if *other != place => Err(BadLine(format!("{other} did not end before it"))),
            _ => {
                self.place = Some(place);
                Ok(())
            }
        }
    }

    /// What waits for the end of this place's page; nothing may wait for another's.
    fn close(&mut self, place: Option<&Place>) -> Result<Self, BadLine> {
        match &self.place {
            Some(other) if Some(other) != place => Err(BadLine(format!("{other} did not end before it"))),
            _ => Ok(std::mem::take(self)),
        }
    }
}

impl PlaceLog {
    /// Whether all was asked of the place, and answered.
    pub(super) fn is_settled(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.settled)
    }

    /// The last page there is something of.
    pub(super) fn last_page(&self) -> Option<u64> {
        self.pages.keys().next_back().copied()
    }

    /// What was read of the place, up to the first page that is not whole unless `parts_too`.
    pub(super) fn reading(self, place: &Place, watched: &Watched, parts_too: bool) -> PlaceReading {
        let mut reading = PlaceReading::new(place.clone());
        for (nth, page) in self.pages {
            let follows = nth == reading.pages && page.end == PageEnd::Whole;
            if !follows && !parts_too {
                break;
            }
            reading.take(page, watched.images.get(place));
        }
        if let Some(end) = self.end.filter(|end| end.settled || parts_too) {
            reading.block_public_access = end.block_public_access;
            reading.images_there = end.images_there;
            reading.gaps = end.gaps;
            reading.settled = end.settled;
            reading.done = end.settled;
        }
        reading
    }
}
