//! Writes the snapshot while the scan goes on.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::lines::{
    CoverageLine, EndLine, GapLine, HeaderLine, ImageLine, Line, OrganizationLine, PlaceLine,
};
use crate::collect::inventory::Reading;
use crate::collect::place::PlaceReading;
use crate::model::caller::Caller;
use crate::model::share::Share;

/// The snapshot's file name.
pub const SNAPSHOT: &str = "snapshot.json.zst";
/// Its name while it is being written.
const PARTIAL: &str = ".snapshot.partial";

/// A snapshot under way. The first thing that goes wrong is kept and told at the end.
#[derive(Debug)]
pub struct SnapshotWriter {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    lines: u64,
    failed: Option<std::io::Error>,
}

impl SnapshotWriter {
    /// Begins a snapshot in a folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(folder: &Path, started_at: Timestamp, caller: &Caller) -> std::io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join(PARTIAL))?;
        let state = Mutex::new(State { file, lines: 0, failed: None });
        let writer = Self { folder: folder.to_owned(), state };
        writer.frame(&[Line::Header(HeaderLine::new(started_at, caller))]);
        Ok(writer)
    }

    /// Takes away what was begun in a folder, where there will be no report.
    pub fn discard(folder: &Path) {
        // If it cannot be removed, it stays a file that no command reads.
        let _ = std::fs::remove_file(folder.join(PARTIAL));
    }

    /// A place that was read: its images with grants, its gaps, and every image's state.
    pub(in crate::collect) fn place(&self, reading: &PlaceReading) {
        let mut lines = images(&reading.shares);
        lines.extend(reading.gaps.iter().map(|gap| Line::Gap(GapLine::new(gap))));
        let block = reading.block_public_access.as_ref();
        let mut states: Vec<(String, String)> =
            reading.states.iter().map(|(id, state)| (id.to_string(), state.clone())).collect();
        states.sort();
        lines.push(Line::Place(PlaceLine {
            account: reading.place.account.to_string(),
            region: reading.place.region.to_string(),
            block_public_access: block.map(|block| (block.state.clone(), block.managed_by.clone())),
            images: reading.images_there,
            states,
        }));
        self.frame(&lines);
    }

    /// What is known only at the end. Gives the file its name.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn finish(
        self,
        reading: &Reading,
        ended_at: Timestamp,
        api_calls: &std::collections::BTreeMap<&'static str, u64>,
    ) -> std::io::Result<PathBuf> {
        let mut lines = vec![Line::Organization(OrganizationLine::new(reading.org.membership()))];
        lines.extend(reading.coverage.iter().map(|row| Line::Coverage(CoverageLine::new(row))));
        let of_accounts = reading.gaps.iter().filter(|gap| gap.region.is_none());
        lines.extend(of_accounts.map(|gap| Line::Gap(GapLine::new(gap))));
        let before = self.state.lock().unwrap_or_else(PoisonError::into_inner).lines;
        lines.push(Line::End(EndLine {
            ended_at,
            interrupted: reading.interrupted,
            lines: before + lines.len() as u64,
            api_calls: api_calls.iter().map(|(action, count)| ((*action).to_owned(), *count)).collect(),
        }));
        self.frame(&lines);
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed {
            return Err(error);
        }
        state.file.sync_all()?;
        let path = self.folder.join(SNAPSHOT);
        std::fs::rename(self.folder.join(PARTIAL), &path)?;
        Ok(path)
    }

    /// Writes lines as one compressed frame.
    fn frame(&self, lines: &[Line]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed.is_some() {
            return;
        }
        let written = compress(lines).and_then(|frame| state.file.write_all(&frame));
        match written {
            Ok(()) => state.lines += lines.len() as u64,
            Err(error) => state.failed = Some(error),
        }
    }
}

fn compress(lines: &[Line]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    let mut compressor = zstd::bulk::Compressor::new(0)?;
    compressor.include_checksum(true)?;
    compressor.compress(&text)
}

/// One line for each image that is shared.
fn images(shares: &[Share]) -> Vec<Line> {
    let mut sorted: Vec<&Share> = shares.iter().collect();
    sorted.sort_by(|a, b| (&a.image.id, &a.grantee).cmp(&(&b.image.id, &b.grantee)));
    let of_image = sorted.chunk_by(|a, b| a.image.id == b.image.id);
    of_image
        .filter_map(|shares| {
            let grantees = shares.iter().map(|s| (s.grantee.word().to_owned(), s.grantee.label())).collect();
            Some(Line::Image(ImageLine::new(shares.first()?, grantees)))
        })
        .collect()
}
