//! One event that was delivered more than once. Which delivery is kept does not hang on the order in which they
//! were read.

use std::cmp::Reverse;

use crate::model::event::{Integrity, TrailEvent};

/// Puts events in their order, by time and id, and keeps the surest of each event's deliveries; of those that are
/// equally sure, the fullest.
///
/// A delivery in a file that CloudTrail's digests prove goes before all others, however much those say: what they
/// have besides may be made up, since it is no part of what makes them one event. One in a file that was changed
/// comes last. A file that no digest lists is no surer than one of which nobody asked.
#[must_use]
pub fn merge(mut events: Vec<TrailEvent>) -> Vec<TrailEvent> {
    // Which file it came from decides last.
    events.sort_by(|a, b| {
        a.identity()
            .cmp(&b.identity())
            .then_with(|| doubt(a).cmp(&doubt(b)))
            .then_with(|| Reverse(fullness(a)).cmp(&Reverse(fullness(b))))
            .then_with(|| a.cmp(b))
    });
    events.dedup_by(|later, kept| {
        let is_same = later.identity() == kept.identity();
        // That somebody asked is not forgotten.
        if is_same && kept.integrity.is_none() {
            kept.integrity = later.integrity.filter(|integrity| *integrity == Integrity::Unverified);
        }
        is_same
    });
    events
}

/// How much there is against what a delivery says.
fn doubt(event: &TrailEvent) -> u8 {
    match event.integrity {
        Some(Integrity::Verified) => 0,
        Some(Integrity::Unverified) | None => 1,
        Some(Integrity::Tampered) => 2,
    }
}

/// How much a delivery says: an envelope may leave fields out.
fn fullness(event: &TrailEvent) -> usize {
    let actor = &event.actor;
    let texts = [
        &event.image,
        &event.resource,
        &event.source_ip,
        &event.user_agent,
        &event.request_id,
        &actor.arn,
        &actor.kind,
        &actor.account,
        &actor.invoked_by,
        &actor.access_key_id,
        &actor.principal_id,
        &actor.session_name,
        &actor.mfa,
    ];
    let told = [event.seed_rule_match.is_some(), event.elastic_rule_match.is_some(), actor.console.is_some()];
    texts.iter().filter(|text| !text.is_empty()).count() + told.iter().filter(|told| **told).count()
}
