//! `report.json` on standard output.

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::{Format as _, RenderError};

pub(super) struct Json;

impl Print for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn render(&self, report: &Report, _: Look) -> Result<Vec<u8>, RenderError> {
        let mut bytes = Vec::new();
        crate::report::json::Json.render(report, &mut bytes)?;
        Ok(bytes)
    }
}
