//! Sources of events, as typed.

use std::path::PathBuf;

use clap::Args;

use super::common::flag;
use super::events_settings::{EventSources, MAX_FILE_BYTES, SourceChoice};
use super::when::{When, parse_when};

/// Where a scan looks for events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Events")]
pub(super) struct SourceArgs {
    /// Where to look for the events that made the shares: lookup (CloudTrail's event history, in every account and
    /// Region), s3://bucket/prefix, athena:DATABASE.TABLE, logs:LOG_GROUP, a file or folder of CloudTrail logs, -
    /// for standard input, or none (repeatable) [default: lookup]
    #[arg(long, env = "AMIAUDIT_EVENTS", hide_env = true, value_name = "SOURCE", value_delimiter = ',')]
    events: Vec<String>,
    #[command(flatten)]
    options: SourceOptionArgs,
}

/// How sources of events are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Events")]
pub(super) struct SourceOptionArgs {
    /// Look at events from this time on: 90d, 24h, 2026-06-30 or 2026-06-30T12:00:00Z [default: 90d; all of files]
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
    /// Hold log files against CloudTrail's digests, in s3:// and folders: events.csv then says of each event whether
    /// it is verified, unverified or tampered
    #[arg(long, env = "AMIAUDIT_VERIFY_DIGESTS", hide_env = true, value_parser = flag())]
    verify_digests: bool,
    /// The digests' public keys, as saved by `aws cloudtrail list-public-keys` [default: asked of AWS for s3://]
    #[arg(
        long,
        env = "AMIAUDIT_DIGEST_KEYS",
        hide_env = true,
        value_name = "FILE",
        requires = "verify_digests"
    )]
    digest_keys: Option<PathBuf>,
    /// The workgroup in which Athena runs the query
    #[arg(long, env = "AMIAUDIT_ATHENA_WORKGROUP", hide_env = true, value_name = "NAME")]
    athena_workgroup: Option<String>,
    /// Where Athena writes the query's results [default: as the workgroup says]
    #[arg(long, env = "AMIAUDIT_ATHENA_OUTPUT", hide_env = true, value_name = "S3-URL", value_parser = s3_url)]
    athena_output: Option<String>,
    /// Pay for reading a bucket of somebody else's that asks for it
    #[arg(long, env = "AMIAUDIT_REQUEST_PAYER", hide_env = true, value_parser = flag())]
    request_payer: bool,
    /// Print the query for Athena and end; the table is looked at, and no query is run
    #[arg(long, env = "AMIAUDIT_PRINT_SQL", hide_env = true, value_parser = flag())]
    print_sql: bool,
}

/// A place in S3.
pub(super) fn s3_url(text: &str) -> Result<String, String> {
    let bucket = text.strip_prefix("s3://").and_then(|rest| rest.split('/').next());
    match bucket {
        Some(bucket) if !bucket.is_empty() => Ok(text.to_owned()),
        _ => Err("it is like s3://bucket/prefix/".to_owned()),
    }
}

impl SourceArgs {
    /// The sources that were named, or else these.
    pub(super) fn settle(self, otherwise: &[&str]) -> Result<EventSources, String> {
        let mut sources = self.events;
        if sources.is_empty() {
            sources = otherwise.iter().map(|&name| name.to_owned()).collect();
        }
        if sources.iter().any(|source| source == "none") {
            if sources.len() > 1 {
                return Err("--events none and another source contradict each other".to_owned());
            }
            sources.clear();
        }
        Ok(EventSources { sources, choice: self.options.settle() })
    }
}

impl SourceOptionArgs {
    pub(super) fn settle(self) -> SourceChoice {
        SourceChoice {
            since: self.since,
            until: self.until,
            max_file_bytes: self.max_file_bytes,
            verify_digests: self.verify_digests,
            digest_keys: self.digest_keys,
            athena_workgroup: self.athena_workgroup,
            athena_output: self.athena_output,
            request_payer: self.request_payer,
            print_sql: self.print_sql,
        }
    }
}
