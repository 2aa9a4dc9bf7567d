//! CSV as the contract wants it: header row, RFC 4180 quoting, `\n` ends, formulas neutralised.

use std::borrow::Borrow;
use std::io::Write;

use serde_json::{Map, Value};

use super::RenderError;
use super::text::cell;

/// A column: its name, and a row's cell.
pub(super) type Column<Row> = (&'static str, fn(&Row) -> String);

/// Renders `rows`, one line each, and counts them.
pub(super) fn table<Row>(
    file: &'static str,
    columns: &[Column<Row>],
    rows: impl Iterator<Item = impl Borrow<Row>>,
    out: &mut dyn Write,
) -> Result<Option<u64>, RenderError> {
    let failed = |error: csv::Error| {
        let why = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => RenderError::Write(error),
            _ => RenderError::Value { file, why },
        }
    };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    writer.write_record(columns.iter().map(|(name, _)| *name)).map_err(failed)?;
    let mut count = 0;
    for row in rows {
        let row = row.borrow();
        writer.write_record(columns.iter().map(|(_, value)| cell(&value(row)))).map_err(failed)?;
        count += 1;
    }
    // A writer that is dropped keeps its last error to itself.
    writer.flush()?;
    Ok(Some(count))
}

/// Columns that are no texts in JSON: yes or no, and counts.
const TYPED: &[&str] =
    &["seed_rule_match", "elastic_rule_match", "console", "member_then", "ambiguous", "duration"];

fn json(name: &str, text: String) -> Value {
    let typed = || serde_json::from_str(&text).ok().filter(|_| TYPED.contains(&name));
    if text.is_empty() { Value::Null } else { typed().unwrap_or(Value::String(text)) }
}

/// Renders the same columns as JSON, one object a line; what has no value is null.
pub(super) fn ndjson<Row>(
    file: &'static str,
    columns: &[Column<Row>],
    rows: impl Iterator<Item = impl Borrow<Row>>,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    for row in rows {
        let row = row.borrow();
        let object: Map<String, Value> =
            columns.iter().map(|(name, value)| ((*name).to_owned(), json(name, value(row)))).collect();
        serde_json::to_writer(&mut *out, &object).map_err(|error| super::json::failed(file, error))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A yes or no; empty when it is not known.
pub(super) fn yes_no(value: Option<bool>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
