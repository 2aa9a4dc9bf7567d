//! `amiaudit scan` as typed.

use std::path::PathBuf;

use clap::Args;

use super::aws_args::AwsArgs;
use super::common::{AgainstArgs, ChatterArgs, OutputArgs, flag};
use super::settings::{Choice, OrganizationChoice, ScanSettings};
use super::source_args::SourceArgs;
use crate::model::ids::{AccountId, OuId, Region};

pub(super) const SCAN_HELP: &str = "\
Examples:
  amiaudit scan                                         the caller's own account, all enabled Regions
  amiaudit scan --role-name audit/Reader                every account, by a role with a path
  amiaudit scan --account 111122223333 --role-name R    one account
  amiaudit scan --role-name R --events s3://acme-trail --events-role-arn arn:aws:iam::444455556666:role/Reader
  amiaudit scan --print ndjson --progress never | jq .grantee
  amiaudit scan --role-name R --resume reports/today    go on with a scan that was killed or interrupted

Reads only: every assumed role gets a session policy that allows the six reads and nothing else.
It needs ec2:DescribeRegions, DescribeImages, DescribeImageAttribute, DescribeSnapshotAttribute and
GetImageBlockPublicAccessState in each account, cloudtrail:LookupEvents there unless --events names another source, and organizations:DescribeOrganization and ListAccounts from the management account or a delegated
administrator. Exit codes: 0 all read and nothing found, 10 findings at or above --fail-on, 20 something was not
read, 1 failure, 2 wrong use.";

/// The scan itself.
#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    aws: AwsArgs,
    /// Read only this Region (repeatable) [default: all that are enabled]
    #[arg(
        long,
        env = "AMIAUDIT_REGION",
        hide_env = true,
        value_delimiter = ',',
        help_heading = "What to read"
    )]
    region: Vec<Region>,
    /// Read only this account (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_ACCOUNT",
        hide_env = true,
        value_name = "ID",
        value_delimiter = ',',
        help_heading = "What to read"
    )]
    account: Vec<AccountId>,
    /// Read only accounts under this organizational unit (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_OU",
        hide_env = true,
        value_name = "ID",
        value_delimiter = ',',
        help_heading = "What to read"
    )]
    ou: Vec<OuId>,
    /// Do not read this account (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_EXCLUDE_ACCOUNT",
        hide_env = true,
        value_name = "ID",
        value_delimiter = ',',
        help_heading = "What to read"
    )]
    exclude_account: Vec<AccountId>,
    /// Take the accounts from saved `aws organizations list-accounts` JSON instead of asking AWS
    #[arg(
        long,
        env = "AMIAUDIT_ORGANIZATION",
        hide_env = true,
        value_name = "FILE",
        conflicts_with = "no_organization",
        help_heading = "What to read"
    )]
    organization: Option<PathBuf>,
    /// Do not ask for the organization; other accounts are then `unknown`
    #[arg(
        long,
        env = "AMIAUDIT_NO_ORGANIZATION",
        hide_env = true,
        value_parser = flag(),
        conflicts_with = "ou",
        help_heading = "What to read"
    )]
    no_organization: bool,
    /// Write images.csv too: every image, for sampling; they are then all kept in memory
    #[arg(long, env = "AMIAUDIT_IMAGES_CSV", hide_env = true, value_parser = flag(), help_heading = "Output")]
    images_csv: bool,
    /// Go on with the scan that was killed or interrupted in this folder, with the same flags
    #[arg(long, env = "AMIAUDIT_RESUME", hide_env = true, value_name = "DIR", help_heading = "Output")]
    resume: Option<PathBuf>,
    #[command(flatten)]
    events: SourceArgs,
    #[command(flatten)]
    against: AgainstArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    chatter: ChatterArgs,
}

impl ScanArgs {
    pub(super) fn settle(self, arguments: Vec<String>) -> Result<ScanSettings, String> {
        let output = self.output.settle(arguments)?;
        if let (Some(resume), Some(out)) = (&self.resume, &output.out)
            && resume != out
        {
            return Err(format!(
                "--resume {} goes on in that folder: leave --out (or AMIAUDIT_OUT) away",
                resume.display()
            ));
        }
        let events = self.events.settle(&["lookup"])?;
        if events.choice.print_sql && !(self.ou.is_empty() && self.exclude_account.is_empty()) {
            let why = "shows the query for accounts that are named: --ou and --exclude-account need the organization";
            return Err(format!("--print-sql {why}"));
        }
        Ok(ScanSettings {
            aws: self.aws.settle()?,
            choice: Choice {
                regions: self.region.into_iter().collect(),
                accounts: self.account.into_iter().collect(),
                units: self.ou.into_iter().collect(),
                excluded: self.exclude_account.into_iter().collect(),
            },
            organization: OrganizationChoice::of(self.organization, self.no_organization),
            images_csv: self.images_csv,
            resume: self.resume,
            events,
            against: self.against.settle(),
            output,
            chatter: self.chatter.settle(),
        })
    }
}
