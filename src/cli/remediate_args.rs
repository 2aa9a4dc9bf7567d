//! `amiaudit remediate` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::aws_args::AwsArgs;
use super::common::{ChatterArgs, flag};
use super::remediate_help::{APPLY_HELP, APPROVE_HELP, PLAN_HELP, UNDO_HELP};
use super::remediate_settings::{
    ApplySettings, ApproveSettings, PlanSettings, Remediation, UndoSettings, Yes,
};
use super::settings::OrganizationChoice;
use super::when::{When, parse_when};
use crate::model::finding::Severity;
use crate::model::ids::{AccountId, ImageId, Region};

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum RemediateArgs {
    /// Choose open findings of a report and say what would be taken back, what stays, what remains reachable
    #[command(after_help = PLAN_HELP)]
    Plan(Box<PlanArgs>),
    /// Sign a plan as a second person
    #[command(after_help = APPROVE_HELP)]
    Approve(Box<ApproveArgs>),
    /// Take back what a plan names, verified and undoable
    #[command(after_help = APPLY_HELP)]
    Apply(Box<ApplyArgs>),
    /// Give again exactly what a journal says was taken
    #[command(after_help = UNDO_HELP)]
    Undo(Box<UndoArgs>),
}

/// Planning.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The report.json of a scan
    report: PathBuf,
    /// The plan's file
    #[arg(long, env = "AMIAUDIT_OUT", hide_env = true, value_name = "FILE", default_value = "plan.json")]
    out: PathBuf,
    /// Only findings of this rule (repeatable)
    #[arg(long, env = "AMIAUDIT_RULE", hide_env = true, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Only findings of just this severity (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_SEVERITY",
        hide_env = true,
        value_delimiter = ',',
        value_parser = ["info", "low", "medium", "high", "critical"]
    )]
    severity: Vec<String>,
    /// Only images of this account (repeatable)
    #[arg(long, env = "AMIAUDIT_ACCOUNT", hide_env = true, value_name = "ID", value_delimiter = ',')]
    account: Vec<AccountId>,
    /// Only images in this Region (repeatable)
    #[arg(long, env = "AMIAUDIT_REGION", hide_env = true, value_delimiter = ',')]
    region: Vec<Region>,
    /// Only this image (repeatable)
    #[arg(long, env = "AMIAUDIT_IMAGE", hide_env = true, value_name = "ID", value_delimiter = ',')]
    image: Vec<ImageId>,
    /// Only this grantee, as reports write it: all, an account id, an ARN (repeatable)
    #[arg(long, env = "AMIAUDIT_GRANTEE", hide_env = true, value_delimiter = ',')]
    grantee: Vec<String>,
    /// Also what a pipeline seems to keep, which would set it again
    #[arg(long, env = "AMIAUDIT_INCLUDE_MANAGED", hide_env = true, value_parser = flag())]
    include_managed: bool,
    /// The ticket that this is done under; it goes into journal and remediation.csv
    #[arg(long, env = "AMIAUDIT_TICKET", hide_env = true, value_name = "TEXT")]
    ticket: Option<String>,
    /// Ask AWS which accounts use the images now. Makes a usage report of each in EC2; without this, plan reads the
    /// report and asks nothing of AWS
    #[arg(long, env = "AMIAUDIT_USAGE_REPORT", hide_env = true, value_parser = flag())]
    usage_report: bool,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

/// Approving.
#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// The plan
    plan: PathBuf,
    /// The approver's Ed25519 key (PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` makes it)
    #[arg(long, env = "AMIAUDIT_SIGN_KEY", hide_env = true, value_name = "FILE")]
    sign_key: PathBuf,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

/// What apply and undo ask for before they change anything.
#[derive(Debug, Args)]
pub(super) struct YesArgs {
    /// Do not ask; needed where no terminal can be asked
    #[arg(short, long, env = "AMIAUDIT_YES", hide_env = true, value_parser = flag())]
    yes: bool,
    /// Refuse where more grants than this would change
    #[arg(long, env = "AMIAUDIT_MAX_CHANGES", hide_env = true, value_name = "N", default_value_t = 25)]
    max_changes: usize,
    /// Change and verify this many images first, one by one, and go on only if all went well
    #[arg(long, env = "AMIAUDIT_CANARY", hide_env = true, value_name = "N", default_value_t = 0)]
    canary: usize,
}

impl YesArgs {
    fn settle(self) -> Yes {
        Yes { yes: self.yes, max_changes: self.max_changes, canary: self.canary }
    }
}

/// Applying.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The plan; the journal is journal.jsonl beside it
    plan: PathBuf,
    #[command(flatten)]
    yes: YesArgs,
    /// Change nothing: look at everything, and ask EC2 whether it would be allowed, by calls that name nobody with a
    /// grant
    #[arg(long, env = "AMIAUDIT_DRY_RUN", hide_env = true, value_parser = flag())]
    dry_run: bool,
    /// Refuse plans that are older
    #[arg(
        long,
        env = "AMIAUDIT_MAX_PLAN_AGE",
        hide_env = true,
        value_name = "DURATION",
        default_value = "24h",
        value_parser = parse_age
    )]
    max_plan_age: When,
    /// The policy: what it approves by now stays
    #[arg(long, env = "AMIAUDIT_POLICY", hide_env = true, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The report that the plan was made from [default: where it was then, or beside the plan]
    #[arg(long, env = "AMIAUDIT_REPORT", hide_env = true, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Refuse a plan that nobody approved whose key is named with --approver-key
    #[arg(
        long,
        env = "AMIAUDIT_REQUIRE_APPROVAL",
        hide_env = true,
        value_parser = flag(),
        requires = "approver_key"
    )]
    require_approval: bool,
    /// The Ed25519 public key (PEM) of somebody who may approve (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_APPROVER_KEY",
        hide_env = true,
        value_name = "FILE",
        value_delimiter = ',',
        requires = "require_approval"
    )]
    approver_key: Vec<PathBuf>,
    /// Also take back the outside grants of backing snapshots that the plan names
    #[arg(long, env = "AMIAUDIT_SNAPSHOTS", hide_env = true, value_parser = flag())]
    snapshots: bool,
    /// Also switch block public access for AMIs on in the plan's accounts and Regions
    #[arg(long, env = "AMIAUDIT_BLOCK_PUBLIC_ACCESS", hide_env = true, value_parser = flag())]
    block_public_access: bool,
    /// Take the accounts from saved `aws organizations list-accounts` JSON, not older than 24 hours, instead of
    /// asking AWS
    #[arg(long, env = "AMIAUDIT_ORGANIZATION", hide_env = true, value_name = "FILE")]
    organization: Option<PathBuf>,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

/// Undoing.
#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// The journal.jsonl of an apply
    journal: PathBuf,
    #[command(flatten)]
    yes: YesArgs,
    #[command(flatten)]
    aws: AwsArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

impl RemediateArgs {
    pub(super) fn settle(self) -> Result<Remediation, String> {
        Ok(match self {
            Self::Plan(args) => Remediation::Plan(Box::new(args.settle()?)),
            Self::Approve(args) => Remediation::Approve(Box::new(ApproveSettings {
                plan: args.plan,
                sign_key: args.sign_key,
                aws: args.aws.settle()?,
                chatter: args.chatter.settle(),
            })),
            Self::Apply(args) => Remediation::Apply(Box::new(args.settle()?)),
            Self::Undo(args) => Remediation::Undo(Box::new(UndoSettings {
                journal: args.journal,
                yes: args.yes.settle(),
                aws: args.aws.settle()?,
                chatter: args.chatter.settle(),
            })),
        })
    }
}

impl PlanArgs {
    fn settle(self) -> Result<PlanSettings, String> {
        Ok(PlanSettings {
            report: self.report,
            out: self.out,
            rules: self.rule.into_iter().collect(),
            severities: self.severity.iter().filter_map(|word| Severity::parse(word)).collect(),
            accounts: self.account.into_iter().collect(),
            regions: self.region.into_iter().collect(),
            images: self.image.into_iter().collect(),
            grantees: self.grantee.into_iter().collect(),
            include_managed: self.include_managed,
            ticket: self.ticket,
            usage_report: self.usage_report,
            aws: self.aws.settle()?,
            chatter: self.chatter.settle(),
        })
    }
}

impl ApplyArgs {
    fn settle(self) -> Result<ApplySettings, String> {
        let organization = self.organization.map_or(OrganizationChoice::Api, OrganizationChoice::File);
        Ok(ApplySettings {
            plan: self.plan,
            yes: self.yes.settle(),
            dry_run: self.dry_run,
            max_plan_age: self.max_plan_age,
            policy: self.policy,
            report: self.report,
            approver_keys: self.approver_key,
            snapshots: self.snapshots,
            block_public_access: self.block_public_access,
            organization,
            aws: self.aws.settle()?,
            chatter: self.chatter.settle(),
        })
    }
}

fn parse_age(text: &str) -> Result<When, String> {
    match parse_when(text) {
        Ok(age @ When::Ago(_)) => Ok(age),
        _ => Err("it is a duration, such as 24h or 7d".to_owned()),
    }
}
