//! The closing lines of a run: how many findings, how far it was read, what to do next.

use std::collections::BTreeMap;

use super::text::plain;
use crate::model::coverage::CoverageStatus;
use crate::model::finding::Severity;
use crate::model::organization::Membership;
use crate::model::report::Report;

/// Findings listed on standard error at the most; all are in the report.
const MOST_LISTED: usize = 20;
/// Gaps named on standard error at the most; all are in the report.
const MOST_GAPS: usize = 5;

/// What a person should know at the end, a line each.
#[must_use]
pub fn closing_lines(report: &Report) -> Vec<String> {
    let mut lines = vec![counts(report), reach(report)];
    if let Some(line) = organization(report) {
        lines.push(line);
    }
    for gap in report.gaps.iter().take(MOST_GAPS) {
        let account = gap.account.map(|account| account.to_string()).unwrap_or_default();
        let region = gap.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
        let subject = if gap.subject.is_empty() { String::new() } else { format!(" {}", gap.subject) };
        let text = format!("not read: {account}{region} {}{subject}: {}", gap.call, gap.reason);
        lines.push(plain(&text));
    }
    if report.gaps.len() > MOST_GAPS {
        lines.push(format!("not read: {} more in gaps.csv", report.gaps.len() - MOST_GAPS));
    }
    lines
}

/// The open findings in a few words each, for where the table is not to be seen.
#[must_use]
pub fn open_lines(report: &Report) -> Vec<String> {
    let mut open: Vec<_> = report.open().collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut lines: Vec<String> = open
        .iter()
        .take(MOST_LISTED)
        .map(|finding| {
            let account = finding.account.map(|account| account.to_string()).unwrap_or_default();
            let place = finding.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
            let image = finding.image.as_ref().map(|image| format!(" {}", image.id)).unwrap_or_default();
            let grantee = finding.grantee.as_ref().map(|grantee| format!(" {grantee}")).unwrap_or_default();
            let text =
                format!("open: {} {} {}{place}{image}{grantee}", finding.severity, finding.rule.id, account);
            plain(&text)
        })
        .collect();
    if open.len() > MOST_LISTED {
        lines.push(format!("open: {} more in findings.csv", open.len() - MOST_LISTED));
    }
    lines
}

fn counts(report: &Report) -> String {
    let mut by_severity: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in report.open() {
        *by_severity.entry(finding.severity).or_default() += 1;
    }
    let total: usize = by_severity.values().sum();
    if total == 0 {
        return "no open finding".to_owned();
    }
    let parts: Vec<String> =
        by_severity.iter().rev().map(|(severity, count)| format!("{count} {severity}")).collect();
    let noun = if total == 1 { "finding" } else { "findings" };
    format!("{total} open {noun}: {}", parts.join(", "))
}

fn reach(report: &Report) -> String {
    let with = |status| report.coverage.iter().filter(|row| row.status == status).count();
    let sum = |which: fn(&crate::model::coverage::Counts) -> u64| -> u64 {
        report.coverage.iter().filter_map(|row| row.counts.as_ref()).map(which).sum()
    };
    let mut line = format!(
        "{} images and {} grants in {} places read",
        sum(|counts| counts.permissions_read),
        sum(|counts| counts.grants),
        with(CoverageStatus::Read)
    );
    for status in [CoverageStatus::Partial, CoverageStatus::Unread, CoverageStatus::NotSelected] {
        let count = with(status);
        if count > 0 {
            line.push_str(&format!(", {count} {}", status.word().replace('_', " ")));
        }
    }
    line
}

fn organization(report: &Report) -> Option<String> {
    match report.org.membership() {
        Membership::NotInOrganization => {
            Some("this account is in no organization: every other account is external".to_owned())
        }
        Membership::NotAsked => {
            Some("the organization was not asked (--no-organization): other accounts are unknown".to_owned())
        }
        Membership::In { accounts, .. } => accounts.incomplete.as_ref().map(|reason| {
            plain(&format!(
                "the list of the organization's accounts is not complete, so strangers are unknown: {reason}"
            ))
        }),
    }
}
