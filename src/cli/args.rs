//! The command line as typed.

use clap::{Args, Parser};

use super::common::{AgainstArgs, ChatterArgs, OutputArgs};
use super::events_args::{EVENTS_HELP, EventsArgs};
use super::events_settings::EventSources;
use super::offline::{DiffArgs, IAM_HELP, IamArgs, JUDGE_HELP, JudgeArgs, PolicyArgs, VerifyArgs};
use super::remediate_args::RemediateArgs;
use super::remediate_help::REMEDIATE_HELP;
use super::sandbox_args::{SANDBOX_HELP, SandboxArgs};
use super::scan_args::{SCAN_HELP, ScanArgs};
use super::settings::{Command, ScanSettings};

/// Finds AMIs that somebody outside your AWS organization can launch.
///
/// Reads the launch permissions of every AMI in every account and Region of an AWS organization, and says
/// which of them reach outside: accounts, organizations, everybody.
#[derive(Debug, Parser)]
#[command(name = "amiaudit", version, propagate_version = true, max_term_width = 100, after_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Subcommand,
}

const AFTER_HELP: &str = "\
Examples:
  amiaudit demo                                    see it work, without an AWS account
  amiaudit scan                                    the caller's own account, all Regions
  amiaudit scan --role-name Auditor                every account of the organization
  amiaudit scan --role-name Auditor --region eu-west-1 --out reports/today

Every flag has a variable: --role-name is AMIAUDIT_ROLE_NAME. Lists are separated by commas.
Exit codes: 0 nothing found, 10 findings, 20 something was not read, 1 failure, 2 wrong use.";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Scan the organization (or one account) and report what is shared outside
    #[command(after_help = SCAN_HELP)]
    Scan(Box<ScanArgs>),
    /// Scan a made-up organization that the built-in sandbox serves: no AWS account, no network
    Demo(DemoArgs),
    /// Serve an AWS endpoint on loopback, for any AWS client to be pointed at
    #[command(after_help = SANDBOX_HELP)]
    Sandbox(SandboxArgs),
    /// Find every share event in CloudTrail's logs: who shared what with whom, when, from where
    #[command(after_help = EVENTS_HELP)]
    Events(Box<EventsArgs>),
    /// Judge again, offline, what earlier scans collected (several snapshots are shards of one scan)
    #[command(after_help = JUDGE_HELP)]
    Judge(Box<JudgeArgs>),
    /// Compare two report.json: what is new, resolved, persisting or changed
    Diff(DiffArgs),
    /// Hold a report's folder against its manifest, and check its signature
    Verify(VerifyArgs),
    /// Take back shares that nobody approved: plan, approve, apply, undo
    #[command(subcommand, after_help = REMEDIATE_HELP)]
    Remediate(RemediateArgs),
    /// Write, check or propose a policy file
    #[command(subcommand)]
    Policy(PolicyArgs),
    /// Print the least IAM policy for a command, or its trust policy
    #[command(after_help = IAM_HELP)]
    IamPolicy(IamArgs),
    /// Say what works and what to fix: credentials, organization, roles
    Doctor(Box<ScanArgs>),
    /// List the rules, or explain one
    Rules {
        /// The rule to explain
        id: Option<String>,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual, for `man -l -`
    Man,
}

/// The demo: no choices but where the result goes.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    against: AgainstArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

impl Subcommand {
    /// The settings of a command that runs.
    pub(super) fn settle(self, arguments: Vec<String>) -> Result<Command, String> {
        Ok(match self {
            Self::Scan(args) => Command::Scan(Box::new(args.settle(arguments)?)),
            Self::Demo(args) => Command::Demo(Box::new(ScanSettings {
                events: EventSources { sources: vec!["lookup".to_owned()], ..EventSources::default() },
                against: args.against.settle(),
                output: args.output.settle(arguments)?,
                chatter: args.chatter.settle(),
                ..ScanSettings::default()
            })),
            Self::Sandbox(args) => Command::Sandbox(args.settle()),
            Self::Events(args) => Command::Events(Box::new(args.settle()?)),
            Self::Rules { id } => Command::Rules(id),
            Self::Judge(args) => Command::Judge(Box::new(args.settle(arguments)?)),
            Self::Diff(args) => Command::Diff { old: args.old, new: args.new },
            Self::Verify(args) => Command::Verify { folder: args.folder, public_key: args.public_key },
            Self::Remediate(args) => Command::Remediate(args.settle()?),
            Self::Policy(args) => Command::Policy(args.settle()),
            Self::IamPolicy(args) => Command::IamPolicy(args.settle()?),
            Self::Doctor(args) => Command::Doctor(Box::new(args.settle(arguments)?)),
            Self::Completions { .. } | Self::Man => return Err("this command prints only".to_owned()),
        })
    }
}
