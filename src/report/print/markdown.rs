//! The findings as a Markdown table, for a ticket or a wiki.

use std::io::Write;

use super::table::{HEADINGS, row};
use super::{Look, Print};
use crate::model::report::Report;
use crate::report::RenderError;
use crate::report::text::markdown;

pub(super) struct Markdown;

impl Print for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }
    fn render(&self, report: &Report, _: Look, out: &mut dyn Write) -> Result<(), RenderError> {
        writeln!(out, "| {} |\n|{}", HEADINGS.join(" | "), " --- |".repeat(HEADINGS.len()))?;
        for finding in &report.findings {
            let cells = row(finding, &report.org).map(|cell| markdown(&cell));
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}
