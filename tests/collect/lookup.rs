//! Sweeps through a place's event history, against a history that is made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use amiaudit::collect::{
    Ask, History, Listed, Page, Quiet, Scope, SharedProgress, Stop, Stopper, Sweep, sweep_place,
};
use amiaudit::model::clock::Clock;
use amiaudit::model::event::EventName;
use amiaudit::model::event_log::{EventLog, Window};
use amiaudit::model::failure::{Failure, FailureKind};
use amiaudit::model::ids::Region;
use amiaudit::model::place::Place;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

const PAGE: usize = 2;

/// A history of one place: events by name, oldest first, and what is to go wrong.
#[derive(Default)]
struct Made {
    events: BTreeMap<EventName, Vec<Listed>>,
    /// Fails from this page of a name on (the first is 0).
    fails: BTreeMap<EventName, (usize, Failure)>,
    /// AWS forgets the token of this page of a name, once.
    forgets: Mutex<BTreeSet<(EventName, usize)>>,
    asked: Mutex<Vec<(EventName, Window, Option<String>)>>,
}

impl History for Made {
    async fn page(
        &self,
        name: EventName,
        window: Window,
        token: Option<String>,
    ) -> Result<Page<Listed>, Failure> {
        self.asked.lock().unwrap().push((name, window, token.clone()));
        let nth: usize = token.as_deref().map_or(0, |token| token.parse().unwrap());
        if let Some((from, failure)) = self.fails.get(&name)
            && nth >= *from
        {
            return Err(failure.clone());
        }
        if self.forgets.lock().unwrap().remove(&(name, nth)) {
            return Err(failure("InvalidNextTokenException", "Invalid token"));
        }
        let in_time = |event: &&Listed| event.time.is_none_or(|at| window.from <= at && at <= window.to);
        let all: Vec<Listed> =
            self.events.get(&name).into_iter().flatten().rev().filter(in_time).cloned().collect();
        let next = ((nth + 1) * PAGE < all.len()).then(|| (nth + 1).to_string());
        Ok(Page { items: all.into_iter().skip(nth * PAGE).take(PAGE).collect(), next })
    }
}

fn failure(code: &str, reason: &str) -> Failure {
    Failure {
        call: "LookupEvents",
        kind: FailureKind::Denied,
        code: Some(code.to_owned()),
        reason: reason.to_owned(),
    }
}

fn place() -> Place {
    Place { account: "111122223333".parse().unwrap(), region: "eu-west-1".parse().unwrap() }
}

fn day(nth: i64) -> Timestamp {
    let first: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    first + (nth * 24).hours()
}

fn window() -> Window {
    Window { from: day(0), to: day(30) }
}

/// A share of that day.
fn share(nth: i64) -> Listed {
    let record = json!({
        "eventVersion": "1.11",
        "eventID": format!("event-{nth}"),
        "eventTime": day(nth),
        "eventSource": "ec2.amazonaws.com",
        "eventName": "ModifyImageAttribute",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "requestParameters": {
            "imageId": "ami-0123456789abcdef0",
            "launchPermission": { "add": { "items": [{ "userId": format!("{nth:012}") }] } },
            "attributeType": "launchPermission",
        },
    });
    Listed { time: Some(day(nth)), record: Some(record.to_string()) }
}

fn shares(days: impl Iterator<Item = i64>) -> Made {
    Made { events: [(EventName::ModifyImageAttribute, days.map(share).collect())].into(), ..Made::default() }
}

fn sweep(made: &Made, stop: &Stop, scope: Scope) -> EventLog {
    let progress: SharedProgress = Arc::new(Quiet);
    let none: (BTreeSet<_>, BTreeSet<Region>) = Default::default();
    let place = place();
    let ask = Ask {
        now: day(30),
        clock: &Clock::fixed(day(30)),
        window: window(),
        places: &[],
        accounts: &none.0,
        regions: &none.1,
        organization: None,
        max_file_bytes: 1 << 20,
        keeps_records: false,
        at_once: 8,
        stop,
        progress: &progress,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(sweep_place(made, (&place, window()), scope, &ask))
}

fn whole(made: &Made) -> EventLog {
    let (_stopper, stop) = Stopper::new();
    sweep(made, &stop, Scope::Images)
}

fn ids(log: &EventLog) -> Vec<&str> {
    log.events.iter().map(|event| event.id.as_str()).collect()
}

#[test]
fn every_page_of_every_name_is_read_and_covers_the_window() {
    let mut made = shares(1..=5);
    let gone = json!({
        "eventID": "gone", "eventTime": day(7), "eventSource": "ec2.amazonaws.com", "eventName": "DeregisterImage",
        "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
        "requestParameters": { "imageId": "ami-0123456789abcdef0" },
    });
    made.events.insert(
        EventName::DeregisterImage,
        vec![Listed { time: Some(day(7)), record: Some(gone.to_string()) }],
    );
    let log = whole(&made);
    assert_eq!(ids(&log), ["event-1", "event-2", "event-3", "event-4", "event-5", "gone"]);
    assert_eq!(log.windows, [(place(), window())].into());
    assert!(!log.lacks_something(), "{log:?}");
    assert!(log.events.iter().all(|event| &*event.source_file == "lookup"));
    // One sweep a name; those of Organizations are in another Region.
    let asked = made.asked.lock().unwrap().clone();
    let names: BTreeSet<EventName> = asked.iter().map(|(name, ..)| *name).collect();
    let wanted: BTreeSet<EventName> =
        EventName::ALL.iter().copied().filter(|name| !name.is_of_organization()).collect();
    assert_eq!(names, wanted);
    assert!(asked.iter().all(|(_, asked, _)| *asked == window()), "the window stays the same over all pages");
    assert_eq!(asked.len(), wanted.len() + 2);
}

#[test]
fn the_region_of_organizations_is_swept_for_its_events_too() {
    let made = shares(1..=1);
    let (_stopper, stop) = Stopper::new();
    sweep(&made, &stop, Scope::All);
    let asked: BTreeSet<EventName> = made.asked.lock().unwrap().iter().map(|(name, ..)| *name).collect();
    assert_eq!(asked, EventName::ALL.iter().copied().collect());
}

#[test]
fn the_events_of_organizations_alone_cover_nothing() {
    let mut made = shares(1..=1);
    let left = json!({
        "eventID": "left", "eventTime": day(7), "eventSource": "organizations.amazonaws.com",
        "eventName": "RemoveAccountFromOrganization", "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333", "requestParameters": { "accountId": "444455556666" },
    });
    let listed = Listed { time: Some(day(7)), record: Some(left.to_string()) };
    made.events.insert(EventName::RemoveAccountFromOrganization, vec![listed]);
    let (_stopper, stop) = Stopper::new();
    let log = sweep(&made, &stop, Scope::Organization);
    assert_eq!(ids(&log), ["left"]);
    assert!(log.windows.is_empty() && !log.lacks_something(), "{log:?}");
    let asked: BTreeSet<EventName> = made.asked.lock().unwrap().iter().map(|(name, ..)| *name).collect();
    assert_eq!(asked, EventName::ALL.iter().copied().filter(|name| name.is_of_organization()).collect());
}

#[test]
fn a_history_that_is_denied_is_a_gap_and_covers_nothing() {
    let denied = failure("AccessDeniedException", "permission for cloudtrail:LookupEvents is missing");
    let made =
        Made { fails: [(EventName::ModifyImageAttribute, (0, denied.clone()))].into(), ..shares(1..=5) };
    let log = whole(&made);
    assert_eq!((log.windows.len(), log.events.len(), log.holes.len()), (0, 0, 0));
    let gap = &log.unsearched[0];
    assert_eq!(gap.account, Some(place().account));
    assert_eq!(gap.region, Some(place().region));
    assert_eq!((gap.call.as_str(), gap.reason.as_str()), ("LookupEvents", denied.reason.as_str()));
    assert_eq!(made.asked.lock().unwrap().len(), 1, "the other names are not asked for in vain");
}

#[test]
fn what_a_sweep_did_not_come_to_is_a_hole_before_its_oldest_event() {
    let failed = failure("InternalFailure", "it broke");
    let made = Made { fails: [(EventName::ModifyImageAttribute, (1, failed))].into(), ..shares(1..=5) };
    let log = whole(&made);
    assert_eq!(ids(&log), ["event-4", "event-5"]);
    assert_eq!(log.windows, [(place(), Window { from: day(4), to: day(30) })].into());
    let hole = &log.holes[0];
    assert_eq!(
        (hole.place.as_ref(), hole.window),
        (Some(&place()), Some(Window { from: day(0), to: day(4) }))
    );
    assert_eq!(
        (hole.subject.as_str(), hole.reason.as_str()),
        ("LookupEvents ModifyImageAttribute", "it broke")
    );
    assert_eq!((log.holes.len(), log.unsearched.len()), (1, 0));
}

#[test]
fn one_name_that_fails_is_a_hole_over_the_whole_window() {
    let failed = failure("InternalFailure", "it broke");
    let made = Made { fails: [(EventName::ResetImageAttribute, (0, failed))].into(), ..shares(1..=2) };
    let log = whole(&made);
    assert_eq!(ids(&log), ["event-1", "event-2"]);
    assert_eq!(log.windows.len(), 0, "of no time all names were read");
    let holes: Vec<_> = log.holes.iter().map(|hole| (hole.subject.as_str(), hole.window)).collect();
    assert_eq!(holes, [("LookupEvents ResetImageAttribute", Some(window()))]);
}

#[test]
fn a_token_that_aws_forgot_is_done_without() {
    let made = shares(1..=5);
    made.forgets.lock().unwrap().insert((EventName::ModifyImageAttribute, 1));
    let log = whole(&made);
    assert_eq!(ids(&log), ["event-1", "event-2", "event-3", "event-4", "event-5"]);
    assert!(!log.lacks_something(), "{log:?}");
    let asked = made.asked.lock().unwrap().clone();
    let again = asked.iter().find(|(_, asked, _)| *asked != window()).unwrap();
    assert_eq!(*again, (EventName::ModifyImageAttribute, Window { from: day(0), to: day(4) }, None));
}

#[test]
fn a_list_that_leads_back_is_a_hole_and_ends() {
    struct Round;
    impl History for Round {
        async fn page(&self, _: EventName, _: Window, _: Option<String>) -> Result<Page<Listed>, Failure> {
            Ok(Page { items: vec![share(3)], next: Some("again".to_owned()) })
        }
    }
    let (_stopper, stop) = Stopper::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let swept = runtime.block_on(Sweep::make(&Round, EventName::ModifyImageAttribute, window(), &stop));
    assert!(swept.failure.unwrap().reason.contains("does not end"));
    assert_eq!(swept.oldest, Some(day(3)));
}

/// Ever new tokens lead to pages of no use: 999 of them are waited for, and a thousand are too many.
#[test]
fn a_list_without_end_is_a_hole_and_ends() {
    struct Barren {
        /// What the useless pages hold.
        pages: Vec<Vec<Listed>>,
        /// How many there are before the last page.
        before: usize,
    }
    impl History for Barren {
        async fn page(&self, _: EventName, _: Window, at: Option<String>) -> Result<Page<Listed>, Failure> {
            let nth: usize = at.as_deref().map_or(0, |token| token.parse().unwrap());
            if nth == self.before {
                return Ok(Page { items: vec![share(9)], next: None });
            }
            let items = self.pages[nth % self.pages.len()].clone();
            Ok(Page { items, next: Some((nth + 1).to_string()) })
        }
    }
    let (_stopper, stop) = Stopper::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let two_in_turn = vec![vec![share(3)], vec![share(4)]];
    for (pages, before, ends) in [
        (vec![Vec::new()], 999, true),
        (vec![Vec::new()], 1_000, false),
        (two_in_turn.clone(), 1_001, true),
        (two_in_turn, 1_002, false),
    ] {
        let made = Barren { pages, before };
        let swept = runtime.block_on(Sweep::make(&made, EventName::ModifyImageAttribute, window(), &stop));
        let reason = swept.failure.map(|failure| failure.reason);
        let endless = "the list does not end: 1000 pages in a row held nothing new".to_owned();
        assert_eq!(reason, (!ends).then_some(endless), "{before}");
        assert_eq!(swept.events.contains(&share(9)), ends);
    }
}

#[test]
fn a_run_that_is_stopped_says_so_of_the_place() {
    let (stopper, stop) = Stopper::new();
    stopper.stop();
    let log = sweep(&shares(1..=5), &stop, Scope::Images);
    assert_eq!((log.windows.len(), log.events.len()), (0, 0));
    assert!(log.unsearched[0].reason.contains("interrupted"), "{log:?}");
}

#[test]
fn a_record_that_is_missing_or_no_json_is_a_hole_and_the_others_are_read() {
    let mut made = shares(1..=1);
    let held = made.events.get_mut(&EventName::ModifyImageAttribute).unwrap();
    held.push(Listed { time: Some(day(2)), record: None });
    held.push(Listed { time: Some(day(3)), record: Some("{\"eventName\": \"Modif".to_owned()) });
    let log = whole(&made);
    assert_eq!(ids(&log), ["event-1"]);
    let reasons: Vec<&str> = log.holes.iter().map(|hole| hole.reason.as_str()).collect();
    assert_eq!(reasons, ["an event came without its record", "a record in it is a text that is no JSON"]);
    assert!(log.holes.iter().all(|hole| hole.place == Some(place()) && hole.window == Some(window())));
}
