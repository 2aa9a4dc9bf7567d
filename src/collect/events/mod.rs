//! Where CloudTrail's events come from: one file a source, and the slice of them. Sources fetch; `trail`
//! understands.

mod files;
mod hole;
mod join;
mod source;

pub use files::{BadSource, read_files};
pub use join::{cut, join};
pub use source::{LocalSource, local_source};
