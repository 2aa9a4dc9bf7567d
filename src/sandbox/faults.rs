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
    /// Apart from the mixture's, so that faults that are asked for leave the mixture as it is.
    chance: Mutex<fastrand::Rng>,
}

/// What befalls one request.
#[derive(Debug, Default)]
pub(super) struct Blow {
    /// It is refused.
    pub(super) refusal: Option<AwsError>,
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
        Self { percent, random: random(), chosen: Vec::new(), chance: random() }
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
        self
    }

    /// Decides what befalls a request, and does to the world what comes before it.
    pub(super) fn strike(&self, world: &mut World, call: &Call) -> Blow {
        let mut blow = Blow::default();
        if let Some(kind) = self.mixed(&call.action) {
            blow.add(&Fault::new(kind), world, call);
        }
        for fault in self.chosen.iter().filter(|fault| concerns(fault, call)) {
            // A refused call changes nothing and answers nothing else, but it can be late and broken off.
            let goes_with_refusal = matches!(fault.kind, FaultKind::Slow | FaultKind::Cut);
            if (blow.refusal.is_none() || goes_with_refusal) && self.happens(fault.percent) {
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

    fn happens(&self, percent: f64) -> bool {
        percent >= 100.0 || self.chance.lock().unwrap_or_else(PoisonError::into_inner).f64() * 100.0 < percent
    }
}

fn concerns(fault: &Fault, call: &Call) -> bool {
    let place = &call.asker.place;
    let image = call.named_image();
    let fits_kind = match fault.kind {
        FaultKind::RegionDenied => call.asker.service == Service::Ec2,
        FaultKind::Stale => {
            ["ModifyImageAttribute", "ModifySnapshotAttribute"].contains(&call.action.as_str())
        }
        kind => !kind.is_of_an_image() || !image.is_empty(),
    };
    fits_kind
        && fault.call.as_ref().is_none_or(|wanted| *wanted == call.action)
        && fault.account.is_none_or(|wanted| wanted == place.account)
        && fault.region.as_ref().is_none_or(|wanted| *wanted == place.region)
        && fault.image.as_ref().is_none_or(|wanted| wanted.as_str() == image)
}

impl Blow {
    fn add(&mut self, fault: &Fault, world: &mut World, call: &Call) {
        let place = &call.asker.place;
        match fault.kind {
            FaultKind::Cut => self.is_cut = true,
            FaultKind::Slow => self.delay = self.delay.max(fault.delay),
            FaultKind::Vanish => world.images.remove(place, call.named_image()),
            FaultKind::Stale => {
                world.images.keep_showing(place, call.named_image(), fault.reads);
                world.snapshots.keep_showing(place, call.named_snapshot(), fault.reads);
            }
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
