//! Rules, each on its own fixture, and the policy.

mod baseline;
mod family;
mod policy;
mod rules;
mod snapshots;
mod trace;
