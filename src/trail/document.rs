//! JSON in memory: one document, several behind each other, or one a line. Records are taken from it one by one, so
//! that those before a damage are kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

use super::csv_file;
use super::envelope;
use super::found::{Found, Wanted};
use super::head;
use super::survey::survey;
use super::tolerant;

/// How far a file is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// All of it is parsed.
    Wholly,
    /// A checksum vouches for it: of a file of AWS's only those records are parsed in which a name that matters is.
    RoundMatches,
}

/// Reads a file's content.
#[must_use]
pub fn read_document(bytes: &[u8], checked: Checked, wanted: &Wanted) -> Found {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut found = Found::default();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        found.problem(None, "it is empty");
        return found;
    }
    if let Some(what) = other_kind(bytes) {
        found.problem(None, what);
        return found;
    }
    if checked == Checked::RoundMatches {
        if let Some(elements) = survey(bytes, &mut found)
            && elements.iter().all(|element| take_element(element, wanted, &mut found))
        {
            return found;
        }
        found = Found::default();
    }
    if csv_file::is_csv(bytes) {
        csv_file::read(bytes, bytes.len(), wanted, &mut found);
    } else {
        read_json(bytes, 1, wanted, &mut found);
    }
    found.settle()
}

/// What a file is that is not read, where that can be told and helps.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("it is UTF-16: save it as UTF-8"),
        [b'P', b'K', 3, 4, ..] => Some("it is a zip archive: unpack it"),
        _ => None,
    }
}

/// Reads JSON values behind each other, of which the first begins in this line. After a damage it goes on with the
/// next line, if that begins a value.
pub(super) fn read_json(bytes: &[u8], mut line: u64, wanted: &Wanted, found: &mut Found) {
    let text = readable(bytes, line, found);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.iter().all(u8::is_ascii_whitespace)) {
        let next = match read_value(rest, wanted, found) {
            Ok(length) => at + length.max(1),
            Err(error) => {
                let is_first = line == 1 && at == 0 && !found.is_trail;
                found.problem(Some(line + error.line().max(1) as u64 - 1), said(&error, is_first));
                match next_line(bytes, at + offset(rest, &error)) {
                    Some(next) => next,
                    None => return,
                }
            }
        };
        line += count_lines(bytes.get(at..next).unwrap_or_default());
        at = next;
    }
}

/// The text of a file. What is no UTF-8 spoils the texts that it stands in, and not the records.
fn readable<'a>(bytes: &'a [u8], line: u64, found: &mut Found) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            found.problem(Some(line + count_lines(before)), "it is not all UTF-8; the rest of it was read");
            String::from_utf8_lossy(bytes)
        }
    }
}

/// Reads the first value of a text, and says how long it is.
fn read_value(text: &[u8], wanted: &Wanted, found: &mut Found) -> Result<usize, serde_json::Error> {
    let mut reader = Deserializer::from_slice(text);
    if is_list(text) {
        Top { wanted, found }.deserialize(&mut reader)?;
    } else {
        take(<&RawValue>::deserialize(&mut reader)?, wanted, found);
    }
    Ok(reader.into_iter::<&RawValue>().byte_offset())
}

/// Whether a text begins as AWS writes its files, or as a list: its elements are then taken one by one.
fn is_list(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let records = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    text.starts_with(b"[") || records.is_some_and(|text| text.starts_with(b"\"Records\""))
}

/// Takes what is in one value.
fn take(raw: &RawValue, wanted: &Wanted, found: &mut Found) {
    if !head::pass(raw, found) {
        let (value, doubt) = tolerant::read(raw.get());
        found.doubt(doubt);
        envelope::take(&value, wanted, found);
    }
}

/// Takes an element of a list; whether it could be read.
fn take_element(element: &[u8], wanted: &Wanted, found: &mut Found) -> bool {
    serde_json::from_slice(element).map(|raw| take(raw, wanted, found)).is_ok()
}

/// serde's message without its position: lines are ours.
fn said(error: &serde_json::Error, is_first: bool) -> String {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let or_csv = if is_first { ", and no CSV of CloudTrail's" } else { "" };
    format!("it is no JSON{or_csv}: {message}")
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Where in a text an error is.
fn offset(text: &[u8], error: &serde_json::Error) -> usize {
    let before = error.line().saturating_sub(1);
    let start = match before.checked_sub(1) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', text).nth(nth).map_or(text.len(), |at| at + 1),
    };
    (start + error.column().saturating_sub(1)).min(text.len())
}

/// The next line that begins with an object.
fn next_line(bytes: &[u8], from: usize) -> Option<usize> {
    let ends = memchr::memchr_iter(b'\n', bytes.get(from..)?).map(|at| from + at + 1);
    ends.into_iter().find(|at| bytes.get(*at) == Some(&b'{'))
}

/// A value at the top: a list is taken element by element.
struct Top<'w, 'f> {
    wanted: &'w Wanted,
    found: &'f mut Found,
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut is_empty = true;
        while let Some(element) = list.next_element::<&RawValue>()? {
            is_empty = false;
            take(element, self.wanted, self.found);
        }
        self.found.is_trail |= is_empty;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut others: Map<String, Value> = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "Records" {
                map.next_value_seed(Top { wanted: self.wanted, found: &mut *self.found })?;
            } else {
                let (value, doubt) = tolerant::read(map.next_value::<&RawValue>()?.get());
                self.found.doubt(doubt);
                others.insert(name, value);
            }
        }
        envelope::take(&Value::Object(others), self.wanted, self.found);
        Ok(())
    }
}
