//! Records that a service of AWS's selected and gives one by one, as texts.

use serde_json::{Map, Value, json};

use crate::trail::{Checked, Found, Wanted, read_document};

/// Reads them, each under the name that the service gives it.
pub(super) fn read_selected<'a>(
    member: &str,
    texts: impl IntoIterator<Item = &'a String>,
    wanted: &Wanted,
) -> Found {
    let event = |text: &String| Value::Object(Map::from_iter([(member.to_owned(), json!(text))]));
    let events: Vec<Value> = texts.into_iter().map(event).collect();
    read_document(json!({ "Events": events }).to_string().as_bytes(), Checked::Wholly, wanted)
}
