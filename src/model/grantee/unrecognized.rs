//! A launch permission of no kind that AWS documents: kept as met, never dropped, never judged clean.

use super::{GranteeKind, Kind};
use crate::model::finding::hash_id;
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::share::Relation;

/// More of a stranger's text than this is cut, with a mark that it was.
const LONGEST: usize = 512;
/// What stands behind a text that was cut: a mark of two characters, and 32 of a hash.
const MARK: usize = 34;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Unrecognized {
    name: String,
    value: String,
}

pub(super) fn make(name: &str, value: &str) -> Kind {
    Kind::Unrecognized(Unrecognized { name: clip(name), value: clip(value) })
}

/// A text of bounded length. One that is cut carries a hash of all of it, so that two never look the same; a
/// text that was cut before is left as it is.
fn clip(text: &str) -> String {
    if text.chars().count() <= LONGEST + MARK {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    hash_id(&format!("{start}…#"), &[text])
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
