//! `remediate apply`: checks, asks, takes back, verifies.

use std::collections::BTreeSet;
use std::path::Path;

use super::hands::AwsHands;
use super::still::Judge;
use super::whose::check_organization;
use super::{
    JOURNAL, ROWS, beside, check_role, checks, conclude, confirm, connect, ended, journal, load, lock,
    refused, tell_blocks,
};
use crate::app::chosen::organization;
use crate::app::console::Console;
use crate::app::failed::Failed;
use crate::app::input;
use crate::app::interrupt;
use crate::aws::Purpose;
use crate::cli::{ApplySettings, OrganizationChoice};
use crate::collect::{SdkCloud, Stop, Stopper, learn_organization};
use crate::judge::policy::Policy;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::org_view::OrgView;
use crate::model::place::Place;
use crate::remediate::{
    self as act, Job, Ledger, Line, Memory, Options, Person, Plan, Record, Step, Told, rows, steps,
    switch_on, tell_plan, told,
};
use crate::report::{Earlier, plain};

pub(super) async fn apply(
    settings: &ApplySettings,
    console: &Console,
    clock: &Clock,
) -> Result<Exit, Failed> {
    let plan = load(&settings.plan)?;
    checks::check_age(&plan, settings, clock)?;
    let report = checks::report(&plan, settings)?;
    let approved_by = checks::approvers(&plan, settings)?;
    policy(&plan, settings, console)?;
    let path = beside(&settings.plan, JOURNAL);
    let work = Work { settings, plan: &plan, approved_by, console, clock };
    if settings.dry_run {
        return work.run(&Memory::behind(kept(&path)?, clock.clone()), report).await;
    }
    // Nothing is left behind where nothing was begun.
    let is_new = !path.exists();
    work.check_changes(&Told::default(), is_new)?;
    let _lock = lock(&settings.plan, &plan.sha256)?;
    let ledger = journal(&path, true, clock)?;
    let done = work.run(&ledger, report).await;
    if is_new && ledger.lines().is_empty() {
        // It is empty, and ours.
        let _ = std::fs::remove_file(&path);
    }
    done
}

/// The lines of the journal, where there is one; it is left as it is.
fn kept(path: &Path) -> Result<Vec<Line>, Failed> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = input::bytes(path, act::LARGEST_JOURNAL)?;
    let read = act::read_journal(&bytes).map_err(|error| refused(path, &error.to_string()));
    read.map(|(lines, _)| lines)
}

/// The policy of now. One that the report was judged by must be named again: it approves things.
fn policy(plan: &Plan, settings: &ApplySettings, console: &Console) -> Result<Policy, Failed> {
    match (&settings.policy, &plan.policy_sha256) {
        (Some(path), then) => {
            let (policy, bytes) = input::policy(path, console)?;
            if then.as_ref().is_some_and(|then| *then != crate::report::sha256(&bytes)) {
                console.note("the policy has changed since the scan: what it approves by now stays");
            }
            Ok(policy)
        }
        (None, Some(_)) => {
            let why =
                "the report was judged by a policy: name it with --policy, so that what it approves stays";
            Err(Failed::Refused(why.to_owned()))
        }
        (None, None) => Ok(Policy::default()),
    }
}

/// What is to be applied, and how.
struct Work<'a> {
    settings: &'a ApplySettings,
    plan: &'a Plan,
    approved_by: Vec<Person>,
    console: &'a Console,
    clock: &'a Clock,
}

impl Work<'_> {
    fn check_changes(&self, told: &Told, counts: bool) -> Result<Vec<Step>, Failed> {
        let steps = steps(&self.plan.entries, told, self.settings.snapshots);
        let changes = steps.iter().map(|step| step.entries.len()).sum();
        let most = self.settings.yes.max_changes;
        match self.settings.dry_run {
            true if changes > most => {
                let text =
                    format!("{changes} grants would change: apply needs --max-changes for more than {most}");
                self.console.warn(&text);
            }
            false if counts => confirm::check(changes, self.settings.yes)?,
            _ => {}
        }
        Ok(steps)
    }

    /// Applies what the ledger does not tell to be done.
    async fn run<L: Ledger>(&self, ledger: &L, report: Earlier) -> Result<Exit, Failed> {
        let before = self.read(ledger)?;
        self.check_journal(&before)?;
        let steps = self.check_changes(&before, true)?;
        let (stopper, stop) = Stopper::new();
        tokio::select! {
            done = self.with_aws(ledger, report, &steps, &stop) => done,
            () = interrupt::watch_changes(&stopper, self.console) => Err(Failed::Halted),
        }
    }

    /// Refuses a journal that is another plan's, or that was undone.
    fn check_journal(&self, told: &Told) -> Result<(), Failed> {
        if !told.plan.is_empty() && told.plan != self.plan.sha256 {
            return Err(self.refused("the journal beside it is of another plan: use another folder"));
        }
        match told.undone_by {
            Some(_) => Err(self.refused("it was applied and undone: make a new plan")),
            None => Ok(()),
        }
    }

    /// Shows what is to be done, and asks. A person may take a while to answer: what must be fresh is looked at again.
    async fn ask(&self, steps: &[Step], stop: &Stop) -> Result<(), Failed> {
        let Self { settings, console, .. } = *self;
        if settings.dry_run || (steps.is_empty() && !settings.block_public_access) {
            return Ok(());
        }
        let grants: usize = steps.iter().map(|step| step.entries.len()).sum();
        let block = match settings.block_public_access {
            true => ", and switch block public access on in their accounts and Regions",
            false => "",
        };
        let what = format!("Take back {grants} grants{block}?");
        // What is left to do, which may be less than the plan.
        let entries = steps.iter().flat_map(|step| step.entries.iter().cloned()).collect();
        let left = Plan { entries, ..self.plan.clone() };
        confirm::ask(&tell_plan(&left), &what, settings.yes, (console, stop)).await?;
        checks::check_age(self.plan, settings, self.clock)
    }

    /// Whoever is judged outside is so by the organization and the policy of now.
    async fn judge(
        &self,
        (cloud, caller): (&SdkCloud, &Caller),
        report: Earlier,
        stop: &Stop,
    ) -> Result<Judge, Failed> {
        let Self { settings, clock, .. } = *self;
        let policy = policy(self.plan, settings, self.console)?;
        let source = organization(&settings.organization, caller)?;
        let asked = (&source, policy.needs_units());
        let (membership, gaps) = learn_organization(cloud, (caller, clock), asked, stop).await;
        let is_saved = matches!(settings.organization, OrganizationChoice::File(_));
        let now = clock.now();
        check_organization((&membership, &gaps), report.organization.as_ref(), (is_saved, now))?;
        let org = OrgView::new(caller.account, membership);
        let findings = report.findings.into_iter().map(|finding| (finding.id(), finding)).collect();
        Ok(Judge { policy, org, now, findings })
    }

    async fn with_aws<L: Ledger>(
        &self,
        ledger: &L,
        report: Earlier,
        steps: &[Step],
        stop: &Stop,
    ) -> Result<Exit, Failed> {
        let Self { settings, console, clock, .. } = *self;
        let (cloud, caller) = connect(&settings.aws, Purpose::Remediate, clock).await?;
        check_role(&cloud, &caller, steps.iter().map(|step| &step.target))?;
        self.ask(steps, stop).await?;
        let judge = self.judge((&cloud, &caller), report, stop).await?;
        let hands = AwsHands::new(&cloud, &caller);
        let job = Job {
            hands: &hands,
            ledger,
            stopped: &|| stop.is_asked(),
            done: &|target| console.progress_line(&format!("{target}: looked at")),
            options: Options {
                canary: settings.yes.canary,
                dry_run: settings.dry_run,
                places_at_once: settings.aws.max_concurrency,
                ..Options::default()
            },
        };
        let done = self.act(&job, Person::from(&caller), (steps, &judge)).await;
        self.end(ledger, done)
    }

    /// Everything that may change something.
    async fn act<H: act::Hands, L: Ledger>(
        &self,
        job: &Job<'_, H, L>,
        by: Person,
        (steps, judge): (&[Step], &Judge),
    ) -> Result<(), act::Broken> {
        let begun = Record::Begun {
            plan_sha256: self.plan.sha256.clone(),
            report_sha256: self.plan.report.sha256.clone(),
            by,
            approved_by: self.approved_by.clone(),
            ticket: self.plan.ticket.clone(),
        };
        job.ledger.write(begun).await?;
        let goes_on = act::apply(job, steps, &|entry, image| judge.still(entry, image)).await?;
        if goes_on && self.settings.block_public_access {
            let places: BTreeSet<Place> =
                self.plan.entries.iter().map(|entry| entry.target.place.clone()).collect();
            switch_on(job, &places.into_iter().collect::<Vec<_>>()).await?;
        }
        if let Ok(told) = told(&job.ledger.lines()) {
            job.ledger.write(ended(&rows(&told, &self.plan.entries, self.settings.snapshots))).await?;
        }
        Ok(())
    }

    /// Says what became of everything, from the journal alone.
    fn end<L: Ledger>(&self, ledger: &L, done: Result<(), act::Broken>) -> Result<Exit, Failed> {
        let told = self.read(ledger)?;
        let rows = rows(&told, &self.plan.entries, self.settings.snapshots);
        let kept = (!self.settings.dry_run).then(|| beside(&self.settings.plan, ROWS));
        let is_told = conclude(&rows, kept.as_deref(), self.console);
        tell_blocks(&told, self.console);
        if let Err(broken) = done {
            self.console
                .error(&plain(&broken.to_string()), "nothing was changed since; the same command goes on");
            let began = ledger
                .lines()
                .iter()
                .any(|line| matches!(line.record, Record::Removing { .. } | Record::Switching { .. }));
            return Ok(if began { Exit::Incomplete } else { Exit::Failed });
        }
        let blocks_done = told.blocks.values().all(|block| block.error.is_none());
        let is_done = is_told && blocks_done && rows.iter().all(|row| row.ending.is_done());
        Ok(if is_done { Exit::Clean } else { Exit::Incomplete })
    }

    fn read<L: Ledger>(&self, ledger: &L) -> Result<Told, Failed> {
        told(&ledger.lines()).map_err(|why| self.refused(&format!("its journal: {why}")))
    }

    fn refused(&self, why: &str) -> Failed {
        refused(&self.settings.plan, why)
    }
}
