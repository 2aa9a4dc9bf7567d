//! Everybody: `group=all`. The only group that AWS defines.

use super::{GranteeKind, Kind};
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Everybody;

pub(super) fn parse(group: &str) -> Option<Kind> {
    (group == "all").then_some(Kind::Public(Everybody))
}

impl GranteeKind for Everybody {
    fn word(&self) -> &'static str {
        "public"
    }
    fn label(&self) -> String {
        "all".to_owned()
    }
    fn relation(&self, _: AccountId, _: &OrgView) -> Relation {
        Relation::Public
    }
    fn removal(&self) -> Option<String> {
        Some("{Group=all}".to_owned())
    }
}
