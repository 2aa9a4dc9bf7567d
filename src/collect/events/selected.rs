//! Records that a service of AWS's selected and gives one by one, as texts.

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::trail::{Checked, Found, Problem, Wanted, read_document};

/// Reads them, each under the name that the service gives it. One that is cut off is no text of somebody else's.
pub(super) fn read_selected<'a>(
    member: &str,
    texts: impl IntoIterator<Item = &'a String>,
    wanted: &Wanted,
) -> Found {
    let mut errors = Vec::new();
    let event = |text: &String| {
        errors.extend(serde_json::from_str::<IgnoredAny>(text).err());
        Value::Object(Map::from_iter([(member.to_owned(), json!(text))]))
    };
    let events: Vec<Value> = texts.into_iter().map(event).collect();
    let mut found =
        read_document(json!({ "Events": events }).to_string().as_bytes(), Checked::Wholly, wanted);
    // Where `trail` told each of them already, that is enough.
    if let Some(error) = errors.first().filter(|_| found.problems.len() < errors.len()) {
        let why = format!("no JSON are {} of {} records that came: {error}", errors.len(), events.len());
        found.problems.push(Problem { line: None, why });
    }
    found
}
