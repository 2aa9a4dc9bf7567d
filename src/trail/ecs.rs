//! Documents of Elastic and Filebeat: CloudTrail's fields under other names.
//! <https://github.com/elastic/integrations/tree/main/packages/aws/data_stream/cloudtrail>

use serde_json::{Map, Value, json};

use super::json::text;
use super::loose;

/// A field by its dotted name: nested objects, or a key with dots in it. A list of one is that one.
fn field<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    let map = document.as_object()?;
    let found = map.get(name).or_else(|| {
        let mut dots = name.match_indices('.').map(|(at, _)| at);
        dots.find_map(|at| {
            let (head, tail) = name.split_at(at);
            field(map.get(head)?, tail.strip_prefix('.')?)
        })
    });
    match found {
        Some(Value::Array(items)) if items.len() == 1 => items.first(),
        found => found.filter(|value| !value.is_null()),
    }
}

/// Whether it is such a document of a call.
pub(super) fn is_document(value: &Value) -> bool {
    field(value, "event.action").is_some()
        && ["event.provider", "aws.cloudtrail.event_type", "aws.cloudtrail.request_parameters"]
            .iter()
            .any(|name| field(value, name).is_some())
}

/// The record as CloudTrail wrote it, where the document keeps it.
pub(super) fn original(value: &Value) -> Option<&str> {
    ["event.original", "message"].iter().find_map(|name| field(value, name))?.as_str()
}

/// The record's own fields, and what a document says in their place.
const FIELDS: &[(&str, &[&str])] = &[
    ("eventID", &["event.id"]),
    ("eventTime", &["@timestamp"]),
    ("eventName", &["event.action"]),
    ("eventSource", &["event.provider"]),
    ("awsRegion", &["cloud.region"]),
    ("recipientAccountId", &["aws.cloudtrail.recipient_account_id", "cloud.account.id"]),
    ("sourceIPAddress", &["source.address", "source.ip"]),
    ("userAgent", &["user_agent.original"]),
    ("errorCode", &["aws.cloudtrail.error_code"]),
    ("errorMessage", &["aws.cloudtrail.error_message"]),
    ("requestID", &["aws.cloudtrail.request_id"]),
    ("sessionCredentialFromConsole", &["aws.cloudtrail.session_credential_from_console"]),
];

/// Those of the identity.
const IDENTITY: &[(&str, &[&str])] = &[
    ("type", &["aws.cloudtrail.user_identity.type"]),
    ("arn", &["aws.cloudtrail.user_identity.arn"]),
    ("accessKeyId", &["aws.cloudtrail.user_identity.access_key_id"]),
    ("principalId", &["user.id"]),
    ("accountId", &["aws.cloudtrail.user_identity.account_id", "cloud.account.id"]),
    ("invokedBy", &["aws.cloudtrail.user_identity.invoked_by"]),
];

fn copied(document: &Value, fields: &[(&str, &[&str])]) -> Map<String, Value> {
    let find = |names: &[&str]| names.iter().find_map(|name| field(document, name)).cloned();
    fields.iter().filter_map(|(name, names)| Some(((*name).to_owned(), find(names)?))).collect()
}

/// A map that the pipeline keeps twice: as it was, and as Java writes it.
fn map(document: &Value, name: &str) -> Option<Value> {
    if let Some(kept) = field(document, &format!("aws.cloudtrail.flattened.{name}")) {
        return Some(kept.clone());
    }
    let written = field(document, &format!("aws.cloudtrail.{name}"))?;
    Some(written.as_str().and_then(loose::read).unwrap_or_else(|| written.clone()))
}

/// The record in CloudTrail's form, and whether the document says that the call failed.
pub(super) fn record(document: &Value) -> (Value, bool) {
    let mut record = copied(document, FIELDS);
    let mut identity = copied(document, IDENTITY);
    if let Some(mfa) = field(document, "aws.cloudtrail.user_identity.session_context.mfa_authenticated") {
        identity.insert("sessionContext".to_owned(), json!({ "attributes": { "mfaAuthenticated": mfa } }));
    }
    record.insert("userIdentity".to_owned(), Value::Object(identity));
    let maps = [
        ("requestParameters", "request_parameters"),
        ("responseElements", "response_elements"),
        ("serviceEventDetails", "service_event_details"),
    ];
    for (name, kept_as) in maps {
        if let Some(value) = map(document, kept_as) {
            record.insert(name.to_owned(), value);
        }
    }
    let failed = text(field(document, "event.outcome")) == "failure";
    (Value::Object(record), failed)
}
