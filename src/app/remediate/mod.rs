//! `amiaudit remediate`: plan, approve, apply, undo. What is taken back and how, is `remediate`'s; here files are
//! read, the user is asked, and other rooms' functions are handed over.

mod apply;
mod approve;
mod checks;
mod confirm;
mod hands;
mod plan;
mod still;
mod undo;
mod whose;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::console::Console;
use super::failed::{Failed, aws_settings};
use super::input;
use super::publish::write_file;
use crate::aws::{Aws, AwsSettings, Purpose};
use crate::cli::{AwsChoice, Remediation};
use crate::collect::SdkCloud;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::remediation::{RemediationRow, Target};
use crate::remediate::{BadFile, BlockTold, JournalFile, Plan, PlanLock, Record, Told, read_plan, tell_rows};
use crate::report::{plain, remediation_csv};

/// A plan of ten thousands of grants is some MB.
const LARGEST_PLAN: u64 = 256 << 20;

/// The journal's name, beside the plan.
const JOURNAL: &str = "journal.jsonl";
/// What the auditor gets, beside the journal.
const ROWS: &str = "remediation.csv";

pub(super) async fn run(command: &Remediation, console: &Console, clock: &Clock) -> Exit {
    let done = match command {
        Remediation::Plan(settings) => plan::plan(settings, console, clock).await,
        Remediation::Approve(settings) => approve::approve(settings, console, clock).await,
        Remediation::Apply(settings) => apply::apply(settings, console, clock).await,
        Remediation::Undo(settings) => undo::undo(settings, console, clock).await,
    };
    done.unwrap_or_else(|failed| failed.tell(console))
}

/// Reads a plan and checks that it is as it was made.
fn load(path: &Path) -> Result<Plan, Failed> {
    load_with_bytes(path).map(|(plan, _)| plan)
}

/// The same with the file's bytes.
fn load_with_bytes(path: &Path) -> Result<(Plan, Vec<u8>), Failed> {
    let bytes = input::bytes(path, LARGEST_PLAN)?;
    match read_plan(&bytes) {
        Ok(plan) => Ok((plan, bytes)),
        Err(error) => Err(Failed::Input(format!("{}: {error}", path.display()))),
    }
}

/// That a file is not as it must be, so that nothing is done.
fn refused(path: &Path, why: &str) -> Failed {
    Failed::Refused(format!("{}: {}", path.display(), plain(why)))
}

/// What lies beside a file.
fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}

/// Opens a journal that is nobody else's.
fn journal(path: &Path, create: bool, clock: &Clock) -> Result<JournalFile, Failed> {
    JournalFile::open(path, create, clock.clone()).map_err(|error| unusable(path, error))
}

/// Sees to it that nobody else is at work with a plan.
fn lock(path: &Path, plan_sha256: &str) -> Result<PlanLock, Failed> {
    let folder = std::env::temp_dir();
    PlanLock::take(&folder, plan_sha256).map_err(|error| match error {
        BadFile::Io(error) => {
            let (folder, why) = (folder.display(), plain(&error.to_string()));
            Failed::Refused(format!("the plan's lock, in {folder}: {why}"))
        }
        error => unusable(path, error),
    })
}

fn unusable(path: &Path, error: BadFile) -> Failed {
    let why = match error {
        BadFile::Io(error) => error.to_string(),
        BadFile::Locked => format!("{error}: wait until it has ended"),
        BadFile::Bad(why) => format!("{why}; nothing was changed"),
    };
    refused(path, &why)
}

/// Asks AWS who we are. Sessions in other accounts may do what they are for.
async fn connect(aws: &AwsChoice, purpose: Purpose, clock: &Clock) -> Result<(SdkCloud, Caller), Failed> {
    let settings = AwsSettings { purpose, ..aws_settings(aws, None) };
    Ok(SdkCloud::connect(Aws::load(settings, clock.clone()).await?).await?)
}

/// Refuses to begin what needs a role in other accounts, where none is named.
fn check_role<'a>(
    cloud: &SdkCloud,
    caller: &Caller,
    mut targets: impl Iterator<Item = &'a Target>,
) -> Result<(), Failed> {
    match targets.find(|target| target.place.account != caller.account) {
        Some(target) if !cloud.aws().has_role() => {
            let account = target.place.account;
            Err(Failed::Refused(format!(
                "{account} is not the caller's account: name its role with --role-name"
            )))
        }
        _ => Ok(()),
    }
}

/// Says what block public access is now where it was to be switched.
fn tell_blocks(told: &Told, console: &Console) {
    // What apply could not switch is none of an undo's business.
    let concerns = |block: &BlockTold| told.undone_by.is_none() || block.is_ours || block.error.is_none();
    for (place, block) in told.blocks.iter().filter(|(_, block)| concerns(block)) {
        let state = block.error.clone().or_else(|| block.now.clone()).unwrap_or_default();
        console.note(&plain(&format!("{place}: block public access: {state}")));
    }
}

/// Shows what became of each grant, and keeps it for the auditor beside the journal; whether that could be done.
fn conclude(rows: &[RemediationRow], kept: Option<&Path>, console: &Console) -> bool {
    let text: String = tell_rows(rows).iter().map(|line| plain(line) + "\n").collect();
    let is_shown = console.result(text.as_bytes());
    let Some(path) = kept else { return is_shown };
    match write_file(path, |out| remediation_csv::render(rows, out)) {
        Ok(()) => {
            console.note(&format!("each grant: {}", path.display()));
            is_shown
        }
        Err(error) => {
            let hint = "the journal has it all: the same command writes it again";
            console.error(&plain(&error.to_string()), hint);
            false
        }
    }
}

/// That the command came to its end.
fn ended(rows: &[RemediationRow]) -> Record {
    // Of a grant with several rows the last one counts.
    let last: BTreeMap<_, _> = rows.iter().map(|row| ((&row.target, &row.grantee), row.ending)).collect();
    let done = last.values().filter(|ending| ending.is_done()).count();
    Record::Ended { done, left: last.len() - done }
}
