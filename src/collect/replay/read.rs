//! Reads snapshots back into what a scan read; several are the shards of one scan.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::BadSnapshot;
use super::lines::{Line, VERSION};
use super::log::Log;
use super::merge::Parts;
use crate::collect::context::Watched;
use crate::collect::inventory::Reading;
use crate::model::caller::Caller;

/// The longest line that is read: a page of 1,000 images has some 50 KB, an image with 1,000 grants 100 KB.
const LONGEST_LINE: u64 = 64 << 20;

/// What snapshots hold: a scan's reading, and who made it and when.
#[derive(Debug)]
pub struct Replayed {
    /// What was read.
    pub reading: Reading,
    /// Who read it.
    pub caller: Caller,
    /// When that began (the last of several: what had expired by then is not revived).
    pub started_at: Timestamp,
    /// When it ended (the last of several).
    pub ended_at: Timestamp,
    /// Requests that were sent, by API action.
    pub api_calls: BTreeMap<String, u64>,
}

/// Reads one or more snapshots. Of the images, only the `watched` ones' states are kept.
///
/// # Errors
/// A file that is no whole snapshot, is of a newer version, or is of another organization than the first.
pub fn read_snapshots(paths: &[PathBuf], watched: &Watched) -> Result<Replayed, BadSnapshot> {
    let mut merged: Option<Parts> = None;
    for path in paths {
        let bad = |why: String| BadSnapshot { path: path.clone(), why };
        let parts = read_one(path, watched).map_err(bad)?;
        merged = Some(match merged {
            None => parts,
            Some(first) => first.merge(parts).map_err(bad)?,
        });
    }
    let nothing = || BadSnapshot { path: PathBuf::new(), why: "no snapshot was given".to_owned() };
    Ok(merged.ok_or_else(nothing)?.replayed())
}

fn read_one(path: &Path, watched: &Watched) -> Result<Parts, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let decoder = zstd::Decoder::new(file).map_err(|error| error.to_string())?;
    let mut reader = BufReader::new(decoder);
    let mut lines = 0_u64;
    let Some(Line::Header(header)) = next(&mut reader, lines)? else {
        return Err("it does not begin like a snapshot of amiaudit".to_owned());
    };
    if header.version > VERSION {
        let why = format!("it is of version {}, and this program reads up to {VERSION}", header.version);
        return Err(why);
    }
    let mut log = Log::new(&header, watched).map_err(|error| error.to_string())?;
    let end = loop {
        lines += 1;
        let Some(line) = next(&mut reader, lines)? else {
            return Err("it breaks off: the scan that wrote it did not end".to_owned());
        };
        log.take(line).map_err(|error| format!("line {}: {error}", lines + 1))?;
        if let Some(end) = log.end.take() {
            break end;
        }
    };
    if end.lines != lines {
        return Err(format!("it has {lines} lines, and says that it has {}", end.lines));
    }
    if next(&mut reader, lines)?.is_some() {
        return Err("it goes on after its end".to_owned());
    }
    Parts::new(log, &end, watched).map_err(|error| error.to_string())
}

/// The next line; `None` at the end.
pub(super) fn next(reader: &mut impl BufRead, before: u64) -> Result<Option<Line>, String> {
    let at = |why: String| format!("line {}: {why}", before + 1);
    let mut text = Vec::new();
    let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
    match read.map_err(|error| at(format!("it is damaged: {error}")))? {
        0 => Ok(None),
        _ if text.last() != Some(&b'\n') => Err(at("the line breaks off".to_owned())),
        _ => serde_json::from_slice(&text).map(Some).map_err(|error| at(format!("it is damaged: {error}"))),
    }
}
