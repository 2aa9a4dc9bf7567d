//! Why a call failed, in words a person understands.

/// What sort of failure it is, where that decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Permission was refused.
    Denied,
    /// The thing is not there any more.
    Gone,
    /// Too many requests.
    Throttled,
    /// A fault that may pass: 5xx, a cut or refused connection, a time-out.
    Passing,
    /// No credentials were found, or the provider of them failed.
    Credentials,
    /// The caller's account is in no organization.
    NotInOrganization,
    /// Anything else: trying again would not help.
    Other,
}

/// A call that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {reason}")]
pub struct Failure {
    /// The API action, such as `DescribeImages`.
    pub call: &'static str,
    /// What sort of failure.
    pub kind: FailureKind,
    /// AWS's error code, where it gave one.
    pub code: Option<String>,
    /// The reason in words.
    pub reason: String,
}
