//! `report.json`: the whole report for machines, in a published form of its own.

mod read;
mod read_parts;
mod v1;

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use v1::{
    ControlV1, CoverageV1, Each, ExceptionV1, FindingV1, GapV1, OrganizationV1, OriginV1, ReportV1, RuleV1,
    RunV1, ShareV1, Tool,
};

use super::coverage_csv::GapCounts;
use super::text::time;
use super::{Format, RenderError};
use crate::model::coverage::Coverage;
use crate::model::exception::Exception;
use crate::model::finding::Finding;
use crate::model::gap::Gap;
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::report::Report;
use crate::model::rule::RuleMeta;
use crate::model::share::AssessedShare;
use crate::model::trace::Origin;

/// The version of this form; it grows with a change that a reader could trip over.
const SCHEMA_VERSION: u32 = 1;

pub use read::{BadReport, Earlier, read};
pub use read_parts::OrganizationRef;

pub(super) struct Json;

impl Format for Json {
    fn file(&self) -> &'static str {
        "report.json"
    }
    fn kind(&self) -> &'static str {
        "json"
    }
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Option<u64>, RenderError> {
        serde_json::to_writer_pretty(&mut *out, &whole(report))
            .map_err(|error| failed(self.file(), error))?;
        out.write_all(b"\n")?;
        Ok(Some(report.findings.len() as u64))
    }
}

/// What serde_json calls an error is the writer's own, or a value's.
pub(super) fn failed(file: &'static str, error: serde_json::Error) -> RenderError {
    if error.is_io() {
        RenderError::Write(error.into())
    } else {
        RenderError::Value { file, why: error.to_string() }
    }
}

/// The JSON Schema of `report.json`, as docs/report.schema.json publishes it.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(ReportV1<'static>);
    format!("{:#}\n", schema.as_value())
}

/// The findings alone, for `--print ndjson`.
pub(super) fn findings(report: &Report) -> impl Iterator<Item = impl Serialize + '_> {
    report.findings.iter().map(|found| finding(found, &report.org))
}

fn whole(report: &Report) -> ReportV1<'_> {
    let rules: BTreeMap<&str, &RuleMeta> = report.findings.iter().map(|f| (f.rule.id, f.rule)).collect();
    let gaps = GapCounts::new(&report.gaps);
    ReportV1 {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        run: RunV1 {
            run_id: &report.run.id,
            started_at: time(report.run.started_at),
            ended_at: time(report.run.ended_at),
            interrupted: report.run.interrupted,
            caller_account_id: report.run.caller.account.to_string(),
            caller_arn: &report.run.caller.arn,
            caller_user_id: &report.run.caller.user_id,
            partition: report.run.caller.partition.to_string(),
            policy_sha256: report.run.policy_sha256.as_deref(),
        },
        organization: organization(&report.org),
        rules: rules.into_values().map(rule).collect(),
        findings: Each::new(&report.findings, |found| finding(found, &report.org)),
        shares: Each::new(&report.shares, |found| share(found, &report.org)),
        coverage: Each::new(&report.coverage, move |row| coverage(row, gaps.of(row))),
        gaps: Each::new(&report.gaps, gap),
        exceptions: Each::new(&report.exceptions, exception),
    }
}

/// A text, or nothing where it is empty.
fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn organization(org: &OrgView) -> OrganizationV1 {
    let membership = org.membership();
    let list = membership.accounts();
    let account_list = match membership {
        Membership::NotInOrganization => "not_in_organization",
        Membership::NotAsked => "not_asked",
        Membership::In { accounts, .. } if accounts.incomplete.is_some() => "incomplete",
        Membership::In { .. } => "complete",
    };
    let as_of = match membership {
        Membership::In { as_of, .. } => as_of.map(time),
        Membership::NotInOrganization | Membership::NotAsked => None,
    };
    OrganizationV1 {
        account_list,
        reason: list.and_then(|list| list.incomplete.clone()),
        organization_id: membership.organization().map(|arn| arn.organization.to_string()),
        management_account_id: membership.organization().map(|arn| arn.management.to_string()),
        accounts: list.map(|list| list.members.len()),
        as_of,
    }
}

fn rule(meta: &RuleMeta) -> RuleV1 {
    let controls = meta.controls.iter().map(|control| ControlV1 { id: control.id, source: control.source });
    RuleV1 {
        rule_id: meta.id,
        title: meta.title,
        severity: meta.severity.word(),
        risk: meta.risk,
        misses: meta.misses,
        remediation: meta.remediation,
        mitre_technique: meta.mitre.map(|mitre| mitre.technique),
        mitre_tactic: meta.mitre.map(|mitre| mitre.tactic),
        covers: meta.covers,
        references: meta.references,
        controls: controls.collect(),
    }
}

fn finding<'a>(finding: &'a Finding, org: &'a OrgView) -> FindingV1<'a> {
    let image = finding.image.as_deref();
    let grantee = finding.grantee.as_ref();
    let trace = finding.trace.as_ref();
    FindingV1 {
        finding_id: finding.id(),
        rule_id: finding.rule.id,
        severity: finding.severity.word(),
        status: finding.status.word(),
        account_id: finding.account.map(|account| account.to_string()),
        account_name: finding.account.map(|account| org.name(account)),
        region: finding.region.as_ref().map(|region| region.as_str()),
        regions: finding.regions.iter().map(|region| region.as_str()).collect(),
        image_id: image.map(|image| image.id.as_str()),
        image_name: image.map(|image| image.name.as_str()),
        grantee_type: grantee.map(|grantee| grantee.word()),
        grantee: grantee.map(ToString::to_string),
        grantee_name: some(&finding.grantee_name),
        grantee_relation: finding.relation.map(|relation| relation.word()),
        attribution: trace.map(|trace| trace.attribution.word()),
        origin: trace.and_then(|trace| trace.origin.as_deref()).map(origin),
        member_then: trace.and_then(|trace| trace.member_then),
        first_seen: time(finding.first_seen),
        remediation: finding.remediation(),
        subject: finding.subject.as_deref(),
        exception_id: finding.exception_id.as_deref(),
        group_id: finding.group_id.as_deref(),
        managed_by: some(&finding.managed_by),
        resolved_at: finding.resolved_at.map(time),
        resolution: finding.resolution.map(|resolution| resolution.word()),
        snapshot_id: finding.snapshot.as_ref().map(|snapshot| snapshot.as_str()),
        last_launched_at: image.and_then(|image| image.last_launched_at).map(time),
    }
}

fn origin(origin: &Origin) -> OriginV1<'_> {
    OriginV1 {
        shared_at: origin.at.map(time),
        shared_by: &origin.by,
        shared_by_type: &origin.by_type,
        source_ip: &origin.source_ip,
        user_agent: &origin.user_agent,
        invoked_by: some(&origin.invoked_by),
        mfa: some(&origin.mfa),
        console: origin.console,
        event_id: &origin.event_id,
    }
}

fn share<'a>(assessed: &'a AssessedShare, org: &'a OrgView) -> ShareV1<'a> {
    let share = &assessed.share;
    let origin = assessed.trace.origin.as_deref();
    ShareV1 {
        account_id: share.place.account.to_string(),
        account_name: org.name(share.place.account),
        region: share.place.region.as_str(),
        image_id: share.image.id.as_str(),
        image_name: &share.image.name,
        image_state: &share.image.state,
        created_at: share.image.created_at.map(time),
        encrypted: share.image.encrypted,
        grantee_type: share.grantee.word(),
        grantee: share.grantee.to_string(),
        grantee_name: some(&assessed.grantee_name),
        grantee_relation: assessed.relation.word(),
        verdict: assessed.verdict.word(),
        attribution: assessed.trace.attribution.word(),
        shared_at: origin.and_then(|origin| origin.at).map(time),
        shared_by: origin.map(|origin| origin.by.as_str()),
        event_id: origin.map(|origin| origin.event_id.as_str()),
        member_then: assessed.trace.member_then,
        read_at: time(share.read_at),
        exception_id: assessed.exception_id.as_deref(),
        managed_by: some(&assessed.managed_by),
    }
}

fn coverage(row: &Coverage, gaps: usize) -> CoverageV1<'_> {
    let counts = row.counts.as_ref();
    CoverageV1 {
        account_id: row.account.to_string(),
        account_name: &row.account_name,
        account_state: &row.account_state,
        partition: row.partition.to_string(),
        region: row.region.as_ref().map(|region| region.as_str()),
        status: row.status.word(),
        images_listed: counts.map(|counts| counts.images_listed),
        images_gone: counts.map(|counts| counts.images_gone),
        permissions_read: counts.map(|counts| counts.permissions_read),
        grants: counts.map(|counts| counts.grants),
        events_from: row.events.map(|window| time(window.from)),
        events_to: row.events.map(|window| time(window.to)),
        gaps,
    }
}

fn gap(gap: &Gap) -> GapV1<'_> {
    GapV1 {
        account_id: gap.account.map(|account| account.to_string()),
        region: gap.region.as_ref().map(|region| region.as_str()),
        call: &gap.call,
        subject: &gap.subject,
        reason: &gap.reason,
        error_code: gap.error_code.as_deref(),
        expected: gap.expected_by.is_some(),
        owner: gap.expected_by.as_deref(),
    }
}

fn exception(exception: &Exception) -> ExceptionV1<'_> {
    ExceptionV1 {
        exception_id: &exception.id,
        kind: exception.kind,
        scope: &exception.scope,
        owner: &exception.owner,
        approver: exception.approver.as_deref(),
        ticket: exception.ticket.as_deref(),
        reason: &exception.reason,
        approved_at: exception.approved_at.map(time),
        expires_at: time(exception.expires_at),
        matches: exception.matches,
    }
}
