//! The policy: which shares are meant, by whom, why, and until when. A checked policy cannot be wider than
//! it is written. docs/policy.md describes the file.

mod apply;
mod check;
mod document;
mod entries;
mod scope;
mod suggest;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::finding::Severity;
use crate::model::ids::{AccountId, OuId, Region};

pub(crate) use apply::{EntryView, Usage};
pub use check::parse;
pub use document::PolicyProblem;
pub use suggest::{Candidate, suggest};
pub use template::TEMPLATE;

use scope::Scope;

/// A checked policy. The empty one approves nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    entries: Vec<Entry>,
    expected_gaps: Vec<ExpectedGap>,
    boundaries: Vec<Boundary>,
    severities: BTreeMap<String, Severity>,
    family_tag: Option<String>,
}

/// Which section an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntryKind {
    Trusted,
    Exception,
    IntendedPublic,
}

impl EntryKind {
    fn of(section: &str) -> Self {
        match section {
            "trusted" => Self::Trusted,
            "intended_public" => Self::IntendedPublic,
            _ => Self::Exception,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Exception => "exception",
            Self::IntendedPublic => "intended_public",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::Trusted => "[[trusted]]",
            Self::Exception => "[[exception]]",
            Self::IntendedPublic => "[[intended_public]]",
        }
    }
}

/// The id that an exception is tied to, in the place of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tie {
    Finding(String),
    Group(String),
    Event(String),
}

impl Tie {
    fn words(&self) -> String {
        match self {
            Self::Finding(id) => format!("finding_id={id}"),
            Self::Group(id) => format!("group_id={id}"),
            Self::Event(id) => format!("event_id={id}"),
        }
    }
}

/// Who signed for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Approval {
    owner: String,
    reason: String,
    /// It holds before this.
    expires: Timestamp,
    approver: Option<String>,
    ticket: Option<String>,
    approved_at: Option<Timestamp>,
}

/// An entry that lets something pass.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    id: String,
    kind: EntryKind,
    name: Option<String>,
    scope: Scope,
    tie: Option<Tie>,
    words: String,
    approval: Approval,
}

/// Something that is known not to be readable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ExpectedGap {
    accounts: BTreeSet<AccountId>,
    regions: Option<BTreeSet<Region>>,
    calls: Option<BTreeSet<String>>,
    owner: String,
    expires: Timestamp,
}

/// Accounts or units that may not share into others of our own organization.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Boundary {
    name: String,
    accounts: BTreeSet<AccountId>,
    units: BTreeSet<OuId>,
}
