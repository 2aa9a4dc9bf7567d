//! Who asks, and where: read from the SigV4 header. Keys say which account they are of; the signature
//! itself is not checked, but its time is.

use hyper::HeaderMap;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::answer::AwsError;
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// AWS refuses signatures further than this from its own time.
const SKEW_SECONDS: i64 = 15 * 60;

/// Long-term keys of an account: this and its id.
const LONG_TERM: &str = "AKIA0000";
/// Keys of an assumed role: this and the account's id.
const SESSION: &str = "ASIA0000";

/// The long-term access key of an account.
pub(super) fn access_key(account: AccountId) -> String {
    format!("{LONG_TERM}{account}")
}

/// The access key of a role assumed in an account.
pub(super) fn session_key(account: AccountId) -> String {
    format!("{SESSION}{account}")
}

/// Who asks, of which service, and where.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) place: Place,
    pub(super) service: String,
    /// Whether it is a role that was assumed.
    pub(super) is_session: bool,
}

/// Reads the `Authorization` header. An access key that is not ours stands for `caller`.
pub(super) fn read(headers: &HeaderMap, caller: AccountId) -> Result<Asker, AwsError> {
    let missing =
        || AwsError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    let scope = header(headers, "authorization")
        .and_then(|text| text.split_once("Credential="))
        .and_then(|(_, rest)| rest.split([',', ' ']).next())
        .ok_or_else(missing)?;
    let mut parts = scope.split('/');
    let (Some(key), Some(_date), Some(region), Some(service)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(missing());
    };
    let region: Region = region.parse().map_err(|_| missing())?;
    let of = |prefix: &str| key.strip_prefix(prefix).and_then(|id| id.parse::<AccountId>().ok());
    let is_session = key.starts_with(SESSION);
    let account = of(LONG_TERM).or_else(|| of(SESSION)).unwrap_or(caller);
    Ok(Asker { place: Place { account, region }, service: service.to_owned(), is_session })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Refuses a signature that was made too far from `now`, in the words of each service.
pub(super) fn check_time(headers: &HeaderMap, service: &str, now: Timestamp) -> Result<(), AwsError> {
    let stamp = header(headers, "x-amz-date");
    let signed = stamp.and_then(|text| DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok());
    let Some(signed) = signed.and_then(|time| jiff::tz::TimeZone::UTC.to_timestamp(time).ok()) else {
        return Ok(());
    };
    let behind = now.as_second() - signed.as_second();
    if behind.abs() <= SKEW_SECONDS {
        return Ok(());
    }
    let how = if behind > 0 { "Signature expired" } else { "Signature not yet current" };
    let message = format!("{how}: {} is not within 15 min. of {now}", stamp.unwrap_or_default());
    let code = match service {
        "ec2" => "RequestExpired",
        "organizations" => "InvalidSignatureException",
        _ => "SignatureDoesNotMatch",
    };
    Err(AwsError::new(if service == "ec2" { 400 } else { 403 }, code, message))
}
