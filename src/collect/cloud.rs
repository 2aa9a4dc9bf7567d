//! The world as a trait: AWS through the SDK, or whatever a test puts in its place.

use std::collections::BTreeMap;
use std::future::Future;

use crate::model::arn::OrganizationArn;
use crate::model::caller::Caller;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::ids::{AccountId, ImageId, OuId, Region, SnapshotId};
use crate::model::image::Image;
use crate::model::organization::Member;
use crate::model::place::{BlockPublicAccess, Place};

/// One page of a list, and where the next begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What the page holds.
    pub items: Vec<T>,
    /// The token of the next page; `None` at the end.
    pub next: Option<String>,
}

/// An image as listed, or the raw id of one that does not parse.
pub type ListedImage = Result<Image, String>;

/// What Organizations says of the caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationAnswer {
    /// It is in this organization.
    In(OrganizationArn),
    /// It is in none.
    NotInOrganization,
}

/// A Region, and whether the account has it enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionState {
    /// The Region.
    pub region: Region,
    /// Whether it can be used there.
    pub enabled: bool,
}

/// What a scan asks of AWS. Every method is one call, or the pages of one.
pub trait Cloud: Sync {
    /// The organization the caller's account is in.
    fn organization(&self) -> impl Future<Output = Result<OrganizationAnswer, Failure>> + Send;

    /// One page of the organization's accounts. Entries that do not parse come as their raw id.
    fn accounts(
        &self,
        token: Option<String>,
    ) -> impl Future<Output = Result<Page<Result<Member, String>>, Failure>> + Send;

    /// The ids of the organization's roots.
    fn roots(&self) -> impl Future<Output = Result<Vec<String>, Failure>> + Send;

    /// The organizational units right under a root or unit.
    fn units_under(&self, parent: &str) -> impl Future<Output = Result<Vec<OuId>, Failure>> + Send;

    /// The accounts right under a root or unit.
    fn accounts_under(&self, parent: &str) -> impl Future<Output = Result<Vec<AccountId>, Failure>> + Send;

    /// All Regions, and which of them the account has enabled. Opens the account: a role that cannot
    /// be assumed fails here.
    fn regions(
        &self,
        caller: &Caller,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<RegionState>, Failure>> + Send;

    /// Opens a place for the calls below: a role that cannot be assumed fails here, once.
    fn open(&self, caller: &Caller, place: &Place) -> impl Future<Output = Result<(), Failure>> + Send;

    /// One page of the images that the place's account owns, disabled ones too.
    fn images(
        &self,
        caller: &Caller,
        place: &Place,
        token: Option<String>,
    ) -> impl Future<Output = Result<Page<ListedImage>, Failure>> + Send;

    /// Who may launch an image.
    fn grantees(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> impl Future<Output = Result<Vec<Grantee>, Failure>> + Send;

    /// Looks one image up again: `None` when it is gone.
    fn look_up(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> impl Future<Output = Result<Option<Image>, Failure>> + Send;

    /// Who may make volumes of a snapshot. What has no answer of its own says that it cannot tell.
    fn snapshot_grantees(
        &self,
        caller: &Caller,
        place: &Place,
        snapshot: &SnapshotId,
    ) -> impl Future<Output = Result<Vec<Grantee>, Failure>> + Send {
        let _ = (caller, place);
        std::future::ready(Err(Failure {
            call: "DescribeSnapshotAttribute",
            kind: FailureKind::Other,
            code: None,
            reason: format!("nothing is known of {snapshot} here"),
        }))
    }

    /// Whether new public shares are refused in a place.
    fn block_public_access(
        &self,
        caller: &Caller,
        place: &Place,
    ) -> impl Future<Output = Result<BlockPublicAccess, Failure>> + Send;

    /// A place will not be asked again; what is held for it can go.
    fn done_with(&self, place: &Place);

    /// Requests sent so far, by API action, retries included.
    fn sent(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }
}
