//! What a record comes wrapped in, told by its content.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::ecs;
use super::found::{Found, Wanted};
use super::json::{member, text_of};
use super::record::Record;
use super::tolerant;

/// No envelope is wrapped a tenth as deep; what is deeper is not looked into, and told.
const DEEPEST: usize = 100;

/// Takes the records in a value. What is a record is not looked into: its parameters are its caller's, and may look
/// like a record.
pub(super) fn take(value: &Value, wanted: &Wanted, found: &mut Found) {
    open(value, wanted, found, Way { depth: 0, is_selected: false });
}

/// How a value was come to.
#[derive(Clone, Copy)]
struct Way {
    depth: usize,
    /// Whether it is what a query or a rule selected.
    is_selected: bool,
}

impl Way {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

fn open(value: &Value, wanted: &Wanted, found: &mut Found, way: Way) {
    match value {
        Value::Array(_) | Value::Object(_) if way.depth > DEEPEST => {
            found.problem(None, "it is nested too deeply to be read wholly");
        }
        Value::Array(items) => {
            found.is_trail |= items.is_empty() && way.depth == 0;
            items.iter().for_each(|item| open(item, wanted, found, way.deeper()));
        }
        Value::Object(_) => object(value, wanted, found, way),
        _ => {}
    }
}

fn object(value: &Value, wanted: &Wanted, found: &mut Found, way: Way) {
    if let Some(detail) = member(value, "detail").filter(|detail| is_record(detail)) {
        let envelope = Record {
            account: text_of(value, "account"),
            region: text_of(value, "region"),
            time: member(value, "time"),
            is_selected: true,
            ..Record::bare(detail)
        };
        keep(&envelope, value, wanted, found);
    } else if is_record(value) {
        keep(&Record { is_selected: way.is_selected, ..Record::bare(value) }, value, wanted, found);
    } else if let Some(inner) = inner_text(value, found) {
        open(&inner, wanted, found, Way { is_selected: true, ..way.deeper() });
    } else if ecs::is_document(value) {
        let (record, failed) = ecs::record(value);
        keep(&Record { failed, is_selected: true, ..Record::bare(&record) }, value, wanted, found);
    } else if is_digest(value) {
        found.is_trail = true;
    } else if let Value::Object(map) = value {
        let is_empty_list = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
        let lists = ["Records", "Events", "events", "records"];
        found.is_trail |= lists.iter().any(|name| map.get(*name).is_some_and(is_empty_list));
        tell_lost_text(value, found);
        map.values().for_each(|inner| open(inner, wanted, found, way.deeper()));
    }
}

/// Whether it is a record of CloudTrail's, in its own form.
fn is_record(value: &Value) -> bool {
    let has = |name: &str| member(value, name).is_some();
    const WITH_IT: &[&str] =
        &["eventSource", "eventTime", "eventVersion", "eventID", "requestParameters", "userIdentity"];
    // Insights have no name on the outside.
    has("eventName") && WITH_IT.iter().any(|name| has(name)) && !has("CloudTrailEvent")
        || has("eventVersion") && has("eventID")
}

/// The record that stands in an envelope as a text: `lookup-events`, log groups, documents that keep their origin.
fn inner_text(value: &Value, found: &mut Found) -> Option<Value> {
    if let Some(kept) = member(value, "CloudTrailEvent") {
        return match kept {
            Value::String(text) => parsed(text, |_| true, found),
            other => Some(other.clone()),
        };
    }
    // Events that EventBridge writes into a log group come with their envelope.
    let holds_one = |value: &Value| is_record(value) || member(value, "detail").is_some_and(is_record);
    let texts = [ecs::original(value), member(value, "message").and_then(Value::as_str)];
    texts.into_iter().flatten().find_map(|text| parsed(text, holds_one, found))
}

/// An object that stands in a text, if it is one of those that are wanted.
fn parsed(text: &str, is_wanted: impl Fn(&Value) -> bool, found: &mut Found) -> Option<Value> {
    let is_object = text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    let (value, doubt) = is_object.then(|| tolerant::read(text))?;
    is_wanted(&value).then(|| found.doubt(doubt))?;
    Some(value)
}

/// A text in an envelope that should be a record and could not be read: log groups cut what is too long for them.
fn tell_lost_text(value: &Value, found: &mut Found) {
    let looks_like_one = |text: &str| text.trim_start().starts_with('{') && text.contains("eventName");
    let message = member(value, "message").and_then(Value::as_str);
    let is_cut =
        message.is_some_and(|text| looks_like_one(text) && serde_json::from_str::<&RawValue>(text).is_err());
    if member(value, "CloudTrailEvent").is_some_and(Value::is_string) || is_cut {
        found.problem(None, "a record in it is a text that is no JSON");
    }
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>
fn is_digest(value: &Value) -> bool {
    ["digestS3Object", "digestStartTime", "logFiles"].into_iter().all(|name| member(value, name).is_some())
}

/// Counts a record, and keeps the event in it. `whole` is the envelope as it was delivered.
pub(super) fn keep(record: &Record<'_>, whole: &Value, wanted: &Wanted, found: &mut Found) {
    if record.is_selected {
        // What a query did not ask for is not in it: it covers no place.
        found.record("", "", record.time());
    } else {
        found.record(&record.account(), &record.region(), record.time());
    }
    if member(record.value, "eventName").is_some_and(|name| !name.is_string()) {
        found.problem(None, "a record's eventName is no text");
    }
    let raw = wanted.raw.then(|| Arc::from(whole.to_string()));
    found.events.extend(record.event(&wanted.file, raw));
}
