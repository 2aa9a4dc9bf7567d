//! Pure: a report in, bytes out, into whatever writer it is given. One file a format, and the slice of them; who
//! writes the bytes to disk is `app`.

mod check;
mod coverage_csv;
mod csv_table;
mod diff;
pub mod events_csv;
mod exceptions_csv;
mod findings_csv;
mod gaps_csv;
mod images_csv;
mod json;
mod manifest;
mod print;
pub mod remediation_csv;
mod shares_csv;
mod summary;
mod text;
pub mod windows_csv;

pub use check::{Difference, differences};
pub use diff::{Change, changes, lines};
pub use json::{BadReport, Earlier, OrganizationRef, read, schema};
pub use manifest::{MANIFEST, WrittenFile, manifest, sha256};
pub use print::{Look, PRINTS, Print, Width};
pub use summary::{closing_lines, open_lines};
pub use text::{plain, time};

use std::io::Write;

use crate::model::report::Report;

/// A report that could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The bytes could not be written. Where to, only the writer's owner knows.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// A value that the format cannot hold.
    #[error("{file} could not be rendered: {why}")]
    Value {
        /// The file.
        file: &'static str,
        /// Why.
        why: String,
    },
}

/// One file of a report.
pub trait Format: Sync {
    /// The file's name, such as `findings.csv`.
    fn file(&self) -> &'static str;

    /// What `--format` calls it and its like: `csv` or `json`.
    fn kind(&self) -> &'static str;

    /// Whether this report has such a file.
    fn applies(&self, report: &Report) -> bool {
        let _ = report;
        true
    }

    /// Renders the file into `out`, piece by piece, so that it need not be in memory as a whole; the pieces are
    /// small. Gives its rows, where it has any.
    ///
    /// # Errors
    /// `out` takes no more; or a value that the format cannot hold, of which there should be none.
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError>;
}

/// Every file that a scan writes besides the manifest.
pub static FORMATS: &[&dyn Format] = &[
    &findings_csv::FindingsCsv,
    &shares_csv::SharesCsv,
    &coverage_csv::CoverageCsv,
    &gaps_csv::GapsCsv,
    &exceptions_csv::ExceptionsCsv,
    &events_csv::EventsCsv,
    &images_csv::ImagesCsv,
    &json::Json,
];

/// The kinds of file, each once: the values of `--format`.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = FORMATS.iter().map(|format| format.kind()).collect();
    kinds.dedup();
    kinds
}
