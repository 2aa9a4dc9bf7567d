//! `coverage.csv`: how far each place was read.

use std::collections::BTreeMap;
use std::io::Write;

use super::csv_table::{Column, table};
use super::text::time;
use super::{Format, RenderError};
use crate::model::coverage::{Counts, Coverage};
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, Region};
use crate::model::report::Report;

pub(super) struct CoverageCsv;

/// A row with the number of its gaps.
type Row<'a> = (&'a Coverage, usize);

fn count(row: &Row<'_>, which: fn(&Counts) -> u64) -> String {
    row.0.counts.as_ref().map(|counts| which(counts).to_string()).unwrap_or_default()
}

/// The columns in the contract's order; new ones are only appended.
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        ("account_id", |(row, _)| row.account.to_string()),
        ("account_name", |(row, _)| row.account_name.clone()),
        ("account_state", |(row, _)| row.account_state.clone()),
        ("partition", |(row, _)| row.partition.to_string()),
        ("region", |(row, _)| row.region.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("status", |(row, _)| row.status.to_string()),
        ("images_listed", |row| count(row, |counts| counts.images_listed)),
        ("images_gone", |row| count(row, |counts| counts.images_gone)),
        ("permissions_read", |row| count(row, |counts| counts.permissions_read)),
        ("grants", |row| count(row, |counts| counts.grants)),
        ("events_from", |(row, _)| row.events.map(|window| time(window.from)).unwrap_or_default()),
        ("events_to", |(row, _)| row.events.map(|window| time(window.to)).unwrap_or_default()),
        ("gaps", |(_, gaps)| gaps.to_string()),
    ]
}

/// How many gaps each place has, and each account as a whole: counted once, since thousands of rows may stand
/// against thousands of gaps.
pub(super) struct GapCounts<'a>(BTreeMap<(AccountId, Option<&'a Region>), usize>);

impl<'a> GapCounts<'a> {
    pub(super) fn new(gaps: &'a [Gap]) -> Self {
        let mut counts = BTreeMap::new();
        for gap in gaps {
            if let Some(account) = gap.account {
                *counts.entry((account, gap.region.as_ref())).or_default() += 1;
            }
        }
        Self(counts)
    }

    /// The gaps of the row's own place, or of the account as a whole.
    pub(super) fn of(&self, row: &Coverage) -> usize {
        self.0.get(&row.order()).copied().unwrap_or_default()
    }
}

impl Format for CoverageCsv {
    fn file(&self) -> &'static str {
        "coverage.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        let gaps = GapCounts::new(&report.gaps);
        let rows = report.coverage.iter().map(|row| (row, gaps.of(row)));
        table(self.file(), &columns(), rows, out)
    }
}
