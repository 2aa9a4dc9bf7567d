//! Where a grant comes from: who made it, when, and how sure that is.

use std::sync::Arc;

use jiff::Timestamp;

use super::event::TrailEvent;
use super::share::words;

/// How sure it is who made a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribution {
    /// The first successful add since this grant last ended, with the log unbroken from there.
    Exact,
    /// An add, but the log does not reach back to the grant's beginning.
    EarliestSeen,
    /// More than one call could have begun it.
    Ambiguous,
    /// No add was found, and nothing proves that the grant is older than the log's delay.
    Pending,
    /// No add was found, and the image is older than the log.
    PredatesLog,
    /// A part of the log that matters could not be read.
    LogGap,
    /// The log covers the image's life, and no add is in it.
    Missing,
    /// No event was looked for.
    NotSearched,
}

words!(Attribution {
    Exact => "exact",
    EarliestSeen => "earliest_seen",
    Ambiguous => "ambiguous",
    Pending => "pending",
    PredatesLog => "predates_log",
    LogGap => "log_gap",
    Missing => "missing",
    NotSearched => "not_searched",
});

/// The call that made a grant, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// When.
    pub at: Option<Timestamp>,
    /// Who: an ARN, else a service, else an account.
    pub by: String,
    /// CloudTrail's word for what that is.
    pub by_type: String,
    /// From where.
    pub source_ip: String,
    /// With what.
    pub user_agent: String,
    /// The service that called on somebody's behalf.
    pub invoked_by: String,
    /// Whether a second factor was given, as written.
    pub mfa: String,
    /// Whether it was done in the console; `None` where nothing says so.
    pub console: Option<bool>,
    /// The event's id.
    pub event_id: String,
}

impl Origin {
    /// What an event says of a grant's origin.
    #[must_use]
    pub fn of(event: &TrailEvent) -> Self {
        Self {
            at: event.time,
            by: event.actor.name().to_owned(),
            by_type: event.actor.kind.clone(),
            source_ip: event.source_ip.clone(),
            user_agent: event.user_agent.clone(),
            invoked_by: event.actor.invoked_by.clone(),
            mfa: event.actor.mfa.clone(),
            console: event.actor.console,
            event_id: event.id.clone(),
        }
    }
}

/// Where a grant comes from, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// How sure it is.
    pub attribution: Attribution,
    /// The call that made it, or may have.
    pub origin: Option<Arc<Origin>>,
    /// Whether the grantee was an account of the organization then; `None` where that is not known.
    pub member_then: Option<bool>,
}

impl Trace {
    /// A trace that leads nowhere.
    #[must_use]
    pub fn without_origin(attribution: Attribution) -> Self {
        Self { attribution, origin: None, member_then: None }
    }

    /// No event was looked for.
    #[must_use]
    pub fn not_searched() -> Self {
        Self::without_origin(Attribution::NotSearched)
    }
}
