//! Where CloudTrail's events come from: one file a source, and the slice of them. Sources fetch; `trail`
//! understands.

mod ask;
pub mod athena;
mod files;
mod gather;
mod hole;
mod join;
mod local;
mod source;
mod worker;

pub use ask::{Ask, Reach, SharedProgress};
pub use files::{BadSource, LocalSource, read_files};
pub use join::{cut, join};
pub use source::{EventSource, Kind, SOURCES, SourceOptions, sources};
