//! Settings of `amiaudit events`.

use std::path::PathBuf;

use super::settings::Chatter;
use super::when::When;
use crate::model::event::{EventName, Outcome};

/// Settings of reading CloudTrail alone.
#[derive(Debug)]
pub struct EventsSettings {
    /// Where the events are.
    pub sources: Vec<String>,
    /// The form on standard output.
    pub print: EventPrint,
    /// Which of them.
    pub filter: EventFilter,
    /// A saved list of the organization's accounts.
    pub organization: Option<PathBuf>,
    /// The largest file that is read, unpacked.
    pub max_file_bytes: usize,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// Where a scan looks for events.
#[derive(Debug, Clone)]
pub struct EventSources {
    /// The sources; none, if empty.
    pub sources: Vec<String>,
    /// From this time on.
    pub since: Option<When>,
    /// Up to this time.
    pub until: Option<When>,
    /// The largest file that is read, unpacked.
    pub max_file_bytes: usize,
}

impl Default for EventSources {
    fn default() -> Self {
        Self { sources: Vec::new(), since: None, until: None, max_file_bytes: MAX_FILE_BYTES }
    }
}

/// As large a file is read, unpacked, unless the user says otherwise.
pub(super) const MAX_FILE_BYTES: usize = 512 << 20;

/// What is shown of events, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventPrint {
    /// A CSV row for each grantee of each call.
    Csv,
    /// The same as a JSON object a line.
    Ndjson,
    /// A CSV row for each grant.
    WindowsCsv,
    /// The same as a JSON object a line.
    WindowsNdjson,
    /// The records themselves.
    Raw,
}

/// Which events; an empty list is no restriction.
#[derive(Debug, Default)]
pub struct EventFilter {
    /// From this time on.
    pub since: Option<When>,
    /// Up to this time.
    pub until: Option<When>,
    /// In these accounts' trails.
    pub accounts: Vec<String>,
    /// In these Regions.
    pub regions: Vec<String>,
    /// About these images.
    pub images: Vec<String>,
    /// With these grantees.
    pub grantees: Vec<String>,
    /// Of these names.
    pub names: Vec<EventName>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
}
