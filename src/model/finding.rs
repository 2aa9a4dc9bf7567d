//! A finding: one thing that somebody has to act on, with an id that stays the same from run to run.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::grantee::Grantee;
use super::ids::{AccountId, Region};
use super::image::Image;
use super::rule::RuleMeta;
use super::share::{Relation, words};

/// How bad it is. The order is the order of the words: `info` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

words!(Severity {
    Info => "info",
    Low => "low",
    Medium => "medium",
    High => "high",
    Critical => "critical",
});

/// Whether a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It stands, and nobody approved it.
    Open,
}

words!(Status { Open => "open" });

/// How sure it is who made a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribution {
    /// No event was looked for.
    NotSearched,
}

words!(Attribution { NotSearched => "not_searched" });

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that made it.
    pub rule: &'static RuleMeta,
    /// How bad it is here.
    pub severity: Severity,
    /// Whether it stands.
    pub status: Status,
    /// The account it is about.
    pub account: AccountId,
    /// The Region; `None` where it is about the account in several.
    pub region: Option<Region>,
    /// The Regions it speaks of, where it is about more than one.
    pub regions: Vec<Region>,
    /// The image, if it is about one.
    pub image: Option<Arc<Image>>,
    /// Who was let in, if it is about a grant.
    pub grantee: Option<Grantee>,
    /// What the grantee is to us.
    pub relation: Option<Relation>,
    /// When a run first reported it: this run, as long as there is no earlier one to compare with.
    pub first_seen: Timestamp,
    /// What to do about it, with the command where there is one.
    pub remediation: String,
}

impl Finding {
    /// The id: the same in every run for the same rule, account, Region, image, grantee and subject.
    #[must_use]
    pub fn id(&self) -> String {
        let image = self.image.as_ref().map_or("", |image| image.id.as_str());
        let region = self.region.as_ref().map_or("", Region::as_str);
        let (word, label) =
            self.grantee.as_ref().map_or(("", String::new()), |grantee| (grantee.word(), grantee.label()));
        let account = self.account.to_string();
        hash_id("f-", &[self.rule.id, &account, region, image, word, &label])
    }
}

/// A short name for a list of texts: `prefix` and 32 hex digits of SHA-256 over the texts, each
/// behind its length so that no two lists read alike.
#[must_use]
pub fn hash_id(prefix: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut id = prefix.to_owned();
    for byte in hash.finalize().iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}
