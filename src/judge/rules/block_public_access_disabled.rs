//! `block-public-access-disabled`: somebody turned off what keeps images from being made public.
//!
//! Catches the call, whoever made it, even where it was turned on again since. Misses places where it was never on:
//! `block-public-access-off` tells what stands.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{BLOCK_PAGE, Evidence, Rule, TRAIL_PAGE};
use crate::judge::history::of_event;
use crate::model::event::{EventName, TrailEvent};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct BlockPublicAccessDisabled;

static META: RuleMeta = RuleMeta {
    id: "block-public-access-disabled",
    title: "Block public access for AMIs was turned off",
    basis: Basis::Events,
    severity: Severity::Medium,
    risk: "From then on one call could make any image of the account public in this Region.",
    misses: "Regions where it was never on.",
    remediation: "Ask whoever turned it off; turn it on again, or set it for the organization with a declarative policy.",
    mitre: None,
    covers: &[],
    references: &[BLOCK_PAGE, TRAIL_PAGE],
    controls: &[],
};

impl Rule for BlockPublicAccessDisabled {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let mut on: BTreeMap<(&str, &str), Vec<Timestamp>> = BTreeMap::new();
        let of = |name| move |event: &&Arc<TrailEvent>| event.name == name && event.succeeded();
        for event in evidence.events().filter(of(EventName::EnableImageBlockPublicAccess)) {
            on.entry((&event.account, &event.region)).or_default().extend(event.time);
        }
        let found = evidence.events().filter(of(EventName::DisableImageBlockPublicAccess)).map(|event| {
            let mut finding = of_event(&META, event, None, evidence);
            let times = on.get(&(event.account.as_str(), event.region.as_str()));
            // Events are in the order of time.
            let later = times
                .zip(event.time)
                .and_then(|(times, at)| times.get(times.partition_point(|on| *on <= at)));
            if let Some(at) = later {
                finding
                    .notes
                    .push(format!("It was turned on again at {}.", at.strftime("%Y-%m-%dT%H:%M:%SZ")));
            }
            finding
        });
        found.collect()
    }
}
