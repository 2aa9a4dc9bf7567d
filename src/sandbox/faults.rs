//! What goes wrong: a mixture at random, the same for the same seed, and what was asked for by kind, rate,
//! place and call.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::answer::AwsError;
use super::call::{Call, Service};
use super::world::World;
use crate::model::fault::{Fault, FaultKind};

/// How often requests go wrong.
#[derive(Debug)]
pub struct Faults {
    percent: f64,
    random: Mutex<fastrand::Rng>,
    chosen: Vec<Fault>,
    /// How often each of these has happened.
    struck: Mutex<Vec<u32>>,
    /// Apart from the mixture's, so that faults that are asked for leave the mixture as it is.
    chance: Mutex<fastrand::Rng>,
}

/// What befalls one request.
#[derive(Debug, Default)]
pub(super) struct Blow {
    /// It is refused.
    pub(super) refusal: Option<AwsError>,
    /// What it is answered although it was done.
    pub(super) after: Option<AwsError>,
    /// Its answer breaks off.
    pub(super) is_cut: bool,
    /// Its answer is late.
    pub(super) delay: Duration,
}

impl Faults {
    /// `percent` of the requests go wrong: throttled, a fault of the server, a reply that breaks off, an
    /// image that vanishes.
    #[must_use]
    pub fn new(percent: f64, seed: u64) -> Self {
        let random = || Mutex::new(fastrand::Rng::with_seed(seed));
        Self { percent, random: random(), chosen: Vec::new(), struck: Mutex::default(), chance: random() }
    }

    /// No request does.
    #[must_use]
    pub fn none() -> Self {
        Self::new(0.0, 0)
    }

    /// These as well.
    #[must_use]
    pub fn and(mut self, chosen: impl IntoIterator<Item = Fault>) -> Self {
        self.chosen.extend(chosen);
        self.struck = Mutex::new(vec![0; self.chosen.len()]);
        self
    }

    /// Decides what befalls a request, and does to it and to the world what comes before it.
    pub(super) fn strike(&self, world: &mut World, call: &mut Call) -> Blow {
        let mut blow = Blow::default();
        if let Some(kind) = self.mixed(&call.action) {
            blow.add(&Fault::new(kind), world, call);
        }
        for (nth, fault) in self.chosen.iter().enumerate() {
            if concerns(fault, call) && blow.goes_with(fault.kind) && self.happens(nth, fault) {
                blow.add(fault, world, call);
            }
        }
        blow
    }

    fn mixed(&self, action: &str) -> Option<FaultKind> {
        if self.percent <= 0.0 {
            return None;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if random.f64() * 100.0 >= self.percent {
            return None;
        }
        Some(match random.u8(0..8) {
            0..3 => FaultKind::Throttle,
            3..5 => FaultKind::ServerError,
            5..7 => FaultKind::Cut,
            _ if action == "DescribeImageAttribute" => FaultKind::Vanish,
            _ => FaultKind::Cut,
        })
    }

    /// Whether it happens this time, which counts.
    fn happens(&self, nth: usize, fault: &Fault) -> bool {
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(struck) = struck.get_mut(nth) else { return false };
        if fault.times.is_some_and(|times| *struck >= times) {
            return false;
        }
        let chance = || self.chance.lock().unwrap_or_else(PoisonError::into_inner).f64() * 100.0;
        let happens = fault.percent >= 100.0 || chance() < fault.percent;
        *struck = struck.saturating_add(happens.into());
        happens
    }
}

fn concerns(fault: &Fault, call: &Call) -> bool {
    let place = &call.asker.place;
    let fits_kind = match fault.kind {
        FaultKind::RegionDenied => call.asker.service == Service::Ec2,
        FaultKind::Stale => {
            ["ModifyImageAttribute", "ModifySnapshotAttribute"].contains(&call.action.as_str())
                && !call.is_dry_run()
        }
        FaultKind::AfterChange => call.is_change(),
        FaultKind::DryRunIgnored => call.asker.service == Service::Ec2 && call.is_dry_run(),
        kind => !kind.is_of_an_image() || !call.named_image().is_empty(),
    };
    fits_kind
        && fault.call.as_ref().is_none_or(|wanted| *wanted == call.action)
        && fault.account.is_none_or(|wanted| wanted == place.account)
        && fault.region.as_ref().is_none_or(|wanted| *wanted == place.region)
        && fault.image.as_ref().is_none_or(|wanted| wanted.as_str() == call.image())
}

impl Blow {
    /// Whether that can happen besides what has: a refused call changes nothing and answers nothing else, but it can be
    /// late and broken off, and what fails after its change cannot be refused before.
    fn goes_with(&self, kind: FaultKind) -> bool {
        match kind {
            FaultKind::Slow | FaultKind::Cut => true,
            FaultKind::Vanish | FaultKind::Stale | FaultKind::DryRunIgnored => self.refusal.is_none(),
            _ => self.refusal.is_none() && self.after.is_none(),
        }
    }

    fn add(&mut self, fault: &Fault, world: &mut World, call: &mut Call) {
        let place = &call.asker.place;
        match fault.kind {
            FaultKind::Cut => self.is_cut = true,
            FaultKind::Slow => self.delay = self.delay.max(fault.delay),
            FaultKind::Vanish => world.images.remove(place, call.named_image()),
            FaultKind::Stale => {
                world.images.keep_showing(place, call.named_image(), fault.reads);
                world.snapshots.keep_showing(place, call.named_snapshot(), fault.reads);
            }
            FaultKind::DryRunIgnored => {
                call.params.remove("DryRun");
            }
            FaultKind::AfterChange => self.after = Some(refusal(fault.kind, call)),
            kind => self.refusal = Some(refusal(kind, call)),
        }
    }
}

/// Too many requests, in the words of each service.
pub(super) fn throttled(service: Service) -> AwsError {
    match service {
        Service::Ec2 => AwsError::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        Service::Organizations => AwsError::new(400, "TooManyRequestsException", "Too many requests"),
        Service::Sts => AwsError::new(400, "Throttling", "Rate exceeded"),
        Service::CloudTrail => AwsError::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

/// The error that AWS answers with. Codes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
fn refusal(kind: FaultKind, call: &Call) -> AwsError {
    let (service, image) = (call.asker.service, call.named_image());
    match kind {
        FaultKind::Throttle => throttled(service),
        FaultKind::AuthFailure => {
            AwsError::new(403, "AuthFailure", format!("Not authorized for image:{image}"))
        }
        FaultKind::NotFound => {
            AwsError::new(400, "InvalidAMIID.NotFound", format!("The image id '[{image}]' does not exist"))
        }
        FaultKind::Unavailable => {
            let message = format!("The image ID '{image}' is no longer available");
            AwsError::new(400, "InvalidAMIID.Unavailable", message)
        }
        FaultKind::Expired => expired(service),
        FaultKind::RegionDenied => {
            let message = format!(
                "You are not authorized to perform this operation. User: {} is not authorized to perform: ec2:{} \
                 with an explicit deny in a service control policy",
                call.asker.arn(),
                call.action
            );
            AwsError::new(403, "UnauthorizedOperation", message)
        }
        _ => AwsError::new(500, "InternalError", "An internal error has occurred"),
    }
}

fn expired(service: Service) -> AwsError {
    let message = "The security token included in the request is expired";
    match service {
        Service::Ec2 => AwsError::new(400, "RequestExpired", "Request has expired."),
        Service::Organizations | Service::CloudTrail => AwsError::new(400, "ExpiredTokenException", message),
        Service::Sts => AwsError::new(403, "ExpiredToken", message),
    }
}
