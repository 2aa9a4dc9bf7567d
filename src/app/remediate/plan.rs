//! `remediate plan`: reads a report. Only where it is asked who uses the images does it call AWS.

use std::path::Path;
use std::time::Duration;

use super::{JOURNAL, beside, connect, load};
use crate::app::console::Console;
use crate::app::failed::Failed;
use crate::app::input;
use crate::app::publish::write_file;
use crate::aws::Purpose;
use crate::cli::PlanSettings;
use crate::judge::rules;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::finding::{Finding, Status};
use crate::remediate::{Person, Plan, ReportRef, Selection, Usage, ask_usage, select, tell_plan, write_plan};
use crate::report::{plain, sha256};

/// AWS says of reports only that they are made asynchronously.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn plan(settings: &PlanSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    check_rules(settings)?;
    check_out(&settings.out)?;
    let (report, bytes) = input::report_and_bytes(&settings.report)?;
    let caller = report.caller.as_ref().ok_or_else(|| {
        Failed::Input(format!("{}: it does not say who ran the scan", settings.report.display()))
    })?;
    let from = ReportRef {
        path: std::path::absolute(&settings.report)
            .unwrap_or_else(|_| settings.report.clone())
            .display()
            .to_string(),
        sha256: sha256(&bytes),
        run_id: report.run_id.clone(),
        started_at: report.started_at,
        by: Person::from(caller),
    };
    let chosen = select(&report.findings, &selection(settings));
    let policy = report.policy_sha256.clone();
    let mut plan = Plan::new(clock.now(), settings.ticket.clone(), from, policy, chosen);
    if settings.usage_report {
        plan.usage = usage(settings, &plan, clock).await?;
        // That took a while.
        check_out(&settings.out)?;
    }
    tell_unmatched(settings, &report.findings, console);
    write_file(&settings.out, |out| Ok(out.write_all(&write_plan(&plan))?))
        .map_err(|error| Failed::Input(format!("--out: {error}")))?;
    let text: String = tell_plan(&plan).iter().map(|line| plain(line) + "\n").collect();
    if !console.result(text.as_bytes()) {
        return Ok(Exit::Failed);
    }
    let out = settings.out.display();
    console.note(&format!(
        "plan: {out}; entries may be taken out of it, and `amiaudit remediate apply {out}` does it"
    ));
    let untold = plan.usage.iter().filter(|usage| usage.error.is_some()).count();
    if untold > 0 {
        console.warn(&format!("who uses {untold} of the plan's images could not be told; the plan says why"));
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Clean)
}

/// Who uses the plan's images. Nothing is asked of AWS where there are none.
async fn usage(settings: &PlanSettings, plan: &Plan, clock: &Clock) -> Result<Vec<Usage>, Failed> {
    if plan.entries.is_empty() {
        return Ok(Vec::new());
    }
    let (cloud, caller) = connect(&settings.aws, Purpose::UsageReport, clock).await?;
    Ok(ask_usage(cloud.aws(), &caller, plan, PATIENCE).await)
}

fn selection(settings: &PlanSettings) -> Selection {
    Selection {
        rules: settings.rules.clone(),
        severities: settings.severities.clone(),
        accounts: settings.accounts.clone(),
        regions: settings.regions.clone(),
        images: settings.images.clone(),
        grantees: settings.grantees.clone(),
        include_managed: settings.include_managed,
    }
}

/// A mistyped rule would choose nothing, and say nothing.
fn check_rules(settings: &PlanSettings) -> Result<(), Failed> {
    match settings.rules.iter().find(|id| rules::find(id).is_none()) {
        Some(id) => {
            Err(Failed::Input(format!("--rule {id}: there is no such rule; `amiaudit rules` lists them")))
        }
        None => Ok(()),
    }
}

/// Says which filters fit no open finding: a mistyped one chooses nothing.
fn tell_unmatched(settings: &PlanSettings, findings: &[Finding], console: &Console) {
    let open: Vec<&Finding> = findings.iter().filter(|finding| finding.status == Status::Open).collect();
    let told = |flag: &str, value: &str, is_of: &dyn Fn(&Finding) -> bool| {
        if !open.iter().any(|finding| is_of(finding)) {
            console.warn(&plain(&format!("{flag} {value}: no open finding is of it")));
        }
    };
    for id in &settings.accounts {
        told("--account", &id.to_string(), &|finding| finding.account == Some(*id));
    }
    for region in &settings.regions {
        told("--region", region.as_str(), &|finding| finding.region.as_ref() == Some(region));
    }
    for id in &settings.images {
        told("--image", id.as_str(), &|finding| finding.image.as_ref().is_some_and(|image| image.id == *id));
    }
    for label in &settings.grantees {
        let is_of =
            |finding: &Finding| finding.grantee.as_ref().is_some_and(|grantee| grantee.label() == *label);
        told("--grantee", label, &is_of);
    }
}

/// A plan that was approved, or begun, is not written over.
fn check_out(path: &Path) -> Result<(), Failed> {
    let refused = |why: &str| Err(Failed::Input(format!("--out {}: {why}", path.display())));
    if beside(path, JOURNAL).exists() {
        return refused("beside it lies the journal of an apply: choose another folder");
    }
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => match load(path) {
            Ok(plan) if plan.approvals.is_empty() => Ok(()),
            Ok(_) => refused("it was approved: choose another file, or take it away"),
            Err(_) => refused("it is there already, and is no plan: choose another file"),
        },
    }
}
