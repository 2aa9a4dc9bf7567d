//! What many files gave, made one log.

use std::path::Path;
use std::sync::Arc;

use super::hole::hole;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::place::Place;
use crate::trail::{Found, Problem, merge};

/// One log of what all files gave, each with its name.
pub(super) fn gather(files: impl Iterator<Item = (String, Found)>) -> EventLog {
    let mut log = EventLog::default();
    let mut events = Vec::new();
    for (name, mut found) in files {
        log.files += 1;
        log.records += found.records;
        events.append(&mut found.events);
        for ((account, region), window) in found.windows {
            cover(&mut log, &account, &region, window);
        }
        log.holes.extend(found.problems.into_iter().map(|problem| hole_of(&name, problem)));
    }
    log.events = merge(events).into_iter().map(Arc::new).collect();
    log
}

fn cover(log: &mut EventLog, account: &str, region: &str, window: Window) {
    match (account.parse(), region.parse()) {
        (Ok(account), Ok(region)) => log.cover(Place { account, region }, window),
        _ => log.reach(window),
    }
}

fn hole_of(name: &str, problem: Problem) -> Hole {
    let subject = match problem.line {
        Some(line) => format!("{name}:{line}"),
        None => name.to_owned(),
    };
    hole(Path::new(name), subject, problem.why)
}
