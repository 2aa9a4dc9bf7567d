//! What is taken back and given again: what holds a grant, and what became of it.

use std::fmt;

use super::ids::{ImageId, SnapshotId};
use super::place::Place;
use super::share::words;

/// What holds grants: an image, or a snapshot that backs one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The owner's account and Region.
    pub place: Place,
    /// The image.
    pub image: ImageId,
    /// The snapshot that backs it, where that is meant and not the image.
    pub snapshot: Option<SnapshotId>,
}

impl Target {
    /// The id of what holds the grants.
    #[must_use]
    pub fn id(&self) -> &str {
        self.snapshot.as_ref().map_or(self.image.as_str(), SnapshotId::as_str)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.snapshot {
            Some(snapshot) => write!(f, "{} {snapshot} (of {})", self.place, self.image),
            None => write!(f, "{} {}", self.place, self.image),
        }
    }
}

/// What became of a grant that a plan names, or that an undo is to restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// It was taken back, and a later read showed that.
    Revoked,
    /// It was given again, and a later read showed that.
    Restored,
    /// It did not stand any more when it was looked at.
    AlreadyGone,
    /// It stood already when it was to be given again.
    AlreadyThere,
    /// What held it is not there any more.
    TargetGone,
    /// It is not unauthorized any more, and stays.
    Kept,
    /// It was not chosen, and stays.
    NotChosen,
    /// Nothing was changed: a trial, in which AWS would have allowed it.
    WouldRevoke,
    /// It could not be done, or not be verified.
    Failed,
    /// The run ended before it was its turn, or while it was.
    NotDone,
}

words!(Ending {
    Revoked => "revoked",
    Restored => "restored",
    AlreadyGone => "already_gone",
    AlreadyThere => "already_there",
    TargetGone => "target_gone",
    Kept => "no_longer_unauthorized",
    NotChosen => "not_chosen",
    WouldRevoke => "would_revoke",
    Failed => "failed",
    NotDone => "not_done",
});

impl Ending {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(self) -> bool {
        !matches!(self, Self::Failed | Self::NotDone)
    }
}

/// A row of `remediation.csv`: one grant, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemediationRow {
    /// The SHA-256 by which the plan is known.
    pub plan: String,
    /// The finding that the plan goes by.
    pub finding_id: String,
    /// What held the grant.
    pub target: Target,
    /// The grantee's kind and text.
    pub grantee: (String, String),
    /// What became of it.
    pub ending: Ending,
    /// All grants before, as `kind:text`.
    pub before: Vec<String>,
    /// All grants after.
    pub after: Vec<String>,
    /// The ARN of whoever did it.
    pub by: String,
    /// The ARNs of those who approved it.
    pub approved_by: Vec<String>,
    /// The ticket that the plan names.
    pub ticket: String,
    /// When, as RFC 3339 text.
    pub at: String,
    /// Whether a later read showed it.
    pub verified: bool,
    /// Why it is so, where that needs a reason.
    pub reason: String,
}
