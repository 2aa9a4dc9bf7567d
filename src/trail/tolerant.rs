//! JSON into memory, whatever it holds. A number that no type has room for, a text that was cut inside a character
//! or nesting without end must not take the record with it that they stand in.

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Deserializer, Map, Value};

/// Members are opened one by one no deeper than this; records in their envelopes are not half as deep.
const DEEPEST: usize = 24;

/// Why a value may not be what its text says.
type Doubt = Cell<Option<&'static str>>;

const TWICE: &str = "an object has a member twice, with different values";
const TOO_DEEP: &str = "it is nested too deeply to be read wholly";

/// Reads a text of valid syntax, and says whether something in it is doubtful.
pub(super) fn read(text: &str) -> (Value, Option<&'static str>) {
    let doubt = Doubt::new(None);
    let value = piecewise(text.trim(), 0, &doubt);
    (value, doubt.get())
}

/// Reads it as a whole; where that fails, member by member, so that only what fails is kept as a text.
fn piecewise(text: &str, depth: usize, doubt: &Doubt) -> Value {
    let mut reader = Deserializer::from_str(text);
    if let Ok(value) = (Tree { doubt }).deserialize(&mut reader) {
        return value;
    }
    let inner = |raw: &RawValue| piecewise(raw.get(), depth + 1, doubt);
    if depth < DEEPEST {
        if let Ok(Members(members)) = serde_json::from_str(text) {
            let mut map = Map::new();
            members.into_iter().for_each(|(key, value)| put(&mut map, lossy(key.get()), inner(value), doubt));
            return Value::Object(map);
        }
        if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
            return Value::Array(items.into_iter().map(inner).collect());
        }
    } else if text.starts_with(['{', '[']) {
        doubt.set(Some(TOO_DEEP));
    }
    Value::String(lossy(text))
}

fn put(map: &mut Map<String, Value>, key: String, value: Value, doubt: &Doubt) {
    if map.get(&key).is_some_and(|held| *held != value) {
        doubt.set(Some(TWICE));
    }
    map.insert(key, value);
}

/// A JSON string's text, with marks where half a character stands; of anything else its own text.
fn lossy(text: &str) -> String {
    let mut reader = Deserializer::from_str(text);
    serde::Deserializer::deserialize_bytes(&mut reader, Lossy).unwrap_or_else(|_| text.to_owned())
}

struct Lossy;

impl Visitor<'_> for Lossy {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The members of an object, unopened.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        reader.deserialize_map(Each)
    }
}

/// serde_json's own value, but what stands twice is noticed.
struct Tree<'a> {
    doubt: &'a Doubt,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Tree { doubt: self.doubt })? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key()? {
            let value = members.next_value_seed(Tree { doubt: self.doubt })?;
            put(&mut map, key, value, self.doubt);
        }
        Ok(map.into())
    }
}
