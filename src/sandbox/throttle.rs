//! AWS's request limits: a bucket for each account, Region and action, on the real clock.
//! <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>

use std::collections::HashMap;
use std::time::Instant;

use crate::model::place::Place;
use crate::model::quota::documented;

/// The buckets.
#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<(Place, String), (f64, Instant)>);

impl Throttle {
    /// Takes a token if there is one.
    pub(super) fn admits(&mut self, place: &Place, action: &str) -> bool {
        let quota = documented(action);
        let now = Instant::now();
        let key = (place.clone(), action.to_owned());
        let (tokens, filled_at) = self.0.entry(key).or_insert((quota.bucket, now));
        let gained = now.duration_since(*filled_at).as_secs_f64() * quota.refill;
        *tokens = (*tokens + gained).min(quota.bucket);
        *filled_at = now;
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}
