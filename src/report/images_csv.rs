//! `images.csv`: every image, for an auditor to sample from. Written on request.

use std::io::Write;

use super::csv_table::{Column, table, yes_no};
use super::text::time;
use super::{Format, RenderError};
use crate::model::report::{ListedImage, Report};

pub(super) struct ImagesCsv;

const COLUMNS: &[Column<ListedImage>] = &[
    ("account_id", |row| row.place.account.to_string()),
    ("region", |row| row.place.region.to_string()),
    ("image_id", |row| row.image.id.to_string()),
    ("image_name", |row| row.image.name.clone()),
    ("image_state", |row| row.image.state.clone()),
    ("created_at", |row| row.image.created_at.map(time).unwrap_or_default()),
    ("encrypted", |row| yes_no(row.image.encrypted)),
    ("public", |row| row.image.listed_public.to_string()),
    ("grants", |row| row.grants.map(|grants| grants.to_string()).unwrap_or_default()),
    ("last_launched_at", |row| row.image.last_launched_at.map(time).unwrap_or_default()),
];

impl Format for ImagesCsv {
    fn file(&self) -> &'static str {
        "images.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn applies(&self, report: &Report) -> bool {
        report.images.is_some()
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        table(self.file(), COLUMNS, report.images.iter().flatten(), out)
    }
}
