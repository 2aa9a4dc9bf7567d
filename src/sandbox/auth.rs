//! Who asks, and where: read from the SigV4 header. Keys say which account they are of; the scope and the
//! time of a signature are checked, the signature itself is not.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use hyper::HeaderMap;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::answer::AwsError;
use super::call::Service;
use super::world::World;
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// AWS refuses signatures further than this from its own time.
const SKEW_SECONDS: i64 = 15 * 60;

/// Long-term keys of an account: this and its id, and behind it the name of a user.
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
    pub(super) service: Service,
    /// Whether it is a role that was assumed.
    pub(super) is_session: bool,
    /// The access key.
    pub(super) key: String,
}

impl Asker {
    /// The user whose long-term key it is.
    fn user(&self) -> String {
        let named = self.key.strip_prefix(LONG_TERM).and_then(|rest| rest.get(12..));
        named.filter(|name| !name.is_empty()).map_or_else(|| "auditor".to_owned(), str::to_ascii_lowercase)
    }

    /// The user or the assumed role.
    pub(super) fn arn(&self) -> String {
        let account = self.place.account;
        if self.is_session {
            format!("arn:aws:sts::{account}:assumed-role/role/amiaudit")
        } else {
            format!("arn:aws:iam::{account}:user/{}", self.user())
        }
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

/// Reads and checks the `Authorization` header of a call of `service` that came at `now`. An access key
/// that is not ours stands for the scenario's caller.
pub(super) fn read(
    headers: &HeaderMap,
    service: Service,
    world: &World,
    now: Timestamp,
) -> Result<Asker, AwsError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(text) = header("authorization") else {
        let message = "Request is missing Authentication Token";
        return Err(AwsError::new(403, "MissingAuthenticationToken", message));
    };
    let stamp = header("x-amz-date").unwrap_or_default();
    let Authorization { credential, signed_headers, signature } = parts(text, stamp, service)?;
    let scope: Vec<&str> = credential.split('/').collect();
    let &[key, date, region, scoped_to, terminator] = scope.as_slice() else {
        let message = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             '{credential}'"
        );
        return Err(incomplete(service, message));
    };
    let place = Place { account: account_of(key, world.caller), region: region_of(region, service, world)? };
    if scoped_to != service.name() {
        let message = format!("Credential should be scoped to correct service: '{}'. ", service.name());
        return Err(mismatch(service, message));
    }
    if terminator != "aws4_request" {
        let message = format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
        );
        return Err(mismatch(service, message));
    }
    check_time(stamp, date, service, now)?;
    if !signed_headers.split(';').any(|name| name == "host") {
        let message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
        return Err(mismatch(service, message.to_owned()));
    }
    if signature.len() != 64 || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
                       Secret Access Key and signing method.";
        return Err(mismatch(service, message.to_owned()));
    }
    Ok(Asker { place, service, is_session: key.starts_with(SESSION), key: key.to_owned() })
}

/// The header's parts; AWS names all that are missing.
fn parts<'a>(text: &'a str, stamp: &str, service: Service) -> Result<Authorization<'a>, AwsError> {
    let Some(rest) = text.strip_prefix("AWS4-HMAC-SHA256 ") else {
        let message = "Unsupported AWS 'algorithm' in the Authorization header: it is 'AWS4-HMAC-SHA256'.";
        return Err(incomplete(service, message.to_owned()));
    };
    let part = |name: &str| {
        let mut named = rest.split(',').filter_map(|part| part.trim().split_once('='));
        named.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    };
    let found = (part("Credential"), part("SignedHeaders"), part("Signature"));
    if let ((Some(credential), Some(signed_headers), Some(signature)), false) = (found, stamp.is_empty()) {
        return Ok(Authorization { credential, signed_headers, signature });
    }
    let missing = [("Credential", found.0), ("Signature", found.2), ("SignedHeaders", found.1)]
        .into_iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| format!("Authorization header requires '{name}' parameter. "));
    let mut message: String = missing.collect();
    if stamp.is_empty() {
        message.push_str(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        );
    }
    Err(incomplete(service, format!("{message}Authorization={text}")))
}

fn account_of(key: &str, caller: AccountId) -> AccountId {
    let of = |prefix: &str| key.strip_prefix(prefix)?.get(..12)?.parse::<AccountId>().ok();
    of(LONG_TERM).or_else(|| of(SESSION)).unwrap_or(caller)
}

/// The Region that was signed for. STS and Organizations take any: clients with an endpoint of their own
/// sign for the Region that they are set to.
fn region_of(text: &str, service: Service, world: &World) -> Result<Region, AwsError> {
    let known = world.regions.iter().find(|region| region.as_str() == text).cloned();
    let region = known
        .or_else(|| text.parse().ok().filter(|_| !matches!(service, Service::Ec2 | Service::CloudTrail)));
    region.ok_or_else(|| {
        mismatch(service, format!("Credential should be scoped to a valid region, not '{text}'. "))
    })
}

/// Refuses a signature that was made too far from `now`, or whose scope is of another day.
fn check_time(stamp: &str, date: &str, service: Service, now: Timestamp) -> Result<(), AwsError> {
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok();
    let Some(signed) = signed.and_then(|time| jiff::tz::TimeZone::UTC.to_timestamp(time).ok()) else {
        let message = format!("Date must be in ISO-8601 'basic format'. Got '{stamp}'.");
        return Err(incomplete(service, message));
    };
    let behind = now.as_second() - signed.as_second();
    if behind.abs() > SKEW_SECONDS {
        let how = if behind > 0 { "Signature expired" } else { "Signature not yet current" };
        let message = format!("{how}: {stamp} is not within 15 min. of {now}");
        return Err(match service {
            Service::Ec2 => AwsError::new(400, "RequestExpired", message),
            _ => mismatch(service, message),
        });
    }
    if !stamp.starts_with(date) || date.len() != 8 {
        let day = stamp.get(..8).unwrap_or_default();
        let message = format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != \
             '{day}', from '{stamp}'."
        );
        return Err(mismatch(service, message));
    }
    Ok(())
}

/// A header that is not whole.
fn incomplete(service: Service, message: String) -> AwsError {
    let code = if service.is_json() { "IncompleteSignatureException" } else { "IncompleteSignature" };
    AwsError::new(400, code, message)
}

/// A signature for something else.
fn mismatch(service: Service, message: String) -> AwsError {
    if service.is_json() {
        return AwsError::new(400, "InvalidSignatureException", message);
    }
    AwsError::new(403, "SignatureDoesNotMatch", message)
}
