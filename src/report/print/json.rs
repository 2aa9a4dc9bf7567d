//! `report.json` on standard output.

use std::io::Write;

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::{Format as _, RenderError};

pub(super) struct Json;

impl Print for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn render(&self, report: &Report, _: Look, out: &mut dyn Write) -> Result<(), RenderError> {
        crate::report::json::Json.render(report, out).map(|_| ())
    }
}
