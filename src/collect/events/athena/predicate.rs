//! What is demanded of partitions, as a structure that becomes SQL.

use super::table::quoted;

/// A value in a query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// A day, as `2026-05-01`.
    Day(String),
}

impl Literal {
    fn sql(&self) -> String {
        match self {
            Self::Text(text) => text_literal(text),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => format!("DATE {}", text_literal(day)),
        }
    }
}

/// A text in quotes.
pub(super) fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Texts behind each other.
pub(super) fn text_list<T: ToString>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| text_literal(&text.to_string())).collect();
    texts.join(", ")
}

/// What is demanded of partition keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Predicate {
    /// A key lies between two values, or is one of them.
    Between {
        /// The key.
        key: String,
        /// The first value.
        from: Literal,
        /// The last.
        to: Literal,
    },
    /// A key is one of these.
    In {
        /// The key.
        key: String,
        /// The values.
        values: Vec<Literal>,
    },
    /// All of these hold.
    All(Vec<Predicate>),
    /// One of these holds.
    Any(Vec<Predicate>),
}

impl Predicate {
    /// A key is one of these.
    pub(super) fn one_of(key: &str, values: Vec<Literal>) -> Self {
        Self::In { key: key.to_owned(), values }
    }

    /// Writes it as SQL.
    #[must_use]
    pub fn sql(&self) -> String {
        match self {
            Self::Between { key, from, to } => {
                format!("{} BETWEEN {} AND {}", quoted(key), from.sql(), to.sql())
            }
            Self::In { key, values } => {
                let values: Vec<String> = values.iter().map(Literal::sql).collect();
                format!("{} IN ({})", quoted(key), values.join(", "))
            }
            Self::All(inner) => joined(inner, " AND "),
            Self::Any(inner) => joined(inner, " OR "),
        }
    }
}

fn joined(inner: &[Predicate], word: &str) -> String {
    let inner: Vec<String> = inner.iter().map(Predicate::sql).collect();
    format!("({})", inner.join(word))
}
