//! What reading gives: events, and how far the reading reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::event::TrailEvent;
use crate::model::event_log::Window;

/// What is wanted of a file.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What the file is called in the events.
    pub file: Arc<str>,
    /// Whether the records themselves are kept.
    pub raw: bool,
}

/// The window of each account and Region that there are records of, by their ids as written.
pub type Windows = BTreeMap<(String, String), Window>;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, where that can be told; the first is 1.
    pub line: Option<u64>,
    /// Why.
    pub why: String,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Found {
    /// The events that matter.
    pub events: Vec<TrailEvent>,
    /// How many records of CloudTrail there are.
    pub records: u64,
    /// The times they are of.
    pub windows: Windows,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether it is a file of CloudTrail's, even one without records: an empty list, a digest.
    pub is_trail: bool,
}

/// More problems of one file than this are counted and not told.
const MOST_PROBLEMS: usize = 20;

impl Found {
    /// Notes something that could not be read.
    pub(super) fn problem(&mut self, line: Option<u64>, why: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { line, why: why.into() });
        } else if let Some(last) = self.problems.last_mut() {
            last.why = format!("there are more than {MOST_PROBLEMS} problems in this file");
            last.line = None;
        }
    }

    /// Notes what makes a part of it doubtful.
    pub(super) fn doubt(&mut self, why: Option<&'static str>) {
        if let Some(why) = why {
            self.problem(None, why);
        }
    }

    /// Notes a record.
    pub(super) fn record(&mut self, account: &str, region: &str, time: Option<Timestamp>) {
        self.records += 1;
        self.is_trail = true;
        if let Some(at) = time {
            self.window(account, region, Window { from: at, to: at });
        }
    }

    pub(super) fn window(&mut self, account: &str, region: &str, window: Window) {
        let key = (account.to_owned(), region.to_owned());
        self.windows.entry(key).and_modify(|held| *held = held.and(window)).or_insert(window);
    }

    /// Says so, where a file turned out to hold nothing of CloudTrail's.
    pub(super) fn settle(mut self) -> Self {
        if !self.is_trail && self.problems.is_empty() {
            self.problem(None, "it holds no record of CloudTrail's");
        }
        self
    }
}
