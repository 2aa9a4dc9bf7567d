//! CSV as the contract wants it: header row, RFC 4180 quoting, `\n` ends, formulas neutralised.

use super::text::cell;
use super::{RenderError, Rendered};

/// A column: its name, and a row's cell.
pub(super) type Column<Row> = (&'static str, fn(&Row) -> String);

/// Renders `rows`, one line each.
pub(super) fn table<'a, Row: 'a>(
    file: &'static str,
    columns: &[Column<Row>],
    rows: impl Iterator<Item = &'a Row>,
) -> Result<Rendered, RenderError> {
    let failed = |error: csv::Error| RenderError { file, why: error.to_string() };
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| *name)).map_err(failed)?;
    let mut count = 0;
    for row in rows {
        writer.write_record(columns.iter().map(|(_, value)| cell(&value(row)))).map_err(failed)?;
        count += 1;
    }
    let bytes = writer.into_inner().map_err(|error| RenderError { file, why: error.to_string() })?;
    Ok(Rendered { bytes, rows: Some(count) })
}

/// A column that stays empty until a later version fills it.
pub(super) fn nothing<Row>(_: &Row) -> String {
    String::new()
}

/// A yes or no; empty when it is not known.
pub(super) fn yes_no(value: Option<bool>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
