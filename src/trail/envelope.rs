//! What a record comes wrapped in, told by its content.

use std::sync::Arc;

use serde_json::Value;

use super::ecs;
use super::found::{Found, Wanted};
use super::json::{member, text_of};
use super::record::Record;

/// No envelope is wrapped deeper than this.
const DEEPEST: usize = 8;

/// Takes the records in a value. What is a record is not looked into: its parameters are its caller's, and may look
/// like a record.
pub(super) fn take(value: &Value, wanted: &Wanted, found: &mut Found) {
    open(value, wanted, found, 0);
}

fn open(value: &Value, wanted: &Wanted, found: &mut Found, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Array(items) => {
            found.is_trail |= items.is_empty() && depth == 0;
            items.iter().for_each(|item| open(item, wanted, found, depth + 1));
        }
        Value::Object(_) => object(value, wanted, found, depth),
        _ => {}
    }
}

fn object(value: &Value, wanted: &Wanted, found: &mut Found, depth: usize) {
    if let Some(detail) = member(value, "detail").filter(|detail| is_record(detail)) {
        let envelope = Record {
            account: text_of(value, "account"),
            region: text_of(value, "region"),
            time: member(value, "time"),
            ..Record::bare(detail)
        };
        keep(&envelope, value, wanted, found);
    } else if is_record(value) {
        keep(&Record::bare(value), value, wanted, found);
    } else if let Some(inner) = inner_text(value) {
        open(&inner, wanted, found, depth + 1);
    } else if ecs::is_document(value) {
        let (record, failed) = ecs::record(value);
        keep(&Record { failed, ..Record::bare(&record) }, value, wanted, found);
    } else if is_digest(value) {
        found.is_trail = true;
    } else if let Value::Object(map) = value {
        let is_empty_list = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
        let lists = ["Records", "Events", "events", "records"];
        found.is_trail |= lists.iter().any(|name| map.get(*name).is_some_and(is_empty_list));
        map.values().for_each(|inner| open(inner, wanted, found, depth + 1));
    }
}

/// Whether it is a record of CloudTrail's, in its own form.
fn is_record(value: &Value) -> bool {
    let has = |name: &str| member(value, name).is_some();
    let is_call =
        has("eventName") && ["eventSource", "eventTime", "eventVersion", "eventID"].into_iter().any(has);
    // Insights have no name on the outside.
    is_call && member(value, "eventName").is_some_and(Value::is_string) && !has("CloudTrailEvent")
        || has("eventVersion") && has("eventID")
}

/// The record that stands in an envelope as a text: `lookup-events`, log groups, documents that keep their origin.
fn inner_text(value: &Value) -> Option<Value> {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    if let Some(kept) = member(value, "CloudTrailEvent") {
        return match kept {
            Value::String(text) => parsed(text),
            other => Some(other.clone()),
        };
    }
    if let Some(original) = ecs::original(value) {
        return Some(original);
    }
    let message = member(value, "message")?.as_str()?;
    parsed(message).filter(is_record)
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>
fn is_digest(value: &Value) -> bool {
    ["digestS3Object", "digestStartTime", "logFiles"].into_iter().all(|name| member(value, name).is_some())
}

/// Counts a record, and keeps the event in it. `whole` is the envelope as it was delivered.
pub(super) fn keep(record: &Record<'_>, whole: &Value, wanted: &Wanted, found: &mut Found) {
    found.record(&record.account(), &record.region(), record.time());
    let raw = wanted.raw.then(|| Arc::from(whole.to_string()));
    found.events.extend(record.event(&wanted.file, raw));
}
