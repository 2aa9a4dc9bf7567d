//! Reads a `report.json` back: the findings, and how far that run reached.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::read_parts::{OrganizationRef, ReadOrigin, ReadRun};
use crate::model::caller::Caller;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::event_log::Window;
use crate::model::finding::{Finding, Resolution, Severity, Status};
use crate::model::gap::Gap;
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::rule::RuleMeta;
use crate::model::share::Relation;
use crate::model::trace::{Attribution, Trace};

/// A report as another run wrote it.
#[derive(Debug)]
pub struct Earlier {
    /// Its run id.
    pub run_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Who ran it, where it says so.
    pub caller: Option<Caller>,
    /// SHA-256 of the policy that it was judged by.
    pub policy_sha256: Option<String>,
    /// The organization that it goes by, where it says so.
    pub organization: Option<OrganizationRef>,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// How far it read.
    pub coverage: Vec<Coverage>,
    /// What it did not read.
    pub gaps: Vec<Gap>,
}

/// A file that is no `report.json`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadReport(String);

#[derive(Deserialize)]
struct Read {
    schema_version: u32,
    run: ReadRun,
    organization: Option<OrganizationRef>,
    findings: Vec<ReadFinding>,
    coverage: Vec<ReadCoverage>,
    gaps: Vec<ReadGap>,
}

#[derive(Deserialize)]
struct ReadFinding {
    finding_id: String,
    rule_id: String,
    severity: String,
    status: String,
    account_id: Option<String>,
    region: Option<String>,
    #[serde(default)]
    regions: Vec<String>,
    image_id: Option<String>,
    image_name: Option<String>,
    grantee_type: Option<String>,
    grantee: Option<String>,
    grantee_name: Option<String>,
    grantee_relation: Option<String>,
    attribution: Option<String>,
    origin: Option<ReadOrigin>,
    member_then: Option<bool>,
    first_seen: Timestamp,
    remediation: String,
    subject: Option<String>,
    exception_id: Option<String>,
    group_id: Option<String>,
    managed_by: Option<String>,
    resolved_at: Option<Timestamp>,
    resolution: Option<String>,
    snapshot_id: Option<String>,
    last_launched_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct ReadCoverage {
    account_id: String,
    account_name: String,
    account_state: String,
    partition: String,
    region: Option<String>,
    status: String,
    events_from: Option<Timestamp>,
    events_to: Option<Timestamp>,
}

#[derive(Deserialize)]
struct ReadGap {
    account_id: Option<String>,
    region: Option<String>,
    call: String,
    subject: String,
    reason: String,
    error_code: Option<String>,
    owner: Option<String>,
}

/// Reads a report. `rule` finds a rule by its id.
///
/// # Errors
/// It is not JSON of that form, or has a value that does not parse; the message says where.
pub fn read(bytes: &[u8], rule: impl Fn(&str) -> Option<&'static RuleMeta>) -> Result<Earlier, BadReport> {
    let read: Read = serde_json::from_slice(bytes)
        .map_err(|error| BadReport(format!("it is not a report of amiaudit: {error}")))?;
    if read.schema_version > super::SCHEMA_VERSION {
        let newest = super::SCHEMA_VERSION;
        return Err(BadReport(format!(
            "it is of version {}, and this program reads up to {newest}",
            read.schema_version
        )));
    }
    let mut findings = Vec::with_capacity(read.findings.len());
    for (nth, finding) in read.findings.into_iter().enumerate() {
        let at = |why: String| BadReport(format!("findings[{nth}]: {why}"));
        let meta = rule(&finding.rule_id)
            .ok_or_else(|| at(format!("there is no rule {:?} here", finding.rule_id)))?;
        findings.push(finding.finding(meta).map_err(at)?);
    }
    let numbered =
        |what: &'static str, nth: usize| move |why: String| BadReport(format!("{what}[{nth}]: {why}"));
    let mut coverage = Vec::with_capacity(read.coverage.len());
    for (nth, row) in read.coverage.into_iter().enumerate() {
        coverage.push(row.row().map_err(numbered("coverage", nth))?);
    }
    let mut gaps = Vec::with_capacity(read.gaps.len());
    for (nth, gap) in read.gaps.into_iter().enumerate() {
        gaps.push(gap.gap().map_err(numbered("gaps", nth))?);
    }
    Ok(Earlier {
        caller: read.run.caller(),
        run_id: read.run.run_id,
        started_at: read.run.started_at,
        policy_sha256: read.run.policy_sha256,
        organization: read.organization,
        findings,
        coverage,
        gaps,
    })
}

fn parsed<T: std::str::FromStr>(text: Option<&String>) -> Result<Option<T>, String>
where
    T::Err: std::fmt::Display,
{
    text.map(|text| text.parse().map_err(|error| format!("{error}"))).transpose()
}

fn word<T>(found: Option<T>, what: &str, text: &str) -> Result<T, String> {
    found.ok_or_else(|| format!("{text:?} is not a {what}"))
}

impl ReadFinding {
    fn finding(self, meta: &'static RuleMeta) -> Result<Finding, String> {
        let image = match &self.image_id {
            None => None,
            Some(id) => {
                let id = id.parse().map_err(|error| format!("{error}"))?;
                let named = Image::named(id, self.image_name.unwrap_or_default());
                Some(Arc::new(Image { last_launched_at: self.last_launched_at, ..named }))
            }
        };
        let grantee = match (&self.grantee_type, &self.grantee) {
            (Some(kind), Some(label)) => Some(word(Grantee::from_report(kind, label), kind, label)?),
            _ => None,
        };
        let relation = match &self.grantee_relation {
            Some(text) => Some(word(Relation::parse(text), "relation", text)?),
            None => None,
        };
        let trace = match &self.attribution {
            Some(text) => Some(Trace {
                attribution: word(Attribution::parse(text), "attribution", text)?,
                origin: self.origin.map(|origin| Arc::new(origin.origin())),
                member_then: self.member_then,
            }),
            None => None,
        };
        let resolution = match &self.resolution {
            Some(text) => Some(word(Resolution::parse(text), "resolution", text)?),
            None => None,
        };
        let mut regions = Vec::new();
        for region in &self.regions {
            regions.push(region.parse().map_err(|error| format!("{error}"))?);
        }
        let finding = Finding {
            severity: word(Severity::parse(&self.severity), "severity", &self.severity)?,
            status: word(Status::parse(&self.status), "status", &self.status)?,
            account: parsed(self.account_id.as_ref())?,
            region: parsed(self.region.as_ref())?,
            regions,
            image,
            snapshot: parsed(self.snapshot_id.as_ref())?,
            grantee,
            relation,
            trace,
            advice: Some(self.remediation),
            subject: self.subject,
            exception_id: self.exception_id,
            group_id: self.group_id,
            grantee_name: self.grantee_name.unwrap_or_default(),
            managed_by: self.managed_by.unwrap_or_default(),
            resolved_at: self.resolved_at,
            resolution,
            ..Finding::new(meta, self.first_seen)
        };
        // An id that does not follow from the finding's parts was made by hand.
        if finding.id() == self.finding_id {
            Ok(finding)
        } else {
            Err("its finding_id does not fit it".to_owned())
        }
    }
}

impl ReadCoverage {
    fn row(self) -> Result<Coverage, String> {
        let text = |error: crate::model::ids::BadId| error.to_string();
        Ok(Coverage {
            account: self.account_id.parse().map_err(text)?,
            account_name: self.account_name,
            account_state: self.account_state,
            partition: self.partition.parse().map_err(text)?,
            region: parsed(self.region.as_ref())?,
            status: word(CoverageStatus::parse(&self.status), "status", &self.status)?,
            counts: None,
            events: self.events_from.zip(self.events_to).map(|(from, to)| Window { from, to }),
        })
    }
}

impl ReadGap {
    fn gap(self) -> Result<Gap, String> {
        Ok(Gap {
            account: parsed(self.account_id.as_ref())?,
            region: parsed(self.region.as_ref())?,
            call: self.call,
            subject: self.subject,
            reason: self.reason,
            error_code: self.error_code,
            expected_by: self.owner,
        })
    }
}
