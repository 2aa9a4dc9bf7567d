//! The findings, one JSON object a line.

use std::io::Write;

use super::{Look, Print};
use crate::model::report::Report;
use crate::report::{RenderError, json};

pub(super) struct Ndjson;

impl Print for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }
    fn render(&self, report: &Report, _: Look, out: &mut dyn Write) -> Result<(), RenderError> {
        for finding in json::findings(report) {
            serde_json::to_writer(&mut *out, &finding)
                .map_err(|error| json::failed("standard output", error))?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
