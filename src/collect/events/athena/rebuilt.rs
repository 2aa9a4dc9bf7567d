//! JSON made of a column that is a map or a structure: its names are in lower case, what a record lacks is null
//! there, and what was deeper than the type is a text.

use serde_json::{Map, Value};

/// Names as the services log them. Elastic's rules look for them letter by letter.
const NAMES: &[&str] = &[
    "accountId",
    "attributeType",
    "createVolumePermission",
    "imageId",
    "instanceId",
    "launchPermission",
    "operationType",
    "organizationArn",
    "organizationalUnitArn",
    "s3Bucket",
    "s3ExportLocation",
    "snapshotId",
    "sourceImageId",
    "userId",
];

/// The value as a record has it.
pub(super) fn rebuilt(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let members = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                members.map(|(name, value)| (as_logged(name), rebuilt(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(rebuilt).collect()),
        Value::String(text) if text.starts_with(['{', '[']) => match serde_json::from_str(&text) {
            Ok(inner) => rebuilt(inner),
            Err(_) => Value::String(text),
        },
        other => other,
    }
}

fn as_logged(name: String) -> String {
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(&name));
    known.map_or(name, |known| (*known).to_owned())
}
