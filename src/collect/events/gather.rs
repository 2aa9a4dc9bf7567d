//! What many files gave, made one log.

use std::path::Path;
use std::sync::Arc;

use super::hole::hole;
use super::worker::{FileRead, Proof};
use crate::model::event::TrailEvent;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::place::Place;
use crate::trail::digest::{DigestFile, Hashed, is_digest};
use crate::trail::{Problem, merge};

/// What many files gave.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// One log of all, still without events.
    pub(super) log: EventLog,
    /// The events, each as often as it was delivered: which of its deliveries is kept hangs on what digests say.
    pub(super) events: Vec<TrailEvent>,
    /// The hashes of log files, where that was asked for.
    pub(super) hashes: Vec<Hashed>,
    /// The digests among the files, where that was asked for.
    pub(super) digests: Vec<DigestFile>,
    /// Files that are there and could not be read, so that their hashes are not known.
    pub(super) unproven: Vec<String>,
}

impl Gathered {
    /// Whether there are log files to be verified, and no digests.
    pub(super) fn lacks_digests(&self) -> bool {
        let is_any = !self.digests.is_empty() || self.unproven.iter().any(|name| is_digest(name));
        !self.hashes.is_empty() && !is_any
    }

    /// The log, with each event once.
    pub(super) fn into_log(self) -> EventLog {
        EventLog { events: merge(self.events).into_iter().map(Arc::new).collect(), ..self.log }
    }
}

/// Gathers what all files gave.
pub(super) fn gather(files: impl Iterator<Item = FileRead>) -> Gathered {
    let mut all = Gathered::default();
    let log = &mut all.log;
    for FileRead { name, mut found, proof, signature } in files {
        log.files += 1;
        match proof {
            Some(Proof::Hash(sha256)) => all.hashes.push(Hashed { name: name.as_str().into(), sha256 }),
            Some(Proof::Digest(content)) => {
                all.digests.push(DigestFile { name: name.as_str().into(), content, signature });
            }
            None if !found.problems.is_empty() => all.unproven.push(name.clone()),
            None => {}
        }
        log.records += found.records;
        all.events.append(&mut found.events);
        for ((account, region), window) in found.windows {
            cover(log, &account, &region, window);
        }
        log.holes.extend(found.problems.into_iter().map(|problem| hole_of(&name, problem)));
    }
    all
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
