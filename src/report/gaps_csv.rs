//! `gaps.csv`: what was not read, and why.

use std::io::Write;

use super::csv_table::{Column, table};
use super::{Format, RenderError};
use crate::model::gap::Gap;
use crate::model::report::Report;

pub(super) struct GapsCsv;

/// The columns in the contract's order; new ones are only appended.
const COLUMNS: &[Column<Gap>] = &[
    ("account_id", |gap| gap.account.map(|account| account.to_string()).unwrap_or_default()),
    ("region", |gap| gap.region.as_ref().map(ToString::to_string).unwrap_or_default()),
    ("call", |gap| gap.call.clone()),
    ("subject", |gap| gap.subject.clone()),
    ("reason", |gap| gap.reason.clone()),
    ("error_code", |gap| gap.error_code.clone().unwrap_or_default()),
    ("expected", |gap| gap.expected_by.is_some().to_string()),
    ("owner", |gap| gap.expected_by.clone().unwrap_or_default()),
];

impl Format for GapsCsv {
    fn file(&self) -> &'static str {
        "gaps.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        table(self.file(), COLUMNS, report.gaps.iter(), out)
    }
}
