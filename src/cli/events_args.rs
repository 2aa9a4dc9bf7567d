//! `amiaudit events` as typed.

use std::path::PathBuf;

use clap::Args;

use super::aws_args::AwsArgs;
use super::common::{ChatterArgs, flag};
use super::events_settings::{EventFilter, EventPrint, EventSources, EventsSettings};
use super::settings::{Choice, OrganizationChoice};
use super::source_args::SourceOptionArgs;
use crate::model::event::{EventName, Outcome};

pub(super) const EVENTS_HELP: &str = "\
Examples:
  amiaudit events logs/                                  every share event in a folder of logs, as CSV
  amiaudit events logs/ --windows                        one row a grant: from when to when, by whom
  amiaudit events logs/ --since 30d --grantee public     what was shared with everybody, or tried
  amiaudit events lookup --role-name Auditor             CloudTrail's event history, every account and Region
  amiaudit events s3://acme-trail --account 111122223333 --since 30d --verify-digests
  amiaudit events athena:security.cloudtrail --since 1y --print-sql

Files may be plain, .gz or .zst, in any envelope: {\"Records\":[...]}, one record, a list, JSON lines,
the output of lookup-events, EventBridge, CSV of CloudTrail Lake and Athena, documents of Elastic.
Exit codes: 0 all read, 20 something could not be read or no record was found, 1 failure,
2 wrong use.";

/// CloudTrail alone.
#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// A file or folder of logs, - for standard input, lookup, s3://bucket/prefix, athena:DATABASE.TABLE or
    /// logs:LOG_GROUP
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
    /// Take the accounts from saved `aws organizations list-accounts` JSON: for lookup, and for --windows, which
    /// then tells who was a member when let in
    #[arg(long, env = "AMIAUDIT_ORGANIZATION", hide_env = true, value_name = "FILE", help_heading = "AWS")]
    organization: Option<PathBuf>,
    #[command(flatten)]
    options: SourceOptionArgs,
    /// Do not ask for the organization: lookup then reads the caller's own account, or those named by --account
    #[arg(
        long,
        env = "AMIAUDIT_NO_ORGANIZATION",
        hide_env = true,
        value_parser = flag(),
        conflicts_with = "organization",
        help_heading = "AWS"
    )]
    no_organization: bool,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

/// Which events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which events")]
struct FilterArgs {
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
    pub(super) fn settle(self) -> Result<EventsSettings, String> {
        if self.sources.iter().any(|source| source == "none") {
            return Err(
                "none is for scan --events: `amiaudit events` reads a source (./none is a file)".to_owned()
            );
        }
        Ok(EventsSettings {
            sources: EventSources { sources: self.sources, choice: self.options.settle() },
            aws: self.aws.settle()?,
            choice: self.filter.choice(),
            print: match (self.windows, self.raw, self.print.as_str()) {
                (_, true, _) => EventPrint::Raw,
                (true, _, "ndjson") => EventPrint::WindowsNdjson,
                (true, ..) => EventPrint::WindowsCsv,
                (_, _, "ndjson") => EventPrint::Ndjson,
                _ => EventPrint::Csv,
            },
            filter: self.filter.settle(),
            organization: OrganizationChoice::of(self.organization, self.no_organization),
            chatter: self.chatter.settle(),
        })
    }
}

impl FilterArgs {
    /// Whose events AWS is asked for.
    fn choice(&self) -> Option<Choice> {
        let accounts = self.account.iter().map(|id| id.parse().ok()).collect::<Option<_>>()?;
        let regions = self.region.iter().map(|name| name.parse().ok()).collect::<Option<_>>()?;
        Some(Choice { accounts, regions, ..Choice::default() })
    }

    fn settle(self) -> EventFilter {
        EventFilter {
            accounts: self.account,
            regions: self.region,
            images: self.image,
            grantees: self.grantee,
            names: self.event_name.iter().filter_map(|name| EventName::parse(name)).collect(),
            outcome: self.outcome.and_then(|word| Outcome::parse(&word)),
        }
    }
}
