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

/// Reads such a text, of which a row may have `most` bytes.
pub(super) fn read(source: impl Read, most: usize, wanted: &Wanted, found: &mut Found) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(Rows::new(source, most));
    let columns: Vec<String> = match reader.byte_headers() {
        Ok(header) => header.iter().map(|name| column(&String::from_utf8_lossy(name))).collect(),
        Err(error) => return found.problem(Some(1), error.to_string()),
    };
    found.is_trail = true;
    let mut row = csv::ByteRecord::new();
    let mut line = 1;
    loop {
        reader.get_mut().next_row();
        match reader.read_byte_record(&mut row) {
            Ok(false) => break,
            Ok(true) => {
                line = row.position().map_or(line, csv::Position::line);
                take_row(&columns, &row, line, wanted, found);
            }
            Err(error) => return found.problem(Some(reader.position().line()), error.to_string()),
        }
    }
    if reader.get_ref().is_quote_open {
        // A quote that is never closed makes one cell of all that follows.
        found.problem(
            Some(line),
            "a quote in or before this row is not closed: it may hide the rows behind it",
        );
    }
}

fn take_row(columns: &[String], row: &csv::ByteRecord, line: u64, wanted: &Wanted, found: &mut Found) {
    if row.len() != columns.len() {
        return found
            .problem(Some(line), format!("it has {} cells, and the header {}", row.len(), columns.len()));
    }
    if std::str::from_utf8(row.as_slice()).is_err() {
        found.problem(Some(line), "it is not all UTF-8; the rest of it was read");
    }
    take(columns, row, wanted, found);
}

/// A source of which a row may have so many bytes, and that counts quotes.
struct Rows<R> {
    source: R,
    most: usize,
    left: usize,
    is_quote_open: bool,
}

impl<R> Rows<R> {
    /// What the reader takes at once, so that a row may begin so far before its bytes are counted.
    const AHEAD: usize = 1 << 16;

    fn new(source: R, most: usize) -> Self {
        Self { source, most, left: most.saturating_add(Self::AHEAD), is_quote_open: false }
    }

    fn next_row(&mut self) {
        self.left = self.most.saturating_add(Self::AHEAD);
    }
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            let why = format!("it is longer than {} bytes (--max-file-bytes)", self.most);
            return Err(std::io::Error::other(why));
        }
        let most = room.len().min(self.left);
        let count = self.source.read(room.get_mut(..most).unwrap_or_default())?;
        self.left -= count;
        let read = room.get(..count).unwrap_or_default();
        self.is_quote_open ^= memchr::memchr_iter(b'"', read).count() % 2 == 1;
        Ok(count)
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
        is_selected: true,
        ..Record::bare(&value)
    };
    envelope::keep(&record, &value, wanted, found);
}

/// Puts a cell where a record has it: `useridentity.arn` and `useridentity_arn` are members of the structure.
fn put(map: &mut Map<String, Value>, name: &str, cell: &str) {
    let below = |structure: &&str| {
        let rest = name.strip_prefix(structure)?;
        (rest.is_empty() || rest.starts_with(['.', '_'])).then(|| (structure.to_string(), rest.to_owned()))
    };
    match STRUCTURES.iter().find_map(below) {
        None => map.insert(name.to_owned(), cell.into()),
        Some((structure, rest)) if rest.is_empty() => map.insert(structure, structured(cell)),
        Some((structure, rest)) => {
            let path: Vec<&str> = rest.split(['.', '_']).filter(|name| !name.is_empty()).collect();
            put_below(map.entry(structure).or_insert_with(|| Map::new().into()), &path, cell);
            None
        }
    };
}

fn put_below(holder: &mut Value, path: &[&str], cell: &str) {
    match (path.split_first(), holder) {
        (None, holder) => *holder = opened(cell.into()),
        (Some((name, rest)), Value::Object(map)) => {
            let inner = map.entry(as_logged(name)).or_insert_with(|| Map::new().into());
            put_below(inner, rest, cell);
        }
        // The structure has a column of its own.
        _ => {}
    }
}

/// A parameter's name as EC2 logs it: columns are in lower case.
fn as_logged(name: &str) -> String {
    const NAMES: &[&str] = &[
        "imageId",
        "snapshotId",
        "attributeType",
        "launchPermission",
        "createVolumePermission",
        "operationType",
    ];
    let found = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
    found.map_or(name, |known| known).to_owned()
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
