//! Turns an SDK error into a reason that a person understands, and that says what to do.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::action::{ASSUME_ROLE, Action};
use crate::model::failure::{Failure, FailureKind};

/// AWS refuses signatures whose time is further from its own than 5 to 15 minutes, by service.
const SKEW_SECONDS: i64 = 5 * 60;

/// Explains why `action` failed. `now` is this machine's time.
pub fn explain<E>(action: Action, error: &SdkError<E, HttpResponse>, now: Timestamp) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    // A role that could not be renewed is behind the SDK's own error, with its reason. It was tried again
    // already, so the call that needed it is not.
    if let Some(inner) = cause::<Failure>(error) {
        return Failure { kind: FailureKind::Credentials, ..inner.clone() };
    }
    let (kind, code, reason) = match error {
        SdkError::ServiceError(inner) => {
            let answer = Answer {
                code: inner.err().code().filter(|code| !code.is_empty()),
                message: inner.err().message().unwrap_or_default(),
                status: inner.raw().status().as_u16(),
                skew: skew(inner.raw(), now),
            };
            let (kind, reason) = answer.explain(action);
            (kind, answer.code.map(str::to_owned), reason)
        }
        SdkError::ResponseError(inner) => {
            let status = inner.raw().status().as_u16();
            let reason = format!("the answer (HTTP {status}) broke off or was not AWS's: {}", chain(error));
            (FailureKind::Passing, None, reason)
        }
        SdkError::TimeoutError(_) => {
            (FailureKind::Passing, None, "no answer came in time; is the endpoint reachable?".to_owned())
        }
        SdkError::DispatchFailure(_) => undelivered(error),
        _ => (FailureKind::Other, None, chain(error)),
    };
    Failure { call: action.name, kind, code, reason: clean(&reason) }
}

/// A request that never got an answer: no credentials, or no connection.
fn undelivered(error: &(dyn Error + 'static)) -> (FailureKind, Option<String>, String) {
    for inner in causes(error) {
        if let Some(CredentialsError::CredentialsNotLoaded(_)) = inner.downcast_ref::<CredentialsError>() {
            let reason = "no AWS credentials were found: name a profile with --profile, log in with `aws sso login` \
                          or `aws login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            return (FailureKind::Credentials, None, reason.to_owned());
        }
        if inner.is::<CredentialsError>() {
            let reason = format!("the AWS credentials could not be loaded: {}", chain(inner));
            return (FailureKind::Credentials, None, reason);
        }
    }
    let cause = causes(error).last().map(ToString::to_string).unwrap_or_default();
    (FailureKind::Passing, None, format!("the endpoint could not be reached: {cause}"))
}

/// AWS's codes for what is not there any more, or in no state to be asked.
const GONE: [&str; 3] = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"];

/// An error that AWS answered with.
struct Answer<'a> {
    code: Option<&'a str>,
    message: &'a str,
    status: u16,
    /// Seconds that this machine's clock is ahead of the endpoint's, where that is enough to matter.
    skew: Option<i64>,
}

impl Answer<'_> {
    fn explain(&self, action: Action) -> (FailureKind, String) {
        let Some(code) = self.code else { return self.without_code(action) };
        let told =
            if self.message.is_empty() { code.to_owned() } else { format!("{code}: {}", self.message) };
        // `Client.` and `Server.` stand before some of EC2's codes.
        let plain = code.trim_start_matches("Client.").trim_start_matches("Server.");
        if let Some(seconds) = self.skew.filter(|_| self.is_about_the_clock(plain)) {
            return (FailureKind::Other, format!("{}; {told}", clock_is_off(seconds)));
        }
        match plain {
            "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "SlowDown"
            | "EC2ThrottledException"
            | "BandwidthLimitExceeded" => {
                (FailureKind::Throttled, format!("AWS refused it for its rate; {told}"))
            }
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "NotAuthorized" => {
                (FailureKind::Denied, format!("{}; {told}", self.who_denied(action)))
            }
            _ if GONE.contains(&plain) => (FailureKind::Gone, told),
            "AWSOrganizationsNotInUseException" => (FailureKind::NotInOrganization, told),
            "AuthFailure" | "InvalidClientTokenId" | "UnrecognizedClientException" | "OptInRequired" => {
                let reason =
                    format!("AWS does not accept these credentials here (is the Region enabled?); {told}");
                (FailureKind::Other, reason)
            }
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
                (FailureKind::Credentials, format!("the credentials have expired: log in again; {told}"))
            }
            _ if self.status >= 500 => (FailureKind::Passing, told),
            _ => (FailureKind::Other, told),
        }
    }

    /// An error without a code is not AWS's own: a proxy's page, or a call the endpoint lacks.
    fn without_code(&self, action: Action) -> (FailureKind, String) {
        let status = self.status;
        let reason =
            format!("HTTP {status} without an AWS error: does this endpoint support {}?", action.name);
        match status {
            429 => (FailureKind::Throttled, reason),
            500.. => (FailureKind::Passing, reason),
            _ => (FailureKind::Other, reason),
        }
    }

    fn is_about_the_clock(&self, code: &str) -> bool {
        matches!(
            code,
            "RequestTimeTooSkewed"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "RequestExpired"
                | "RequestInTheFuture"
                | "AuthFailure"
        )
    }

    fn who_denied(&self, action: Action) -> String {
        let Action { service, name } = action;
        for (mark, whose) in [
            ("service control policy", "an organization's service control policy"),
            ("resource control policy", "an organization's resource control policy"),
            ("permissions boundary", "a permissions boundary"),
            ("session policy", "a session policy"),
        ] {
            if self.message.contains(mark) {
                return format!("{service}:{name} is denied by {whose}");
            }
        }
        if action == ASSUME_ROLE {
            return "it is not there, does not trust the caller, or wants another external id".to_owned();
        }
        format!("permission for {service}:{name} is missing or denied")
    }
}

/// How far this machine's clock is ahead of the response's `Date`, in seconds, if that is too far.
fn skew(response: &HttpResponse, now: Timestamp) -> Option<i64> {
    let date = response.headers().get("date")?;
    let theirs = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let ahead = now.as_second() - theirs.as_second();
    (ahead.abs() > SKEW_SECONDS).then_some(ahead)
}

fn clock_is_off(seconds: i64) -> String {
    let way = if seconds > 0 { "ahead of" } else { "behind" };
    let (amount, unit) = match seconds.abs() {
        off @ 0..7_200 => (off / 60, "minutes"),
        off => (off / 3_600, "hours"),
    };
    format!("this machine's clock is {amount} {unit} {way} AWS's: set it right and try again")
}

/// The first cause of a kind, the error itself among them.
#[must_use]
pub fn cause<'a, Kind: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a Kind> {
    causes(error).find_map(|inner| inner.downcast_ref())
}

/// An error and its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
}

/// An error with its causes, each said once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    for inner in causes(error) {
        let text = inner.to_string();
        if !told.iter().any(|before| before.contains(&text)) {
            told.push(text);
        }
    }
    told.join(": ")
}

/// AWS's messages hold text of others: one line, no control characters, not endless.
fn clean(text: &str) -> String {
    const LONGEST: usize = 600;
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", plain.get(..end).unwrap_or_default()),
        None => plain,
    }
}
