//! What apply and undo ask of AWS: AWS through the SDK, or whatever a test puts in its place.

use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::remediation::Target;

/// What a call does with grantees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Takes their grants back.
    Remove,
    /// Gives them again.
    Add,
}

/// Reads and changes the grants of images and snapshots. Every method is one call.
pub trait Hands: Sync {
    /// The target's image as it is now; `None` when it is gone.
    fn image(&self, target: &Target) -> impl Future<Output = Result<Option<Image>, Failure>> + Send;

    /// All grants of a target.
    fn grants(&self, target: &Target) -> impl Future<Output = Result<Vec<Grantee>, Failure>> + Send;

    /// Changes grants: of these grantees and of no others. A failure tells whether it certainly changed nothing.
    fn change(
        &self,
        target: &Target,
        change: Change,
        grantees: &[Grantee],
    ) -> impl Future<Output = Result<(), Unchanged>> + Send;

    /// Asks whether a call that takes grants back would be allowed. It names only this grantee, which has no grant:
    /// were the call done nevertheless, nothing would change. Whether AWS said so, or did it.
    fn try_out(
        &self,
        target: &Target,
        harmless: &Grantee,
    ) -> impl Future<Output = Result<Trial, Failure>> + Send;

    /// Block public access in a place.
    fn block(&self, place: &Place) -> impl Future<Output = Result<BlockPublicAccess, Failure>> + Send;

    /// Switches it.
    fn switch(&self, place: &Place, on: bool) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A place will not be asked again; what is held for it can go.
    fn done_with(&self, place: &Place) {
        let _ = place;
    }
}

/// What came of trying out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// AWS would have done it.
    Allowed,
    /// The endpoint did it: it does not know of dry runs.
    Ignored,
}

/// A change that failed.
#[derive(Debug, Clone)]
pub struct Unchanged {
    /// Why.
    pub failure: Failure,
    /// Whether AWS refused it, so that it certainly changed nothing.
    pub is_certain: bool,
}

impl Unchanged {
    /// A failure of a call that was sent so many times: where it was sent again, an earlier one may have been done.
    #[must_use]
    pub fn after(sends: u32, failure: Failure) -> Self {
        let is_refusal = failure.code.is_some() && failure.kind != FailureKind::Passing;
        Self { is_certain: is_refusal && sends <= 1, failure }
    }
}
