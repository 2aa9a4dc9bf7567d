//! `shares.csv`: the population, every grant, those inside the organization too.

use std::io::Write;

use super::csv_table::{Column, table, yes_no};
use super::text::time;
use super::{Format, RenderError};
use crate::model::org_view::OrgView;
use crate::model::report::Report;
use crate::model::share::AssessedShare;

pub(super) struct SharesCsv;

type Row<'a> = (&'a AssessedShare, &'a OrgView);

/// The columns in the contract's order; new ones are only appended.
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        ("account_id", |(row, _)| row.share.place.account.to_string()),
        ("account_name", |(row, org)| org.name(row.share.place.account).to_owned()),
        ("region", |(row, _)| row.share.place.region.to_string()),
        ("image_id", |(row, _)| row.share.image.id.to_string()),
        ("image_name", |(row, _)| row.share.image.name.clone()),
        ("image_state", |(row, _)| row.share.image.state.clone()),
        ("created_at", |(row, _)| row.share.image.created_at.map(time).unwrap_or_default()),
        ("encrypted", |(row, _)| yes_no(row.share.image.encrypted)),
        ("grantee_type", |(row, _)| row.share.grantee.word().to_owned()),
        ("grantee", |(row, _)| row.share.grantee.to_string()),
        ("grantee_relation", |(row, _)| row.relation.to_string()),
        ("verdict", |(row, _)| row.verdict.to_string()),
        ("exception_id", |(row, _)| row.exception_id.clone().unwrap_or_default()),
        ("shared_at", |(row, _)| {
            row.trace.origin.as_ref().and_then(|origin| origin.at).map(time).unwrap_or_default()
        }),
        ("shared_by", |(row, _)| {
            row.trace.origin.as_ref().map(|origin| origin.by.clone()).unwrap_or_default()
        }),
        ("attribution", |(row, _)| row.trace.attribution.to_string()),
        ("read_at", |(row, _)| time(row.share.read_at)),
        ("grantee_name", |(row, _)| row.grantee_name.clone()),
        ("managed_by", |(row, _)| row.managed_by.clone()),
    ]
}

impl Format for SharesCsv {
    fn file(&self) -> &'static str {
        "shares.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        let rows = report.shares.iter().map(|share| (share, &report.org));
        table(self.file(), &columns(), rows, out)
    }
}
