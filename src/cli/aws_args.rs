//! How AWS is reached, as typed.

use clap::Args;

use super::aws_settings::AwsChoice;
use super::rates::{check_url, parse_rate};
use crate::model::quota::Quota;

/// Credentials, endpoint, roles and pace.
#[derive(Debug, Args)]
pub(super) struct AwsArgs {
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
    /// The external id that the roles' trust policies ask for
    #[arg(long, env = "AMIAUDIT_EXTERNAL_ID", hide_env = true, value_name = "ID", help_heading = "AWS")]
    external_id: Option<String>,
    /// Assume this role to read s3://, athena: and logs: sources of events, which often live in a log archive
    /// account
    #[arg(long, env = "AMIAUDIT_EVENTS_ROLE_ARN", hide_env = true, value_name = "ARN", help_heading = "AWS")]
    events_role_arn: Option<String>,
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
}

impl AwsArgs {
    pub(super) fn settle(self) -> Result<AwsChoice, String> {
        check_role(self.role_name.as_deref())?;
        check_role_arn(self.events_role_arn.as_deref())?;
        check_endpoints()?;
        Ok(AwsChoice {
            profile: self.profile,
            endpoint_url: self.endpoint_url,
            role_name: self.role_name,
            external_id: self.external_id,
            events_role_arn: self.events_role_arn,
            api_share: self.api_share,
            api_rates: self.api_rate.into_iter().collect(),
            max_concurrency: usize::from(self.max_concurrency),
        })
    }
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

/// The SDK takes these variables for itself and has no good word for a bad one.
fn check_endpoints() -> Result<(), String> {
    const SERVICES: &[&str] =
        &["", "_EC2", "_STS", "_ORGANIZATIONS", "_CLOUDTRAIL", "_S3", "_ATHENA", "_CLOUDWATCH_LOGS"];
    for service in SERVICES {
        let name = format!("AWS_ENDPOINT_URL{service}");
        let value = std::env::var_os(&name).map(|value| value.to_string_lossy().into_owned());
        if let Some(value) = value.filter(|value| !check_url(value)) {
            return Err(format!("{name}={value:?} is not a URL like https://host or http://127.0.0.1:5000"));
        }
    }
    Ok(())
}

/// IAM's rule for a role's name and path, so that a slip is not 200 gaps.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn check_role(role: Option<&str>) -> Result<(), String> {
    match role {
        Some(role) if !is_role(role) => {
            Err(format!("--role-name {role:?} is not the name of an IAM role (give the name, not the ARN)"))
        }
        _ => Ok(()),
    }
}

fn is_role(role: &str) -> bool {
    let name = role.rsplit('/').next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    (1..=64).contains(&name.len()) && role.len() <= 512 && role.chars().all(allowed)
}

fn check_role_arn(arn: Option<&str>) -> Result<(), String> {
    let Some(arn) = arn else { return Ok(()) };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_one = match parts.as_slice() {
        ["arn", partition, "iam", "", account, role] => {
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            !partition.is_empty() && is_account && role.strip_prefix("role/").is_some_and(is_role)
        }
        _ => false,
    };
    match is_one {
        true => Ok(()),
        false => Err(format!(
            "--events-role-arn {arn:?} is not the ARN of a role, such as arn:aws:iam::111122223333:role/Reader"
        )),
    }
}
