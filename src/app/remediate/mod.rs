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
use crate::remediate::{BadFile, JournalFile, Plan, Told, read_plan, tell_rows};
use crate::report::{plain, remediation_csv};

/// A plan of ten thousands of grants is some MB.
const LARGEST_PLAN: u64 = 256 << 20;

/// The journal's name, beside the plan.
const JOURNAL: &str = "journal.jsonl";
/// What the auditor gets, beside the journal.
const ROWS: &str = "remediation.csv";

pub(super) async fn run(command: &Remediation, console: &Console, clock: &Clock) -> Exit {
    let done = match command {
        Remediation::Plan(settings) => plan::plan(settings, console, clock),
        Remediation::Approve(settings) => approve::approve(settings, console, clock).await,
        Remediation::Apply(settings) => apply::apply(settings, console, clock).await,
        Remediation::Undo(settings) => undo::undo(settings, console, clock).await,
    };
    done.unwrap_or_else(|failed| failed.tell(console))
}

/// Reads a plan and checks that it is as it was made.
fn load(path: &Path) -> Result<Plan, Failed> {
    let bytes = input::bytes(path, LARGEST_PLAN)?;
    read_plan(&bytes).map_err(|error| Failed::Input(format!("{}: {error}", path.display())))
}

/// What lies beside a file.
fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}

/// Opens a journal that is nobody else's.
fn journal(path: &Path, create: bool, clock: &Clock) -> Result<JournalFile, Failed> {
    let bad = |why: String| Failed::Input(format!("{}: {why}", path.display()));
    JournalFile::open(path, create, clock.clone()).map_err(|error| match error {
        BadFile::Io(error) => bad(error.to_string()),
        BadFile::Locked => bad(format!("{error}: wait until it has ended")),
        BadFile::Bad(why) => bad(format!("{why}; nothing was changed")),
    })
}

/// Asks AWS who we are, in sessions that may change grants.
async fn connect(aws: &AwsChoice, clock: &Clock) -> Result<(SdkCloud, Caller), Failed> {
    let settings = AwsSettings { purpose: Purpose::Remediate, ..aws_settings(aws, None) };
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
    for (place, block) in &told.blocks {
        let state = block.error.clone().or_else(|| block.now.clone()).unwrap_or_default();
        console.note(&plain(&format!("{place}: block public access: {state}")));
    }
}

/// Shows what became of each grant, and keeps it for the auditor beside the journal.
fn conclude(rows: &[RemediationRow], kept: Option<&Path>, console: &Console) -> Result<(), Failed> {
    if let Some(path) = kept {
        write_file(path, |out| remediation_csv::render(rows, out))?;
    }
    let text: String = tell_rows(rows).iter().map(|line| plain(line) + "\n").collect();
    console.result(text.as_bytes());
    if let Some(path) = kept {
        console.note(&format!("each grant: {}", path.display()));
    }
    Ok(())
}
