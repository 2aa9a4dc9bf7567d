//! `findings.csv` on standard output.

use std::io::Write;

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::findings_csv::FindingsCsv;
use crate::report::{Format as _, RenderError};

pub(super) struct Csv;

impl Print for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, _: Look, out: &mut dyn Write) -> Result<(), RenderError> {
        FindingsCsv.render(report, out).map(|_| ())
    }
}
