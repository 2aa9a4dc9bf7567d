//! Pure: bytes in any envelope that CloudTrail's records come in, and share events out. Where the bytes come from
//! is `collect`'s business; what the events mean is `judge`'s.
//!
//! Envelopes are told by their content: `{"Records":[…]}`, one record, an array, JSON lines, the output of
//! `aws cloudtrail lookup-events`, EventBridge events, documents of Elastic and Filebeat, CSV of CloudTrail Lake
//! and Athena.

mod csv_file;
pub mod digest;
mod document;
mod ecs;
mod elastic;
mod elements;
mod envelope;
mod found;
mod grants;
mod head;
mod java;
mod json;
mod loose;
mod record;
mod same;
mod stream;
mod survey;
mod tolerant;
mod unpack;

pub use document::{Checked, read_document};
pub use found::{Found, Problem, Wanted, Windows};
pub use same::merge;
pub use stream::read_stream;
pub use unpack::{Packing, Unpacked, Unpacker, Unreadable};
