//! Where CloudTrail's events come from: one file a source, and the slice of them. Sources fetch; `trail`
//! understands.

mod files;
mod hole;
mod source;

pub use files::{BadSource, read_files};
pub use source::{LocalSource, local_source};
