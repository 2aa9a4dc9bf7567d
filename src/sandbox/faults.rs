//! Faults at random, the same ones for the same seed: too many requests, a fault of the server, a reply
//! that breaks off, an image that vanishes.

use std::sync::{Mutex, PoisonError};

/// How often requests go wrong.
#[derive(Debug)]
pub struct Faults {
    percent: f64,
    random: Mutex<fastrand::Rng>,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Throttled,
    ServerError,
    CutOff,
    Vanishes,
}

impl Faults {
    /// `percent` of the requests go wrong.
    #[must_use]
    pub fn new(percent: f64, seed: u64) -> Self {
        Self { percent, random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// No request does.
    #[must_use]
    pub fn none() -> Self {
        Self::new(0.0, 0)
    }

    pub(super) fn next(&self) -> Option<Fault> {
        if self.percent <= 0.0 {
            return None;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if random.f64() * 100.0 >= self.percent {
            return None;
        }
        Some(match random.u8(0..8) {
            0..3 => Fault::Throttled,
            3..5 => Fault::ServerError,
            5..7 => Fault::CutOff,
            _ => Fault::Vanishes,
        })
    }
}
