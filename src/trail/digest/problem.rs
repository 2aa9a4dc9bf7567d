//! What is not as it should be.

use crate::model::event_log::Window;
use crate::model::place::Place;
use crate::model::share::words;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// A file is not what CloudTrail wrote.
    Changed,
    /// A file that CloudTrail wrote is not there.
    Missing,
    /// It cannot be known: nothing speaks against the file, and nothing proves it.
    Unproven,
}

words!(Finding { Changed => "changed", Missing => "missing", Unproven => "unproven" });

/// Something about a log file or a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestProblem {
    /// The file: as it was named, or where it should be in S3.
    pub subject: String,
    /// How bad it is.
    pub finding: Finding,
    /// What it is, in a sentence's part that follows a colon.
    pub reason: String,
    /// The account and Region of the events that it may hide; anywhere, where that cannot be told.
    pub place: Option<Place>,
    /// Their times; always, where that cannot be told.
    pub window: Option<Window>,
}
