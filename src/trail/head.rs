//! The few fields of a record that tell whether it must be read: a record is some 2 KB, and one in thousands
//! matters.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::found::Found;
use super::json::time_of;
use crate::model::event::EventName;

/// Fields of a record in CloudTrail's own form; whatever they hold, this reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    event_name: Option<&'a RawValue>,
    #[serde(borrow)]
    event_version: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    event_time: Option<&'a RawValue>,
    #[serde(borrow)]
    aws_region: Option<&'a RawValue>,
    #[serde(borrow)]
    recipient_account_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "CloudTrailEvent")]
    lookup: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

/// A JSON string's text; `None` where it is something else.
fn string(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let text = value?.get();
    match text.strip_prefix('"')?.strip_suffix('"') {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(text).ok().map(Cow::Owned),
    }
}

/// Counts a record that does not matter; whether it was one. Anything else must be parsed.
pub(super) fn pass(raw: &RawValue, found: &mut Found) -> bool {
    // A field that stands twice fails here too; the parser tells of it.
    let Ok(head) = serde_json::from_str::<Head<'_>>(raw.get()) else { return false };
    let is_own_form = head.event_version.is_some() && head.event_id.is_some();
    if !is_own_form || head.lookup.is_some() || head.detail.is_some() {
        return false;
    }
    // A name that is no string may be hiding something; one that is absent here may be written in another case.
    let Some(name) = string(head.event_name) else { return false };
    let (Some(account), Some(region)) = (string(head.recipient_account_id), string(head.aws_region)) else {
        return false;
    };
    if EventName::parse(&name).is_some() {
        return false;
    }
    let time = string(head.event_time).and_then(|text| time_of(&text));
    found.record(&account, &region, time);
    true
}
