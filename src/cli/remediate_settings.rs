//! What `amiaudit remediate` is to do.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::aws_settings::AwsChoice;
use super::settings::{Chatter, OrganizationChoice};
use super::when::When;
use crate::model::finding::Severity;
use crate::model::ids::{AccountId, ImageId, Region};

/// What to do.
#[derive(Debug)]
pub enum Remediation {
    /// Make a plan.
    Plan(Box<PlanSettings>),
    /// Sign one.
    Approve(Box<ApproveSettings>),
    /// Do what one says.
    Apply(Box<ApplySettings>),
    /// Undo what was done.
    Undo(Box<UndoSettings>),
}

impl Remediation {
    /// What is told meanwhile.
    #[must_use]
    pub fn chatter(&self) -> Chatter {
        match self {
            Self::Plan(settings) => settings.chatter,
            Self::Approve(settings) => settings.chatter,
            Self::Apply(settings) => settings.chatter,
            Self::Undo(settings) => settings.chatter,
        }
    }
}

/// Settings of making a plan; an empty set is no restriction.
#[derive(Debug)]
pub struct PlanSettings {
    /// The report.
    pub report: PathBuf,
    /// The plan's file.
    pub out: PathBuf,
    /// Only findings of these rules.
    pub rules: BTreeSet<String>,
    /// Only of these severities.
    pub severities: BTreeSet<Severity>,
    /// Only of images of these accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Only of images in these Regions.
    pub regions: BTreeSet<Region>,
    /// Only of these images.
    pub images: BTreeSet<ImageId>,
    /// Only of these grantees.
    pub grantees: BTreeSet<String>,
    /// Also what a pipeline seems to keep.
    pub include_managed: bool,
    /// The ticket.
    pub ticket: Option<String>,
    /// Whether AWS is asked who uses the images.
    pub usage_report: bool,
    /// How AWS is reached then.
    pub aws: AwsChoice,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// Settings of approving.
#[derive(Debug)]
pub struct ApproveSettings {
    /// The plan.
    pub plan: PathBuf,
    /// The approver's key.
    pub sign_key: PathBuf,
    /// How AWS is reached.
    pub aws: AwsChoice,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// What is asked for before anything is changed.
#[derive(Debug, Clone, Copy)]
pub struct Yes {
    /// Whether the user said so already.
    pub yes: bool,
    /// The most grants that may change.
    pub max_changes: usize,
    /// So many images come first.
    pub canary: usize,
}

/// Settings of applying.
#[derive(Debug)]
pub struct ApplySettings {
    /// The plan.
    pub plan: PathBuf,
    /// What is asked for.
    pub yes: Yes,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// How old a plan may be.
    pub max_plan_age: When,
    /// The policy.
    pub policy: Option<PathBuf>,
    /// The report that the plan was made from, if it is somewhere else now.
    pub report: Option<PathBuf>,
    /// Who may approve; where none is named, nobody needs to.
    pub approver_keys: Vec<PathBuf>,
    /// Whether grants of snapshots are taken back too.
    pub snapshots: bool,
    /// Whether block public access is switched on.
    pub block_public_access: bool,
    /// Where the organization is learned from.
    pub organization: OrganizationChoice,
    /// How AWS is reached.
    pub aws: AwsChoice,
    /// What is told meanwhile.
    pub chatter: Chatter,
}

/// Settings of undoing.
#[derive(Debug)]
pub struct UndoSettings {
    /// The journal.
    pub journal: PathBuf,
    /// What is asked for.
    pub yes: Yes,
    /// How AWS is reached.
    pub aws: AwsChoice,
    /// What is told meanwhile.
    pub chatter: Chatter,
}
