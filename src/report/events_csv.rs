//! `events.csv`: what CloudTrail says of shares; a row for each grantee of each call.

use std::io::Write;

use super::csv_table::{Column, table, yes_no};
use super::text::time;
use super::{Format, RenderError};
use crate::model::event::{GrantChange, TrailEvent};
use crate::model::grantee::Grantee;
use crate::model::report::Report;

/// A call, and one of its grantees.
pub type EventRow<'a> = (&'a TrailEvent, &'a GrantChange);

const FILE: &str = "events.csv";

/// The columns in the contract's order; new ones are only appended.
fn columns<'a>() -> Vec<Column<EventRow<'a>>> {
    vec![
        ("event_id", |(event, _)| event.id.clone()),
        ("event_time", |(event, _)| event.time.map(time).unwrap_or_default()),
        ("account_id", |(event, _)| event.account.clone()),
        ("region", |(event, _)| event.region.clone()),
        ("event_name", |(event, _)| event.name.to_string()),
        ("image_id", |(event, _)| event.image.clone()),
        ("operation", |(_, change)| change.operation.to_string()),
        ("grantee_type", |(_, change)| {
            change.grantee.as_ref().map(Grantee::word).unwrap_or_default().to_owned()
        }),
        ("grantee", |(_, change)| change.grantee.as_ref().map(Grantee::label).unwrap_or_default()),
        ("outcome", |(event, _)| event.outcome.to_string()),
        ("error_code", |(event, _)| event.error_code.clone()),
        ("actor_arn", |(event, _)| event.actor.arn.clone()),
        ("actor_type", |(event, _)| event.actor.kind.clone()),
        ("invoked_by", |(event, _)| event.actor.invoked_by.clone()),
        ("source_ip", |(event, _)| event.source_ip.clone()),
        ("user_agent", |(event, _)| event.user_agent.clone()),
        ("mfa", |(event, _)| event.actor.mfa.clone()),
        ("seed_rule_match", |(event, _)| yes_no(event.seed_rule_match)),
        ("elastic_rule_match", |(event, _)| yes_no(event.elastic_rule_match)),
        ("access_key_id", |(event, _)| event.actor.access_key_id.clone()),
        ("principal_id", |(event, _)| event.actor.principal_id.clone()),
        ("session_name", |(event, _)| event.actor.session_name.clone()),
        ("request_id", |(event, _)| event.request_id.clone()),
        ("resource_id", |(event, _)| event.resource.clone()),
        ("source_file", |(event, _)| event.source_file.to_string()),
        ("console", |(event, _)| yes_no(event.actor.console)),
        ("integrity", |(event, _)| event.integrity.map(|word| word.to_string()).unwrap_or_default()),
    ]
}

/// Renders rows as CSV, and counts them.
///
/// # Errors
/// `out` takes no more.
pub fn csv<'a>(
    rows: impl Iterator<Item = EventRow<'a>>,
    out: &mut dyn Write,
) -> Result<Option<u64>, RenderError> {
    table(FILE, &columns(), rows, out)
}

/// Renders rows as JSON, one object a line: the columns, null where they have no value.
///
/// # Errors
/// `out` takes no more.
pub fn ndjson<'a>(rows: impl Iterator<Item = EventRow<'a>>, out: &mut dyn Write) -> Result<(), RenderError> {
    super::csv_table::ndjson(FILE, &columns(), rows, out)
}

pub(super) struct EventsCsv;

impl Format for EventsCsv {
    fn file(&self) -> &'static str {
        FILE
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn applies(&self, report: &Report) -> bool {
        report.events.is_some()
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        csv(report.events.iter().flatten().flat_map(|event| rows(event)), out)
    }
}

/// The rows of an event.
pub fn rows(event: &TrailEvent) -> impl Iterator<Item = EventRow<'_>> {
    event.changes.iter().map(move |change| (event, change))
}
