//! Digests that should be there: what a digest names as the one before it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use super::name::{DigestName, before, stem};
use super::parsed::{Parsed, Previous};
use super::problem::{DigestProblem, Finding};
use super::standing::{Read, Standing};
use crate::model::event_log::Window;

/// The digests that are missing inside a chain. Before the oldest that was read there may be others, in a part of the
/// log that nobody asked for.
pub(super) fn missing(digests: &[(&Read<'_>, &Standing)]) -> Vec<DigestProblem> {
    let mut chains: BTreeMap<(&str, bool), BTreeSet<Timestamp>> = BTreeMap::new();
    for name in digests.iter().filter_map(|(digest, _)| digest.name.as_ref()) {
        chains.entry(name.chain).or_default().insert(name.ended);
    }
    let there = There::new(digests);
    let mut missing: BTreeMap<&str, DigestProblem> = BTreeMap::new();
    for (digest, standing) in digests {
        let (Some(parsed), Some(name)) = (digest.placed(), &digest.name) else { continue };
        // What was changed is told already, and what it says is anybody's.
        let is_changed = matches!(standing, Standing::Not(Finding::Changed, _));
        let Some(previous) = parsed.previous.as_ref().filter(|_| !is_changed) else { continue };
        let older = chains.get(&name.chain).and_then(|ends| ends.range(..name.ended).next_back());
        if let (false, Some(older)) = (there.has(previous), older) {
            missing.entry(&previous.location).or_insert_with(|| problem(digest, (parsed, name), *older));
        }
    }
    missing.into_values().collect()
}

/// The digests that are there, readable or not.
struct There<'a> {
    locations: HashSet<&'a str>,
    /// Of those that are not what their names say; that is told of them.
    stems: HashSet<&'a str>,
}

impl<'a> There<'a> {
    fn new(digests: &[(&'a Read<'a>, &Standing)]) -> Self {
        let placed = digests.iter().filter_map(|(digest, _)| digest.placed());
        let others = digests.iter().filter(|(digest, _)| digest.placed().is_none());
        Self {
            locations: placed.map(|parsed| parsed.location.as_str()).collect(),
            stems: others.map(|(digest, _)| digest.stem).collect(),
        }
    }

    fn has(&self, previous: &Previous) -> bool {
        self.locations.contains(previous.location.as_str()) || self.stems.contains(stem(&previous.location))
    }
}

fn problem(digest: &Read<'_>, (parsed, name): (&Parsed, &DigestName<'_>), older: Timestamp) -> DigestProblem {
    let previous = parsed.previous.as_ref().map(|previous| previous.location.as_str()).unwrap_or_default();
    DigestProblem {
        subject: format!("s3://{previous}"),
        finding: Finding::Missing,
        reason: format!("{} follows it, and it is missing", digest.file.name),
        place: name.place.clone(),
        // Others may be missing with it, as far back as there is one.
        window: Some(Window { from: before(older), to: parsed.start.max(older) }),
    }
}
