//! The findings, one JSON object a line.

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::{RenderError, json};

pub(super) struct Ndjson;

impl Print for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }
    fn render(&self, report: &Report, _: Look) -> Result<Vec<u8>, RenderError> {
        let mut bytes = Vec::new();
        for finding in json::findings(report) {
            serde_json::to_writer(&mut bytes, &finding)
                .map_err(|error| json::failed("standard output", error))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }
}
