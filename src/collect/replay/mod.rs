//! The snapshot of a scan: what was read, as a stream of compressed JSON lines, so that it can be judged
//! again offline. While a scan goes on it is `.snapshot.partial`, a compressed frame a place; at the end it
//! gets its name.

mod convert;
mod lines;
mod read;
mod write;

pub use read::{BadSnapshot, Replayed, read_snapshots};
pub use write::{SNAPSHOT, SnapshotWriter};
