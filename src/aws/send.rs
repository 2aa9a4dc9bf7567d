//! One call to AWS: a token for every send, our own retries, and a reason when it fails for good.
//! The SDK's own retries are off, so that one send is one token.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::action::{ASSUME_ROLE, Action};
use super::explain::explain;
use super::pacer::Pacer;
use crate::model::clock::Clock;
use crate::model::failure::{Failure, FailureKind};
use crate::model::place::Place;

/// Sends of one call while AWS says that there are too many. The bucket slows down with each.
const THROTTLED_SENDS: u32 = 30;
/// Sends of one call while it meets faults that may pass.
const FAULTY_SENDS: u32 = 5;
/// The first wait before trying again; it doubles, with jitter.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Which bucket a call drinks from.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The account and Region.
    pub place: &'a Place,
    /// The action.
    pub action: Action,
}

/// Sends calls at AWS's pace, no more of them at once than allowed.
#[derive(Debug)]
pub struct Sender {
    pacer: Pacer,
    in_flight: Semaphore,
    clock: Clock,
}

impl Sender {
    /// At most `in_flight` requests are under way at any moment.
    #[must_use]
    pub fn new(pacer: Pacer, in_flight: usize, clock: Clock) -> Self {
        Self { pacer, in_flight: Semaphore::new(in_flight), clock }
    }

    /// The token buckets.
    #[must_use]
    pub fn pacer(&self) -> &Pacer {
        &self.pacer
    }

    /// The machine's clock, as used to sign and to notice that it is wrong.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until one more request may be under way. A role is renewed while another call holds its
    /// permit and waits for the credentials, so that needs none: or the two would wait for each other.
    async fn permit(&self, action: Action) -> Option<SemaphorePermit<'_>> {
        if action == ASSUME_ROLE {
            return None;
        }
        // The semaphore is never closed; were it, sending unbounded is the lesser evil.
        self.in_flight.acquire().await.ok()
    }

    /// Makes one call, trying again where that can help.
    ///
    /// # Errors
    /// The last failure, explained.
    pub async fn call<T, E, Attempt>(
        &self,
        target: Target<'_>,
        attempt: impl Fn() -> Attempt + Send,
    ) -> Result<T, Failure>
    where
        Attempt: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let bucket = self.pacer.bucket(target.place, target.action);
        let mut tries = Tries::default();
        loop {
            let outcome = {
                let _permit = bucket.take_when(|| self.permit(target.action)).await;
                self.pacer.count(target.action);
                attempt().await
            };
            let failure = match outcome {
                Ok(answer) => {
                    bucket.went_well();
                    return Ok(answer);
                }
                Err(error) => explain(target.action, &error, self.clock.now()),
            };
            if failure.kind == FailureKind::Throttled {
                bucket.throttled();
            }
            let Some(wait) = tries.next(failure.kind) else { return Err(tries.told(failure)) };
            tracing::debug!(place = %target.place, call = failure.call, reason = failure.reason, "trying again");
            tokio::time::sleep(wait).await;
        }
    }
}

/// How often a call was tried.
#[derive(Debug, Default)]
struct Tries {
    throttled: u32,
    faulty: u32,
}

impl Tries {
    /// How long to wait before the next send; `None` when it is time to give up.
    fn next(&mut self, kind: FailureKind) -> Option<Duration> {
        let nth = match kind {
            FailureKind::Throttled => {
                self.throttled += 1;
                (self.throttled < THROTTLED_SENDS).then_some(self.throttled)
            }
            FailureKind::Passing => {
                self.faulty += 1;
                (self.faulty < FAULTY_SENDS).then_some(self.faulty)
            }
            _ => None,
        }?;
        let most = FIRST_WAIT.saturating_mul(1 << (nth - 1).min(10)).min(LONGEST_WAIT);
        Some(most.mul_f64(0.5 + fastrand::f64() / 2.0))
    }

    /// The failure with how often it was met.
    fn told(&self, mut failure: Failure) -> Failure {
        let sends = self.throttled + self.faulty;
        if sends > 1 {
            failure.reason = format!("{} (tried {sends} times)", failure.reason);
        }
        failure
    }
}
