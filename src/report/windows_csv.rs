//! The grants that events tell of: a row for each, from when to when, by whom.

use std::io::Write;

use super::RenderError;
use super::csv_table::{Column, table, yes_no};
use super::text::time;
use crate::model::event::TrailEvent;
use crate::model::grant_window::GrantWindow;
use crate::model::grantee::Grantee;

/// A grant, and whether its grantee was a member of the organization when it was made.
pub type WindowRow<'a> = (&'a GrantWindow, Option<bool>);

const FILE: &str = "windows.csv";

fn of(event: Option<&std::sync::Arc<TrailEvent>>, text: fn(&TrailEvent) -> String) -> String {
    event.map(|event| text(event)).unwrap_or_default()
}

/// Who called: the ARN, or the service.
fn who(event: &TrailEvent) -> String {
    event.actor.name().to_owned()
}

fn columns<'a>() -> Vec<Column<WindowRow<'a>>> {
    vec![
        ("account_id", |(window, _)| window.account.clone()),
        ("region", |(window, _)| window.region.clone()),
        ("image_id", |(window, _)| window.image.clone()),
        ("grantee_type", |(window, _)| {
            window.grantee.as_ref().map(Grantee::word).unwrap_or_default().to_owned()
        }),
        ("grantee", |(window, _)| window.grantee.as_ref().map(Grantee::label).unwrap_or_default()),
        ("from", |(window, _)| window.from().map(time).unwrap_or_default()),
        ("to", |(window, _)| window.to().map(time).unwrap_or_default()),
        ("duration", |(window, _)| window.seconds().map(|seconds| seconds.to_string()).unwrap_or_default()),
        ("granter", |(window, _)| of(window.opened.as_ref(), who)),
        ("revoker", |(window, _)| of(window.closed.as_ref(), who)),
        ("member_then", |(_, member)| yes_no(*member)),
        ("ended_by", |(window, _)| of(window.closed.as_ref(), |event| event.name.to_string())),
        ("ambiguous", |(window, _)| window.is_ambiguous.to_string()),
        ("source_ip", |(window, _)| of(window.opened.as_ref(), |event| event.source_ip.clone())),
        ("user_agent", |(window, _)| of(window.opened.as_ref(), |event| event.user_agent.clone())),
        ("from_event_id", |(window, _)| of(window.opened.as_ref(), |event| event.id.clone())),
        ("to_event_id", |(window, _)| of(window.closed.as_ref(), |event| event.id.clone())),
    ]
}

/// Renders grants as CSV; `duration` is in seconds.
///
/// # Errors
/// `out` takes no more.
pub fn csv<'a>(rows: impl Iterator<Item = WindowRow<'a>>, out: &mut dyn Write) -> Result<(), RenderError> {
    table(FILE, &columns(), rows, out).map(|_| ())
}

/// Renders them as JSON, one object a line.
///
/// # Errors
/// `out` takes no more.
pub fn ndjson<'a>(rows: impl Iterator<Item = WindowRow<'a>>, out: &mut dyn Write) -> Result<(), RenderError> {
    super::csv_table::ndjson(FILE, &columns(), rows, out)
}
