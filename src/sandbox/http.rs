//! One request in, one answer out: who asks, whether it is to fail, and which service answers.

use std::sync::PoisonError;
use std::time::Duration;

use hyper::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answer::{Answer, AwsError, REQUEST_ID};
use super::auth::Asker;
use super::call::{Call, Service};
use super::ec2::{self, text};
use super::faults::throttled;
use super::image_list::page_of;
use super::scenario::FailSpec;
use super::server::Shared;
use super::{live, lookup, organizations, sts, world::World};

/// What is sent back.
pub(super) struct Reply {
    pub(super) answer: Answer,
    /// Whether the body breaks off half-way.
    pub(super) is_cut: bool,
    /// How late it is.
    pub(super) delay: Duration,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, is_cut: false, delay: Duration::ZERO }
    }
}

/// Answers one request.
pub(super) fn handle(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Reply {
    let now = shared.now();
    let mut world = shared.world.lock().unwrap_or_else(PoisonError::into_inner);
    let mut call = match Call::read(headers, body, &world, now) {
        Ok(call) => call,
        Err((service, error)) => return error.answer(service).into(),
    };
    let service = call.asker.service;
    let trail_now = shared.trail_now(&world);
    let nth = shared.record(&call);
    if !shared.admits(&call) {
        shared.count_throttled(&call.action);
        live::record(&mut world, &call, &Err(throttled(service)), trail_now);
        return throttled(service).answer(service).into();
    }
    let blow = shared.faults.strike(&mut world, &mut call);
    let outcome = match blow.refusal {
        Some(error) => Err(error),
        None => answer(&mut world, &call, nth, (now, trail_now)),
    };
    let outcome = match blow.after {
        Some(error) => outcome.and(Err(error)),
        None => outcome,
    };
    let request = live::record(&mut world, &call, &outcome, trail_now);
    drop(world);
    if outcome.as_ref().is_err_and(|error| error.code == throttled(service).code) {
        shared.count_throttled(&call.action);
    }
    let mut answer = outcome.unwrap_or_else(|error| error.answer(service));
    if let Some(request) = request {
        answer.body = answer.body.replace(REQUEST_ID, &request);
    }
    Reply { answer, is_cut: blow.is_cut, delay: blow.delay }
}

/// Answers a call at the endpoint's time, and the time that the event history goes by.
fn answer(
    world: &mut World,
    call: &Call,
    nth: u64,
    (now, trail_now): (Timestamp, Timestamp),
) -> Result<Answer, AwsError> {
    let Call { asker, action, params, input, .. } = call;
    let failing = world.fails.iter().find(|fail| concerns(fail, call, nth));
    match (failing, asker.service) {
        (Some(fail), _) => Err(failure(fail, asker, action)),
        (None, Service::Ec2) => ec2::answer(world, asker, params, trail_now),
        (None, Service::Sts) => sts::answer(world, asker, params, now),
        (None, Service::Organizations) => organizations::answer(world, asker, action, input),
        (None, Service::CloudTrail) => lookup::answer(world, asker, action, input, trail_now),
    }
}

fn concerns(fail: &FailSpec, call: &Call, nth: u64) -> bool {
    let place = &call.asker.place;
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    fail.call == call.action
        && is(&fail.account, &place.account.to_string())
        && is(&fail.region, place.region.as_str())
        && is(&fail.image, &call.image())
        && fail.from_request.is_none_or(|from| nth >= from)
        && fail.from_page.is_none_or(|from| page(call) >= from)
}

/// Which page of a list is asked for; the first is 1.
fn page(call: &Call) -> usize {
    match call.input.get("NextToken").and_then(Value::as_str) {
        Some(token) if call.asker.service == Service::CloudTrail => lookup::page_of(token),
        Some(token) => {
            token.strip_prefix("from-").and_then(|at| at.parse::<usize>().ok()).map_or(1, |at| at / 20 + 1)
        }
        None => match text(&call.params, "NextToken") {
            "" => 1,
            token => page_of(token),
        },
    }
}

fn failure(fail: &FailSpec, asker: &Asker, action: &str) -> AwsError {
    let service = asker.service;
    let usual = match service {
        Service::Ec2 => "UnauthorizedOperation",
        Service::Organizations | Service::CloudTrail => "AccessDeniedException",
        Service::Sts => "AccessDenied",
    };
    let status = fail.status.unwrap_or(if service.is_json() { 400 } else { 403 });
    let code = fail.code.as_deref().unwrap_or(usual);
    let message = match &fail.message {
        Some(message) => message.clone(),
        None if service == Service::CloudTrail => lookup::denied(asker, action),
        None => format!("You are not authorized to perform this operation: {}:{action}", service.name()),
    };
    AwsError::new(status, code, message)
}

impl Shared {
    /// The endpoint's time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(self.clock_ahead_seconds)
    }

    /// The time that the event history goes by: the scenario's, from the start on, or the endpoint's.
    pub(super) fn trail_now(&self, world: &World) -> Timestamp {
        match world.now {
            Some(now) => now + self.clock.now().duration_since(self.started_at).max(SignedDuration::ZERO),
            None => self.now(),
        }
    }

    /// Whether AWS's limits let the call through.
    fn admits(&self, call: &Call) -> bool {
        let Some(throttle) = &self.throttle else { return true };
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.admits(&call.asker.place, &call.action)
    }
}
