//! One AWS account: `userId`.

use super::{GranteeKind, Kind};
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Account(AccountId);

pub(super) fn parse(id: &str) -> Option<Kind> {
    id.parse().ok().map(|id| Kind::Account(Account(id)))
}

impl GranteeKind for Account {
    fn word(&self) -> &'static str {
        "account"
    }
    fn label(&self) -> String {
        self.0.to_string()
    }
    fn relation(&self, owner: AccountId, org: &OrgView) -> Relation {
        org.relation_of_account(owner, self.0)
    }
    fn removal(&self) -> Option<String> {
        Some(format!("{{UserId={}}}", self.0))
    }
    fn account(&self) -> Option<AccountId> {
        Some(self.0)
    }
}
