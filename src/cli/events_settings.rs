//! Settings of `amiaudit events`.

use std::path::PathBuf;

use super::aws_settings::AwsChoice;
use super::settings::{Chatter, Choice, OrganizationChoice};
use super::when::When;
use crate::model::event::{EventName, Outcome};

/// Settings of reading CloudTrail alone.
#[derive(Debug)]
pub struct EventsSettings {
    /// Where the events are.
    pub sources: EventSources,
    /// How AWS is reached.
    pub aws: AwsChoice,
    /// Whose events AWS is asked for; `None` where the user named an account or Region that is none.
    pub choice: Option<Choice>,
    /// The form on standard output.
    pub print: EventPrint,
    /// Which of them.
    pub filter: EventFilter,
    /// Where the organization is learned from.
    pub organization: OrganizationChoice,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// Where events are looked for.
#[derive(Debug, Clone, Default)]
pub struct EventSources {
    /// The sources; none, if empty.
    pub sources: Vec<String>,
    /// How they are read.
    pub choice: SourceChoice,
}

/// How sources of events are read.
#[derive(Debug, Clone)]
pub struct SourceChoice {
    /// From this time on.
    pub since: Option<When>,
    /// Up to this time.
    pub until: Option<When>,
    /// The largest file that is read, unpacked.
    pub max_file_bytes: usize,
    /// Whether files are held against CloudTrail's digests.
    pub verify_digests: bool,
    /// The file with the digests' public keys.
    pub digest_keys: Option<PathBuf>,
    /// The workgroup of Athena's queries.
    pub athena_workgroup: Option<String>,
    /// Where Athena writes results.
    pub athena_output: Option<String>,
    /// Whether the caller pays for reading a bucket.
    pub request_payer: bool,
    /// Whether Athena's query is printed and not run.
    pub print_sql: bool,
}

impl Default for SourceChoice {
    fn default() -> Self {
        Self {
            since: None,
            until: None,
            max_file_bytes: MAX_FILE_BYTES,
            verify_digests: false,
            digest_keys: None,
            athena_workgroup: None,
            athena_output: None,
            request_payer: false,
            print_sql: false,
        }
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
