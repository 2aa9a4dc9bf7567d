//! Holds a bucket's log files against its digests, one place after another: the digests of a whole organization would
//! not stand in memory together.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};

use super::bucket::{Bucket, Found};
use super::layout::{Days, Level};
use super::read::hole_of;
use super::walk::{self, Choice, Folder, Lister};
use crate::collect::events::ask::{Ask, Reach};
use crate::collect::events::gather::Gathered;
use crate::collect::events::hole::place_of;
use crate::collect::events::integrity::{keys_of, saved_keys, verify};
use crate::collect::events::source::unread;
use crate::model::event_log::{EventLog, Hole};
use crate::model::place::Place;
use crate::trail::digest::{DigestFile, Hashed, PublicKeys};
use crate::trail::{Packing, Unpacker};

/// How keys are had.
pub(super) struct KeySource<'a> {
    pub(super) reach: Reach<'a>,
    pub(super) policy: &'a str,
    pub(super) saved: Option<&'a std::path::Path>,
}

/// Checks all that was gathered from under a prefix.
pub(super) async fn check(
    bucket: &Bucket<'_>,
    (gathered, prefix): (Gathered, &str),
    keys: &KeySource<'_>,
    ask: &Ask<'_>,
) -> EventLog {
    let Gathered { mut log, hashes, .. } = gathered;
    let mut of_place: BTreeMap<Option<Place>, Vec<Hashed>> = BTreeMap::new();
    for hashed in hashes {
        of_place.entry(place_of(&hashed.name)).or_default().push(hashed);
    }
    let (folders, unlisted) = walk::folders(bucket, prefix, true, ask).await;
    log.holes.extend(unlisted.into_iter().map(|unlisted| hole_of(bucket, unlisted, ask)));
    let days = Days::of(ask.window);
    for folder in &folders {
        let place = match Level::of(&folder.prefix) {
            Level::Days(account, region) => Some(Place { account, region }),
            _ => None,
        };
        let files = of_place.remove(&place).unwrap_or_default();
        let digests = fetch(bucket, folder, &days, ask, &mut log.holes).await;
        let known = keys.load(&digests, ask, &mut log.holes).await;
        verify(&mut log, (&digests, &files), &known, |key| days.has(key));
    }
    // Where there is no digest at all, nothing is proven.
    let others: Vec<Hashed> = of_place.into_values().flatten().collect();
    verify(&mut log, (&[], &others), &PublicKeys::default(), |_| false);
    log
}

impl KeySource<'_> {
    async fn load(&self, digests: &[DigestFile], ask: &Ask<'_>, holes: &mut Vec<Hole>) -> PublicKeys {
        let loaded = match self.saved {
            Some(path) => saved_keys(path).map_err(|error| error.to_string()),
            None => {
                let keys = keys_of(self.reach, digests, self.policy, ask).await;
                keys.map_err(|failure| failure.to_string())
            }
        };
        loaded.unwrap_or_else(|why| {
            holes.push(unread("the digests' public keys", &why));
            PublicKeys::default()
        })
    }
}

/// The digests of a place.
async fn fetch(
    bucket: &Bucket<'_>,
    folder: &Folder,
    days: &Days,
    ask: &Ask<'_>,
    holes: &mut Vec<Hole>,
) -> Vec<DigestFile> {
    let mut lister = Lister::new(bucket, folder, Choice { days, digests: true, ask });
    let mut digests = Vec::new();
    while let Some(page) = lister.next().await {
        let files = match page {
            Ok(files) => files,
            Err(unlisted) => {
                holes.push(hole_of(bucket, unlisted, ask));
                break;
            }
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
    digests
}

async fn get(bucket: &Bucket<'_>, file: &Found, most: usize) -> Result<DigestFile, Hole> {
    let name = bucket.url(&file.key);
    let content = bucket.get(&file.key, most).await.map_err(|failure| unread(&name, &failure.reason))?;
    let packing = Packing::of(&content.bytes);
    let unpacked = if packing == Packing::Plain {
        content.bytes
    } else {
        let mut unpacker = Unpacker::default();
        let unpacked = unpacker.unpack(&content.bytes, packing, most);
        match &unpacked.problem {
            Some(problem) => return Err(unread(&name, &problem.to_string())),
            None => unpacked.bytes.to_vec(),
        }
    };
    Ok(DigestFile { name: name.into(), content: unpacked, signature: content.signature })
}
