//! All token buckets of a run, by account, Region and action, and the count of requests sent.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::action::Action;
use super::bucket::Bucket;
use crate::model::place::Place;
use crate::model::quota::{Quota, documented};

/// Tokens that we leave in AWS's bucket: requests do not all travel as fast, and two that were sent apart
/// may arrive together. At 20 a second this is worth 50 ms.
const MARGIN: f64 = 1.0;

/// Hands out request tokens.
#[derive(Debug)]
pub struct Pacer {
    share: f64,
    raised: BTreeMap<String, Quota>,
    buckets: Mutex<HashMap<(Place, Action), Arc<Bucket>>>,
    sent: Mutex<BTreeMap<&'static str, u64>>,
}

impl Pacer {
    /// `share` is the part of AWS's quota that we take (0 to 1); `raised` the actions for which AWS
    /// gave this organization another quota.
    #[must_use]
    pub fn new(share: f64, raised: BTreeMap<String, Quota>) -> Self {
        Self { share, raised, buckets: Mutex::default(), sent: Mutex::default() }
    }

    /// The bucket of an action in a place.
    #[must_use]
    pub fn bucket(&self, place: &Place, action: Action) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry((place.clone(), action)).or_insert_with(|| {
            let quota = self.raised.get(action.name).copied().unwrap_or_else(|| documented(action.name));
            let ours = Quota {
                bucket: (quota.bucket * self.share - MARGIN).max(1.0),
                refill: quota.refill * self.share,
            };
            Arc::new(Bucket::new(ours))
        });
        Arc::clone(bucket)
    }

    /// Forgets a place's buckets when it is done with.
    pub fn forget(&self, place: &Place) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.retain(|(of, _), _| of != place);
    }

    pub(super) fn count(&self, action: Action) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        *sent.entry(action.name).or_default() += 1;
    }

    /// Requests sent so far, by action, retries included.
    #[must_use]
    pub fn sent(&self) -> BTreeMap<&'static str, u64> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
