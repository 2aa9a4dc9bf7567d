//! Parameters as Elastic's pipeline stores them: as Java writes a map. It has no quotes and no escapes, so it can
//! be written and not surely read back.
//! <https://github.com/elastic/integrations/tree/main/packages/aws/data_stream/cloudtrail>

use serde_json::Value;

/// Writes a value as Java does, members in the order of their names: one text for one content, whatever the
/// envelope. (Java's own order is any.)
pub(super) fn sorted(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::String(text) => out.push_str(text),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::Array(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (nth, (name, value)) in members.into_iter().enumerate() {
                out.push_str(if nth > 0 { ", " } else { "" });
                out.push_str(name);
                out.push('=');
                write(value, out);
            }
            out.push('}');
        }
    }
}
