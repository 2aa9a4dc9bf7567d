//! Several logs made one, and one cut to a time.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::event_log::{EventLog, Window};
use crate::trail::merge;

/// One log of two: what both have is in it once.
#[must_use]
pub fn join(mut one: EventLog, other: EventLog) -> EventLog {
    for (place, window) in other.windows {
        one.windows.entry(place).and_modify(|held| *held = one_window(*held, window)).or_insert(window);
    }
    other.window.into_iter().for_each(|window| one.reach(window));
    one.holes.extend(other.holes);
    one.holes.sort();
    one.holes.dedup();
    one.unsearched.extend(other.unsearched);
    one.unsearched.sort();
    one.unsearched.dedup();
    one.until = one.until.into_iter().chain(other.until).min();
    one.files += other.files;
    one.records += other.records;
    let events = one.events.into_iter().chain(other.events).map(Arc::unwrap_or_clone).collect();
    EventLog { events: merge(events).into_iter().map(Arc::new).collect(), ..one }
}

/// The window of two sources: over both where they meet. What lies between two that do not was read by neither, so
/// that only the later one counts.
fn one_window(one: Window, other: Window) -> Window {
    match one.meets(&other) {
        true => one.and(other),
        false => one.max(other),
    }
}

/// The part of a log from `since` to `until`. Events whose time does not read as one stay: they may be of any.
#[must_use]
pub fn cut(log: EventLog, since: Option<Timestamp>, until: Option<Timestamp>) -> EventLog {
    let (first, last) = (since.unwrap_or(Timestamp::MIN), until.unwrap_or(Timestamp::MAX));
    let part = |window: Window| Window { from: window.from.max(first), to: window.to.min(last) };
    let is_some = |window: &Window| window.from <= window.to;
    let mut log = log;
    log.events.retain(|event| event.time.is_none_or(|at| first <= at && at <= last));
    log.windows = log
        .windows
        .into_iter()
        .map(|(place, window)| (place, part(window)))
        .filter(|(_, window)| is_some(window))
        .collect();
    log.window = log.window.map(part).filter(is_some);
    log.until = log.until.into_iter().chain(until).min();
    log
}
