//! `findings.csv` on standard output.

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::findings_csv::FindingsCsv;
use crate::report::{Format as _, RenderError};

pub(super) struct Csv;

impl Print for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, _: Look) -> Result<Vec<u8>, RenderError> {
        let mut bytes = Vec::new();
        FindingsCsv.render(report, &mut bytes)?;
        Ok(bytes)
    }
}
