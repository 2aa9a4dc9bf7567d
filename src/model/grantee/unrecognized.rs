//! A launch permission of no kind that AWS documents: kept as met, never dropped, never judged clean.

use super::{GranteeKind, Kind};
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

/// More of a stranger's text than this is cut, with a mark that it was.
const LONGEST: usize = 512;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Unrecognized {
    name: String,
    value: String,
}

pub(super) fn make(name: &str, value: &str) -> Kind {
    Kind::Unrecognized(Unrecognized { name: clip(name), value: clip(value) })
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl GranteeKind for Unrecognized {
    fn word(&self) -> &'static str {
        "unrecognized"
    }
    fn label(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
    fn relation(&self, _: AccountId, _: &OrgView) -> Relation {
        Relation::Unknown
    }
    fn removal(&self) -> Option<String> {
        None
    }
}
