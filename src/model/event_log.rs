//! What was read of CloudTrail's logs, and how far that reaches: no event is not "nothing happened" where the log
//! was not read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::event::TrailEvent;
use super::gap::Gap;
use super::place::Place;

/// A stretch of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The first moment.
    pub from: Timestamp,
    /// The last.
    pub to: Timestamp,
}

impl Window {
    /// The window that reaches over both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Whether they have a moment in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// A part of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hole {
    /// Where its events happened; anywhere, where that cannot be told.
    pub place: Option<Place>,
    /// When; at any time, where that cannot be told.
    pub window: Option<Window>,
    /// What could not be read, such as a file and a line.
    pub subject: String,
    /// Why.
    pub reason: String,
}

impl Hole {
    /// Whether it may hide an event of this place and time.
    #[must_use]
    pub fn may_hide(&self, place: &Place, window: &Window) -> bool {
        self.place.as_ref().is_none_or(|own| own == place)
            && self.window.as_ref().is_none_or(|own| own.meets(window))
    }
}

/// What was read of logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventLog {
    /// The events that matter, each once, by time and id.
    pub events: Vec<Arc<TrailEvent>>,
    /// The times of the first and last record of each place.
    pub windows: BTreeMap<Place, Window>,
    /// The times of the first and last record of all.
    pub window: Option<Window>,
    /// What could not be read: an event may be hidden there.
    pub holes: Vec<Hole>,
    /// The time after which nothing was wanted, so that nothing is known of what came later.
    pub until: Option<Timestamp>,
    /// Where a source could not look at all, so that it says nothing: what another says of it stands.
    pub unsearched: Vec<Gap>,
    /// Files that were looked at.
    pub files: u64,
    /// Records that they hold.
    pub records: u64,
}

impl EventLog {
    /// Adds the windows of another log.
    pub fn cover(&mut self, place: Place, window: Window) {
        self.windows.entry(place).and_modify(|held| *held = held.and(window)).or_insert(window);
        self.reach(window);
    }

    /// Whether an event of this place and time may be missing: it could not be read, or was not wanted.
    #[must_use]
    pub fn may_lack(&self, place: &Place, window: &Window) -> bool {
        self.until.is_some_and(|until| until < window.to)
            || self.holes.iter().any(|hole| hole.may_hide(place, window))
    }

    /// Whether a part of it, or a source, could not be read.
    #[must_use]
    pub fn lacks_something(&self) -> bool {
        !self.holes.is_empty() || !self.unsearched.is_empty()
    }

    /// Leaves out what lies in the future: a clock was wrong, or somebody wrote the time.
    pub fn reach_no_further_than(&mut self, now: Timestamp) {
        self.windows.values_mut().for_each(|window| window.to = window.to.min(now));
        self.windows.retain(|_, window| window.from <= window.to);
    }

    /// Notes times of records that are of no place we can name.
    pub fn reach(&mut self, window: Window) {
        self.window = Some(self.window.map_or(window, |held| held.and(window)));
    }
}
