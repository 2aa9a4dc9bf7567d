//! Writes the snapshot while the scan goes on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::Head;
use super::backing;
use super::claim::claim;
use super::events;
use super::lines::{
    AnewLine, CoverageLine, EndLine, GapLine, HeaderLine, ImageLine, Line, OrganizationLine, PageLine,
    PlaceLine,
};
use crate::collect::inventory::Reading;
use crate::collect::page::PageReading;
use crate::collect::place::PlaceReading;
use crate::model::ids::ImageId;
use crate::model::place::Place;
use crate::model::report::ListedImage;
use crate::model::share::Share;

/// The snapshot's file name.
pub const SNAPSHOT: &str = "snapshot.json.zst";
/// Its name while it is being written.
pub(super) const PARTIAL: &str = ".snapshot.partial";

/// A snapshot under way. The first thing that goes wrong is kept and told at the end.
#[derive(Debug)]
pub struct SnapshotWriter {
    folder: PathBuf,
    /// Requests that earlier parts of the run sent.
    earlier: BTreeMap<String, u64>,
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
    /// It cannot be written, or another run is writing it.
    pub fn begin(folder: &Path, head: &Head<'_>) -> std::io::Result<Self> {
        let file = claim(&folder.join(PARTIAL), true)?;
        file.set_len(0)?;
        let state = Mutex::new(State { file, lines: 0, failed: None });
        let writer = Self { folder: folder.to_owned(), earlier: BTreeMap::new(), state };
        writer.frame(&[Line::Header(HeaderLine::new(head))]);
        Ok(writer)
    }

    /// Goes on with the one in the folder, which is `file` and claimed, after so many bytes and lines of it.
    pub(super) fn go_on(
        folder: &Path,
        mut file: File,
        (bytes, lines): (u64, u64),
        earlier: BTreeMap<String, u64>,
    ) -> std::io::Result<Self> {
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        let state = Mutex::new(State { file, lines, failed: None });
        Ok(Self { folder: folder.to_owned(), earlier, state })
    }

    /// Whether a scan was begun in a folder, and not ended.
    #[must_use]
    pub fn is_begun(folder: &Path) -> bool {
        folder.join(PARTIAL).exists()
    }

    /// Takes away what was begun in a folder, where there will be no report.
    pub fn discard(folder: &Path) {
        // If it cannot be removed, it stays a file that only a resumed run reads.
        let _ = std::fs::remove_file(folder.join(PARTIAL));
    }

    /// Requests sent in all, when this part of the run sent so many.
    #[must_use]
    pub fn api_calls(&self, sent: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
        let mut all = self.earlier.clone();
        for (action, count) in sent {
            *all.entry((*action).to_owned()).or_default() += count;
        }
        all
    }

    /// A page that was read: its images with grants, its gaps, and every image's state.
    pub(in crate::collect) fn page(
        &self,
        place: &Place,
        page: &PageReading,
        sent: &BTreeMap<&'static str, u64>,
    ) {
        let mut lines = images(place, page);
        lines.extend(page.gaps.iter().map(|gap| Line::Gap(GapLine::new(gap))));
        lines.push(Line::Page(PageLine::new(place, page, self.api_calls(sent))));
        self.frame(&lines);
    }

    /// A place that is done, or was given up: what is not its images'.
    pub(in crate::collect) fn place(&self, reading: &PlaceReading) {
        let mut lines: Vec<Line> = reading.gaps.iter().map(|gap| Line::Gap(GapLine::new(gap))).collect();
        let block = reading.block_public_access.as_ref();
        lines.push(Line::Place(PlaceLine {
            account: reading.place.account.to_string(),
            region: reading.place.region.to_string(),
            block_public_access: block.map(|block| (block.state.clone(), block.managed_by.clone())),
            images: reading.images_there,
            states: Vec::new(),
            settled: reading.settled,
        }));
        self.frame(&lines);
    }

    /// What was written of a place does not count any more.
    pub(in crate::collect) fn begin_anew(&self, place: &Place) {
        self.anew(place, None);
    }

    /// What was written of a place from this page on does not count any more.
    pub(super) fn forget_from(&self, place: &Place, nth: u64) {
        self.anew(place, Some(nth));
    }

    fn anew(&self, place: &Place, from_page: Option<u64>) {
        let (account, region) = (place.account.to_string(), place.region.to_string());
        self.frame(&[Line::Anew(AnewLine { account, region, from_page })]);
    }

    /// What is known only at the end. The file keeps its name until there is a report: as long as there is none,
    /// a run can go on from it.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn finish(
        self,
        reading: &Reading,
        ended_at: Timestamp,
        api_calls: BTreeMap<String, u64>,
    ) -> std::io::Result<FinishedSnapshot> {
        let mut lines = vec![Line::Organization(OrganizationLine::new(reading.org.membership()))];
        lines.extend(reading.coverage.iter().map(|row| Line::Coverage(CoverageLine::new(row))));
        let of_accounts = reading.gaps.iter().filter(|gap| gap.region.is_none());
        lines.extend(of_accounts.map(|gap| Line::Gap(GapLine::new(gap))));
        lines.extend(backing::lines(reading));
        lines.extend(reading.log.iter().flat_map(events::lines));
        let before = self.state.lock().unwrap_or_else(PoisonError::into_inner).lines;
        lines.push(Line::End(EndLine {
            ended_at,
            interrupted: reading.interrupted,
            lines: before + lines.len() as u64,
            api_calls,
        }));
        self.frame(&lines);
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed {
            return Err(error);
        }
        state.file.sync_all()?;
        Ok(FinishedSnapshot { folder: self.folder, _claim: state.file })
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

/// A snapshot that is whole and has not its name yet. It stays this run's until then.
#[derive(Debug)]
pub struct FinishedSnapshot {
    folder: PathBuf,
    _claim: File,
}

impl FinishedSnapshot {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(PARTIAL)
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn give_name(&self) -> std::io::Result<PathBuf> {
        let path = self.folder.join(SNAPSHOT);
        std::fs::rename(self.path(), &path)?;
        Ok(path)
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

/// One line for each image that is shared, or for each there is where they are kept.
fn images(place: &Place, page: &PageReading) -> Vec<Line> {
    let mut shares: BTreeMap<&ImageId, Vec<&Share>> = BTreeMap::new();
    for share in &page.shares {
        shares.entry(&share.image.id).or_default().push(share);
    }
    for of_image in shares.values_mut() {
        of_image.sort_by(|a, b| a.grantee.cmp(&b.grantee));
    }
    if page.images.is_empty() {
        let line = |shares: &Vec<&Share>| {
            let image = &shares.first()?.image;
            Some(Line::Image(ImageLine::new(place, image, shares, false)))
        };
        return shares.values().filter_map(line).collect();
    }
    let line = |listed: &ListedImage| {
        let shares = shares.get(&listed.image.id).map_or(&[][..], Vec::as_slice);
        Line::Image(ImageLine::new(place, &listed.image, shares, listed.grants.is_none()))
    };
    let mut lines: Vec<(&ImageId, Line)> =
        page.images.iter().map(|listed| (&listed.image.id, line(listed))).collect();
    lines.sort_by(|a, b| a.0.cmp(b.0));
    lines.into_iter().map(|(_, line)| line).collect()
}
