//! What was read, place by place: the part of a report that says how far "nothing found" reaches.

use super::event_log::Window;
use super::ids::{AccountId, Partition, Region};
use super::share::words;

/// How far a place was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverageStatus {
    /// All of it.
    Read,
    /// Some of it; the gaps say what is missing.
    Partial,
    /// None of it.
    Unread,
    /// There is nothing to read: a suspended account, a Region not enabled there.
    NotApplicable,
    /// The caller did not choose it.
    NotSelected,
}

words!(CoverageStatus {
    Read => "read",
    Partial => "partial",
    Unread => "unread",
    NotApplicable => "not_applicable",
    NotSelected => "not_selected",
});

/// One row of coverage: a place, or an account whose Regions were not looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The account.
    pub account: AccountId,
    /// Its name, where it is known.
    pub account_name: String,
    /// AWS's word for the account's state, where it is known.
    pub account_state: String,
    /// The partition.
    pub partition: Partition,
    /// The Region; `None` for the account as a whole.
    pub region: Option<Region>,
    /// How far it was read.
    pub status: CoverageStatus,
    /// What was counted there; `None` where nothing was tried.
    pub counts: Option<Counts>,
    /// The time of which events were read there, where any were.
    pub events: Option<Window>,
}

/// What was counted in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Images that DescribeImages listed.
    pub images_listed: u64,
    /// Images that were gone (deregistered) before their permissions were read.
    pub images_gone: u64,
    /// Images whose launch permissions are known.
    pub permissions_read: u64,
    /// Grants found.
    pub grants: u64,
}

impl Counts {
    /// Adds what was counted in a part of the place.
    pub fn add(&mut self, part: Self) {
        self.images_listed += part.images_listed;
        self.images_gone += part.images_gone;
        self.permissions_read += part.permissions_read;
        self.grants += part.grants;
    }
}

impl Coverage {
    /// Whether all there is to read was read. A Region that is not enabled holds nothing that can be used; an
    /// account that is suspended may, and it was not read.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self.status {
            CoverageStatus::Read => true,
            CoverageStatus::NotApplicable => self.region.is_some(),
            CoverageStatus::Partial | CoverageStatus::Unread | CoverageStatus::NotSelected => false,
        }
    }

    /// The order of rows: account, then Region.
    #[must_use]
    pub fn order(&self) -> (AccountId, Option<&Region>) {
        (self.account, self.region.as_ref())
    }
}
