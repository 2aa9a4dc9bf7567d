//! A finding: one thing that somebody has to act on, with an id that stays the same from run to run.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::grantee::Grantee;
use super::ids::{AccountId, Region, SnapshotId};
use super::image::Image;
use super::rule::{Basis, RuleMeta};
use super::share::{Relation, words};
use super::trace::Trace;

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
    /// It stands, and the policy approves it.
    Excepted,
    /// It stood in an earlier run, and this run proved that it does not any more.
    Resolved,
    /// It stood in an earlier run, and this run did not read what it is about.
    NotAssessed,
}

words!(Status {
    Open => "open",
    Excepted => "excepted",
    Resolved => "resolved",
    NotAssessed => "not_assessed",
});

/// Why a finding does not stand any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// The grant was taken back.
    Revoked,
    /// The image is gone.
    Deregistered,
    /// The image is disabled, which takes its grants away.
    Disabled,
    /// The policy approves it now.
    Excepted,
    /// The grantee is a member now.
    Joined,
    /// The same grant is another rule's now.
    Reclassified,
    /// The policy or what it is about changed.
    PolicyChanged,
}

words!(Resolution {
    Revoked => "revoked",
    Deregistered => "deregistered",
    Disabled => "disabled",
    Excepted => "excepted",
    Joined => "joined",
    Reclassified => "reclassified",
    PolicyChanged => "policy_changed",
});

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that made it.
    pub rule: &'static RuleMeta,
    /// How bad it is here.
    pub severity: Severity,
    /// Whether it stands.
    pub status: Status,
    /// The account it is about; `None` where it is about none in particular.
    pub account: Option<AccountId>,
    /// The Region; `None` where it is about the account in several.
    pub region: Option<Region>,
    /// The Regions it speaks of, where it is about more than one.
    pub regions: Vec<Region>,
    /// The image, if it is about one.
    pub image: Option<Arc<Image>>,
    /// The image's snapshot, if it is about a grant of that and not of the image.
    pub snapshot: Option<SnapshotId>,
    /// Who was let in, if it is about a grant.
    pub grantee: Option<Grantee>,
    /// What the grantee is to us.
    pub relation: Option<Relation>,
    /// When a run first reported it: this run, as long as there is no earlier one to compare with.
    pub first_seen: Timestamp,
    /// What to do about it, where that is more than the rule's own advice; see [`Finding::remediation`].
    pub advice: Option<String>,
    /// What there is to know of this one besides, in sentences: they follow the advice.
    pub notes: Vec<String>,
    /// Where the grant comes from, if it is about one.
    pub trace: Option<Trace>,
    /// The rule's own subject: the event of a rule about events, the policy entry of one about the policy.
    pub subject: Option<String>,
    /// What belongs together in one story: rule, account, Region, grantee and image family.
    pub group_id: Option<String>,
    /// Who the grantee is, where that is known.
    pub grantee_name: String,
    /// The tool or service that seems to keep the image.
    pub managed_by: String,
    /// The entry of the policy that approves it, or that it is about.
    pub exception_id: Option<String>,
    /// When a run noticed that it does not stand any more.
    pub resolved_at: Option<Timestamp>,
    /// Why it does not.
    pub resolution: Option<Resolution>,
}

impl Finding {
    /// An open finding of `rule` about nothing yet.
    #[must_use]
    pub fn new(rule: &'static RuleMeta, first_seen: Timestamp) -> Self {
        Self {
            rule,
            severity: rule.severity,
            status: Status::Open,
            account: None,
            region: None,
            regions: Vec::new(),
            image: None,
            snapshot: None,
            grantee: None,
            relation: None,
            first_seen,
            advice: None,
            notes: Vec::new(),
            trace: None,
            subject: None,
            group_id: None,
            grantee_name: String::new(),
            managed_by: String::new(),
            exception_id: None,
            resolved_at: None,
            resolution: None,
        }
    }

    /// What to do about it: the rule's advice, with the command that takes back exactly this grant where there
    /// is one, and the notes. All that stands in the command was parsed, so nothing of it is anybody's free text.
    #[must_use]
    pub fn remediation(&self) -> Cow<'_, str> {
        if let Some(advice) = &self.advice {
            return Cow::Borrowed(advice);
        }
        let advice = match self.rule.basis {
            Basis::Inventory => self.removal(),
            // What events tell of may not stand any more.
            Basis::Events | Basis::Policy => None,
        };
        let advice = advice.map_or(Cow::Borrowed(self.rule.remediation), Cow::Owned);
        if self.notes.is_empty() { advice } else { Cow::Owned(format!("{advice} {}", self.notes.join(" "))) }
    }

    /// The rule's advice and the command.
    fn removal(&self) -> Option<String> {
        let (grantee, region, image) = (self.grantee.as_ref()?, self.region.as_ref()?, self.image.as_ref()?);
        if let Some(snapshot) = &self.snapshot {
            let removal = grantee.snapshot_removal()?;
            return Some(format!(
                "{} aws ec2 modify-snapshot-attribute --region {region} --snapshot-id {snapshot} --attribute \
                 createVolumePermission --operation-type remove {removal}",
                self.rule.remediation
            ));
        }
        let removal = grantee.removal()?;
        Some(format!(
            "{} aws ec2 modify-image-attribute --region {region} --image-id {} --launch-permission \
             'Remove=[{removal}]'",
            self.rule.remediation, image.id
        ))
    }

    /// The id: the same in every run for the same rule, account, Region, image, grantee and subject.
    #[must_use]
    pub fn id(&self) -> String {
        let image = self.image.as_ref().map_or("", |image| image.id.as_str());
        let region = self.region.as_ref().map_or("", Region::as_str);
        let (word, label) =
            self.grantee.as_ref().map_or(("", String::new()), |grantee| (grantee.word(), grantee.label()));
        let account = self.account.map(|account| account.to_string()).unwrap_or_default();
        let subject = self.subject.as_deref().unwrap_or_default();
        hash_id("f-", &[self.rule.id, &account, region, image, word, &label, subject])
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
