//! Killed at every step, in a child process that aborts: the same command goes on to the same end, and nothing is
//! taken back that was not planned.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use amiaudit::model::failure::Failure;
use amiaudit::model::grantee::Grantee;
use amiaudit::model::image::Image;
use amiaudit::model::place::{BlockPublicAccess, Place};
use amiaudit::model::remediation::{Ending, Target};
use amiaudit::remediate::{
    Change, Entry, Hands, Job, JournalFile, Ledger, Line, Options, Record, Trial, Unchanged, apply, restore,
    rows, steps, to_restore, told,
};

use super::fake::{begun, clock, entry, last, person, target};
use crate::support::build::{HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, grantee, image};

/// Which step the child dies at, and where it works.
const AT: &str = "AMIAUDIT_TEST_DIES_AT";
const IN: &str = "AMIAUDIT_TEST_DIES_IN";
const UNDOES: &str = "AMIAUDIT_TEST_UNDOES";

/// Grants that outlive the process: a file a target.
struct OnDisk<'a> {
    folder: &'a Path,
    dies: &'a Dies,
    turn: Mutex<()>,
}

/// Counts steps, and dies at one.
struct Dies {
    step: AtomicUsize,
    at: usize,
}

impl Dies {
    fn step(&self) {
        if self.step.fetch_add(1, Ordering::SeqCst) == self.at {
            std::process::abort();
        }
    }
}

fn file(folder: &Path, target: &Target) -> std::path::PathBuf {
    folder.join(format!("{}-{}-{}", target.place.account, target.place.region, target.id()))
}

fn held(folder: &Path, target: &Target) -> Vec<Grantee> {
    let text = std::fs::read_to_string(file(folder, target)).unwrap();
    text.lines().map(grantee).collect()
}

fn hold(folder: &Path, target: &Target, grants: &[Grantee]) {
    let text: String = grants.iter().map(|grantee| format!("{grantee}\n")).collect();
    std::fs::write(file(folder, target), text).unwrap();
}

impl Hands for OnDisk<'_> {
    async fn image(&self, target: &Target) -> Result<Option<Image>, Failure> {
        Ok(Some(image(target.image.as_str())))
    }

    async fn grants(&self, target: &Target) -> Result<Vec<Grantee>, Failure> {
        self.dies.step();
        Ok(held(self.folder, target))
    }

    async fn change(&self, target: &Target, change: Change, grantees: &[Grantee]) -> Result<(), Unchanged> {
        let _turn = self.turn.lock().unwrap();
        self.dies.step();
        let mut grants = held(self.folder, target);
        grants.retain(|grant| !grantees.contains(grant));
        if change == Change::Add {
            grants.extend_from_slice(grantees);
        }
        hold(self.folder, target, &grants);
        // The call was done, and its answer never came.
        self.dies.step();
        Ok(())
    }

    async fn try_out(&self, _: &Target, _: &Grantee) -> Result<Trial, Failure> {
        Ok(Trial::Allowed)
    }

    async fn block(&self, _: &Place) -> Result<BlockPublicAccess, Failure> {
        Ok(BlockPublicAccess { state: "unblocked".to_owned(), managed_by: "account".to_owned() })
    }

    async fn switch(&self, _: &Place, _: bool) -> Result<(), Failure> {
        Ok(())
    }
}

/// A journal on disk before whose lines, and behind which, the process may die.
struct Dying<'a>(JournalFile, &'a Dies);

impl Ledger for Dying<'_> {
    async fn write(&self, record: Record) -> std::io::Result<()> {
        self.1.step();
        self.0.write(record).await?;
        self.1.step();
        Ok(())
    }

    fn lines(&self) -> Vec<Line> {
        self.0.lines()
    }
}

fn targets() -> [Target; 3] {
    [
        target(HOME, "us-east-1", "ami-1"),
        target(HOME, "us-east-1", "ami-2"),
        target(MEMBER, "eu-west-1", "ami-1"),
    ]
}

fn entries() -> Vec<Entry> {
    let [one, two, three] = targets();
    vec![entry(&one, STRANGER), entry(&one, "all"), entry(&two, THEIR_ORG), entry(&three, STRANGER)]
}

fn begin(folder: &Path) {
    let [one, two, three] = targets();
    let all = |texts: &[&str]| texts.iter().map(|text| grantee(text)).collect::<Vec<_>>();
    hold(folder, &one, &all(&[STRANGER, "all", MEMBER]));
    hold(folder, &two, &all(&[THEIR_ORG, STRANGER]));
    hold(folder, &three, &all(&[STRANGER, OUR_ORG]));
}

fn state(folder: &Path) -> BTreeMap<Target, Vec<String>> {
    let sorted = |target: &Target| {
        let mut grants: Vec<String> = held(folder, target).iter().map(Grantee::label).collect();
        grants.sort();
        grants
    };
    targets().into_iter().map(|target| (target.clone(), sorted(&target))).collect()
}

/// One run, which dies at a step; what became of each grant, where it does not.
fn work(folder: &Path, at: usize, undoes: bool) -> Vec<(Ending, String)> {
    let dies = Dies { step: AtomicUsize::new(0), at };
    let hands = OnDisk { folder, dies: &dies, turn: Mutex::new(()) };
    let journal = loop {
        match JournalFile::open(&folder.join("journal.jsonl"), true, clock()) {
            Ok(journal) => break journal,
            Err(amiaudit::remediate::BadFile::Locked) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    };
    let ledger = Dying(journal, &dies);
    let job = Job {
        hands: &hands,
        ledger: &ledger,
        stopped: &|| false,
        done: &|_| (),
        options: Options { canary: 1, ..Options::default() },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        if undoes {
            ledger.write(Record::UndoBegun { by: person("undoer") }).await.unwrap();
            restore(&job, &to_restore(&told(&ledger.lines()).unwrap())).await.unwrap();
        } else {
            let steps = steps(&entries(), &told(&ledger.lines()).unwrap(), true);
            ledger.write(begun()).await.unwrap();
            apply(&job, &steps, &|_, _| Ok(())).await.unwrap();
        }
    });
    let rows = last(rows(&told(&ledger.lines()).unwrap(), &entries(), true));
    rows.into_iter().map(|row| (row.ending, row.finding_id)).collect()
}

/// What the child does: nothing, unless it is one.
#[test]
fn child() {
    let (Some(at), Some(folder)) = (std::env::var_os(AT), std::env::var_os(IN)) else { return };
    let at = at.to_string_lossy().parse().unwrap();
    work(Path::new(&folder), at, std::env::var_os(UNDOES).is_some());
}

/// Runs a child that dies at a step; whether it did, and not for another reason.
fn dies(folder: &Path, at: usize, undoes: bool) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "remediate::killed::child", "--test-threads=1"]);
    child.env(AT, at.to_string()).env(IN, folder);
    if undoes {
        child.env(UNDOES, "1");
    }
    let output = child.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() || !told.contains("panicked"), "{told}");
    !output.status.success()
}

const NEVER: usize = usize::MAX;

#[test]
fn a_run_that_was_killed_anywhere_goes_on_to_the_same_end() {
    let undisturbed = tempfile::tempdir().unwrap();
    begin(undisturbed.path());
    let before = state(undisturbed.path());
    let ends = work(undisturbed.path(), NEVER, false);
    assert!(ends.iter().all(|(ending, _)| *ending == Ending::Revoked), "{ends:?}");
    let after = state(undisturbed.path());
    let mut deaths = 0;
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path());
        if !dies(folder.path(), at, false) {
            break;
        }
        deaths += 1;
        for (target, grants) in state(folder.path()) {
            let lost = before[&target].iter().filter(|grant| !grants.contains(grant));
            assert!(
                lost.clone().all(|grant| !after[&target].contains(grant)),
                "step {at}: {target} lost {lost:?}"
            );
        }
        assert_eq!(work(folder.path(), NEVER, false), ends, "step {at}");
        assert_eq!(state(folder.path()), after, "step {at}");
        work(folder.path(), NEVER, true);
        assert_eq!(state(folder.path()), before, "step {at}");
    }
    assert!(deaths >= 30, "only {deaths} steps");
}

#[test]
fn a_killed_run_can_be_undone_at_once() {
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path());
        let before = state(folder.path());
        if !dies(folder.path(), at, false) {
            break;
        }
        work(folder.path(), NEVER, true);
        assert_eq!(state(folder.path()), before, "step {at}");
    }
}

#[test]
fn an_undo_that_was_killed_anywhere_goes_on_to_the_same_end() {
    for at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path());
        let before = state(folder.path());
        work(folder.path(), NEVER, false);
        if !dies(folder.path(), at, true) {
            break;
        }
        let ends = work(folder.path(), NEVER, true);
        assert_eq!(state(folder.path()), before, "step {at}");
        let good = [Ending::Restored, Ending::AlreadyThere];
        assert!(ends.iter().all(|(ending, _)| good.contains(ending)), "step {at}: {ends:?}");
    }
}
