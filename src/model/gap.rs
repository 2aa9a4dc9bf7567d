//! What was not read, and why. A gap is part of the result: "unknown" is not "clean".

use super::event_log::Hole;
use super::failure::Failure;
use super::ids::{AccountId, Region};
use super::place::Place;

/// One thing that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The account it belongs to, where that is known.
    pub account: Option<AccountId>,
    /// The Region, where there is one.
    pub region: Option<Region>,
    /// The API action that failed, such as `DescribeImageAttribute`.
    pub call: String,
    /// What it was about, such as an image id or a role's ARN; may be empty.
    pub subject: String,
    /// The reason in words.
    pub reason: String,
    /// AWS's error code, where it gave one.
    pub error_code: Option<String>,
    /// Who answers for it, where the policy expects it; then it does not make a run incomplete.
    pub expected_by: Option<String>,
}

/// The `call` of a gap in the log of events.
pub const EVENTS: &str = "events";

impl Gap {
    /// The gap that a hole in the log of events is.
    #[must_use]
    pub fn in_events(hole: &Hole) -> Self {
        let place = hole.place.as_ref();
        Self {
            subject: hole.subject.clone(),
            ..Self::new(
                place.map(|place| place.account),
                place.map(|place| &place.region),
                EVENTS,
                &hole.reason,
            )
        }
    }

    /// A gap with a reason of our own: nothing that AWS refused.
    #[must_use]
    pub fn new(account: Option<AccountId>, region: Option<&Region>, call: &str, reason: &str) -> Self {
        Self {
            account,
            region: region.cloned(),
            call: call.to_owned(),
            subject: String::new(),
            reason: reason.to_owned(),
            error_code: None,
            expected_by: None,
        }
    }
}

impl Gap {
    /// The gap a failed call in a place leaves.
    #[must_use]
    pub fn in_place(place: &Place, subject: &str, failure: &Failure) -> Self {
        Self { region: Some(place.region.clone()), ..Self::in_account(place.account, subject, failure) }
    }

    /// The gap a failed call for a whole account leaves.
    #[must_use]
    pub fn in_account(account: AccountId, subject: &str, failure: &Failure) -> Self {
        Self {
            account: Some(account),
            region: None,
            call: failure.call.to_owned(),
            subject: subject.to_owned(),
            reason: failure.reason.clone(),
            error_code: failure.code.clone(),
            expected_by: None,
        }
    }
}
