//! What the sandbox can be told to do wrong, and where.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::ids::{AccountId, ImageId, Region};

/// A way in which a request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Too many requests, says AWS.
    Throttle,
    /// A fault of AWS's own.
    ServerError,
    /// The answer breaks off half-way.
    Cut,
    /// The answer is late.
    Slow,
    /// The image is deregistered just before.
    Vanish,
    /// The image is somebody else's, says AWS.
    AuthFailure,
    /// There is no such image, says AWS.
    NotFound,
    /// The image can no longer be had, says AWS.
    Unavailable,
    /// The credentials have expired.
    Expired,
    /// A service control policy denies the Region.
    RegionDenied,
    /// The reads after a write do not show it yet.
    Stale,
    /// The change is made, and then AWS says that it failed.
    AfterChange,
    /// A call that only asks whether it may makes the change.
    DryRunIgnored,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Throttle,
        Self::ServerError,
        Self::Cut,
        Self::Slow,
        Self::Vanish,
        Self::AuthFailure,
        Self::NotFound,
        Self::Unavailable,
        Self::Expired,
        Self::RegionDenied,
        Self::Stale,
        Self::AfterChange,
        Self::DryRunIgnored,
    ];

    /// Its name in scenario files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::ServerError => "server_error",
            Self::Cut => "cut",
            Self::Slow => "slow",
            Self::Vanish => "vanish",
            Self::AuthFailure => "auth_failure",
            Self::NotFound => "not_found",
            Self::Unavailable => "unavailable",
            Self::Expired => "expired",
            Self::RegionDenied => "region_denied",
            Self::Stale => "stale",
            Self::AfterChange => "after_change",
            Self::DryRunIgnored => "dry_run_ignored",
        }
    }

    /// Whether it happens to one image, and so to calls that name one.
    #[must_use]
    pub fn is_of_an_image(self) -> bool {
        matches!(self, Self::Vanish | Self::AuthFailure | Self::NotFound | Self::Unavailable)
    }
}

/// A text that is no kind of fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0:?} is no kind of fault; those are {list}", list = FaultKind::ALL.map(FaultKind::word).join(", "))]
pub struct BadKind(String);

impl FromStr for FaultKind {
    type Err = BadKind;
    fn from_str(text: &str) -> Result<Self, BadKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(|| BadKind(text.to_owned()))
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Something that goes wrong, how often, and for which requests: all, but for what is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The part of those requests, in percent.
    pub percent: f64,
    /// Only this action.
    pub call: Option<String>,
    /// Only this account.
    pub account: Option<AccountId>,
    /// Only this Region.
    pub region: Option<Region>,
    /// Only this image.
    pub image: Option<ImageId>,
    /// How late a slow answer is.
    pub delay: Duration,
    /// How many reads of an image or a snapshot do not show a write.
    pub reads: u32,
    /// How often it happens before it is over; `None` for always.
    pub times: Option<u32>,
}

impl Fault {
    /// A fault of every request that it can happen to.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            percent: 100.0,
            call: None,
            account: None,
            region: None,
            image: None,
            delay: Duration::from_millis(1_000),
            reads: 3,
            times: None,
        }
    }
}
