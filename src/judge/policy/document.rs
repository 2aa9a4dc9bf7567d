//! Reads a TOML document table by table and collects every problem with its place, instead of stopping
//! at the first.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Which bytes of the file it is about.
    pub span: Range<usize>,
}

/// Which moment of a day a date stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Day {
    Begins,
    Ends,
}

/// A text and where it stands.
pub(super) type Placed = (String, Range<usize>);

/// One table of the document.
pub(super) struct Section<'a> {
    /// What the table is called in messages, such as `[[exception]]`.
    pub(super) name: &'static str,
    pub(super) table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
    asked: Vec<&'static str>,
    pub(super) problems: &'a mut Vec<PolicyProblem>,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: &'static str, at: &TableAt<'a>, problems: &'a mut Vec<PolicyProblem>) -> Self {
        Self { name, table: at.table, span: at.span.clone(), asked: Vec::new(), problems }
    }

    pub(super) fn problem(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(PolicyProblem { message: message.into(), help: help.into(), span });
    }

    /// Whether the key is there at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(found, _)| found.get_ref() == key)
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table.iter().find(|(found, _)| found.get_ref() == key).map(|(_, value)| value)
    }

    /// A text that may be missing.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Placed> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some((text.to_owned(), value.span())),
            Some(_) => {
                self.problem(value.span(), format!("`{key}` is empty"), "");
                None
            }
            None => {
                let found = value.get_ref().type_str();
                self.problem(value.span(), format!("`{key}` is a text, not {found}"), "put it in quotes");
                None
            }
        }
    }

    /// Texts under `plural`, or one under `singular`.
    pub(super) fn texts(&mut self, singular: &'static str, plural: &'static str) -> Option<Vec<Placed>> {
        let one = self.get(singular);
        let many = self.get(plural);
        let value = match (one, many) {
            (None, None) => return None,
            (Some(value), None) | (None, Some(value)) => value,
            (Some(_), Some(value)) => {
                let message = format!("`{singular}` and `{plural}` are the same key");
                self.problem(value.span(), message, "write one of them");
                value
            }
        };
        let items: Vec<&Spanned<DeValue<'a>>> = match value.get_ref().as_array() {
            Some(array) => array.iter().collect(),
            None => vec![value],
        };
        if items.is_empty() {
            let help = "leave the key out where it is not meant to narrow anything";
            self.problem(value.span(), format!("`{plural}` names nothing"), help);
        }
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span())),
                None => {
                    let help = "an account id is written in quotes, so that its zeros stay";
                    self.problem(
                        item.span(),
                        format!("`{plural}` holds texts, not {}", item.get_ref().type_str()),
                        help,
                    );
                }
            }
        }
        Some(texts)
    }

    /// Texts that all parse, or problems where they do not.
    pub(super) fn parsed<T>(&mut self, singular: &'static str, plural: &'static str) -> Option<Vec<T>>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let texts = self.texts(singular, plural)?;
        let mut values = Vec::new();
        for (text, span) in texts {
            match text.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.problem(span, format!("{error}"), ""),
            }
        }
        Some(values)
    }

    /// A table of texts, such as `tags = { team = "web" }`.
    pub(super) fn pairs(&mut self, key: &'static str) -> Vec<(Placed, Placed)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.problem(
                value.span(),
                format!("`{key}` is a table"),
                format!("write {key} = {{ name = \"value\" }}"),
            );
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, value) in table {
            match value.get_ref().as_str() {
                Some(text) => {
                    pairs.push(((name.get_ref().to_string(), name.span()), (text.to_owned(), value.span())))
                }
                None => self.problem(
                    value.span(),
                    format!("`{key}.{}` is a text", name.get_ref()),
                    "put it in quotes",
                ),
            }
        }
        pairs
    }

    /// A date or a time. A date counts from its first moment, or to its last, in UTC.
    pub(super) fn time(&mut self, key: &'static str, day: Day) -> Option<(Timestamp, Range<usize>)> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(at) => at.to_string(),
            DeValue::String(text) => text.to_string(),
            other => {
                let message = format!("`{key}` is a date, not {}", other.type_str());
                self.problem(value.span(), message, "write it like 2026-12-31");
                return None;
            }
        };
        let moment = |date: Date| {
            let date = match day {
                Day::Begins => date,
                Day::Ends => date.checked_add(1.day()).ok()?,
            };
            TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
        };
        // A date and nothing else: a parser of dates would take a local time too, and drop it.
        let date = || text.parse::<Date>().ok().filter(|_| text.len() == "2026-12-31".len());
        let parsed = text.parse().ok().or_else(|| date().and_then(moment));
        if parsed.is_none() {
            let message = format!("`{key}` is not a date: {text:?}");
            self.problem(value.span(), message, "write it like 2026-12-31, or 2026-12-31T18:00:00Z");
        }
        parsed.map(|at| (at, value.span()))
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, key: &'static str, why: &'static str) -> String {
        let before = self.problems.len();
        match self.text(key) {
            Some((text, _)) => text,
            None => {
                if self.problems.len() == before {
                    let (span, name) = (self.span.clone(), self.name);
                    self.problem(span, format!("{name} has no `{key}`"), why);
                }
                String::new()
            }
        }
    }

    /// Names every key that nobody asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.table {
            let found: &str = key.get_ref();
            if self.asked.contains(&found) {
                continue;
            }
            let near = nearest(self.asked.iter().copied(), found);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may hold {}", self.asked.join(", ")),
            };
            let message = format!("{} has no key `{found}`", self.name);
            self.problems.push(PolicyProblem { message, help, span: key.span() });
        }
    }
}

/// A table and where it stands.
#[derive(Clone)]
pub(super) struct TableAt<'a> {
    pub(super) table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
}

/// The word nearest to what was written, if it is a letter or two away.
pub(super) fn nearest<'a>(known: impl Iterator<Item = &'a str>, found: &str) -> Option<&'a str> {
    let near =
        known.map(|word| (strsim::damerau_levenshtein(word, found), word)).filter(|(far, _)| *far <= 2);
    near.min().map(|(_, word)| word)
}
