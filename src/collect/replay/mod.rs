//! The snapshot of a scan: what was read, as a stream of compressed JSON lines, so that it can be judged
//! again offline. While a scan goes on it is `.snapshot.partial`, a compressed frame a page, which is what an
//! interrupted scan goes on from; at the end it gets its name.

mod backing;
mod claim;
mod convert;
mod events;
mod lines;
mod log;
mod merge;
mod read;
mod resume;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

pub use read::{Replayed, read_snapshots};
pub use resume::{Begun, resume};
pub use write::{FinishedSnapshot, SNAPSHOT, SnapshotWriter};

use crate::model::caller::Caller;

/// What a snapshot begins with.
#[derive(Debug)]
pub struct Head<'a> {
    /// When the scan began.
    pub started_at: Timestamp,
    /// Who scans.
    pub caller: &'a Caller,
    /// The flags that decide what is read, as typed: a run goes on only with the same.
    pub scope: BTreeMap<String, String>,
    /// Whether every image is written down, not only those that are shared.
    pub every_image: bool,
}

/// A snapshot that cannot be judged, or a run that cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct BadSnapshot {
    path: PathBuf,
    why: String,
}
