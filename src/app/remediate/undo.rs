//! `remediate undo`: gives again what a journal says was taken. That shares with outsiders, so it asks as apply does.

use super::hands::AwsHands;
use super::{ROWS, beside, check_role, conclude, confirm, connect, ended, journal, lock, tell_blocks};
use crate::app::console::Console;
use crate::app::failed::Failed;
use crate::app::interrupt;
use crate::aws::Purpose;
use crate::cli::UndoSettings;
use crate::collect::{Stop, Stopper};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::remediate::{
    self as act, Job, JournalFile, Ledger as _, Options, Person, Record, Restoring, Taken, Told, restore,
    rows, switch_off, to_restore, to_switch_off, told,
};
use crate::report::plain;

pub(super) async fn undo(settings: &UndoSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let ledger = journal(&settings.journal, false, clock)?;
    let before = read(&ledger, settings)?;
    if before.plan.is_empty() {
        let path = settings.journal.display();
        return Err(Failed::Input(format!("{path}: it tells of no apply, so that there is nothing to undo")));
    }
    let _lock = lock(&settings.journal, &before.plan)?;
    let restorings = to_restore(&before);
    confirm::check(count(&restorings), settings.yes)?;
    let (stopper, stop) = Stopper::new();
    tokio::select! {
        done = with_aws(settings, (console, clock), (&ledger, &restorings), &stop) => done,
        () = interrupt::watch_changes(&stopper, console) => Err(Failed::Halted),
    }
}

fn count(restorings: &[Restoring]) -> usize {
    restorings.iter().map(|restoring| restoring.grants.len()).sum()
}

/// What is to be shared again.
fn listed(restorings: &[Restoring]) -> Vec<String> {
    let of = |Restoring { target, grants, .. }: &Restoring| {
        let line = |taken: &Taken| {
            let (kind, grantee) = (&taken.grantee.grantee_type, &taken.grantee.grantee);
            format!("  {target}: {kind} {grantee}")
        };
        grants.iter().map(line).collect::<Vec<_>>()
    };
    restorings.iter().flat_map(of).collect()
}

fn read(ledger: &JournalFile, settings: &UndoSettings) -> Result<Told, Failed> {
    told(&ledger.lines()).map_err(|why| Failed::Input(format!("{}: {why}", settings.journal.display())))
}

async fn with_aws(
    settings: &UndoSettings,
    (console, clock): (&Console, &Clock),
    (ledger, restorings): (&JournalFile, &[Restoring]),
    stop: &Stop,
) -> Result<Exit, Failed> {
    let (cloud, caller) = connect(&settings.aws, Purpose::Remediate, clock).await?;
    check_role(&cloud, &caller, restorings.iter().map(|restoring| &restoring.target))?;
    let blocks = to_switch_off(&read(ledger, settings)?).count();
    if !restorings.is_empty() || blocks > 0 {
        let block = match blocks {
            0 => String::new(),
            _ => format!(", and switch block public access off again in {blocks} places"),
        };
        let what = format!("Share these {} grants with their grantees again{block}?", count(restorings));
        confirm::ask(&listed(restorings), &what, settings.yes, (console, stop)).await?;
    }
    let hands = AwsHands::new(&cloud, &caller);
    let job = Job {
        hands: &hands,
        ledger,
        stopped: &|| stop.is_asked(),
        done: &|target| console.progress_line(&format!("{target}: looked at")),
        options: Options {
            canary: settings.yes.canary,
            places_at_once: settings.aws.max_concurrency,
            ..Options::default()
        },
    };
    let done = give_back(&job, Person::from(&caller), restorings, &read(ledger, settings)?).await;
    let told = read(ledger, settings)?;
    let rows = rows(&told, &[], true);
    let is_told = conclude(&rows, Some(&beside(&settings.journal, ROWS)), console);
    tell_blocks(&told, console);
    if let Err(broken) = done {
        console.error(&plain(&broken.to_string()), "nothing was changed since; the same command goes on");
        return Ok(Exit::Incomplete);
    }
    let is_left = !to_restore(&told).is_empty();
    // What apply did not switch is not undo's.
    let blocks_fail = told.blocks.values().any(|block| block.error.is_some() && block.is_ours);
    Ok(if is_left || blocks_fail || !is_told { Exit::Incomplete } else { Exit::Clean })
}

/// Everything that may change something. Block public access comes first: as long as it is on, nothing becomes public.
async fn give_back<H: act::Hands, L: act::Ledger>(
    job: &Job<'_, H, L>,
    by: Person,
    restorings: &[Restoring],
    told: &Told,
) -> Result<(), act::Broken> {
    job.ledger.write(Record::UndoBegun { by }).await?;
    switch_off(job, told).await?;
    restore(job, restorings).await?;
    if let Ok(told) = act::told(&job.ledger.lines()) {
        job.ledger.write(ended(&rows(&told, &[], true))).await?;
    }
    Ok(())
}
