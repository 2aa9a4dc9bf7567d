//! `exceptions.csv`: every entry of the policy that lets something pass, and how much it covers.

use std::io::Write;

use super::csv_table::{Column, table};
use super::text::time;
use super::{Format, RenderError};
use crate::model::exception::Exception;
use crate::model::report::Report;

pub(super) struct ExceptionsCsv;

/// The columns in the contract's order; new ones are only appended.
const COLUMNS: &[Column<Exception>] = &[
    ("exception_id", |row| row.id.clone()),
    ("kind", |row| row.kind.to_owned()),
    ("scope", |row| row.scope.clone()),
    ("owner", |row| row.owner.clone()),
    ("approver", |row| row.approver.clone().unwrap_or_default()),
    ("ticket", |row| row.ticket.clone().unwrap_or_default()),
    ("reason", |row| row.reason.clone()),
    ("approved_at", |row| row.approved_at.map(time).unwrap_or_default()),
    ("expires_at", |row| time(row.expires_at)),
    ("matches", |row| row.matches.to_string()),
];

impl Format for ExceptionsCsv {
    fn file(&self) -> &'static str {
        "exceptions.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        table(self.file(), COLUMNS, report.exceptions.iter(), out)
    }
}
