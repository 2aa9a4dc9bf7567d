//! `remediation.csv`: what became of each grant that a plan names, for the auditor.

use std::io::Write;

use super::RenderError;
use super::csv_table::{Column, table};
use crate::model::ids::SnapshotId;
use crate::model::remediation::RemediationRow;

/// New columns are only appended. Lists are separated by spaces.
const COLUMNS: &[Column<RemediationRow>] = &[
    ("plan_sha256", |row| row.plan.clone()),
    ("finding_id", |row| row.finding_id.clone()),
    ("account_id", |row| row.target.place.account.to_string()),
    ("region", |row| row.target.place.region.to_string()),
    ("image_id", |row| row.target.image.to_string()),
    ("snapshot_id", |row| row.target.snapshot.as_ref().map(SnapshotId::to_string).unwrap_or_default()),
    ("grantee_type", |row| row.grantee.0.clone()),
    ("grantee", |row| row.grantee.1.clone()),
    ("result", |row| row.ending.word().to_owned()),
    ("verified", |row| row.verified.to_string()),
    ("before", |row| row.before.join(" ")),
    ("after", |row| row.after.join(" ")),
    ("by", |row| row.by.clone()),
    ("approved_by", |row| row.approved_by.join(" ")),
    ("ticket", |row| row.ticket.clone()),
    ("at", |row| row.at.clone()),
    ("reason", |row| row.reason.clone()),
];

/// Renders the rows.
///
/// # Errors
/// `out` takes no more.
pub fn render(rows: &[RemediationRow], out: &mut dyn Write) -> Result<(), RenderError> {
    table("remediation.csv", COLUMNS, rows.iter(), out).map(|_| ())
}
