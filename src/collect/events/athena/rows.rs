//! The query's rows → records of CloudTrail's own form → events, and how far the table's records reach.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::fields::{FIELDS, alias, is_json};
use super::rebuilt::rebuilt;
use super::sql::{ACCOUNT, FIRST, LAST, Question, RECORDS, REGION, WANTED};
use super::table::Table;
use crate::model::event::TrailEvent;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;
use crate::trail::{Checked, Wanted, merge, read_document};

/// A row of a result; a cell that is null is absent.
pub type Row = Vec<Option<String>>;

/// Makes a log of a query's result, page by page.
#[derive(Debug)]
pub struct Results<'a> {
    table: &'a Table,
    question: Question<'a>,
    wanted: Wanted,
    /// The names of the columns, once the header has come.
    columns: Option<Vec<String>>,
    rows: u64,
    events: Vec<TrailEvent>,
    log: EventLog,
}

/// A row's cells by their columns' names.
type Cells<'a> = BTreeMap<&'a str, &'a str>;

impl<'a> Results<'a> {
    /// The result of a question to a table that the user calls so.
    #[must_use]
    pub fn new(name: &str, table: &'a Table, question: Question<'a>, keeps_records: bool) -> Self {
        let wanted = Wanted { file: name.into(), raw: keeps_records };
        Self { table, question, wanted, columns: None, rows: 0, events: Vec::new(), log: EventLog::default() }
    }

    /// Takes a page. The first row of the first one is the header.
    pub fn take(&mut self, page: impl IntoIterator<Item = Row>) {
        for row in page {
            match self.columns.take() {
                None => self.columns = Some(self.header(row)),
                Some(columns) => {
                    self.rows += 1;
                    if let Err(why) = self.row(&columns, &row) {
                        self.hole(Some(self.rows), &why);
                    }
                    self.columns = Some(columns);
                }
            }
        }
    }

    /// The log.
    #[must_use]
    pub fn finish(self) -> EventLog {
        EventLog { events: merge(self.events).into_iter().map(Arc::new).collect(), ..self.log }
    }

    /// Notes what could not be read.
    pub(super) fn hole(&mut self, row: Option<u64>, why: &str) {
        let name = &self.wanted.file;
        let subject = row.map_or_else(|| name.to_string(), |row| format!("{name}: row {row}"));
        let window = Some(self.question.window);
        self.log.holes.push(Hole { place: None, window, subject, reason: why.to_owned() });
    }

    fn header(&mut self, row: Row) -> Vec<String> {
        let names: Vec<String> =
            row.into_iter().map(|cell| cell.unwrap_or_default().to_ascii_lowercase()).collect();
        let lacks = |name: &&&str| !names.iter().any(|held| held == **name);
        if let Some(name) = [ACCOUNT, REGION, FIRST, LAST, RECORDS, WANTED].iter().find(lacks) {
            self.hole(None, &format!("the query's result has no column {name}"));
        }
        names
    }

    fn row(&mut self, columns: &[String], row: &Row) -> Result<(), String> {
        if row.len() != columns.len() {
            return Err(format!("it has {} cells, and the header {}", row.len(), columns.len()));
        }
        let cells = columns.iter().zip(row);
        let cells: Cells<'_> =
            cells.filter_map(|(name, cell)| Some((name.as_str(), cell.as_deref()?))).collect();
        let cell = |name: &str| cells.get(name).copied();
        let (account, region) = (cell(ACCOUNT).unwrap_or_default(), cell(REGION).unwrap_or_default());
        let place = place(account, region);
        if !self.is_asked_for(account, region) {
            return Ok(());
        }
        let records = cell(RECORDS).and_then(|count| count.parse::<u64>().ok());
        let is_wanted = cell(WANTED).and_then(|wanted| wanted.parse::<bool>().ok());
        let (Some(records), Some(is_wanted)) = (records, is_wanted) else {
            return Err("it does not say how many records it stands for".to_owned());
        };
        self.log.records += records;
        match (window(cell(FIRST), cell(LAST))?, place) {
            (Some(window), Some(place)) => self.log.cover(place, window),
            (Some(window), None) => self.log.reach(window),
            // Records without a time cover nothing.
            (None, _) => {}
        }
        if is_wanted { self.record(&cells) } else { Ok(()) }
    }

    /// Whether it is of an account and Region that were named, where some were.
    fn is_asked_for(&self, account: &str, region: &str) -> bool {
        let Question { accounts, regions, .. } = self.question;
        let has_account = account.parse::<AccountId>().is_ok_and(|id| accounts.contains(&id));
        let has_region = region.parse::<Region>().is_ok_and(|name| regions.contains(&name));
        (accounts.is_empty() || has_account) && (regions.is_empty() || has_region)
    }

    /// Takes the event of a row, as if its record came from LookupEvents: it is selected, and so covers nothing.
    fn record(&mut self, cells: &Cells<'_>) -> Result<(), String> {
        let text = serde_json::to_string(&self.node(cells)).map_err(|error| error.to_string())?;
        let document = json!({ "Events": [{ "CloudTrailEvent": text }] }).to_string();
        let mut found = read_document(document.as_bytes(), Checked::Wholly, &self.wanted);
        let is_one = found.events.len() == 1;
        self.events.append(&mut found.events);
        match found.problems.into_iter().next() {
            Some(problem) => Err(problem.why),
            None if is_one => Ok(()),
            None => Err("it was asked for and holds no event that matters".to_owned()),
        }
    }

    /// The record that a row is.
    fn node(&self, cells: &Cells<'_>) -> Node {
        let mut record = Node::Object(BTreeMap::new());
        for field in FIELDS {
            let Some(cell) = cells.get(alias(field).as_str()) else { continue };
            let node = match is_json(field) {
                true => Node::json(cell, field.first().is_some_and(|name| self.table.is_rebuilt(name))),
                false => Node::Text((*cell).to_owned()),
            };
            record.put(field, node);
        }
        record
    }
}

fn place(account: &str, region: &str) -> Option<Place> {
    Some(Place { account: account.parse().ok()?, region: region.parse().ok()? })
}

/// The first and the last time; nothing where there are none.
fn window(first: Option<&str>, last: Option<&str>) -> Result<Option<Window>, String> {
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    match (time(first), time(last)) {
        (Some(from), Some(to)) => Ok(Some(Window { from, to })),
        _ => Err(format!("{first:?} or {last:?} is no time")),
    }
}

/// A time; without an offset it is UTC.
fn time(text: &str) -> Option<Timestamp> {
    let civil = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(civil)
}

/// A part of a record.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Node {
    Text(String),
    /// JSON as the table has it, untouched.
    Raw(Box<RawValue>),
    Value(Value),
    Object(BTreeMap<&'static str, Node>),
}

impl Node {
    /// A cell that holds an object or a list; one that holds something else is a text.
    fn json(cell: &str, is_rebuilt: bool) -> Self {
        let text = cell.trim();
        let is_json = text.starts_with(['{', '[']) || text == "null";
        if is_json
            && is_rebuilt
            && let Ok(value) = serde_json::from_str(text)
        {
            return Self::Value(rebuilt(value));
        }
        match serde_json::from_str::<Box<RawValue>>(text) {
            Ok(raw) if is_json => Self::Raw(raw),
            _ => Self::Text(cell.to_owned()),
        }
    }

    fn put(&mut self, way: &[&'static str], node: Self) {
        match (way.split_first(), self) {
            (None, place) => *place = node,
            (Some((name, below)), Self::Object(map)) => {
                map.entry(name).or_insert_with(|| Self::Object(BTreeMap::new())).put(below, node);
            }
            // What came whole has its parts already.
            _ => {}
        }
    }
}
