//! `amiaudit scan` as typed.

use std::path::PathBuf;

use clap::Args;

use super::common::{AgainstArgs, ChatterArgs, OutputArgs, flag};
use super::events_args::SourceArgs;
use super::rates::{check_url, parse_rate};
use super::settings::{Choice, OrganizationChoice, ScanSettings};
use crate::model::ids::{AccountId, OuId, Region};
use crate::model::quota::Quota;

pub(super) const SCAN_HELP: &str = "\
Examples:
  amiaudit scan                                         the caller's own account, all enabled Regions
  amiaudit scan --role-name audit/Reader                every account, by a role with a path
  amiaudit scan --account 111122223333 --role-name R    one account
  amiaudit scan --print ndjson --progress never | jq .grantee
  amiaudit scan --role-name R --resume reports/today    go on with a scan that was killed or interrupted

Reads only: every assumed role gets a session policy that allows the four reads and nothing else.
It needs ec2:DescribeRegions, DescribeImages, DescribeImageAttribute and GetImageBlockPublicAccessState in each
account, and organizations:DescribeOrganization and ListAccounts from the management account or a delegated
administrator. Exit codes: 0 all read and nothing found, 10 findings at or above --fail-on, 20 something was not
read, 1 failure, 2 wrong use.";

/// The scan itself.
#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// A profile of your AWS configuration
    #[arg(long, env = "AMIAUDIT_PROFILE", hide_env = true, help_heading = "AWS")]
    profile: Option<String>,
    /// Send every request to this URL instead of AWS
    #[arg(
        long,
        env = "AMIAUDIT_ENDPOINT_URL",
        hide_env = true,
        value_name = "URL",
        value_parser = parse_url,
        help_heading = "AWS"
    )]
    endpoint_url: Option<String>,
    /// Assume this role in every other member account (a path is allowed); without it only the caller's account
    /// is read
    #[arg(long, env = "AMIAUDIT_ROLE_NAME", hide_env = true, value_name = "NAME", help_heading = "AWS")]
    role_name: Option<String>,
    /// The external id that the role's trust policy asks for
    #[arg(long, env = "AMIAUDIT_EXTERNAL_ID", hide_env = true, value_name = "ID", help_heading = "AWS")]
    external_id: Option<String>,
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
    /// The part of AWS's request quotas to use, so that others keep theirs
    #[arg(
        long,
        env = "AMIAUDIT_API_SHARE",
        hide_env = true,
        value_name = "PART",
        default_value = "0.75",
        value_parser = parse_share,
        help_heading = "Pace"
    )]
    api_share: f64,
    /// A quota that AWS raised for you, such as DescribeImageAttribute=200/40 (repeatable)
    #[arg(
        long,
        env = "AMIAUDIT_API_RATE",
        hide_env = true,
        value_name = "ACTION=BUCKET/REFILL",
        value_parser = parse_rate,
        value_delimiter = ',',
        help_heading = "Pace"
    )]
    api_rate: Vec<(String, Quota)>,
    /// Requests under way at once, over all places
    #[arg(
        long,
        env = "AMIAUDIT_MAX_CONCURRENCY",
        hide_env = true,
        value_name = "N",
        default_value = "64",
        value_parser = clap::value_parser!(u16).range(1..=4096),
        help_heading = "Pace"
    )]
    max_concurrency: u16,
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

fn parse_url(text: &str) -> Result<String, String> {
    match check_url(text) {
        true => Ok(text.to_owned()),
        false => Err("it is like https://host or http://127.0.0.1:5000".to_owned()),
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("it is a number above 0 and not above 1".to_owned()),
    }
}

impl ScanArgs {
    pub(super) fn settle(self, arguments: Vec<String>) -> Result<ScanSettings, String> {
        let organization = match (self.organization, self.no_organization) {
            (Some(file), _) => OrganizationChoice::File(file),
            (None, true) => OrganizationChoice::None,
            (None, false) => OrganizationChoice::Api,
        };
        check_role(self.role_name.as_deref())?;
        check_endpoints()?;
        let output = self.output.settle(arguments)?;
        if let (Some(resume), Some(out)) = (&self.resume, &output.out)
            && resume != out
        {
            return Err(format!(
                "--resume {} goes on in that folder: leave --out (or AMIAUDIT_OUT) away",
                resume.display()
            ));
        }
        Ok(ScanSettings {
            profile: self.profile,
            endpoint_url: self.endpoint_url,
            role_name: self.role_name,
            external_id: self.external_id,
            choice: Choice {
                regions: self.region.into_iter().collect(),
                accounts: self.account.into_iter().collect(),
                units: self.ou.into_iter().collect(),
                excluded: self.exclude_account.into_iter().collect(),
            },
            organization,
            api_share: self.api_share,
            api_rates: self.api_rate.into_iter().collect(),
            max_concurrency: usize::from(self.max_concurrency),
            images_csv: self.images_csv,
            resume: self.resume,
            events: self.events.settle()?,
            against: self.against.settle(),
            output,
            chatter: self.chatter.settle(),
        })
    }
}

/// The SDK takes these variables for itself and has no good word for a bad one.
fn check_endpoints() -> Result<(), String> {
    for name in
        ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_ORGANIZATIONS"]
    {
        let value = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        if let Some(value) = value.filter(|value| !check_url(value)) {
            return Err(format!("{name}={value:?} is not a URL like https://host or http://127.0.0.1:5000"));
        }
    }
    Ok(())
}

/// IAM's rule for a role's name and path, so that a slip is not 200 gaps.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn check_role(role: Option<&str>) -> Result<(), String> {
    let Some(role) = role else { return Ok(()) };
    let name = role.rsplit('/').next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    if (1..=64).contains(&name.len()) && role.len() <= 512 && role.chars().all(allowed) {
        Ok(())
    } else {
        Err(format!("--role-name {role:?} is not the name of an IAM role (give the name, not the ARN)"))
    }
}
