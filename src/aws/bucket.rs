//! A token bucket as AWS keeps one for each account, Region and API action.
//! <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
//!
//! It runs on tokio's clock. A throttle answer says that somebody else drinks from the same bucket:
//! the rate is lowered, and successes bring it back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::quota::Quota;

/// The least part of its rate that a bucket is slowed to.
const SLOWEST: f64 = 0.05;
/// What one success gives back of the rate.
const RECOVERY: f64 = 0.02;
/// Answers to requests that were under way together count as one slow-down.
const ONE_SLOWDOWN: Duration = Duration::from_secs(1);

/// The tokens of one account, Region and action. Whoever waits is served in the order of asking.
#[derive(Debug)]
pub struct Bucket {
    quota: Quota,
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    scale: f64,
    filled_at: Instant,
    slowed_at: Option<Instant>,
}

impl Bucket {
    /// A full bucket. `quota` is our share of AWS's.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        let tokens = quota.bucket.max(1.0);
        let state = State { tokens, scale: 1.0, filled_at: Instant::now(), slowed_at: None };
        Self { quota, turn: tokio::sync::Mutex::new(()), state: Mutex::new(state) }
    }

    /// Takes one token, waiting for it if need be.
    pub async fn take(&self) {
        self.take_when(|| std::future::ready(())).await;
    }

    /// Takes one token at the moment when all else is `ready`, and gives what that gave. A token that was
    /// taken early and spent late would come to AWS together with those that flowed in meanwhile. Whoever
    /// asked first waits for both; so a bucket waits for one thing at a time, and none crowds out another.
    pub async fn take_when<Ready: Future>(&self, ready: impl Fn() -> Ready) -> Ready::Output {
        let _turn = self.turn.lock().await;
        loop {
            while let Some(wait) = self.shortfall() {
                tokio::time::sleep(wait).await;
            }
            let held = ready().await;
            // AWS may have refused another request meanwhile, and then the bucket is empty again.
            if self.spend() {
                return held;
            }
        }
    }

    /// How long until there is a token; `None` where there is one.
    fn shortfall(&self) -> Option<Duration> {
        let state = self.refilled();
        if state.tokens >= 1.0 {
            return None;
        }
        let seconds = (1.0 - state.tokens) / (self.quota.refill * state.scale);
        // Rounded up to whole milliseconds, tokio's grain, so that one sleep is enough.
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(60));
        Some(wait.max(Duration::from_millis(1)))
    }

    /// Spends a token if there is one.
    fn spend(&self) -> bool {
        let mut state = self.refilled();
        let there = state.tokens >= 1.0;
        if there {
            state.tokens -= 1.0;
        }
        there
    }

    /// The bucket with what has flowed into it by now.
    fn refilled(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let gained = now.duration_since(state.filled_at).as_secs_f64() * self.quota.refill * state.scale;
        state.tokens = (state.tokens + gained).min(self.quota.bucket.max(1.0));
        state.filled_at = now;
        state
    }

    /// AWS refused a request for its rate: the bucket is empty there, so it is here.
    pub fn throttled(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.tokens = 0.0;
        state.filled_at = now;
        if state.slowed_at.is_none_or(|at| now.duration_since(at) >= ONE_SLOWDOWN) {
            state.scale = (state.scale * 0.7).max(SLOWEST);
            state.slowed_at = Some(now);
        }
    }

    /// AWS answered: the rate recovers.
    pub fn went_well(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.scale = (state.scale + RECOVERY).min(1.0);
    }
}
