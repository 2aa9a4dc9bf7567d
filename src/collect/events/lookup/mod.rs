//! CloudTrail's event history: on in every account without any set-up, for 90 days, and asked account by account
//! and Region by Region, two requests a second.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>

mod reach;
mod sdk;
mod sweep;

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use jiff::SignedDuration;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::policy::allow;
use super::selected::read_selected;
use super::source::{EventSource, SourceOptions};
use crate::aws::action::{Action, DESCRIBE_REGIONS, LOOKUP_EVENTS};
use crate::model::event::EventName;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::failure::Failure;
use crate::model::gap::Gap;
use crate::model::place::Place;
use crate::trail::{Wanted, merge};
pub use reach::HISTORY;
use reach::{as_one, first, out_of_reach, part_of_history};
use sdk::SdkHistory;
pub use sweep::{History, Listed, Sweep};
use sweep::{INTERRUPTED, interrupted};

/// Sweeps of one place side by side: AWS answers within a second, and takes two requests in that time.
const SWEEPS_AT_ONCE: usize = 4;

/// What its events are said to come from.
const NAME: &str = "lookup";

/// The event histories of all places.
#[derive(Debug)]
struct Lookup;

pub(super) fn open(_: &str, _: &SourceOptions) -> Result<Box<dyn EventSource>, String> {
    Ok(Box::new(Lookup))
}

impl EventSource for Lookup {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn needs_places(&self) -> bool {
        true
    }

    fn statements(&self) -> Vec<Value> {
        let name = |action: Action| format!("{}:{}", action.service, action.name);
        // Both have no smaller resource.
        vec![allow(&[&name(DESCRIBE_REGIONS), &name(LOOKUP_EVENTS)], &["*"])]
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        async move {
            let Some(reach) = reach else { return EventLog::default() };
            let first = first(ask.now);
            if ask.window.to < first {
                return out_of_reach(ask.window.to);
            }
            let places = ask.places.iter().map(|place| (place, scope(reach, place)));
            let organization = organization(reach, ask).map(|place| (place, Scope::Organization));
            let places: Vec<_> = places.chain(organization).collect();
            ask.progress.histories_found(places.len());
            let places: Vec<_> =
                places.into_iter().map(|place| read_place(reach, ask, place).boxed()).collect();
            let logs: Vec<EventLog> = stream::iter(places).buffer_unordered(ask.at_once).collect().await;
            let mut log = logs.into_iter().fold(EventLog::default(), add);
            // Places end in any order.
            log.events.sort_by(|one, other| one.identity().cmp(&other.identity()));
            log.holes.sort();
            // `--since 90d` was meant when the run began, which may be hours ago.
            if ask.window.from < first.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(first) {
                log.unsearched.extend(out_of_reach(first).unsearched);
            }
            log.unsearched = as_one(log.unsearched);
            log.unsearched.sort();
            log
        }
        .boxed()
    }
}

/// Adds a place's log. Nothing is joined: places have no events in common, and there may be thousands.
fn add(mut all: EventLog, one: EventLog) -> EventLog {
    all.events.extend(one.events);
    all.holes.extend(one.holes);
    all.unsearched.extend(one.unsearched);
    all.records += one.records;
    all.files += one.files;
    one.windows.into_iter().for_each(|(place, window)| all.cover(place, window));
    all
}

/// What is looked for in a place that was chosen: a member records in the first Region that it left.
fn scope(reach: Reach<'_>, place: &Place) -> Scope {
    if place.region == reach.caller.partition.first_region() { Scope::All } else { Scope::Images }
}

/// The place of Organizations' events, where it is none of those that are read anyway and there is a way into it. An
/// account that the user left aside is not gone into, unless it is the caller's own.
fn organization<'a>(reach: Reach<'_>, ask: &Ask<'a>) -> Option<&'a Place> {
    let place = ask.organization.filter(|place| !ask.places.contains(place))?;
    let is_own = place.account == reach.caller.account;
    (is_own || reach.aws.has_role() && ask.has_chosen(place.account)).then_some(place)
}

async fn read_place(reach: Reach<'_>, ask: &Ask<'_>, (place, scope): (&Place, Scope)) -> EventLog {
    let window = part_of_history(ask.window, ask.clock.now());
    let opened = tokio::select! {
        biased;
        () = ask.stop.asked() => Err(interrupted()),
        opened = SdkHistory::open(reach, place) => opened,
    };
    let log = match opened {
        Ok(history) => sweep_place(&history, (place, window), scope, ask).await,
        Err(failure) => blind(place, &failure),
    };
    if *place != reach.home() {
        reach.aws.sender().pacer().forget(place);
    }
    if log.unsearched.iter().all(|gap| gap.reason != INTERRUPTED) {
        ask.progress.history_done(place);
    }
    log
}

/// A place whose history says nothing.
fn blind(place: &Place, failure: &Failure) -> EventLog {
    EventLog { unsearched: vec![Gap::in_place(place, "", failure)], ..EventLog::default() }
}

/// Which events of a place are looked for. Those of Organizations are in one Region only.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of images.
    Images,
    /// Those of images and of Organizations.
    All,
    /// Those of Organizations alone: the place is not covered by them.
    Organization,
}

impl Scope {
    fn has(self, name: EventName) -> bool {
        match self {
            Self::Images => !name.is_of_organization(),
            Self::All => true,
            Self::Organization => name.is_of_organization(),
        }
    }
}

/// Sweeps through a place's history, once for each name that is watched. Where the first name is refused, so are the
/// others.
pub async fn sweep_place<H: History>(
    history: &H,
    (place, window): (&Place, Window),
    scope: Scope,
    ask: &Ask<'_>,
) -> EventLog {
    let mut names = EventName::ALL.iter().filter(|name| scope.has(**name));
    let Some(first) = names.next() else { return EventLog::default() };
    let probe = Sweep::make(history, *first, window, ask.stop).await;
    if let Some(failure) = probe.failure.as_ref().filter(|_| probe.is_blind()) {
        return blind(place, failure);
    }
    let rest: Vec<_> = names.map(|name| named(history, *name, window, ask).boxed()).collect();
    let mut sweeps: Vec<(EventName, Sweep)> = stream::iter(rest).buffered(SWEEPS_AT_ONCE).collect().await;
    sweeps.insert(0, (*first, probe));
    let mut log = log_of(&sweeps, (place, window), ask);
    // Of the time before the latest break not all was read.
    let broken = sweeps.iter().filter_map(|(_, sweep)| Some(sweep.missing(window)?.0.to)).max();
    let from = broken.unwrap_or(window.from);
    if scope != Scope::Organization && broken != Some(window.to) {
        log.cover(place.clone(), Window { from, ..window });
    }
    log
}

async fn named<H: History>(
    history: &H,
    name: EventName,
    window: Window,
    ask: &Ask<'_>,
) -> (EventName, Sweep) {
    (name, Sweep::make(history, name, window, ask.stop).await)
}

/// What the sweeps of a place gave.
fn log_of(sweeps: &[(EventName, Sweep)], (place, window): (&Place, Window), ask: &Ask<'_>) -> EventLog {
    let hole = |window: Window, subject: String, reason: String| Hole {
        place: Some(place.clone()),
        window: Some(window),
        subject,
        reason,
    };
    let mut log = EventLog::default();
    for (name, sweep) in sweeps {
        if let Some((missing, failure)) = sweep.missing(window) {
            log.holes.push(hole(missing, format!("LookupEvents {name}"), failure.reason.clone()));
        }
        if sweep.events.iter().any(|event| event.record.is_none()) {
            let reason = "an event came without its record".to_owned();
            log.holes.push(hole(window, format!("LookupEvents {name}"), reason));
        }
    }
    let records =
        sweeps.iter().flat_map(|(_, sweep)| &sweep.events).filter_map(|event| event.record.as_ref());
    let wanted = Wanted { file: NAME.into(), raw: ask.keeps_records };
    let found = read_selected("CloudTrailEvent", records, &wanted);
    log.records = found.records;
    log.holes.extend(found.problems.into_iter().map(|problem| hole(window, NAME.to_owned(), problem.why)));
    log.events = merge(found.events).into_iter().map(Arc::new).collect();
    log
}
