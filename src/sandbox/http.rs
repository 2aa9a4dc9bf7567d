//! One request in, one answer out: who asks, whether it is to fail, and which service answers.

use std::sync::PoisonError;

use hyper::HeaderMap;
use jiff::SignedDuration;
use serde_json::Value;

use super::answer::{Answer, AwsError};
use super::auth::{self, Asker};
use super::ec2::{self, text};
use super::faults::Fault;
use super::image_list::page_of;
use super::scenario::FailSpec;
use super::server::{Recorded, Shared};
use super::sts::{self, Params};
use super::{organizations, world::World};

/// What is sent back.
pub(super) enum Reply {
    /// An answer.
    Whole(Answer),
    /// An answer whose body breaks off half-way.
    CutOff(Answer),
}

/// A request, read.
struct Call {
    asker: Asker,
    action: String,
    params: Params,
    input: Value,
}

/// Answers one request.
pub(super) fn handle(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Reply {
    let mut world = shared.world.lock().unwrap_or_else(PoisonError::into_inner);
    let now = shared.clock.now() + SignedDuration::from_secs(world.clock_ahead_seconds);
    let call = match read(headers, body, &world) {
        Ok(call) => call,
        Err(error) => return Reply::Whole(error.answer("ec2")),
    };
    let service = call.asker.service.clone();
    if let Err(error) = auth::check_time(headers, &service, now) {
        return Reply::Whole(error.answer(&service));
    }
    let nth = shared.record(&call.asker, &call.action, &call.params);
    if let Some(throttle) = &shared.throttle {
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        if !throttle.admits(&call.asker.place, &call.action) {
            return Reply::Whole(throttled(&service).answer(&service));
        }
    }
    match shared.faults.next() {
        Some(Fault::Throttled) => return Reply::Whole(throttled(&service).answer(&service)),
        Some(Fault::ServerError) => {
            let error = AwsError::new(500, "InternalError", "An internal error has occurred");
            return Reply::Whole(error.answer(&service));
        }
        Some(Fault::Vanishes) if call.action == "DescribeImageAttribute" => {
            world.images.remove(&call.asker.place, text(&call.params, "ImageId"));
        }
        Some(Fault::CutOff | Fault::Vanishes) => return Reply::CutOff(answer(&mut world, &call, nth, now)),
        None => {}
    }
    Reply::Whole(answer(&mut world, &call, nth, now))
}

fn read(headers: &HeaderMap, body: &[u8], world: &World) -> Result<Call, AwsError> {
    let asker = auth::read(headers, world.caller)?;
    if asker.service == "organizations" {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let action = target.rsplit('.').next().unwrap_or_default().to_owned();
        let input = serde_json::from_slice(body).unwrap_or(Value::Null);
        return Ok(Call { asker, action, params: Params::new(), input });
    }
    let params: Params = form_urlencoded::parse(body).into_owned().collect();
    let action = text(&params, "Action").to_owned();
    Ok(Call { asker, action, params, input: Value::Null })
}

fn throttled(service: &str) -> AwsError {
    match service {
        "ec2" => AwsError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        "organizations" => AwsError::new(400, "TooManyRequestsException", "Too many requests"),
        _ => AwsError::new(400, "Throttling", "Rate exceeded"),
    }
}

fn answer(world: &mut World, call: &Call, nth: u64, now: jiff::Timestamp) -> Answer {
    let Call { asker, action, params, input } = call;
    let failing = world.fails.iter().find(|fail| concerns(fail, call, nth));
    let outcome = match (failing, asker.service.as_str()) {
        (Some(fail), service) => Err(failure(fail, service, action)),
        (None, "ec2") => ec2::answer(world, asker, params),
        (None, "sts") => sts::answer(world, asker, params, now),
        (None, "organizations") => organizations::answer(world, asker, action, input),
        (None, other) => Err(AwsError::new(400, "InvalidAction", format!("no service {other} here"))),
    };
    outcome.unwrap_or_else(|error| error.answer(&asker.service))
}

fn concerns(fail: &FailSpec, call: &Call, nth: u64) -> bool {
    let place = &call.asker.place;
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    fail.call == call.action
        && is(&fail.account, &place.account.to_string())
        && is(&fail.region, place.region.as_str())
        && is(&fail.image, text(&call.params, "ImageId"))
        && fail.from_request.is_none_or(|from| nth >= from)
        && fail.from_page.is_none_or(|from| page(call) >= from)
}

/// Which page of a list is asked for; the first is 1.
fn page(call: &Call) -> usize {
    match call.input.get("NextToken").and_then(Value::as_str) {
        Some(token) => {
            token.strip_prefix("from-").and_then(|at| at.parse::<usize>().ok()).map_or(1, |at| at / 20 + 1)
        }
        None => match text(&call.params, "NextToken") {
            "" => 1,
            token => page_of(token),
        },
    }
}

fn failure(fail: &FailSpec, service: &str, action: &str) -> AwsError {
    let usual = match service {
        "ec2" => "UnauthorizedOperation",
        "organizations" => "AccessDeniedException",
        _ => "AccessDenied",
    };
    let status = fail.status.unwrap_or(if service == "organizations" { 400 } else { 403 });
    let code = fail.code.as_deref().unwrap_or(usual);
    let message = match &fail.message {
        Some(message) => message.clone(),
        None => format!("You are not authorized to perform this operation: {service}:{action}"),
    };
    AwsError::new(status, code, message)
}

impl Shared {
    /// Counts a call, and keeps it where that was asked for. Returns the how-manieth of its action it is.
    fn record(&self, asker: &Asker, action: &str, params: &Params) -> u64 {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let count = log.counts.entry(action.to_owned()).or_default();
        *count += 1;
        let nth = *count;
        if self.keeps_calls {
            let params = params.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            log.calls.push(Recorded { place: asker.place.clone(), action: action.to_owned(), params });
        }
        nth
    }
}
