//! Maps and lists written by something that was no JSON writer: Java (Elastic), Presto (Athena, CloudTrail Lake),
//! Python. `{a=1, b=[x, y]}` and `{'a': 1, 'b': None}` are read alike.

use serde_json::{Map, Value};

/// Deeper than this nothing of CloudTrail's goes.
const DEEPEST: usize = 64;

/// Reads such a text; `None` where it is no map and no list, or breaks off.
pub(super) fn read(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut reader = Reader { rest: text };
    let value = match text.chars().next()? {
        '{' | '[' => reader.value(0, Within::Map)?,
        _ => return None,
    };
    reader.rest.trim().is_empty().then_some(value)
}

/// What a bare value stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Map,
    List,
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize, within: Within) -> Option<Value> {
        self.spaces();
        match self.rest.chars().next()? {
            _ if depth > DEEPEST => None,
            '{' => self.map(depth),
            '[' => self.list(depth),
            quote @ ('\'' | '"') => match self.quoted(quote) {
                Some(text) => Some(Value::String(text)),
                None => self.bare(within),
            },
            _ => self.bare(within),
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.take('{')?;
        let mut map = Map::new();
        loop {
            self.spaces();
            if self.take('}').is_some() {
                return Some(Value::Object(map));
            }
            let key = self.key()?;
            let value = self.value(depth + 1, Within::Map)?;
            map.insert(key, value);
            self.spaces();
            if self.take(',').is_none() {
                self.take('}')?;
                return Some(Value::Object(map));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.take('[')?;
        let mut list = Vec::new();
        loop {
            self.spaces();
            if self.take(']').is_some() {
                return Some(Value::Array(list));
            }
            list.push(self.value(depth + 1, Within::List)?);
            self.spaces();
            if self.take(',').is_none() {
                self.take(']')?;
                return Some(Value::Array(list));
            }
        }
    }

    /// A key and the sign behind it.
    fn key(&mut self) -> Option<String> {
        if let Some(quote @ ('\'' | '"')) = self.rest.chars().next() {
            let key = self.quoted(quote)?;
            self.spaces();
            self.take(':').or_else(|| self.take('='))?;
            return Some(key);
        }
        let end = self.rest.find(['=', '{', '}', '[', ']', ','])?;
        let (key, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.take('=')?;
        Some(key.trim().to_owned())
    }

    /// A text in quotes, if what follows shows that it was one.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                }),
                _ if c == quote => {
                    let rest = self.rest.get(at + c.len_utf8()..)?;
                    let next = rest.trim_start().chars().next();
                    if !matches!(next, None | Some(',' | '}' | ']' | ':' | '=')) {
                        return None;
                    }
                    self.rest = rest;
                    return Some(text);
                }
                _ => text.push(c),
            }
        }
        None
    }

    /// A value without quotes: up to the end of what it stands in, or a comma and a space with another value
    /// behind them. Names of sessions have commas and equals signs in them, and no spaces.
    fn bare(&mut self, within: Within) -> Option<Value> {
        let ends = |at: usize, c: char| match c {
            '}' => within == Within::Map,
            ']' => within == Within::List,
            ',' => {
                let rest = self.rest.get(at + 1..).unwrap_or_default();
                rest.starts_with(' ') && (within == Within::List || rest.contains('='))
                    || rest.trim_start().starts_with(['\'', '"'])
            }
            _ => false,
        };
        let end = self.rest.char_indices().find(|(at, c)| ends(*at, *c))?.0;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(match text.trim() {
            "null" | "None" => Value::Null,
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            text => Value::String(text.to_owned()),
        })
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }
}
