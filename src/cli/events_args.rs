//! `amiaudit events` as typed.

use std::path::PathBuf;

use clap::Args;

use super::common::{ChatterArgs, flag};
use super::events_settings::{EventFilter, EventPrint, EventSources, EventsSettings, MAX_FILE_BYTES};
use super::when::{When, parse_when};
use crate::model::event::{EventName, Outcome};

pub(super) const EVENTS_HELP: &str = "\
Examples:
  amiaudit events logs/                                  every share event in a folder of logs, as CSV
  amiaudit events logs/ --windows                        one row a grant: from when to when, by whom
  amiaudit events logs/ --since 30d --grantee public     what was shared with everybody, or tried
  aws cloudtrail lookup-events ... | amiaudit events -   what LookupEvents gives

Files may be plain, .gz or .zst, in any envelope: {\"Records\":[...]}, one record, a list, JSON lines,
the output of lookup-events, EventBridge, CSV of CloudTrail Lake and Athena, documents of Elastic.
Exit codes: 0 all read, 20 something could not be read or no record was found, 1 failure,
2 wrong use.";

/// CloudTrail alone.
#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// A file or folder of logs, or - for standard input
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// One row a grant: from, to, duration in seconds, granter, revoker
    #[arg(
        long,
        env = "AMIAUDIT_WINDOWS",
        hide_env = true,
        value_parser = flag(),
        conflicts_with_all = ["raw", "event_name", "outcome"],
        help_heading = "Output"
    )]
    windows: bool,
    /// The original records, one a line
    #[arg(long, env = "AMIAUDIT_RAW", hide_env = true, value_parser = flag(), help_heading = "Output")]
    raw: bool,
    /// The form on standard output
    #[arg(
        long,
        env = "AMIAUDIT_PRINT",
        hide_env = true,
        value_name = "FORM",
        default_value = "csv",
        value_parser = ["csv", "ndjson"],
        help_heading = "Output"
    )]
    print: String,
    #[command(flatten)]
    filter: FilterArgs,
    /// With --windows: tell by saved `aws organizations list-accounts` JSON who was a member when let in
    #[arg(
        long,
        env = "AMIAUDIT_ORGANIZATION",
        hide_env = true,
        value_name = "FILE",
        requires = "windows",
        help_heading = "Output"
    )]
    organization: Option<PathBuf>,
    /// Read no document, line of JSON or row of CSV that is larger than this, in bytes, unpacked
    #[arg(
        long,
        env = "AMIAUDIT_MAX_FILE_BYTES",
        hide_env = true,
        value_name = "N",
        default_value_t = MAX_FILE_BYTES,
        help_heading = "Pace"
    )]
    max_file_bytes: usize,
    #[command(flatten)]
    chatter: ChatterArgs,
}

/// Which events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which events")]
struct FilterArgs {
    /// From this time on: 90d, 24h, 2026-06-30 or 2026-06-30T12:00:00Z [default: all]
    #[arg(long, env = "AMIAUDIT_SINCE", hide_env = true, value_name = "TIME", value_parser = parse_when, allow_hyphen_values = true)]
    since: Option<When>,
    /// Up to this time; a day is meant wholly
    #[arg(long, env = "AMIAUDIT_UNTIL", hide_env = true, value_name = "TIME", value_parser = parse_when, allow_hyphen_values = true)]
    until: Option<When>,
    /// Only in this account's trail (repeatable)
    #[arg(long, env = "AMIAUDIT_ACCOUNT", hide_env = true, value_name = "ID", value_delimiter = ',')]
    account: Vec<String>,
    /// Only in this Region (repeatable)
    #[arg(long, env = "AMIAUDIT_REGION", hide_env = true, value_delimiter = ',')]
    region: Vec<String>,
    /// Only about this image (repeatable)
    #[arg(long, env = "AMIAUDIT_IMAGE", hide_env = true, value_name = "ID", value_delimiter = ',')]
    image: Vec<String>,
    /// Only with this grantee: an account id, an ARN, `public` (repeatable)
    #[arg(long, env = "AMIAUDIT_GRANTEE", hide_env = true, value_name = "WHO", value_delimiter = ',')]
    grantee: Vec<String>,
    /// Only of this name (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_EVENT_NAME",
        hide_env = true,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = EventName::ALL.iter().map(|name| name.word()).collect::<Vec<_>>(),
        hide_possible_values = true
    )]
    event_name: Vec<String>,
    /// Only with this outcome
    #[arg(
        long,
        env = "AMIAUDIT_OUTCOME",
        hide_env = true,
        value_parser = Outcome::ALL.iter().map(|outcome| outcome.word()).collect::<Vec<_>>()
    )]
    outcome: Option<String>,
}

impl EventsArgs {
    pub(super) fn settle(self) -> EventsSettings {
        EventsSettings {
            sources: self.sources,
            print: match (self.windows, self.raw, self.print.as_str()) {
                (_, true, _) => EventPrint::Raw,
                (true, _, "ndjson") => EventPrint::WindowsNdjson,
                (true, ..) => EventPrint::WindowsCsv,
                (_, _, "ndjson") => EventPrint::Ndjson,
                _ => EventPrint::Csv,
            },
            filter: self.filter.settle(),
            organization: self.organization,
            max_file_bytes: self.max_file_bytes,
            chatter: self.chatter.settle(),
        }
    }
}

impl FilterArgs {
    fn settle(self) -> EventFilter {
        EventFilter {
            since: self.since,
            until: self.until,
            accounts: self.account,
            regions: self.region,
            images: self.image,
            grantees: self.grantee,
            names: self.event_name.iter().filter_map(|name| EventName::parse(name)).collect(),
            outcome: self.outcome.and_then(|word| Outcome::parse(&word)),
        }
    }
}

/// Where a scan looks for events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Events")]
pub(super) struct SourceArgs {
    /// Where to look for the events that made the shares: a file or folder of CloudTrail logs, - for standard input,
    /// or none (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_EVENTS",
        hide_env = true,
        value_name = "SOURCE",
        default_value = "none",
        value_delimiter = ','
    )]
    events: Vec<String>,
    /// Look at events from this time on: 90d, 24h, 2026-06-30 or 2026-06-30T12:00:00Z [default: all]
    #[arg(long, env = "AMIAUDIT_SINCE", hide_env = true, value_name = "TIME", value_parser = parse_when, allow_hyphen_values = true)]
    since: Option<When>,
    /// Look at events up to this time; a day is meant wholly
    #[arg(long, env = "AMIAUDIT_UNTIL", hide_env = true, value_name = "TIME", value_parser = parse_when, allow_hyphen_values = true)]
    until: Option<When>,
    /// Read no document, line of JSON or row of CSV of events that is larger than this, in bytes, unpacked
    #[arg(
        long,
        env = "AMIAUDIT_MAX_FILE_BYTES",
        hide_env = true,
        value_name = "N",
        default_value_t = MAX_FILE_BYTES
    )]
    max_file_bytes: usize,
}

impl SourceArgs {
    pub(super) fn settle(self) -> Result<EventSources, String> {
        let mut sources = self.events;
        if sources.iter().any(|source| source == "none") {
            if sources.len() > 1 {
                return Err("--events none and another source contradict each other".to_owned());
            }
            sources.clear();
        }
        Ok(EventSources {
            sources,
            since: self.since,
            until: self.until,
            max_file_bytes: self.max_file_bytes,
        })
    }
}
