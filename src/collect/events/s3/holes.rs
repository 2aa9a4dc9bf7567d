//! What of a bucket could not be read. A key that may not be used hides every file: that is one gap, not thousands.

use std::collections::BTreeMap;

use crate::model::event_log::Hole;

/// So many files with the same trouble are told one by one.
const FEW: usize = 3;

/// Makes one hole of many that are of one place and have one reason.
pub(super) fn collapse(holes: Vec<Hole>) -> Vec<Hole> {
    let mut alike: BTreeMap<(_, String), Vec<Hole>> = BTreeMap::new();
    for hole in holes {
        alike.entry((hole.place.clone(), without_key(&hole))).or_default().push(hole);
    }
    let mut all: Vec<Hole> = alike.into_values().flat_map(one_of_many).collect();
    all.sort();
    all
}

/// The reason without the object's key: AWS's refusals name what they refuse.
fn without_key(hole: &Hole) -> String {
    let key = hole.subject.splitn(4, '/').nth(3).filter(|key| !key.is_empty());
    key.map_or_else(|| hole.reason.clone(), |key| hole.reason.replace(key, ""))
}

fn one_of_many(mut holes: Vec<Hole>) -> Vec<Hole> {
    if holes.len() <= FEW {
        return holes;
    }
    let more = holes.len() - 1;
    holes.sort_by(|a, b| a.subject.cmp(&b.subject));
    // A hole of no known time may hide an event of any.
    let whole = |one: Hole, other: Hole| Hole {
        window: one.window.zip(other.window).map(|(one, other)| one.and(other)),
        ..one
    };
    let one = holes.into_iter().reduce(whole);
    let told = |hole: Hole| Hole { subject: format!("{} and {more} more files", hole.subject), ..hole };
    one.into_iter().map(told).collect()
}
