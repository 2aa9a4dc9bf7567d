//! Commands that need no AWS, as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::common::{AgainstArgs, ChatterArgs, OutputArgs, flag};
use super::events_settings::{EventSources, SourceChoice};
use super::settings::{IamDocument, JudgeSettings, PolicyCommand, RoleFor};
use super::source_args::{SourceArgs, s3_url};
use crate::model::ids::AccountId;

pub(super) const JUDGE_HELP: &str = "\
Examples:
  amiaudit judge reports/today/snapshot.json.zst --policy policy.toml
  amiaudit judge shard-1/snapshot.json.zst shard-2/snapshot.json.zst --out reports/whole

Everything goes by the time of the scan, expiry of exceptions too, so the same policy gives the same findings.";

pub(super) const IAM_HELP: &str = "\
Examples:
  amiaudit iam-policy scan                                        the role in every account
  amiaudit iam-policy scan --document caller --role-name Auditor  what the caller needs besides
  amiaudit iam-policy scan --document trust --account 111122223333 --external-id ID
  amiaudit iam-policy events s3://acme-trail athena:security.cloudtrail  the role for these sources of events
  amiaudit iam-policy remediate                    the role of apply and undo: another one than for scan
  amiaudit iam-policy remediate --usage-report     the role of plan --usage-report

In its own account the caller works with its own credentials: there it needs the role's policy too.";

/// Judging again.
#[derive(Debug, Args)]
pub(super) struct JudgeArgs {
    /// The snapshot.json.zst of scans
    #[arg(required = true)]
    snapshots: Vec<PathBuf>,
    #[command(flatten)]
    events: SourceArgs,
    #[command(flatten)]
    against: AgainstArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

impl JudgeArgs {
    pub(super) fn settle(self, arguments: Vec<String>) -> Result<JudgeSettings, String> {
        Ok(JudgeSettings {
            snapshots: self.snapshots,
            events: self.events.settle(&[])?,
            against: self.against.settle(),
            output: self.output.settle(arguments)?,
            chatter: self.chatter.settle(),
        })
    }
}

/// Comparing.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The earlier report.json
    pub(super) old: PathBuf,
    /// The later report.json
    pub(super) new: PathBuf,
}

/// Verifying.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The report's folder
    pub(super) folder: PathBuf,
    /// The Ed25519 public key (PEM) that the signature must fit
    #[arg(long, env = "AMIAUDIT_PUBLIC_KEY", hide_env = true, value_name = "FILE")]
    pub(super) public_key: Option<PathBuf>,
}

/// Policy files.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyArgs {
    /// Write a commented policy file, which approves nothing yet
    Init {
        /// The file to write; it must not be there [default: standard output]
        file: Option<PathBuf>,
    },
    /// Check a policy file: every problem, with its line
    Check {
        /// The file
        file: PathBuf,
    },
    /// Propose entries for what is open in a report, to be reviewed and signed
    Suggest {
        /// The report.json
        report: PathBuf,
    },
}

impl PolicyArgs {
    pub(super) fn settle(self) -> PolicyCommand {
        match self {
            Self::Init { file } => PolicyCommand::Init(file),
            Self::Check { file } => PolicyCommand::Check(file),
            Self::Suggest { report } => PolicyCommand::Suggest(report),
        }
    }
}

/// IAM documents.
#[derive(Debug, Args)]
pub(super) struct IamArgs {
    /// The command
    #[arg(value_parser = ["scan", "events", "remediate"])]
    command: String,
    /// With events: the sources that are read, such as s3://bucket or athena:DATABASE.TABLE
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Which document: of the role in each account, of the caller, or the role's trust policy
    #[arg(
        long,
        env = "AMIAUDIT_DOCUMENT",
        hide_env = true,
        default_value = "member",
        value_parser = ["member", "caller", "trust"]
    )]
    document: String,
    /// The role that the caller may assume, for the caller's policy [default: any]
    #[arg(long, env = "AMIAUDIT_ROLE_NAME", hide_env = true, value_name = "NAME")]
    role_name: Option<String>,
    /// The account that may assume the role, for the trust policy
    #[arg(long, env = "AMIAUDIT_ACCOUNT", hide_env = true, value_name = "ID")]
    account: Option<AccountId>,
    /// The external id that the trust policy asks for
    #[arg(long, env = "AMIAUDIT_EXTERNAL_ID", hide_env = true, value_name = "ID")]
    external_id: Option<String>,
    /// With remediate: what `plan --usage-report` needs, instead of what apply and undo need
    #[arg(long, env = "AMIAUDIT_USAGE_REPORT", hide_env = true, value_parser = flag())]
    usage_report: bool,
    /// With events: the workgroup in which Athena runs the query [default: primary]
    #[arg(long, env = "AMIAUDIT_ATHENA_WORKGROUP", hide_env = true, value_name = "NAME")]
    athena_workgroup: Option<String>,
    /// With events: where Athena writes the query's results [default: anywhere]
    #[arg(long, env = "AMIAUDIT_ATHENA_OUTPUT", hide_env = true, value_name = "S3-URL", value_parser = s3_url)]
    athena_output: Option<String>,
}

impl IamArgs {
    pub(super) fn settle(self) -> Result<IamDocument, String> {
        match (self.command.as_str(), self.sources.is_empty(), self.document.as_str()) {
            ("events", false, "member" | "trust") | ("scan" | "remediate", true, _) => {}
            ("events", true, _) => {
                return Err("iam-policy events takes the sources, such as s3://bucket".to_owned());
            }
            ("events", ..) => return Err("iam-policy events has no --document caller".to_owned()),
            (command, ..) => return Err(format!("iam-policy {command} takes no sources")),
        }
        let role = self.role();
        Ok(match (self.document.as_str(), self.account) {
            ("caller", _) => IamDocument::Caller { role_name: self.role_name },
            ("trust", Some(account)) => IamDocument::Trust { account, external_id: self.external_id },
            ("trust", None) => {
                return Err("--document trust needs --account: who may assume the role".to_owned());
            }
            _ if self.command == "events" => IamDocument::Events(EventSources {
                sources: self.sources,
                choice: SourceChoice {
                    athena_workgroup: self.athena_workgroup,
                    athena_output: self.athena_output,
                    ..SourceChoice::default()
                },
            }),
            _ => IamDocument::Member(role),
        })
    }

    fn role(&self) -> RoleFor {
        match (self.command.as_str(), self.usage_report) {
            ("remediate", true) => RoleFor::UsageReport,
            ("remediate", false) => RoleFor::Remediate,
            _ => RoleFor::Scan,
        }
    }
}
