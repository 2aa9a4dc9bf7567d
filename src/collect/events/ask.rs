//! What is asked of a source of events, and by whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::aws::Aws;
use crate::collect::progress::Progress;
use crate::collect::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::event_log::Window;
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// Is told how a reading gets on, from several threads.
pub type SharedProgress = Arc<dyn Progress + Send + Sync>;

/// What is wanted of a source.
pub struct Ask<'a> {
    /// When the reading began, as AWS sees it.
    pub now: Timestamp,
    /// The clock of that: what is read hours later may not be there any more.
    pub clock: &'a Clock,
    /// The time. Sources that AWS answers for go by it; files are read wholly, and cut later.
    pub window: Window,
    /// The places whose events are wanted, for sources that are asked place by place.
    pub places: &'a [Place],
    /// Only events of these accounts, where the user chose some.
    pub accounts: &'a BTreeSet<AccountId>,
    /// Only events of these Regions, where the user chose some.
    pub regions: &'a BTreeSet<Region>,
    /// Where Organizations records what happens to accounts, where that is known. Its events are wanted even if the
    /// user chose other places.
    pub organization: Option<&'a Place>,
    /// The largest document that is read, unpacked, in bytes.
    pub max_file_bytes: usize,
    /// Whether the records themselves are kept.
    pub keeps_records: bool,
    /// Requests or files under way at once.
    pub at_once: usize,
    /// Ends the reading early.
    pub stop: &'a Stop,
    /// Is told how it gets on.
    pub progress: &'a SharedProgress,
}

impl Ask<'_> {
    /// Whether events of this account and Region are wanted.
    #[must_use]
    pub fn wants(&self, account: AccountId, region: &Region) -> bool {
        self.has_chosen(account) && (self.regions.is_empty() || self.regions.contains(region))
            || self.organization.is_some_and(|place| place.account == account && place.region == *region)
    }

    /// Whether events of any Region of this account are wanted.
    #[must_use]
    pub fn wants_account(&self, account: AccountId) -> bool {
        self.has_chosen(account) || self.organization.is_some_and(|place| place.account == account)
    }

    /// Whether the user did not leave this account aside.
    pub(super) fn has_chosen(&self, account: AccountId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(&account)
    }
}

/// A way into AWS, and who goes it.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// The session.
    pub aws: &'a Aws,
    /// The caller.
    pub caller: &'a Caller,
}

impl Reach<'_> {
    /// The place whose buckets the calls drink from that are of no member's place.
    #[must_use]
    pub fn home(&self) -> Place {
        self.aws.home_place(self.caller.account)
    }
}
