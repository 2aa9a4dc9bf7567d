//! CSV as CloudTrail Lake and Athena export it: a column a field, maps and structures as their engine prints them.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-lake-cli.html>

use std::io::Read;

use serde_json::{Map, Value};

use super::envelope;
use super::found::{Found, Wanted};
use super::json::text;
use super::loose;
use super::record::Record;

/// Columns that hold a map or a structure.
const STRUCTURES: &[&str] =
    &["useridentity", "requestparameters", "responseelements", "serviceeventdetails", "additionaleventdata"];

/// Whether a text begins with a header row that names CloudTrail's fields: those by which a share can be told.
pub(super) fn is_csv(bytes: &[u8]) -> bool {
    // A document of AWS's is one line.
    let bytes = bytes.get(..1 << 16).unwrap_or(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.trim_ascii_start().starts_with(b"{") || line.trim_ascii_start().starts_with(b"[") {
        return false;
    }
    let names = names(&String::from_utf8_lossy(line));
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    has("eventname") && (has("eventsource") || has("requestparameters"))
}

fn names(line: &str) -> Vec<String> {
    line.split(',').map(|name| column(name.trim().trim_matches('"'))).collect()
}

/// A column's name without its table's, in lower case.
fn column(name: &str) -> String {
    name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase()
}

/// Reads such a text.
pub(super) fn read(source: impl Read, wanted: &Wanted, found: &mut Found) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let columns: Vec<String> = match reader.byte_headers() {
        Ok(header) => header.iter().map(|name| column(&String::from_utf8_lossy(name))).collect(),
        Err(error) => return found.problem(Some(1), error.to_string()),
    };
    found.is_trail = true;
    let mut row = csv::ByteRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_byte_record(&mut row) {
            Ok(false) => return,
            Ok(true) if row.len() == columns.len() => take(&columns, &row, wanted, found),
            Ok(true) => {
                let why = format!("it has {} cells, and the header {}", row.len(), columns.len());
                found.problem(Some(line), why);
            }
            Err(error) => return found.problem(Some(line), error.to_string()),
        }
    }
}

fn take(columns: &[String], row: &csv::ByteRecord, wanted: &Wanted, found: &mut Found) {
    let mut map = Map::new();
    for (name, cell) in columns.iter().zip(row) {
        let cell = String::from_utf8_lossy(cell);
        if !cell.is_empty() && cell != "null" {
            put(&mut map, name, &cell);
        }
    }
    let value = Value::Object(map);
    let get = |name: &str| text(value.get(name));
    let has = |name: &str| columns.iter().any(|column| column == name);
    let record = Record {
        account: get("account"),
        region: get("region"),
        lacks_parameters: !has("requestparameters"),
        ..Record::bare(&value)
    };
    envelope::keep(&record, &value, wanted, found);
}

/// Puts a cell where a record has it: `useridentity.arn` and `useridentity_arn` are members of the structure.
fn put(map: &mut Map<String, Value>, name: &str, cell: &str) {
    for structure in STRUCTURES {
        if name == *structure {
            map.insert(name.to_owned(), structured(cell));
            return;
        }
        let member = name.strip_prefix(structure).and_then(|rest| rest.strip_prefix(['.', '_']));
        if let Some(member) = member {
            let holder = map.entry(*structure).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(holder) = holder {
                holder.insert(member.to_owned(), Value::String(cell.to_owned()));
            }
            return;
        }
    }
    map.insert(name.to_owned(), Value::String(cell.to_owned()));
}

/// A map, with those that are texts in it opened too: Lake prints a map of texts, of which some are JSON.
fn structured(cell: &str) -> Value {
    match loose::read(cell) {
        Some(Value::Object(map)) => {
            Value::Object(map.into_iter().map(|(name, value)| (name, opened(value))).collect())
        }
        Some(other) => other,
        None => Value::String(cell.to_owned()),
    }
}

fn opened(value: Value) -> Value {
    match &value {
        Value::String(text) if text.starts_with(['{', '[']) => loose::read(text).unwrap_or(value),
        _ => value,
    }
}
