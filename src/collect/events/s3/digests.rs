//! Holds a bucket's log files against its digests, one place after another: the digests of a whole organization would
//! not stand in memory together.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use jiff::SignedDuration;

use super::bucket::{Bucket, Found};
use super::holes::collapse;
use super::layout::{Days, Level, digests_beside};
use super::read::hole_of;
use super::walk::{self, Choice, Folder, Lister};
use crate::aws::action::GET_OBJECT;
use crate::collect::events::ask::Ask;
use crate::collect::events::gather::Gathered;
use crate::collect::events::hole::{hole, place_of};
use crate::collect::events::integrity::{KeyRing, Verdicts, mark, no_digest, there, verify};
use crate::collect::events::source::INTERRUPTED;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::gap::Gap;
use crate::model::place::Place;
use crate::trail::digest::{DigestFile, Hashed, stem};
use crate::trail::{Packing, Unpacker, Unreadable};

/// A log file is listed in a digest that comes up to an hour later.
const LATER: SignedDuration = SignedDuration::from_hours(24);

/// The digests' folders of a place, and its log files. A trail that was made an organization's has two folders.
type OfPlace = (Vec<Folder>, Vec<Hashed>);

/// Checks all that was gathered from under a prefix.
pub(super) async fn check(
    bucket: &Bucket<'_>,
    (gathered, source, prefix): (Gathered, &str, &str),
    keys: &mut KeyRing<'_>,
    ask: &Ask<'_>,
) -> EventLog {
    let mut gathered = gathered;
    let mut verdicts = Verdicts::new();
    let checking = check_places(bucket, (&mut gathered, prefix), (keys, &mut verdicts), ask);
    let checked = tokio::select! {
        biased;
        () = ask.stop.asked() => None,
        is_any = checking => Some(is_any),
    };
    match checked {
        None => gathered.log.unsearched.push(unread_digest(bucket.url(prefix), INTERRUPTED)),
        // What could not be read of digests is told already.
        Some(false) if gathered.log.unsearched.is_empty() && !gathered.hashes.is_empty() => {
            gathered.log.unsearched.push(no_digest(source));
        }
        Some(_) => {}
    }
    mark(&mut gathered, &verdicts);
    gathered.into_log()
}

/// Whether there was any digest.
async fn check_places(
    bucket: &Bucket<'_>,
    (gathered, prefix): (&mut Gathered, &str),
    (keys, verdicts): (&mut KeyRing<'_>, &mut Verdicts),
    ask: &Ask<'_>,
) -> bool {
    let there = there(gathered);
    let (digests_prefix, part) = match digests_beside(prefix) {
        Some((beside, logs)) => (beside, Some(logs)),
        None => (prefix.to_owned(), None),
    };
    let (folders, unlisted) = walk::folders(bucket, &digests_prefix, true, ask).await;
    let unlisted = unlisted.into_iter().map(|unlisted| hole_of(bucket, unlisted, ask));
    gathered.log.unsearched.extend(unlisted.map(gap_of));
    let (logs, window) = (Days::of(ask.window), ask.window);
    let days = Days::of(Window { to: window.to.saturating_add(LATER).unwrap_or(window.to), ..window });
    let choice = Choice { days: &days, digests: true, ask };
    // Digests of a Region list what was not asked for, where only some of its days were.
    let is_of_part = |key: &str| part.is_none_or(|part| key.contains(part));
    let mut is_any = false;
    for (folders, files) in by_place(folders, &gathered.hashes).into_values() {
        let (mut digests, mut holes) = (Vec::new(), Vec::new());
        for folder in &folders {
            fetch(bucket, folder, choice, (&mut digests, &mut holes)).await;
        }
        gathered.log.unsearched.extend(collapse(holes).into_iter().map(gap_of));
        gathered.log.unsearched.extend(keys.learn(&digests, ask).await);
        is_any |= !digests.is_empty();
        let is_missing = |key: &str| logs.has(key) && is_of_part(key) && !there.contains(stem(key));
        gathered.log.holes.extend(verify((&digests, &files), keys.keys(), is_missing, verdicts));
    }
    is_any
}

/// Folders and files, place by place. Files of a place without a folder may be in digests that lie anywhere.
fn by_place(folders: Vec<Folder>, files: &[Hashed]) -> BTreeMap<Option<Place>, OfPlace> {
    let mut all: BTreeMap<Option<Place>, OfPlace> = BTreeMap::new();
    for folder in folders {
        let place = match Level::of(&folder.prefix) {
            Level::Days(account, region) => Some(Place { account, region }),
            _ => None,
        };
        all.entry(place).or_default().0.push(folder);
    }
    for file in files {
        let place = place_of(&file.name).filter(|place| all.contains_key(&Some(place.clone())));
        all.entry(place).or_default().1.push(file.clone());
    }
    all
}

/// A digest that cannot be read proves nothing; no event is hidden by that.
fn gap_of(hole: Hole) -> Gap {
    Gap { call: GET_OBJECT.name.to_owned(), ..Gap::in_events(&hole) }
}

fn unread_digest(subject: String, reason: &str) -> Gap {
    gap_of(Hole { place: None, window: None, subject, reason: reason.to_owned() })
}

/// Fetches the digests of a folder.
async fn fetch(
    bucket: &Bucket<'_>,
    folder: &Folder,
    choice: Choice<'_>,
    (digests, holes): (&mut Vec<DigestFile>, &mut Vec<Hole>),
) {
    let ask = choice.ask;
    let mut lister = Lister::new(bucket, folder, choice);
    while let Some(page) = lister.next().await {
        let files = match page {
            Ok(files) => files,
            Err(unlisted) => return holes.push(hole_of(bucket, unlisted, ask)),
        };
        let gets: Vec<_> = files.iter().map(|file| get(bucket, file, ask.max_file_bytes).boxed()).collect();
        let got: Vec<Result<DigestFile, Hole>> = stream::iter(gets).buffered(ask.at_once).collect().await;
        for one in got {
            match one {
                Ok(digest) => digests.push(digest),
                Err(hole) => holes.push(hole),
            }
        }
    }
}

async fn get(bucket: &Bucket<'_>, file: &Found, most: usize) -> Result<DigestFile, Hole> {
    let name = bucket.url(&file.key);
    let unread = |why: String| hole(std::path::Path::new(&file.key), name.clone(), why);
    let content = bucket.get(&file.key, most).await.map_err(|failure| unread(failure.reason))?;
    let packing = Packing::of(&content.bytes);
    let mut unpacker = Unpacker::default();
    let unpacked = unpacker.unpack(&content.bytes, packing, most);
    if let Some(problem @ Unreadable::TooLarge(_)) = &unpacked.problem {
        return Err(unread(problem.to_string()));
    }
    // A damaged one is no digest of CloudTrail's, which is told of it.
    let unpacked = unpacked.bytes.to_vec();
    Ok(DigestFile { name: name.into(), content: unpacked, signature: content.signature })
}
