//! `amiaudit judge`: again, offline, what earlier scans collected.

use std::path::{Path, PathBuf};

use super::audit::run_facts;
use super::console::Console;
use super::failed::Failed;
use super::judging::Judging;
use super::outcome;
use super::publish::Folder;
use super::signing::Signer;
use super::sources::{Sources, Whose};
use crate::cli::JudgeSettings;
use crate::collect::{Stopper, join, read_snapshots};
use crate::model::clock::Clock;
use crate::model::exit::Exit;

pub(super) async fn judge(settings: &JudgeSettings, console: &Console, clock: &Clock) -> Exit {
    run(settings, console, clock).await.unwrap_or_else(|failed| failed.tell(console))
}

async fn run(settings: &JudgeSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let output = &settings.output;
    let judging = Judging::load(&settings.against, None, console)?;
    let signer = output.sign_key.as_deref().map(Signer::load).transpose()?;
    let sources = Sources::check(&settings.events, clock.now())?;
    if sources.shows_queries() {
        return Err(Failed::Input("--print-sql: judge is offline, and asks nothing of Athena".to_owned()));
    }
    if let Some(name) = sources.of_aws() {
        let why = "judge is offline; `amiaudit events --raw` of it makes a file that judge reads";
        return Err(Failed::Input(format!("--events {name}: {why}")));
    }
    let mut replayed = read_snapshots(&settings.snapshots, &judging.watched())?;
    let (_stopper, stop) = Stopper::new();
    let read = sources.read(None, &Whose::default(), clock, (&stop, console)).await;
    let log = match (replayed.reading.log.take(), read) {
        (Some(kept), Some(read)) => Some(join(kept, read)),
        (kept, read) => kept.or(read),
    };
    replayed.reading.log = log.map(|log| sources.part(log));
    if let Some(out) = &output.out {
        keep_inputs(&settings.snapshots, out)?;
    }
    let folder = Folder::for_run(output.out.as_ref(), clock.now())?;
    // Everything goes by the time of the scan: the same policy gives the same findings.
    let times = (replayed.started_at, replayed.ended_at);
    let run = run_facts(output, replayed.caller, times, replayed.api_calls);
    let known = judging.known();
    let report = judging.report(replayed.reading, run);
    outcome::publish(&report, folder, None, &known, (output, signer.as_ref(), console))
}

/// A report takes away what an earlier one left in its folder, and a snapshot cannot be made again.
fn keep_inputs(snapshots: &[PathBuf], out: &Path) -> Result<(), Failed> {
    let Ok(out) = out.canonicalize() else { return Ok(()) };
    let inside = |path: &&PathBuf| path.canonicalize().is_ok_and(|path| path.parent() == Some(&out));
    match snapshots.iter().find(inside) {
        Some(path) => {
            Err(Failed::Input(format!("--out is the folder of {}: choose another", path.display())))
        }
        None => Ok(()),
    }
}
