//! Looking into JSON that may be anything: nothing here fails, and no value of the wrong type is lost.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// A member by its name; where there is none, by its name in other case. Athena and Lake write names in lower
/// case, and EC2's newer calls are logged with upper-case ones.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    let found = map
        .get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value));
    found.filter(|value| !value.is_null())
}

/// A member of a member, and so on.
pub(super) fn path<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().try_fold(value, |value, name| member(value, name))
}

/// A value as a text: a string's own, nothing for null, else its JSON.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A member's text.
pub(super) fn text_of(value: &Value, name: &str) -> String {
    text(member(value, name))
}

/// A time in any form that logs write it in; without an offset it is UTC.
pub(super) fn time(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        Value::String(text) => time_of(text),
        Value::Number(number) => {
            let number = number.as_f64()?;
            // Seconds or milliseconds since 1970: as seconds the latter would lie thousands of years ahead.
            let seconds = if number.abs() > 1e11 { number / 1000.0 } else { number };
            Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
        }
        _ => None,
    }
}

/// The same for a text.
pub(super) fn time_of(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let civil = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(civil)
}

/// The parameters of a call: the newer ones of EC2 are logged inside a member that is named after the call.
pub(super) fn parameters(value: &Value) -> &Value {
    let inner =
        |map: &'_ Map<String, Value>| map.len() == 1 && map.keys().all(|key| key.ends_with("Request"));
    match value.as_object() {
        Some(map) if inner(map) => map.values().next().filter(|value| value.is_object()).unwrap_or(value),
        _ => value,
    }
}
