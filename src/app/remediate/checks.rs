//! What a plan must fulfil before anything is asked of AWS.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{beside, refused};
use crate::app::failed::Failed;
use crate::app::input;
use crate::app::signing::fits;
use crate::cli::ApplySettings;
use crate::model::clock::Clock;
use crate::model::finding::{Finding, Status};
use crate::remediate::{Approval, Entry, Person, Plan, signed_text};
use crate::report::{Earlier, sha256};

/// Refuses a plan that is too old, or not yet made.
pub(super) fn check_age(plan: &Plan, settings: &ApplySettings, clock: &Clock) -> Result<(), Failed> {
    let now = clock.now();
    let oldest =
        settings.max_plan_age.begin(now).map_err(|why| Failed::Input(format!("--max-plan-age: {why}")))?;
    let made = plan.created_at.strftime("%Y-%m-%dT%H:%M:%SZ");
    if plan.created_at < oldest {
        let why =
            format!("it was made at {made}, which is longer ago than --max-plan-age allows: make a new plan");
        return Err(refused(&settings.plan, &why));
    }
    // A minute is what two clocks may differ by.
    if plan.created_at > now + jiff::SignedDuration::from_secs(60) {
        return Err(refused(&settings.plan, &format!("it was made at {made}, which is still to come")));
    }
    Ok(())
}

/// The report that a plan rests on: each of its entries must be an open finding there.
pub(super) fn report(plan: &Plan, settings: &ApplySettings) -> Result<Earlier, Failed> {
    let path = report_of(plan, settings);
    let (report, bytes) = input::report_and_bytes(&path).map_err(|failed| {
        let why = "name the report that the plan was made from with --report";
        Failed::Refused(format!("the plan's report: {failed}; {why}"))
    })?;
    if sha256(&bytes) != plan.report.sha256 {
        let why = "it is not the report that the plan was made from: its SHA-256 differs";
        return Err(refused(&path, why));
    }
    let by = report.caller.as_ref().map(Person::from);
    let is_its = plan.report.run_id == report.run_id
        && by.as_ref() == Some(&plan.report.by)
        && plan.policy_sha256 == report.policy_sha256;
    if !is_its {
        let why = "it does not say of its report's run, planner and policy what the report says";
        return Err(refused(&settings.plan, why));
    }
    let by_id: BTreeMap<String, &Finding> =
        report.findings.iter().map(|finding| (finding.id(), finding)).collect();
    let is_there = |entry: &&Entry| by_id.get(&entry.finding_id).is_some_and(|finding| is_of(entry, finding));
    match plan.entries.iter().find(|entry| !is_there(entry)) {
        Some(entry) => {
            let why = format!("{} is not an open finding of the plan's report", entry.finding_id);
            Err(refused(&settings.plan, &why))
        }
        None => Ok(report),
    }
}

/// Where the report is: as named, where it was, or beside the plan.
fn report_of(plan: &Plan, settings: &ApplySettings) -> PathBuf {
    if let Some(path) = &settings.report {
        return path.clone();
    }
    let was = PathBuf::from(&plan.report.path);
    match was.is_file() {
        true => was,
        false => beside(&settings.plan, "report.json"),
    }
}

/// Whether an entry is what the finding of its id says. That id was checked against all its parts when it was read.
fn is_of(entry: &Entry, finding: &Finding) -> bool {
    finding.status == Status::Open
        && finding.account == Some(entry.target.place.account)
        && finding.region.as_ref() == Some(&entry.target.place.region)
        && finding.image.as_ref().is_some_and(|image| image.id == entry.target.image)
        && finding.grantee.as_ref() == Some(&entry.grantee)
        && finding.snapshot == entry.target.snapshot
}

/// Who approved a plan, where approval is asked for. One of the keys must fit one of the plan's signatures, which
/// must not be its planner's.
pub(super) fn approvers(plan: &Plan, settings: &ApplySettings) -> Result<Vec<Person>, Failed> {
    if settings.approver_keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut reasons = Vec::new();
    for approval in &plan.approvals {
        match approved(plan, approval, &settings.approver_keys)? {
            Ok(()) => return Ok(vec![approval.by.clone()]),
            Err(why) => reasons.push(format!("the approval of {}: {why}", approval.by.arn)),
        }
    }
    let why = match reasons.is_empty() {
        true => "nobody approved it: `amiaudit remediate approve` does".to_owned(),
        false => format!("it is not approved as it must be: {}", reasons.join("; ")),
    };
    Err(refused(&settings.plan, &why))
}

fn approved(plan: &Plan, approval: &Approval, keys: &[PathBuf]) -> Result<Result<(), String>, Failed> {
    let text = signed_text(&plan.sha256, approval);
    let signature = hex::decode(&approval.signature).unwrap_or_default();
    for key in keys {
        if fits(key, &text, &signature)? {
            return Ok(plan.is_approved_by(approval));
        }
    }
    Ok(Err("its signature fits none of the keys that may approve".to_owned()))
}
