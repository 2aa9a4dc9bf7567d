//! The query: SQL for Athena's engine 3, which is Trino's. It reads the table once, and gives both the events that
//! matter and how far the records of each place reach: records that do not matter become one row a place.
//! <https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html>

use std::collections::BTreeSet;

use super::fields::{FIELDS, account, alias, expression};
use super::partition::{Pruning, prune};
use super::predicate::{text_list, text_literal};
use super::table::{Column, Table};
use crate::aws::action::GET_TABLE_METADATA;
use crate::model::event::EventName;
use crate::model::event_log::Window;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::{AccountId, Region};

/// The most that Athena takes for a query, in bytes.
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html>
const LONGEST: usize = 262_144;

/// The result's own columns; those of [`FIELDS`] follow.
pub(super) const ACCOUNT: &str = "account";
pub(super) const REGION: &str = "region";
pub(super) const FIRST: &str = "first";
pub(super) const LAST: &str = "last";
pub(super) const RECORDS: &str = "records";
pub(super) const WANTED: &str = "wanted";

/// What is asked of a table.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The time, to the second, both ends included.
    pub window: Window,
    /// Only these accounts' trails; all, if empty.
    pub accounts: &'a BTreeSet<AccountId>,
    /// Only these Regions; all, if empty.
    pub regions: &'a BTreeSet<Region>,
}

/// Where accounts are listed. A query has room for some 17,000.
#[derive(Clone, Copy)]
struct Lists {
    in_partitions: bool,
    in_records: bool,
}

/// The query. A list of accounts that is too long for it is left out of what is demanded of partitions, else of the
/// records, which are then sifted when they have come; what is found is the same.
///
/// # Errors
/// The table is none of CloudTrail's records, or a query of it would have to name what is not known.
pub fn sql(table: &Table, question: &Question<'_>) -> Result<String, Failure> {
    let told = |why: String| failure(format!("{}: {why}", table.name));
    table.check().map_err(told)?;
    let ways = [(true, true), (false, true), (true, false), (false, false)];
    let mut why = None;
    for (in_partitions, in_records) in ways {
        match written(table, question, Lists { in_partitions, in_records }) {
            Ok(text) if text.len() <= LONGEST => return Ok(text),
            Ok(text) => {
                why.get_or_insert(format!(
                    "the query would have {} bytes, and Athena takes {LONGEST}: name fewer accounts",
                    text.len()
                ));
            }
            Err(problem) => {
                why.get_or_insert(problem);
            }
        }
        if question.accounts.is_empty() {
            break;
        }
    }
    Err(told(why.unwrap_or_default()))
}

fn failure(reason: String) -> Failure {
    Failure { call: GET_TABLE_METADATA.name, kind: FailureKind::Other, code: None, reason }
}

fn written(table: &Table, question: &Question<'_>, lists: Lists) -> Result<String, String> {
    let pruning = prune(table, question, lists.in_partitions)?;
    let fields: Vec<(String, String)> =
        FIELDS.iter().filter_map(|field| Some((alias(field), expression(table, field)?))).collect();
    let inner: Vec<String> =
        fields.iter().map(|(alias, way)| format!(",\n    {way} AS \"{alias}\"")).collect();
    let outer: Vec<String> = fields
        .iter()
        .map(|(alias, _)| format!(",\n  IF(\"{WANTED}\", \"{alias}\") AS \"{alias}\""))
        .collect();
    // Behind the five columns that are the same for a group, and those that count it.
    let groups: Vec<String> = (0..fields.len()).map(|nth| format!(", {}", nth + 7)).collect();
    Ok(format!(
        "{comments}WITH records AS (\n  SELECT\n    {account} AS \"{ACCOUNT}\",\n    {region} AS \"{REGION}\",\n    \
         CASE WHEN {is_time} THEN {time} END AS \"time\",\n    {wanted} AS \"{WANTED}\"{inner}\n  \
         FROM {name}\n  WHERE {conditions}\n)\n\
         SELECT\n  \"{ACCOUNT}\",\n  \"{REGION}\",\n  min(\"time\") AS \"{FIRST}\",\n  max(\"time\") AS \"{LAST}\",\n  \
         count(*) AS \"{RECORDS}\",\n  \"{WANTED}\"{outer}\nFROM records\nGROUP BY 1, 2, 6{groups}\n",
        comments = comments(table, &pruning),
        account = account(table),
        region = region(table),
        is_time = is_time(table),
        time = time(table),
        wanted = wanted(table),
        inner = inner.concat(),
        name = table.name.quoted(),
        conditions = conditions(table, question, &pruning, lists).join("\n    AND "),
        outer = outer.concat(),
        groups = groups.concat(),
    ))
}

/// What a reader of the query should know: what it is not restricted by, and what cannot be asked for.
fn comments(table: &Table, pruning: &Pruning) -> String {
    let unknown = pruning.unknown.iter();
    let unknown = unknown.map(|key| format!("partition {key:?} is not understood: not pruned by it"));
    // Parts of the identity are there or not; the others are columns.
    let is_absent =
        |field: &&&[&str]| matches!(field, [name] if Column::find(&table.columns, name).is_none());
    let absent = FIELDS.iter().filter(is_absent);
    let absent = absent.map(|field| format!("the table has no column {}", alias(field)));
    unknown.chain(absent).map(|text| format!("-- {}\n", one_line(&text))).collect()
}

/// A name in a comment must not end it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A field that the table is known to have.
fn needed(table: &Table, field: &str) -> String {
    expression(table, &[field]).unwrap_or_else(|| "CAST(NULL AS varchar)".to_owned())
}

fn region(table: &Table) -> String {
    needed(table, "awsRegion")
}

/// A record's time as a text that sorts.
fn time(table: &Table) -> String {
    format!("replace({}, ' ', 'T')", needed(table, "eventTime"))
}

/// Whether it is a time in the form that CloudTrail writes.
fn is_time(table: &Table) -> String {
    format!("{} LIKE '____-__-__T__:__:__%'", time(table))
}

/// Whether a record is an event that matters, as `trail` sees it: by its name, and by the first part of its source.
fn wanted(table: &Table) -> String {
    let (name, source) = (needed(table, "eventName"), needed(table, "eventSource"));
    let of = |service: &str| {
        let names = EventName::ALL.iter().filter(|name| name.service() == service);
        format!(
            "({name} IN ({}) AND (coalesce({source}, '') IN ('', {}) OR {source} LIKE {}))",
            text_list(names),
            text_literal(service),
            text_literal(&format!("{service}.%")),
        )
    };
    let services: BTreeSet<&str> = EventName::ALL.iter().map(|name| name.service()).collect();
    let services: Vec<String> = services.into_iter().map(of).collect();
    format!("coalesce({}, false)", services.join(" OR "))
}

/// What a record that is read must be like.
fn conditions(table: &Table, question: &Question<'_>, pruning: &Pruning, lists: Lists) -> Vec<String> {
    let mut all: Vec<String> = pruning.predicates.iter().map(|predicate| predicate.sql()).collect();
    let second =
        |at: jiff::Timestamp| at.max(jiff::Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    // A time may have a fraction of a second and ends with a Z, which sorts behind it. What does not read as a time
    // may be of any.
    all.push(format!(
        "coalesce({time} BETWEEN {} AND {} OR NOT {}, true)",
        text_literal(&second(question.window.from)),
        text_literal(&format!("{}Z", second(question.window.to))),
        is_time(table),
        time = time(table),
    ));
    if !question.accounts.is_empty() && lists.in_records {
        all.push(format!("{} IN ({})", account(table), text_list(question.accounts)));
    }
    if !question.regions.is_empty() {
        all.push(format!("{} IN ({})", region(table), text_list(question.regions)));
    }
    all
}
