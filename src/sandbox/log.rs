//! The calls that were received, counted and, where that was asked for, kept.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde_json::Value;

use super::call::Call;
use super::server::Shared;
use crate::model::place::Place;

/// A call that the endpoint received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Who asked, and where.
    pub place: Place,
    /// The action.
    pub action: String,
    /// The parameters of EC2's and STS's calls.
    pub params: BTreeMap<String, String>,
    /// The parameters of calls that are made in JSON.
    pub input: Value,
}

/// What was received so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) counts: BTreeMap<String, Count>,
    pub(super) calls: Vec<Recorded>,
}

/// How many calls of an action there were.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) received: u64,
    /// Of these, so many were answered that there are too many.
    pub(super) throttled: u64,
}

impl Log {
    fn change(&mut self, action: &str, change: impl FnOnce(&mut Count)) -> u64 {
        // Looked up first: an entry would need an owned name for every call.
        let count = match self.counts.get_mut(action) {
            Some(count) => count,
            None => self.counts.entry(action.to_owned()).or_default(),
        };
        change(count);
        count.received
    }
}

impl Shared {
    /// Counts a call, and keeps it where that was asked for. Returns the how-manieth of its action it is.
    pub(super) fn record(&self, call: &Call) -> u64 {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = log.change(&call.action, |count| count.received += 1);
        if self.keeps_calls {
            let params = call.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            let (place, action) = (call.asker.place.clone(), call.action.clone());
            log.calls.push(Recorded { place, action, params, input: call.input.clone() });
        }
        nth
    }

    /// Counts a call that was answered that there are too many.
    pub(super) fn count_throttled(&self, action: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.change(action, |count| count.throttled += 1);
    }
}
