//! Which partitions are read: every key that can be understood is restricted, so that Athena reads, and bills, no
//! more than it must. A key that is not understood is not restricted: that is dearer, and never wrong.

use jiff::civil::Date;

use super::calendar::{Calendar, Unit};
use super::dates::{DateFormat, begin, days, end, step_back};
use super::predicate::{Literal, Predicate};
use super::sql::Question;
use super::table::{Column, Table, Type};

/// What is demanded of a table's partitions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruning {
    /// All of these hold for a partition that may hold wanted records.
    pub predicates: Vec<Predicate>,
    /// The keys that are not restricted because they are not understood.
    pub unknown: Vec<String>,
}

/// What a key stands for.
enum Meaning {
    Date(DateFormat),
    Day,
    Account,
    Region,
    Calendar(Unit),
    Unknown,
}

/// Restricts a table's partitions to those that may hold what is asked for. Long lists of accounts may be left out.
///
/// # Errors
/// Athena wants values of a key that are not known.
pub fn prune(table: &Table, question: &Question<'_>, lists_accounts: bool) -> Result<Pruning, String> {
    let (from, to) = days(question.window);
    let mut pruning = Pruning::default();
    let mut calendar = Calendar::default();
    for key in &table.keys {
        let is_injected = is_type(table, key, "injected");
        let predicate = match meaning(table, key) {
            Meaning::Date(format) => of_date(table, key, &format, (from, to)),
            Meaning::Day => Some(between(key, (from, to), |day| Literal::Day(day.to_string()))),
            Meaning::Account => match of_account(table, key, question, lists_accounts) {
                Named::Values(predicate) => Some(predicate),
                Named::Nothing if !is_injected => continue,
                Named::Nothing => return Err(wants(key, "name accounts with --account")),
                Named::Unknown => None,
            },
            Meaning::Region => match of_region(table, key, question) {
                Named::Values(predicate) => Some(predicate),
                Named::Nothing if !is_injected => continue,
                Named::Nothing => return Err(wants(key, "name Regions with --region")),
                Named::Unknown => None,
            },
            Meaning::Calendar(unit) => {
                calendar.add(unit, key, is_injected);
                continue;
            }
            Meaning::Unknown => None,
        };
        match predicate {
            Some(predicate) => pruning.predicates.push(predicate),
            None if is_injected => return Err(wants(key, NOT_KNOWN)),
            None => pruning.unknown.push(key.name.clone()),
        }
    }
    let (predicates, unknown) = calendar.settle((from, to)).map_err(|key| wants(&key, NOT_KNOWN))?;
    pruning.predicates.extend(predicates);
    pruning.unknown.extend(unknown);
    Ok(pruning)
}

const NOT_KNOWN: &str = "and its values are not known";

fn wants(key: &Column, what: &str) -> String {
    format!(
        "its partition key {:?} is injected, so that Athena wants its values in the query: {what}",
        key.name
    )
}

fn is_type(table: &Table, key: &Column, wanted: &str) -> bool {
    table.projection(key, "type").is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
}

/// What a key stands for: its projection says so, else its type and name.
fn meaning(table: &Table, key: &Column) -> Meaning {
    if is_type(table, key, "date") {
        let format = table.projection(key, "format").and_then(DateFormat::parse);
        return format.map_or(Meaning::Unknown, Meaning::Date);
    }
    if key.kind == Type::Day {
        return Meaning::Day;
    }
    let letters: String = key.name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect();
    match letters.to_ascii_lowercase().as_str() {
        "account" | "accountid" | "awsaccount" | "awsaccountid" | "recipientaccountid" => Meaning::Account,
        "region" | "awsregion" => Meaning::Region,
        "year" | "yyyy" => calendar_unit(table, key, Unit::Year),
        "month" | "mm" => calendar_unit(table, key, Unit::Month),
        "day" | "dd" => calendar_unit(table, key, Unit::Day),
        _ => Meaning::Unknown,
    }
}

/// A year, a month, a day: of numbers, each of them on its own.
fn calendar_unit(table: &Table, key: &Column, unit: Unit) -> Meaning {
    let is_single = table.projection(key, "interval").is_none_or(|interval| interval == "1");
    let are_numbers = enumerated(table, key, |value| value.parse::<u16>().is_ok());
    let is_plain = matches!(key.kind, Type::Text | Type::Whole);
    if is_single && are_numbers && is_plain { Meaning::Calendar(unit) } else { Meaning::Unknown }
}

/// Whether the values that a projection lists, if it does, are all such.
fn enumerated(table: &Table, key: &Column, is_such: impl Fn(&str) -> bool) -> bool {
    !is_type(table, key, "enum")
        || table.projection(key, "values").is_some_and(|values| values.split(',').map(str::trim).all(is_such))
}

fn of_date(table: &Table, key: &Column, format: &DateFormat, (from, to): (Date, Date)) -> Option<Predicate> {
    let property = |name: &str| table.projection(key, name);
    let from = step_back(from, format, (property("interval"), property("interval.unit")))?;
    let literal = |text: String| match key.kind {
        Type::Text => Some(Literal::Text(text)),
        Type::Whole => text.parse().ok().map(Literal::Number),
        Type::Day => text.parse::<Date>().ok().map(|_| Literal::Day(text)),
        _ => None,
    };
    if format.sorts() {
        let (from, to) = (literal(format.write(begin(from)))?, literal(format.write(end(to)))?);
        return Some(Predicate::Between { key: key.name.clone(), from, to });
    }
    let values = format.list(from, to)?.into_iter().map(literal).collect::<Option<_>>()?;
    Some(Predicate::one_of(&key.name, values))
}

fn between(key: &Column, (from, to): (Date, Date), literal: impl Fn(Date) -> Literal) -> Predicate {
    Predicate::Between { key: key.name.clone(), from: literal(from), to: literal(to) }
}

/// How a key of accounts or Regions is restricted.
enum Named {
    Values(Predicate),
    /// The question names none.
    Nothing,
    Unknown,
}

fn of_account(table: &Table, key: &Column, question: &Question<'_>, lists_accounts: bool) -> Named {
    if !enumerated(table, key, |value| value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit())) {
        return Named::Unknown;
    }
    if question.accounts.is_empty() || !lists_accounts {
        return Named::Nothing;
    }
    let ids = question.accounts.iter().map(ToString::to_string);
    named(key, ids)
}

fn of_region(table: &Table, key: &Column, question: &Question<'_>) -> Named {
    if !enumerated(table, key, |value| value.parse::<crate::model::ids::Region>().is_ok()) {
        return Named::Unknown;
    }
    if question.regions.is_empty() {
        return Named::Nothing;
    }
    named(key, question.regions.iter().map(ToString::to_string))
}

fn named(key: &Column, values: impl Iterator<Item = String>) -> Named {
    let literal = |value: String| match key.kind {
        Type::Text => Some(Literal::Text(value)),
        Type::Whole => value.parse().ok().map(Literal::Number),
        _ => None,
    };
    let values: Option<Vec<Literal>> = values.map(literal).collect();
    values.map_or(Named::Unknown, |values| Named::Values(Predicate::one_of(&key.name, values)))
}
