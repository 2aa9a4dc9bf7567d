//! How we speak to AWS: sessions and roles, request pacing, retries, and errors turned into reasons.
//! No business: what is asked, and what an answer means, is `collect`'s.

pub mod action;
mod bucket;
mod explain;
mod pacer;
mod plain_xml;
mod role;
mod send;
mod session;
mod whole;

pub use bucket::Bucket;
pub use explain::{cause, explain};
pub use pacer::Pacer;
pub use role::{Purpose, remediate_session_policy, scan_session_policy, usage_session_policy};
pub use send::{Sender, Target};
pub use session::{Aws, AwsSettings};
pub use whole::{Entries, OddEntry, WholeXml};
