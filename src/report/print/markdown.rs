//! The findings as a Markdown table, for a ticket or a wiki.

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
    fn render(&self, report: &Report, _: Look) -> Result<Vec<u8>, RenderError> {
        let mut text = format!("| {} |\n|{}\n", HEADINGS.join(" | "), " --- |".repeat(HEADINGS.len()));
        for finding in &report.findings {
            let cells = row(finding, &report.org).map(|cell| markdown(&cell));
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        Ok(text.into_bytes())
    }
}
