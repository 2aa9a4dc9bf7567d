//! A sandbox inside this process, so that what it received can be looked at.

use std::time::Duration;

use amiaudit::model::clock::Clock;
use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::{Faults, Options, Sandbox, Scenario, World};
use jiff::Timestamp;

/// A sandbox, its runtime, and its caller's key.
pub(crate) struct Served {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Sandbox,
    pub(crate) key: String,
}

pub(crate) struct Behaviour {
    pub(crate) latency_ms: u64,
    pub(crate) throttle: bool,
    pub(crate) fault_percent: f64,
    pub(crate) keeps_calls: bool,
}

/// AWS's buckets, 20 ms away.
pub(crate) const LIKE_AWS: Behaviour =
    Behaviour { latency_ms: 20, throttle: true, fault_percent: 0.0, keeps_calls: false };

impl Served {
    pub(crate) fn start(size: Size, behaviour: &Behaviour) -> Self {
        Self::with(organization(size), behaviour)
    }

    pub(crate) fn with(scenario: Scenario, behaviour: &Behaviour) -> Self {
        let key = Sandbox::access_key(scenario.caller.parse().expect("an account"));
        let world = World::new(scenario).expect("a world");
        let options = Options {
            port: 0,
            latency: Duration::from_millis(behaviour.latency_ms),
            throttle: behaviour.throttle,
            faults: Faults::new(behaviour.fault_percent, 1),
            keeps_calls: behaviour.keeps_calls,
            clock: Clock::new(Timestamp::now),
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("one");
        let sandbox = runtime.block_on(Sandbox::start(world, options)).expect("a port");
        Self { runtime, sandbox, key }
    }

    /// Calls of an action that were received, and those of them that were refused for their rate.
    pub(crate) fn counts(&self, action: &str) -> (u64, u64) {
        let of = |counts: std::collections::BTreeMap<String, u64>| counts.get(action).copied().unwrap_or(0);
        (of(self.sandbox.counts()), of(self.sandbox.throttled()))
    }
}
