//! Flags that several commands share.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::record;
use super::settings::{Against, Chatter, LogFormat, Output};
use crate::model::finding::Severity;

/// What a flag's variable may say: `0`, `no`, `off`, `false` and nothing are "no".
pub(super) fn flag() -> FalseyValueParser {
    FalseyValueParser::new()
}

/// Where results go.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// The folder for the report [default: reports/<UTC time>]
    #[arg(long, env = "AMIAUDIT_OUT", hide_env = true, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Which files to write (repeatable) [default: all]
    #[arg(long, env = "AMIAUDIT_FORMAT", hide_env = true, value_delimiter = ',', help_heading = "Output")]
    format: Vec<String>,
    /// How to show the findings on standard output [default: table]
    #[arg(long, env = "AMIAUDIT_PRINT", hide_env = true, help_heading = "Output")]
    print: Option<String>,
    /// The least severity of a finding that makes the exit code 10
    #[arg(
        long,
        env = "AMIAUDIT_FAIL_ON",
        hide_env = true,
        value_name = "SEVERITY",
        default_value = "low",
        value_parser = ["info", "low", "medium", "high", "critical"],
        help_heading = "Output"
    )]
    fail_on: String,
    /// Sign the manifest with this Ed25519 key (PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` makes it)
    #[arg(long, env = "AMIAUDIT_SIGN_KEY", hide_env = true, value_name = "FILE", help_heading = "Output")]
    sign_key: Option<PathBuf>,
    /// Exit with 0 instead of 10 and 20
    #[arg(long, env = "AMIAUDIT_EXIT_ZERO", hide_env = true, value_parser = flag(), help_heading = "Output")]
    exit_zero: bool,
}

impl OutputArgs {
    pub(super) fn settle(self, arguments: Vec<String>) -> Result<Output, String> {
        if let Some(out) = self.out.as_ref().filter(|out| out.to_string_lossy().contains("://")) {
            return Err(format!("--out {}: a report goes to a local folder", out.display()));
        }
        let fail_on = Severity::ALL.iter().copied().find(|severity| severity.word() == self.fail_on);
        Ok(Output {
            out: self.out,
            formats: self.format,
            print: self.print.unwrap_or_default(),
            fail_on: fail_on.ok_or("--fail-on is not a severity")?,
            exit_zero: self.exit_zero,
            sign_key: self.sign_key,
            arguments: record::arguments(arguments),
            variables: record::variables(),
        })
    }
}

/// What a report is judged by and compared with.
#[derive(Debug, Args)]
pub(super) struct AgainstArgs {
    /// The policy: which shares are meant (`amiaudit policy init` writes one)
    #[arg(long, env = "AMIAUDIT_POLICY", hide_env = true, value_name = "FILE", help_heading = "Judging")]
    policy: Option<PathBuf>,
    /// An earlier report.json: what it has and this run does not is told as resolved or not assessed
    #[arg(long, env = "AMIAUDIT_BASELINE", hide_env = true, value_name = "REPORT", help_heading = "Judging")]
    baseline: Option<PathBuf>,
    /// Only findings that the baseline does not have make the exit code 10
    #[arg(
        long,
        env = "AMIAUDIT_FAIL_ON_NEW",
        hide_env = true,
        value_parser = flag(),
        requires = "baseline",
        help_heading = "Judging"
    )]
    fail_on_new: bool,
}

impl AgainstArgs {
    pub(super) fn settle(self) -> Against {
        Against { policy: self.policy, baseline: self.baseline, fail_on_new: self.fail_on_new }
    }
}

/// What is told while it runs.
#[derive(Debug, Args)]
pub(super) struct ChatterArgs {
    /// No progress and no summary: only errors, results where --print is given, and what exit code 20 has to say
    #[arg(short, long, env = "AMIAUDIT_QUIET", hide_env = true, value_parser = flag(), help_heading = "Messages")]
    quiet: bool,
    /// Say more (-v, -vv)
    #[arg(
        short,
        long,
        env = "AMIAUDIT_VERBOSE",
        hide_env = true,
        action = clap::ArgAction::Count,
        help_heading = "Messages"
    )]
    verbose: u8,
    /// When to use colours
    #[arg(
        long,
        env = "AMIAUDIT_COLOR",
        hide_env = true,
        value_name = "WHEN",
        default_value = "auto",
        value_parser = ["auto", "always", "never"],
        help_heading = "Messages"
    )]
    color: String,
    /// When to show progress
    #[arg(
        long,
        env = "AMIAUDIT_PROGRESS",
        hide_env = true,
        value_name = "WHEN",
        default_value = "auto",
        value_parser = ["auto", "always", "never"],
        help_heading = "Messages"
    )]
    progress: String,
    /// The form of messages on standard error
    #[arg(
        long,
        env = "AMIAUDIT_LOG_FORMAT",
        hide_env = true,
        value_name = "FORMAT",
        default_value = "text",
        value_parser = ["text", "json"],
        help_heading = "Messages"
    )]
    log_format: String,
}

impl ChatterArgs {
    pub(super) fn settle(self) -> Chatter {
        let when = |text: &str| match text {
            "always" => Some(true),
            "never" => Some(false),
            _ => None,
        };
        Chatter {
            quiet: self.quiet,
            verbose: self.verbose,
            color: when(&self.color),
            progress: when(&self.progress),
            log_format: if self.log_format == "json" { LogFormat::Json } else { LogFormat::Text },
        }
    }
}
