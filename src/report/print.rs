//! What `--print` writes to standard output: the findings, in one form.

mod csv;
mod json;
mod markdown;
mod ndjson;
mod table;

use std::io::Write;

use super::RenderError;
use crate::model::report::Report;

/// How wide a table may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// A terminal of so many columns: aligned, cut to fit.
    Columns(usize),
    /// A pipe: tab-separated, nothing cut.
    Plain,
}

/// How a form looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How wide it may be.
    pub width: Width,
    /// Whether severities are coloured.
    pub color: bool,
}

/// One form of the findings on standard output.
pub trait Print: Sync {
    /// What `--print` calls it.
    fn name(&self) -> &'static str;

    /// The text, into `out`, in small pieces.
    ///
    /// # Errors
    /// `out` takes no more; or a value that the form cannot hold, of which there should be none.
    fn render(&self, report: &Report, look: Look, out: &mut dyn Write) -> Result<(), RenderError>;
}

/// Every form; the first is the default.
pub static PRINTS: &[&dyn Print] =
    &[&table::Table, &csv::Csv, &json::Json, &ndjson::Ndjson, &markdown::Markdown];
