//! Pure: a report in, bytes out. One file a format, and the slice of them; who writes the bytes to
//! disk is `app`.

mod check;
mod coverage_csv;
mod csv_table;
mod diff;
mod exceptions_csv;
mod findings_csv;
mod gaps_csv;
mod images_csv;
mod json;
mod manifest;
mod print;
mod shares_csv;
mod summary;
mod text;

pub use check::{Difference, differences};
pub use diff::{Change, changes, lines};
pub use json::{BadReport, Earlier, read, schema};
pub use manifest::{MANIFEST, WrittenFile, manifest, sha256};
pub use print::{Look, PRINTS, Print, Width};
pub use summary::{closing_lines, open_lines};
pub use text::{plain, time};

use crate::model::report::Report;

/// A report that could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("{file} could not be rendered: {why}")]
pub struct RenderError {
    /// The file.
    pub file: &'static str,
    /// Why.
    pub why: String,
}

/// A rendered file.
#[derive(Debug)]
pub struct Rendered {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its rows, where it has any.
    pub rows: Option<u64>,
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

    /// Renders the file.
    ///
    /// # Errors
    /// A value that the format cannot hold; there should be none.
    fn render(&self, report: &Report) -> Result<Rendered, RenderError>;
}

/// Every file that a scan writes besides the manifest.
pub static FORMATS: &[&dyn Format] = &[
    &findings_csv::FindingsCsv,
    &shares_csv::SharesCsv,
    &coverage_csv::CoverageCsv,
    &gaps_csv::GapsCsv,
    &exceptions_csv::ExceptionsCsv,
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
