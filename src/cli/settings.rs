//! The command line resolved: typed, checked, defaults filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use super::aws_settings::AwsChoice;
use super::events_settings::{EventSources, EventsSettings};
use super::remediate_settings::Remediation;
use crate::model::fault::Fault;
use crate::model::finding::Severity;
use crate::model::ids::{AccountId, OuId, Region};

/// A command to run.
#[derive(Debug)]
pub enum Command {
    /// The main job.
    Scan(Box<ScanSettings>),
    /// The same on the built-in organization.
    Demo(Box<ScanSettings>),
    /// The endpoint alone.
    Sandbox(SandboxSettings),
    /// CloudTrail alone.
    Events(Box<EventsSettings>),
    /// The rules, or one of them.
    Rules(Option<String>),
    /// Judge again what earlier scans collected.
    Judge(Box<JudgeSettings>),
    /// Compare two reports.
    Diff {
        /// The earlier report.
        old: PathBuf,
        /// The later one.
        new: PathBuf,
    },
    /// Hold a report's folder against its manifest.
    Verify {
        /// The folder.
        folder: PathBuf,
        /// The key that its signature must fit.
        public_key: Option<PathBuf>,
    },
    /// Taking back what is shared.
    Remediate(Remediation),
    /// Something with a policy file.
    Policy(PolicyCommand),
    /// Print an IAM document.
    IamPolicy(IamDocument),
    /// Say what works and what to fix.
    Doctor(Box<ScanSettings>),
}

/// Where the organization is learned from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OrganizationChoice {
    /// AWS Organizations.
    #[default]
    Api,
    /// A saved list of accounts.
    File(PathBuf),
    /// Nowhere.
    None,
}

impl OrganizationChoice {
    /// What was chosen by a file, if one was named, and by whether not to ask.
    pub(super) fn of(file: Option<PathBuf>, is_none: bool) -> Self {
        match file {
            Some(file) => Self::File(file),
            None if is_none => Self::None,
            None => Self::Api,
        }
    }
}

/// Which accounts and Regions to read; an empty set is no restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these Regions.
    pub regions: BTreeSet<Region>,
    /// Only these accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Only accounts under these units.
    pub units: BTreeSet<OuId>,
    /// Not these accounts.
    pub excluded: BTreeSet<AccountId>,
}

/// Settings of a scan.
#[derive(Debug, Clone, Default)]
pub struct ScanSettings {
    /// How AWS is reached.
    pub aws: AwsChoice,
    /// Which accounts and Regions.
    pub choice: Choice,
    /// Where the organization is learned from.
    pub organization: OrganizationChoice,
    /// Whether every image goes into images.csv.
    pub images_csv: bool,
    /// The folder of a scan to go on with.
    pub resume: Option<PathBuf>,
    /// Where events are looked for.
    pub events: EventSources,
    /// What is judged by.
    pub against: Against,
    /// Where results go.
    pub output: Output,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// What a report is judged by and compared with.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The policy file.
    pub policy: Option<PathBuf>,
    /// An earlier report.
    pub baseline: Option<PathBuf>,
    /// Whether only findings that the baseline does not have count.
    pub fail_on_new: bool,
}

/// Settings of judging again.
#[derive(Debug)]
pub struct JudgeSettings {
    /// The snapshots; several are shards of one scan.
    pub snapshots: Vec<PathBuf>,
    /// Where events are looked for, besides those in the snapshots.
    pub events: EventSources,
    /// What is judged by.
    pub against: Against,
    /// Where results go.
    pub output: Output,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// What to do with a policy file.
#[derive(Debug)]
pub enum PolicyCommand {
    /// Write a commented one; to standard output if no file is named.
    Init(Option<PathBuf>),
    /// Check one.
    Check(PathBuf),
    /// Propose entries for what is open in a report.
    Suggest(PathBuf),
}

/// A document that `iam-policy` prints.
#[derive(Debug, Clone)]
pub enum IamDocument {
    /// What the role in each account may do.
    Member(RoleFor),
    /// What reading these sources of events needs.
    Events(EventSources),
    /// What the caller may do besides.
    Caller {
        /// The role that it may assume; any, if none is named.
        role_name: Option<String>,
    },
    /// Who may assume the role: this account, with this external id if there is one.
    Trust {
        /// The caller's account.
        account: AccountId,
        /// The external id.
        external_id: Option<String>,
    },
}

/// What a role in member accounts is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleFor {
    /// `scan`.
    Scan,
    /// `remediate apply` and `undo`.
    Remediate,
    /// `remediate plan --usage-report`.
    UsageReport,
}

/// Where results go.
#[derive(Debug, Clone)]
pub struct Output {
    /// The report's folder; one named after the time, if none is given.
    pub out: Option<PathBuf>,
    /// Kinds of file to write; all, if empty.
    pub formats: Vec<String>,
    /// The form on standard output; where it is empty, a table unless the run is quiet.
    pub print: String,
    /// The least severity that makes the exit code 10.
    pub fail_on: Severity,
    /// Whether 10 and 20 become 0.
    pub exit_zero: bool,
    /// The key to sign the manifest with.
    pub sign_key: Option<PathBuf>,
    /// What was typed, for the record; secrets are left out.
    pub arguments: Vec<String>,
    /// The `AMIAUDIT_*` variables that were set; secrets are left out.
    pub variables: BTreeMap<String, String>,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            out: None,
            formats: Vec::new(),
            print: String::new(),
            fail_on: Severity::Low,
            exit_zero: false,
            sign_key: None,
            arguments: Vec::new(),
            variables: BTreeMap::new(),
        }
    }
}

/// The form of messages on standard error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is told while a command runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chatter {
    /// Nothing but errors.
    pub quiet: bool,
    /// How much more than usual.
    pub verbose: u8,
    /// Colours: always, never, or as the terminal is.
    pub color: Option<bool>,
    /// Progress: always, never, or as the terminal is.
    pub progress: Option<bool>,
    /// The form of messages.
    pub log_format: LogFormat,
}

/// Settings of the sandbox.
#[derive(Debug)]
pub struct SandboxSettings {
    /// The port; 0 for any.
    pub port: u16,
    /// The world to serve.
    pub world: SandboxWorld,
    /// Waited before every answer.
    pub latency: Duration,
    /// Whether to limit requests as AWS does.
    pub throttle: bool,
    /// The part of requests that go wrong, in percent.
    pub fault_percent: f64,
    /// What goes wrong besides.
    pub faults: Vec<Fault>,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// The world that the sandbox serves.
#[derive(Debug, Clone, PartialEq)]
pub enum SandboxWorld {
    /// The demo's.
    Demo,
    /// One from a file.
    Scenario(PathBuf),
    /// One made from a seed.
    Generated {
        /// Accounts.
        accounts: usize,
        /// Regions.
        regions: usize,
        /// Images in each account and Region.
        images: usize,
        /// The seed.
        seed: u64,
        /// The part of the images that have grants, in percent.
        shared_percent: f64,
    },
}
