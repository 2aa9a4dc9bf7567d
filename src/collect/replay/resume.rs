//! Goes on with a scan that was killed or interrupted, from what it wrote down.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use jiff::Timestamp;

use super::claim::{claim, lock};
use super::lines::{Line, VERSION};
use super::log::{Log, PlaceLog};
use super::read::next;
use super::write::{PARTIAL, SNAPSHOT, SnapshotWriter};
use super::{BadSnapshot, Head};
use crate::collect::context::Watched;
use crate::collect::place::PlaceReading;
use crate::model::place::Place;

/// The largest frame that is read, decompressed: a page of 200 images with 1,000 grants each has some 20 MB.
const LARGEST_FRAME: u64 = 1 << 30;

/// What an earlier run read, for this one to go on from. Nothing, for a run that begins.
#[derive(Debug, Default)]
pub struct Begun {
    pub(in crate::collect) places: BTreeMap<Place, PlaceReading>,
}

impl Begun {
    /// Places that are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.places.values().filter(|reading| reading.done).count()
    }

    /// Images whose permissions are settled.
    #[must_use]
    pub fn images(&self) -> u64 {
        self.places.values().map(|reading| reading.tried).sum()
    }
}

/// Goes on with the run whose snapshot is in `folder`. Returns where to write the rest, what was read, and
/// when the run began.
///
/// # Errors
/// There is nothing to go on from, the run is complete, or it was another one.
pub fn resume(
    folder: &Path,
    head: &Head<'_>,
    watched: &Watched,
) -> Result<(SnapshotWriter, Begun, Timestamp), BadSnapshot> {
    let (partial, whole) = (folder.join(PARTIAL), folder.join(SNAPSHOT));
    let is_partial = std::fs::symlink_metadata(&partial).is_ok();
    let from = if is_partial { &partial } else { &whole };
    let bad = |why: String| BadSnapshot { path: from.clone(), why };
    let opened = if is_partial { claim(&partial, false) } else { File::open(&whole) };
    let file = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BadSnapshot {
            path: folder.to_owned(),
            why: "no scan was begun in this folder that could go on".to_owned(),
        },
        _ => bad(error.to_string()),
    })?;
    let kept = read_frames(&file, watched).map_err(bad)?;
    // One without a report can always go on, be it only to that.
    if kept.complete && !is_partial {
        return Err(bad("the scan in this folder is complete: there is nothing to go on with".to_owned()));
    }
    kept.check(head).map_err(bad)?;
    let Kept { log, bytes, lines, .. } = kept;
    let (started_at, earlier) = (log.started_at, log.api_calls.clone());
    let file = if is_partial { Ok(file) } else { copy(file, folder) };
    let writer = file.and_then(|file| SnapshotWriter::go_on(folder, file, (bytes, lines), earlier));
    let writer = writer.map_err(|error| bad(error.to_string()))?;
    let mut places = BTreeMap::new();
    for (place, log) in log.places {
        let last = log.last_page();
        let reading = log.reading(&place, watched, false);
        if last.is_some_and(|last| last >= reading.pages) {
            writer.forget_from(&place, reading.pages);
        }
        places.insert(place, reading);
    }
    Ok((writer, Begun { places }, started_at))
}

/// The snapshot of an interrupted report, copied to be gone on with: the report stays whole until the new one is.
fn copy(mut from: File, folder: &Path) -> std::io::Result<File> {
    from.seek(SeekFrom::Start(0))?;
    let mut copy = tempfile::NamedTempFile::new_in(folder)?;
    std::io::copy(&mut from, &mut copy)?;
    lock(copy.as_file())?;
    copy.persist_noclobber(folder.join(PARTIAL)).map_err(|error| error.error)
}

/// What of a file can be gone on from.
struct Kept<'a> {
    log: Log<'a>,
    /// Where the last frame that is kept ends.
    bytes: u64,
    /// Lines up to there.
    lines: u64,
    /// Whether the run wrote its end, having read all it could.
    complete: bool,
}

impl Kept<'_> {
    fn check(&self, head: &Head<'_>) -> Result<(), String> {
        let (then, now) = (&self.log.caller, head.caller);
        if (then.account, &then.partition) != (now.account, &now.partition) {
            return Err(format!("it was begun by {}, and this is {}", then.arn, now.arn));
        }
        let flags = self.log.scope.keys().chain(head.scope.keys());
        for flag in flags {
            let (then, now) = (self.log.scope.get(flag), head.scope.get(flag));
            if then != now {
                let told = |value: Option<&String>| match value {
                    Some(value) => format!("with {flag} {value}"),
                    None => format!("without {flag}"),
                };
                return Err(format!(
                    "it was begun {}, and now it is {}: go on with the same flags",
                    told(then),
                    told(now)
                ));
            }
        }
        Ok(())
    }
}

/// Reads whole frames: a frame that breaks off was being written when the run was killed, and all from there
/// on is read again.
fn read_frames<'a>(file: &File, watched: &'a Watched) -> Result<Kept<'a>, String> {
    let mut reader = Counted { inner: BufReader::new(file), bytes: 0, failed: None };
    let Some(frame) = next_frame(&mut reader) else {
        return Err("nothing of the scan was written down yet: begin it anew".to_owned());
    };
    let Some(Line::Header(header)) = frame.first() else {
        return Err("it does not begin like a snapshot of amiaudit".to_owned());
    };
    if header.version != VERSION {
        return Err(format!("it is of version {}, and this program goes on with {VERSION}", header.version));
    }
    let log = Log::new(header, watched).map_err(|error| error.to_string())?;
    let mut kept = Kept { log, bytes: reader.bytes, lines: 1, complete: false };
    while let Some(frame) = next_frame(&mut reader) {
        if let Some(Line::End(end)) = frame.last() {
            // The end is written anew; it comes in one frame with what only the end knows.
            let settled = kept.log.places.values().all(PlaceLog::is_settled);
            let account_gap = frame.iter().any(|line| matches!(line, Line::Gap(_)));
            let unanswered = |line: &Line| matches!(line, Line::SnapshotGap(missing) if !missing.answered);
            let unanswered = frame.iter().any(unanswered);
            kept.complete = !end.interrupted && settled && !account_gap && !unanswered;
            break;
        }
        kept.lines += frame.len() as u64;
        for line in frame {
            kept.log.take(line).map_err(|error| error.to_string())?;
        }
        kept.bytes = reader.bytes;
    }
    // A disk that does not give what is there is no frame that breaks off.
    match reader.failed {
        Some(error) => Err(error.to_string()),
        None => Ok(kept),
    }
}

/// The lines of the next frame; `None` where there is none that is whole.
fn next_frame(reader: &mut Counted<BufReader<&File>>) -> Option<Vec<Line>> {
    if reader.fill_buf().ok()?.is_empty() {
        return None;
    }
    let decoder = zstd::Decoder::with_buffer(reader).ok()?.single_frame();
    let mut decoded = BufReader::new(decoder.take(LARGEST_FRAME));
    let mut lines = Vec::new();
    while let Some(line) = next(&mut decoded, lines.len() as u64).ok()? {
        lines.push(line);
    }
    Some(lines)
}

/// Counts the bytes that are consumed, and keeps the first error.
struct Counted<R> {
    inner: R,
    bytes: u64,
    failed: Option<std::io::Error>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if let Err(error) = self.inner.fill_buf() {
            self.failed.get_or_insert(error);
            return Err(std::io::ErrorKind::Other.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes += amount as u64;
        self.inner.consume(amount);
    }
}
