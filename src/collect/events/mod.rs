//! Where CloudTrail's events come from: one file a source, and the slice of them. Sources fetch; `trail`
//! understands.

mod ask;
pub mod athena;
mod files;
mod gather;
mod hole;
mod integrity;
mod join;
mod local;
mod logs;
mod lookup;
mod policy;
mod s3;
mod selected;
mod source;
mod worker;

pub use ask::{Ask, Reach, SharedProgress};
pub use files::{BadSource, FileOptions, LocalSource, read_files};
pub use join::{cut, join};
pub use logs::filter_patterns;
pub use lookup::{HISTORY, History, Listed, Scope, Sweep, sweep_place};
pub use policy::document;
pub use source::{EventSource, Kind, SOURCES, SourceOptions, sources};
