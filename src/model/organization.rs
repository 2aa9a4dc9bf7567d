//! The organization as AWS Organizations tells it, and how far that can be relied on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::arn::OrganizationArn;
use super::ids::{AccountId, OuId};

/// The life cycle of a member account: `Account.State`, or what `Account.Status` said before it.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// In use.
    Active,
    /// Invited or created, not yet in use.
    PendingActivation,
    /// Suspended by AWS.
    Suspended,
    /// On its way to being closed.
    PendingClosure,
    /// Closed.
    Closed,
    /// A word that AWS has added since; taken for a member in use.
    Other(String),
}

impl AccountState {
    /// Reads AWS's word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "ACTIVE" => Self::Active,
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
            Self::Other(word) => word,
        }
    }

    /// Suspended, being closed or closed: it can launch nothing now, and still holds its grants.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        matches!(self, Self::Suspended | Self::PendingClosure | Self::Closed)
    }
}

/// One account of the organization. Its e-mail address is personal data and stays out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Its name, as its administrators wrote it.
    pub name: String,
    /// Where it is in its life.
    pub state: AccountState,
    /// When it joined: a grant older than this was external when made.
    pub joined_at: Option<Timestamp>,
    /// The organizational units above it, outermost first; `None` where AWS did not say.
    pub units: Option<Vec<OuId>>,
    /// The organization, read from the account's own ARN.
    pub organization: Option<OrganizationArn>,
}

/// The accounts of an organization, and whether that is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountList {
    /// Every account that was listed.
    pub members: BTreeMap<AccountId, Member>,
    /// Why this list cannot tell who is *not* a member; `None` when it can.
    pub incomplete: Option<String>,
    /// Accounts that a complete earlier list of this run named and this one does not.
    pub left: BTreeSet<AccountId>,
}

/// What is known of the organization that the caller's account belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// AWS says so: the caller's account is in no organization.
    NotInOrganization,
    /// The caller asked not to look, so nothing is known.
    NotAsked,
    /// In an organization, or perhaps in one: what could be read of it.
    In {
        /// The organization's ARN, if it could be learned.
        organization: Option<OrganizationArn>,
        /// Its accounts, as far as they could be read.
        accounts: AccountList,
        /// When the list was read (or, for a file, the date it states).
        as_of: Option<Timestamp>,
    },
}

impl Membership {
    /// The organization, where it is known.
    #[must_use]
    pub fn organization(&self) -> Option<&OrganizationArn> {
        match self {
            Self::In { organization, .. } => organization.as_ref(),
            Self::NotInOrganization | Self::NotAsked => None,
        }
    }

    /// The accounts that could be listed.
    #[must_use]
    pub fn accounts(&self) -> Option<&AccountList> {
        match self {
            Self::In { accounts, .. } => Some(accounts),
            Self::NotInOrganization | Self::NotAsked => None,
        }
    }

    /// The account, where the list names it.
    #[must_use]
    pub fn member(&self, id: AccountId) -> Option<&Member> {
        self.accounts().and_then(|list| list.members.get(&id))
    }
}
