//! `findings.csv`: what somebody has to act on.

use std::io::Write;

use super::csv_table::{Column, table};
use super::text::time;
use super::{Format, RenderError};
use crate::model::finding::Finding;
use crate::model::org_view::OrgView;
use crate::model::report::Report;
use crate::model::trace::Origin;

pub(super) struct FindingsCsv;

/// A finding with what it takes to name its accounts.
type Row<'a> = (&'a Finding, &'a OrgView);

/// The columns in the contract's order; new ones are only appended.
fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        ("finding_id", |(finding, _)| finding.id()),
        ("rule_id", |(finding, _)| finding.rule.id.to_owned()),
        ("severity", |(finding, _)| finding.severity.to_string()),
        ("status", |(finding, _)| finding.status.to_string()),
        ("account_id", |(finding, _)| text(finding.account.as_ref())),
        ("account_name", |(finding, org)| {
            finding.account.map(|id| org.name(id).to_owned()).unwrap_or_default()
        }),
        ("region", |(finding, _)| text(finding.region.as_ref())),
        ("image_id", |(finding, _)| text(finding.image.as_ref().map(|image| &image.id))),
        ("image_name", |(finding, _)| {
            finding.image.as_ref().map(|image| image.name.clone()).unwrap_or_default()
        }),
        ("grantee_type", |(finding, _)| {
            finding.grantee.as_ref().map(|g| g.word().to_owned()).unwrap_or_default()
        }),
        ("grantee", |(finding, _)| text(finding.grantee.as_ref())),
        ("grantee_relation", |(finding, _)| text(finding.relation.as_ref())),
        ("shared_at", |(finding, _)| origin(finding, |origin| origin.at.map(time).unwrap_or_default())),
        ("shared_by", |(finding, _)| origin(finding, |origin| origin.by.clone())),
        ("shared_by_type", |(finding, _)| origin(finding, |origin| origin.by_type.clone())),
        ("source_ip", |(finding, _)| origin(finding, |origin| origin.source_ip.clone())),
        ("user_agent", |(finding, _)| origin(finding, |origin| origin.user_agent.clone())),
        ("event_id", |(finding, _)| origin(finding, |origin| origin.event_id.clone())),
        ("attribution", |(finding, _)| text(finding.trace.as_ref().map(|trace| &trace.attribution))),
        ("first_seen", |(finding, _)| time(finding.first_seen)),
        ("exception_id", |(finding, _)| finding.exception_id.clone().unwrap_or_default()),
        ("mitre_technique", |(finding, _)| {
            finding.rule.mitre.map(|m| m.technique.to_owned()).unwrap_or_default()
        }),
        ("controls", |(finding, _)| {
            finding.rule.controls.iter().map(|c| c.id).collect::<Vec<_>>().join("; ")
        }),
        ("remediation", |(finding, _)| finding.remediation().into_owned()),
        ("group_id", |(finding, _)| finding.group_id.clone().unwrap_or_default()),
        ("grantee_name", |(finding, _)| finding.grantee_name.clone()),
        ("managed_by", |(finding, _)| finding.managed_by.clone()),
        ("resolved_at", |(finding, _)| finding.resolved_at.map(time).unwrap_or_default()),
        ("resolution", |(finding, _)| text(finding.resolution.as_ref())),
        ("snapshot_id", |(finding, _)| text(finding.snapshot.as_ref())),
        ("last_launched_at", |(finding, _)| {
            finding.image.as_ref().and_then(|image| image.last_launched_at).map(time).unwrap_or_default()
        }),
    ]
}

/// A value in words, or nothing where there is none.
fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// What is known of the call that made the grant.
fn origin(finding: &Finding, what: fn(&Origin) -> String) -> String {
    finding.trace.as_ref().and_then(|trace| trace.origin.as_deref()).map(what).unwrap_or_default()
}

impl Format for FindingsCsv {
    fn file(&self) -> &'static str {
        "findings.csv"
    }
    fn kind(&self) -> &'static str {
        "csv"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        let rows = report.findings.iter().map(|finding| (finding, &report.org));
        table(self.file(), &columns(), rows, out)
    }
}
