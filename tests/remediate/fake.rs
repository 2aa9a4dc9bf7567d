//! AWS in memory: images and snapshots with grants, the calls that came, and what goes wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use amiaudit::model::clock::Clock;
use amiaudit::model::failure::{Failure, FailureKind};
use amiaudit::model::grantee::Grantee;
use amiaudit::model::image::Image;
use amiaudit::model::place::{BlockPublicAccess, Place};
use amiaudit::model::remediation::{Ending, RemediationRow, Target};
use amiaudit::remediate::{
    Change, Entry, Hands, Job, Ledger, Memory, Options, Person, Record, Told, Trial, Unchanged, apply,
    restore, rows, steps, to_restore, told,
};

use crate::support::build::{grantee, image, now, place};

/// What goes wrong with one call that changes something, or with a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The call is refused: nothing changes.
    Denied,
    /// The call is done, and then answered with a fault.
    AfterChange,
    /// So many reads after the change do not show it.
    Stale(u32),
    /// Whoever looks at the image again finds it gone.
    GoneThen,
    /// The first call is done and shows late, and the next is refused.
    SecondDenied,
}

#[derive(Debug, Default)]
struct Held {
    grants: BTreeSet<Grantee>,
    shown: VecDeque<BTreeSet<Grantee>>,
    fault: Option<Fault>,
    is_gone: bool,
    is_denied: bool,
    calls: u32,
    hidden: u32,
}

/// AWS, and what it was asked.
#[derive(Debug, Default)]
pub(super) struct World {
    held: Mutex<BTreeMap<Target, Held>>,
    blocks: Mutex<BTreeMap<Place, String>>,
    /// Calls that change something, as texts.
    pub(super) writes: Mutex<Vec<String>>,
    /// Whether dry runs are taken for real ones.
    pub(super) ignores_dry_runs: bool,
}

pub(super) fn target(account: &str, region: &str, image: &str) -> Target {
    Target { place: place(account, region), image: image.parse().unwrap(), snapshot: None }
}

pub(super) fn failure(kind: FailureKind, code: &str) -> Failure {
    Failure { call: "ModifyImageAttribute", kind, code: Some(code.to_owned()), reason: code.to_owned() }
}

impl World {
    pub(super) fn with(self, target: &Target, grants: &[&str]) -> Self {
        let held = Held { grants: grants.iter().map(|text| grantee(text)).collect(), ..Held::default() };
        self.held.lock().unwrap().insert(target.clone(), held);
        self
    }

    pub(super) fn holding(state: &State) -> Self {
        let held = |grants: &BTreeSet<Grantee>| Held { grants: grants.clone(), ..Held::default() };
        let all = state.iter().map(|(target, grants)| (target.clone(), held(grants))).collect();
        Self { held: Mutex::new(all), ..Self::default() }
    }

    pub(super) fn fails(self, target: &Target, fault: Fault) -> Self {
        self.held.lock().unwrap().get_mut(target).unwrap().fault = Some(fault);
        self
    }

    /// So many reads do not find it, though it is there.
    pub(super) fn hides(self, target: &Target, reads: u32) -> Self {
        self.held.lock().unwrap().get_mut(target).unwrap().hidden = reads;
        self
    }

    pub(super) fn denies(self, target: &Target) -> Self {
        self.held.lock().unwrap().get_mut(target).unwrap().is_denied = true;
        self
    }

    pub(super) fn without(self, target: &Target) -> Self {
        self.held.lock().unwrap().get_mut(target).unwrap().is_gone = true;
        self
    }

    pub(super) fn unblocked(self, place: &Place) -> Self {
        self.blocks.lock().unwrap().insert(place.clone(), "unblocked".to_owned());
        self
    }

    pub(super) fn state(&self) -> State {
        let held = self.held.lock().unwrap();
        held.iter().map(|(target, held)| (target.clone(), held.grants.clone())).collect()
    }

    pub(super) fn set(&self, target: &Target, grants: &[&str]) {
        let grants = grants.iter().map(|text| grantee(text)).collect();
        self.held.lock().unwrap().get_mut(target).unwrap().grants = grants;
    }

    /// Reads show what is there.
    pub(super) fn shows_all(&self) {
        for held in self.held.lock().unwrap().values_mut() {
            held.shown.clear();
            held.fault = None;
        }
    }

    pub(super) fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }
}

/// All grants.
pub(super) type State = BTreeMap<Target, BTreeSet<Grantee>>;

impl Hands for World {
    async fn image(&self, target: &Target) -> Result<Option<Image>, Failure> {
        match self.held.lock().unwrap().get(target) {
            Some(held) if held.is_denied => Err(failure(FailureKind::Denied, "UnauthorizedOperation")),
            Some(held) if !held.is_gone => Ok(Some(image(target.image.as_str()))),
            _ => Ok(None),
        }
    }

    async fn grants(&self, target: &Target) -> Result<Vec<Grantee>, Failure> {
        let mut all = self.held.lock().unwrap();
        let held = all.get_mut(target).unwrap();
        if held.is_gone || held.hidden > 0 {
            held.hidden = held.hidden.saturating_sub(1);
            return Err(failure(FailureKind::Gone, "InvalidAMIID.NotFound"));
        }
        let shown = held.shown.pop_front().unwrap_or_else(|| held.grants.clone());
        Ok(shown.into_iter().collect())
    }

    async fn change(&self, target: &Target, change: Change, grantees: &[Grantee]) -> Result<(), Unchanged> {
        let names: Vec<String> = grantees.iter().map(Grantee::label).collect();
        self.writes.lock().unwrap().push(format!("{change:?} {target} {}", names.join(" ")));
        let mut all = self.held.lock().unwrap();
        let held = all.get_mut(target).unwrap();
        let before = held.grants.clone();
        held.calls += 1;
        if held.fault == Some(Fault::Denied) || held.fault == Some(Fault::SecondDenied) && held.calls > 1 {
            return Err(Unchanged::after(1, failure(FailureKind::Denied, "UnauthorizedOperation")));
        }
        for grantee in grantees {
            match change {
                Change::Remove => held.grants.remove(grantee),
                Change::Add => held.grants.insert(grantee.clone()),
            };
        }
        match held.fault {
            Some(Fault::AfterChange) => {
                return Err(Unchanged::after(5, failure(FailureKind::Passing, "InternalError")));
            }
            Some(Fault::SecondDenied) => held.shown.push_back(before),
            Some(Fault::Stale(reads)) => held.shown.extend((0..reads).map(|_| before.clone())),
            Some(Fault::GoneThen) => held.is_gone = true,
            _ => {}
        }
        Ok(())
    }

    async fn try_out(&self, target: &Target, harmless: &Grantee) -> Result<Trial, Failure> {
        self.writes.lock().unwrap().push(format!("DryRun Remove {target} {harmless}"));
        match self.ignores_dry_runs {
            true => {
                self.held.lock().unwrap().get_mut(target).unwrap().grants.remove(harmless);
                Ok(Trial::Ignored)
            }
            false => Ok(Trial::Allowed),
        }
    }

    async fn block(&self, place: &Place) -> Result<BlockPublicAccess, Failure> {
        let state = self.blocks.lock().unwrap().get(place).cloned();
        let state = state.unwrap_or_else(|| "block-new-sharing".to_owned());
        Ok(BlockPublicAccess { state, managed_by: "account".to_owned() })
    }

    async fn switch(&self, place: &Place, on: bool) -> Result<(), Failure> {
        let state = if on { "block-new-sharing" } else { "unblocked" };
        self.writes.lock().unwrap().push(format!("{state} {place}"));
        self.blocks.lock().unwrap().insert(place.clone(), state.to_owned());
        Ok(())
    }
}

pub(super) fn entry(target: &Target, to: &str) -> Entry {
    Entry {
        finding_id: format!("f-{}-{to}", target.id()),
        rule_id: "shared-outside-organization".to_owned(),
        severity: "high".to_owned(),
        target: target.clone(),
        image_name: String::new(),
        grantee: grantee(to),
        relation: "external".to_owned(),
        grantee_name: String::new(),
        managed_by: String::new(),
        last_launched_at: None,
    }
}

pub(super) fn clock() -> Clock {
    Clock::new(now)
}

pub(super) fn person(name: &str) -> Person {
    Person {
        account_id: "111111111111".to_owned(),
        arn: format!("arn:aws:iam::111111111111:user/{name}"),
        user_id: format!("AIDA{}", name.to_uppercase()),
    }
}

pub(super) fn begun() -> Record {
    Record::Begun {
        plan_sha256: "plan".to_owned(),
        report_sha256: "report".to_owned(),
        by: person("doer"),
        approved_by: vec![person("approver")],
        ticket: Some("SEC-1".to_owned()),
    }
}

/// Applies entries to a world, with what `still` says; what the journal tells then.
pub(super) async fn applied(
    world: &World,
    ledger: &impl Ledger,
    entries: &[Entry],
    (options, still): (Options, &amiaudit::remediate::Still<'_>),
) -> Told {
    let steps = steps(entries, &told(&ledger.lines()).unwrap(), true);
    ledger.write(begun()).await.unwrap();
    let job = Job { hands: world, ledger, stopped: &|| false, done: &|_| (), options };
    apply(&job, &steps, still).await.unwrap();
    told(&ledger.lines()).unwrap()
}

/// The same without anything special.
pub(super) async fn apply_all(world: &World, entries: &[Entry]) -> (Memory, Vec<RemediationRow>) {
    let ledger = Memory::new(clock());
    let told = applied(world, &ledger, entries, (Options::default(), &|_, _| Ok(()))).await;
    (ledger, rows(&told, entries, true))
}

/// Undoes what a ledger tells of.
pub(super) async fn undone(world: &World, ledger: &impl Ledger) -> Vec<RemediationRow> {
    ledger.write(Record::UndoBegun { by: person("undoer") }).await.unwrap();
    let job = Job { hands: world, ledger, stopped: &|| false, done: &|_| (), options: Options::default() };
    restore(&job, &to_restore(&told(&ledger.lines()).unwrap())).await.unwrap();
    last(rows(&told(&ledger.lines()).unwrap(), &[], true))
}

/// The last row of each grant: before it stand those of apply, where undo has its own.
pub(super) fn last(rows: Vec<RemediationRow>) -> Vec<RemediationRow> {
    let by_grant: BTreeMap<_, _> =
        rows.into_iter().map(|row| ((row.target.clone(), row.grantee.clone()), row)).collect();
    by_grant.into_values().collect()
}

/// Target, grantee and ending of each row.
pub(super) fn endings(rows: &[RemediationRow]) -> Vec<(String, String, Ending)> {
    rows.iter().map(|row| (row.target.id().to_owned(), row.grantee.1.clone(), row.ending)).collect()
}
