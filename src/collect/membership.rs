//! The organization alone, without a place being read.

use super::cloud::Cloud;
use super::context::{Context, Watched};
use super::organization::{self, OrganizationSource};
use super::progress::Quiet;
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::gap::Gap;
use crate::model::organization::Membership;

/// Learns the organization, and with `needs_units` each account's units; and what of that could not be read.
pub async fn learn_organization<C: Cloud>(
    cloud: &C,
    (caller, clock): (&Caller, &Clock),
    (source, needs_units): (&OrganizationSource, bool),
    stop: &Stop,
) -> (Membership, Vec<Gap>) {
    let cx = Context {
        cloud,
        caller,
        clock,
        stop,
        progress: &Quiet,
        keeps_images: false,
        watched: &Watched::new(),
        snapshot: None,
    };
    let mut gaps = Vec::new();
    let mut membership = organization::learn(&cx, source, &mut gaps).await;
    if needs_units {
        organization::add_units(&cx, &mut membership, &mut gaps).await;
    }
    (membership, gaps)
}
