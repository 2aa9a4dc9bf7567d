//! `plan.json`: a plan's published form. Entries may be taken away from the file, and nothing else may change:
//! the head lists the SHA-256 of every entry as it was planned, and has one itself. Unsigned digests stop slips, not
//! forgers; approvals are signed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::approval::Approval;
use super::plan::{Entry, Plan, ReportRef, Stays};
use super::record::Named;
use super::users::Usage;
use crate::model::place::Place;
use crate::model::remediation::Target;

/// The version of the form.
const VERSION: u32 = 1;

/// A file that is no plan, or not the one that was made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadPlan(String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    head: Head,
    /// Over the head.
    sha256: String,
    entries: Vec<EntryForm>,
    stays: Vec<Stays>,
    approvals: Vec<Approval>,
    /// Under no digest: it decides nothing.
    #[serde(default)]
    usage: Vec<Usage>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    plan_version: u32,
    tool: String,
    tool_version: String,
    created_at: Timestamp,
    ticket: Option<String>,
    report: ReportRef,
    policy_sha256: Option<String>,
    /// Of each entry as it was planned.
    entries_sha256: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryForm {
    finding_id: String,
    rule_id: String,
    severity: String,
    account_id: String,
    region: String,
    image_id: String,
    image_name: String,
    snapshot_id: Option<String>,
    grantee_type: String,
    grantee: String,
    grantee_relation: String,
    grantee_name: String,
    managed_by: String,
    last_launched_at: Option<Timestamp>,
}

impl EntryForm {
    fn of(entry: &Entry) -> Self {
        let Named { grantee_type, grantee } = Named::of(&entry.grantee);
        Self {
            finding_id: entry.finding_id.clone(),
            rule_id: entry.rule_id.clone(),
            severity: entry.severity.clone(),
            account_id: entry.target.place.account.to_string(),
            region: entry.target.place.region.to_string(),
            image_id: entry.target.image.to_string(),
            image_name: entry.image_name.clone(),
            snapshot_id: entry.target.snapshot.as_ref().map(ToString::to_string),
            grantee_type,
            grantee,
            grantee_relation: entry.relation.clone(),
            grantee_name: entry.grantee_name.clone(),
            managed_by: entry.managed_by.clone(),
            last_launched_at: entry.last_launched_at,
        }
    }

    fn entry(self) -> Result<Entry, String> {
        let bad = |error: crate::model::ids::BadId| error.to_string();
        let place = Place {
            account: self.account_id.parse().map_err(bad)?,
            region: self.region.parse().map_err(bad)?,
        };
        let snapshot = self.snapshot_id.as_deref().map(str::parse).transpose().map_err(bad)?;
        let target = Target { place, image: self.image_id.parse().map_err(bad)?, snapshot };
        let grantee = Named { grantee_type: self.grantee_type, grantee: self.grantee }.grantee()?;
        Ok(Entry {
            finding_id: self.finding_id,
            rule_id: self.rule_id,
            severity: self.severity,
            target,
            image_name: self.image_name,
            grantee,
            relation: self.grantee_relation,
            grantee_name: self.grantee_name,
            managed_by: self.managed_by,
            last_launched_at: self.last_launched_at,
        })
    }
}

impl Entry {
    /// The SHA-256 by which a plan knows it.
    #[must_use]
    pub fn sha256(&self) -> String {
        digest(&EntryForm::of(self))
    }
}

/// Over a value's JSON, whose fields come in a fixed order.
fn digest(value: &impl Serialize) -> String {
    // What these forms hold always serialises.
    let text = serde_json::to_vec(value).unwrap_or_default();
    hex::encode(Sha256::digest(text))
}

impl Plan {
    /// A new plan of these entries.
    #[must_use]
    pub fn new(
        created_at: Timestamp,
        ticket: Option<String>,
        report: ReportRef,
        policy_sha256: Option<String>,
        (entries, stays): (Vec<Entry>, Vec<Stays>),
    ) -> Self {
        let mut plan = Self {
            sha256: String::new(),
            created_at,
            ticket,
            report,
            policy_sha256,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            planned: entries.iter().map(Entry::sha256).collect(),
            entries,
            stays,
            approvals: Vec::new(),
            usage: Vec::new(),
        };
        plan.sha256 = digest(&plan.head());
        plan
    }

    fn head(&self) -> Head {
        Head {
            plan_version: VERSION,
            tool: env!("CARGO_PKG_NAME").to_owned(),
            tool_version: self.tool_version.clone(),
            created_at: self.created_at,
            ticket: self.ticket.clone(),
            report: self.report.clone(),
            policy_sha256: self.policy_sha256.clone(),
            entries_sha256: self.planned.clone(),
        }
    }
}

/// The bytes of a plan's file.
#[must_use]
pub fn write_plan(plan: &Plan) -> Vec<u8> {
    let file = File {
        head: plan.head(),
        sha256: plan.sha256.clone(),
        entries: plan.entries.iter().map(EntryForm::of).collect(),
        stays: plan.stays.clone(),
        approvals: plan.approvals.clone(),
        usage: plan.usage.clone(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads a plan and checks that nothing was added to it or changed in it.
///
/// # Errors
/// It is no plan, or not as it was made; the message says what differs.
pub fn read_plan(bytes: &[u8]) -> Result<Plan, BadPlan> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| {
        BadPlan(format!("it is not a plan of amiaudit, as `amiaudit remediate plan` makes it: {error}"))
    })?;
    if file.head.plan_version != VERSION {
        let found = file.head.plan_version;
        return Err(BadPlan(format!("it is of version {found}, and this program reads {VERSION}")));
    }
    if digest(&file.head) != file.sha256 {
        let why = "it is not as it was made: its head does not fit its sha256; make a new plan";
        return Err(BadPlan(why.to_owned()));
    }
    let planned: BTreeSet<&String> = file.head.entries_sha256.iter().collect();
    let (mut entries, mut met) = (Vec::new(), BTreeSet::new());
    for (nth, form) in file.entries.into_iter().enumerate() {
        let at = |why: &str| BadPlan(format!("entries[{nth}] ({}): {why}", form.finding_id));
        let sha256 = digest(&form);
        if !planned.contains(&sha256) {
            return Err(at("it was added or changed: entries may only be taken away; make a new plan"));
        }
        if !met.insert(sha256) {
            return Err(at("it stands there twice"));
        }
        let id = form.finding_id.clone();
        entries.push(form.entry().map_err(|why| BadPlan(format!("entries[{nth}] ({id}): {why}")))?);
    }
    entries.sort_by(|a, b| (&a.target, &a.grantee).cmp(&(&b.target, &b.grantee)));
    Ok(Plan {
        sha256: file.sha256,
        created_at: file.head.created_at,
        ticket: file.head.ticket,
        report: file.head.report,
        policy_sha256: file.head.policy_sha256,
        planned: file.head.entries_sha256,
        tool_version: file.head.tool_version,
        entries,
        stays: file.stays,
        approvals: file.approvals,
        usage: file.usage,
    })
}
