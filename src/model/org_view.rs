//! Gives every grantee its relation. Nothing is called `external` on a guess.

use super::arn::OrganizationArn;
use super::ids::AccountId;
use super::organization::{AccountList, Member, Membership};
use super::share::Relation;

/// The organization as seen from the caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgView {
    home: AccountId,
    membership: Membership,
}

impl OrgView {
    /// The view from `home`, the caller's account.
    #[must_use]
    pub fn new(home: AccountId, membership: Membership) -> Self {
        Self { home, membership }
    }

    /// The caller's account.
    #[must_use]
    pub fn home(&self) -> AccountId {
        self.home
    }

    /// What is known of the organization.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// The account, where the organization's list names it.
    #[must_use]
    pub fn member(&self, id: AccountId) -> Option<&Member> {
        self.membership.member(id)
    }

    /// Whether the list of accounts can tell who is no member.
    #[must_use]
    pub fn lists_all(&self) -> bool {
        match &self.membership {
            Membership::NotInOrganization => true,
            Membership::NotAsked => false,
            Membership::In { accounts, .. } => accounts.incomplete.is_none(),
        }
    }

    /// The same view, knowing that these accounts were members and left. One that is listed came back.
    #[must_use]
    pub fn knowing_left(mut self, left: impl Iterator<Item = AccountId>) -> Self {
        if let Membership::In { accounts, .. } = &mut self.membership {
            let AccountList { members, left: known, .. } = accounts;
            known.extend(left.filter(|account| !members.contains_key(account)));
        }
        self
    }

    /// The account's name, or nothing where it is not known.
    #[must_use]
    pub fn name(&self, id: AccountId) -> &str {
        self.member(id).map_or("", |member| &member.name)
    }

    /// What `grantee` is to an image of `owner`.
    #[must_use]
    pub fn relation_of_account(&self, owner: AccountId, grantee: AccountId) -> Relation {
        if grantee == owner {
            return Relation::OwnAccount;
        }
        match &self.membership {
            Membership::NotInOrganization => Relation::External,
            Membership::NotAsked => Relation::Unknown,
            Membership::In { accounts, .. } => self.relation_in(accounts, grantee),
        }
    }

    fn relation_in(&self, accounts: &AccountList, grantee: AccountId) -> Relation {
        if let Some(member) = accounts.members.get(&grantee) {
            return if member.state.is_suspended() { Relation::SuspendedMember } else { Relation::Member };
        }
        // The caller is in its own organization, whatever the list says.
        if grantee == self.home {
            Relation::Member
        } else if accounts.incomplete.is_some() {
            Relation::Unknown
        } else if accounts.left.contains(&grantee) {
            Relation::FormerMember
        } else {
            Relation::External
        }
    }

    /// What an organization (or one of its units) is to us.
    #[must_use]
    pub fn relation_of_organization(&self, grantee: &OrganizationArn) -> Relation {
        match &self.membership {
            Membership::NotInOrganization => Relation::ForeignOrganization,
            Membership::NotAsked | Membership::In { organization: None, .. } => Relation::Unknown,
            Membership::In { organization: Some(own), .. } => {
                if grantee.organization != own.organization {
                    Relation::ForeignOrganization
                } else if grantee == own {
                    Relation::OwnOrganization
                } else {
                    // Our organization's id under somebody else's account: AWS writes no such ARN.
                    Relation::Unknown
                }
            }
        }
    }
}
