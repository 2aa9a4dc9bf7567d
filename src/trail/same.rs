//! One event that was delivered more than once. Which delivery is kept does not hang on the order in which they
//! were read.

use std::cmp::Reverse;

use crate::model::event::TrailEvent;

/// Puts events in their order, by time and id, and keeps the fullest of each event's deliveries.
#[must_use]
pub fn merge(mut events: Vec<TrailEvent>) -> Vec<TrailEvent> {
    // Which file it came from decides last.
    events.sort_by(|a, b| {
        a.identity()
            .cmp(&b.identity())
            .then_with(|| Reverse(fullness(a)).cmp(&Reverse(fullness(b))))
            .then_with(|| a.cmp(b))
    });
    events.dedup_by(|later, kept| later.identity() == kept.identity());
    events
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
