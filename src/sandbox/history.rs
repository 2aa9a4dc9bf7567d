//! CloudTrail's event history: what was called in each account and Region, and when that can be seen.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::identity::Identity;
use super::ids::uuid;
use crate::model::place::Place;

/// The most that is kept, in all places together: some 200 MB. The first ones recorded go first.
const MOST: usize = 100_000;

/// What is larger than this CloudTrail leaves out.
const LARGEST: usize = 100 << 10;

/// Where an event stands in its place: its time, and how many came before it.
pub(super) type Key = (Timestamp, u64);

/// A call that is to be recorded.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) at: Timestamp,
    pub(super) place: &'a Place,
    /// Such as `ec2.amazonaws.com`.
    pub(super) source: &'a str,
    pub(super) name: &'a str,
    pub(super) who: Identity,
    pub(super) ip: &'a str,
    pub(super) agent: &'a str,
    pub(super) parameters: Value,
    /// What was answered, without the request's id.
    pub(super) response: Value,
    /// The code and the message, if it was refused.
    pub(super) error: Option<(String, String)>,
    /// When it can be seen.
    pub(super) delivered_at: Timestamp,
}

/// A call that was recorded.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) user: String,
    pub(super) key: String,
    /// The image's or snapshot's type and id.
    pub(super) resource: Option<(&'static str, String)>,
    /// The record as CloudTrail writes it.
    pub(super) record: String,
    delivered_at: Timestamp,
}

/// What was recorded.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    places: BTreeMap<Place, BTreeMap<Key, Entry>>,
    order: VecDeque<(Place, Key)>,
    count: u64,
}

impl History {
    /// Records a call. Returns the request's id.
    pub(super) fn record(&mut self, event: Event<'_>) -> String {
        let (place, at) = (event.place.clone(), whole_second(event.at));
        let entries = self.places.entry(place.clone()).or_default();
        let same = entries.range((at, 0)..=(at, u64::MAX)).count();
        // Two calls of one second are told apart by their number; the ids stay while other calls come and go.
        let seed = format!("{} {} {at} {} {same}", place.account, place.region, event.name);
        let request = uuid(&format!("request {seed}"));
        let entry = Entry::of(event, uuid(&seed), &request);
        let key = (at, self.count);
        self.count += 1;
        entries.insert(key, entry);
        self.order.push_back((place, key));
        if self.order.len() > MOST {
            self.forget_one();
        }
        request
    }

    fn forget_one(&mut self) {
        if let Some((place, key)) = self.order.pop_front()
            && let Some(entries) = self.places.get_mut(&place)
        {
            entries.remove(&key);
        }
    }

    /// The events of a place between those two, newest first, as far as they can be seen at `now`.
    pub(super) fn newest_first(
        &self,
        place: &Place,
        within: RangeInclusive<Key>,
        now: Timestamp,
    ) -> impl Iterator<Item = (Key, &Entry)> {
        let entries = self.places.get(place).filter(|_| !within.is_empty());
        let within = entries.map(|entries| entries.range(within).rev());
        let seen = move |(_, entry): &(&Key, &Entry)| entry.delivered_at <= now;
        within.into_iter().flatten().filter(seen).map(|(key, entry)| (*key, entry))
    }

    /// The records of all places that can be seen at `now`, oldest first.
    pub(super) fn records(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let all = self.places.values().flatten().filter(|(_, entry)| entry.delivered_at <= now);
        let mut all: Vec<(&Key, &Entry)> = all.collect();
        all.sort_by_key(|(key, _)| **key);
        all.into_iter().map(|(_, entry)| entry.record.as_str())
    }
}

/// Records tell no fractions of seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl Entry {
    fn of(event: Event<'_>, id: String, request: &str) -> Self {
        let record = record(&event, &id, request).to_string();
        let resource = resource(&event);
        let (name, source) = (event.name.to_owned(), event.source.to_owned());
        let Identity { user, key, .. } = event.who;
        Self { id, name, source, user, key, resource, record, delivered_at: event.delivered_at }
    }
}

/// What the event is about, as LookupEvents tells it.
fn resource(event: &Event<'_>) -> Option<(&'static str, String)> {
    let inner = match event.parameters.as_object() {
        Some(map) if map.len() == 1 => map.values().next().filter(|value| value.is_object()),
        _ => None,
    };
    let inner = inner.unwrap_or(&event.parameters);
    let of = |from: &Value, kind, name: &str| Some((kind, from.get(name)?.as_str()?.to_owned()));
    of(inner, "AWS::EC2::Ami", "imageId")
        .or_else(|| of(inner, "AWS::EC2::Ami", "ImageId"))
        .or_else(|| of(&event.response, "AWS::EC2::Ami", "imageId"))
        .or_else(|| of(inner, "AWS::EC2::Snapshot", "snapshotId"))
}

/// The record, with the fields in the order in which CloudTrail writes them.
fn record(event: &Event<'_>, id: &str, request: &str) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": event.who.json,
        "eventTime": event.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.place.region.as_str(),
        "sourceIPAddress": event.ip,
        "userAgent": event.agent,
    });
    let error = event.error.as_ref();
    let rest = json!({
        "requestParameters": Some(&event.parameters).filter(|value| value.to_string().len() <= LARGEST),
        "responseElements": if error.is_some() { Value::Null } else { with_request(&event.response, request) },
        "requestID": request,
        "eventID": id,
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": event.place.account.to_string(),
        "eventCategory": "Management",
    });
    if let (Some(fields), Value::Object(rest)) = (record.as_object_mut(), rest) {
        if let Some((code, message)) = error {
            fields.insert("errorCode".to_owned(), json!(code));
            fields.insert("errorMessage".to_owned(), json!(message));
        }
        fields.extend(rest);
        if event.agent.starts_with("Mozilla/") {
            fields.insert("sessionCredentialFromConsole".to_owned(), json!("true"));
        }
    }
    record
}

/// What EC2 answers, with the request's id: in its newer calls that is inside a member named after the call.
fn with_request(response: &Value, request: &str) -> Value {
    let mut response = response.clone();
    let outer = response.as_object_mut();
    let is_wrapped = outer.as_ref().is_some_and(|map| map.keys().all(|key| key.ends_with("Response")));
    let fields = match outer {
        Some(map) if is_wrapped && map.len() == 1 => map.values_mut().next().and_then(Value::as_object_mut),
        plain => plain,
    };
    if let Some(fields) = fields {
        fields.insert("requestId".to_owned(), json!(request));
    }
    response
}
