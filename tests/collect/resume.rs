//! A scan that was killed goes on from what it wrote down: the same reading as an undisturbed one, and no
//! image of a page that was whole is read again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use amiaudit::collect::{
    Begun, Cloud, Head, ListedImage, OrganizationAnswer, Page, Quiet, Reading, RegionState, Selection,
    SnapshotWriter, Stopper, Watched, read_snapshots, resume,
};
use amiaudit::model::caller::Caller;
use amiaudit::model::event::Integrity;
use amiaudit::model::failure::{Failure, FailureKind};
use amiaudit::model::grantee::Grantee;
use amiaudit::model::ids::{AccountId, ImageId, OuId, SnapshotId};
use amiaudit::model::image::Image;
use amiaudit::model::organization::Member;
use amiaudit::model::place::{BlockPublicAccess, Place};
use amiaudit::report::events_csv;

use super::fake::{Fake, denied, failure, read_from};
use crate::support::build::{HOME, MEMBER, STRANGER, caller, grantee, image, now, place};
use crate::support::events::{log, modify};
use crate::support::rows::parse;

/// Answers so many reads of permissions; from then on nothing answers any more, until the run is dropped.
struct Mortal<'a> {
    fake: &'a Fake,
    left: AtomicUsize,
    dead: tokio::sync::Notify,
    reads: Mutex<BTreeMap<String, usize>>,
    lists: Mutex<Vec<Option<String>>>,
    refuses_tokens: bool,
}

impl<'a> Mortal<'a> {
    fn new(fake: &'a Fake, reads: usize) -> Self {
        let (reads_of, lists) = (Mutex::default(), Mutex::default());
        let dead = tokio::sync::Notify::new();
        Self { fake, left: AtomicUsize::new(reads), dead, reads: reads_of, lists, refuses_tokens: false }
    }

    fn immortal(fake: &'a Fake) -> Self {
        Self::new(fake, usize::MAX)
    }
}

impl Cloud for Mortal<'_> {
    async fn organization(&self) -> Result<OrganizationAnswer, Failure> {
        self.fake.organization().await
    }
    async fn accounts(&self, token: Option<String>) -> Result<Page<Result<Member, String>>, Failure> {
        self.fake.accounts(token).await
    }
    async fn roots(&self) -> Result<Vec<String>, Failure> {
        self.fake.roots().await
    }
    async fn units_under(&self, parent: &str) -> Result<Vec<OuId>, Failure> {
        self.fake.units_under(parent).await
    }
    async fn accounts_under(&self, parent: &str) -> Result<Vec<AccountId>, Failure> {
        self.fake.accounts_under(parent).await
    }
    async fn regions(&self, caller: &Caller, account: AccountId) -> Result<Vec<RegionState>, Failure> {
        self.fake.regions(caller, account).await
    }
    async fn open(&self, caller: &Caller, place: &Place) -> Result<(), Failure> {
        self.fake.open(caller, place).await
    }
    async fn images(
        &self,
        caller: &Caller,
        place: &Place,
        token: Option<String>,
    ) -> Result<Page<ListedImage>, Failure> {
        self.lists.lock().unwrap().push(token.clone());
        if self.refuses_tokens && token.is_some() && self.lists.lock().unwrap().len() == 1 {
            return Err(failure("DescribeImages", FailureKind::Other, "InvalidNextToken"));
        }
        self.fake.images(caller, place, token).await
    }
    async fn grantees(&self, caller: &Caller, place: &Place, id: &ImageId) -> Result<Vec<Grantee>, Failure> {
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() {
            self.dead.notify_one();
            return std::future::pending().await;
        }
        *self.reads.lock().unwrap().entry(id.to_string()).or_default() += 1;
        self.fake.grantees(caller, place, id).await
    }
    async fn snapshot_grantees(
        &self,
        caller: &Caller,
        place: &Place,
        id: &SnapshotId,
    ) -> Result<Vec<Grantee>, Failure> {
        self.fake.snapshot_grantees(caller, place, id).await
    }
    async fn look_up(&self, caller: &Caller, place: &Place, id: &ImageId) -> Result<Option<Image>, Failure> {
        self.fake.look_up(caller, place, id).await
    }
    async fn block_public_access(
        &self,
        caller: &Caller,
        place: &Place,
    ) -> Result<BlockPublicAccess, Failure> {
        self.fake.block_public_access(caller, place).await
    }
    fn done_with(&self, _: &Place) {}
}

/// Two places with three pages each, among them grants, an image that is denied and one that is gone.
fn world() -> Fake {
    let mut fake = Fake::new();
    for (owner, first) in [(HOME, 0), (MEMBER, 8)] {
        let ids: Vec<String> = (first..first + 8).map(|n| format!("ami-{n:02}")).collect();
        let pages = ids.chunks(3).map(|page| Ok(page.iter().map(|id| image(id)).collect())).collect();
        fake.pages.insert(place(owner, "us-east-1"), pages);
    }
    let answers = [
        ("ami-01", Ok(vec![grantee(STRANGER), grantee("all")])),
        ("ami-04", Err(denied("DescribeImageAttribute"))),
        ("ami-06", Err(super::fake::gone("InvalidAMIID.NotFound"))),
        ("ami-07", Ok(vec![grantee("all")])),
        ("ami-09", Ok(vec![grantee(HOME)])),
        ("ami-15", Ok(vec![grantee(STRANGER)])),
    ];
    for (id, answer) in answers {
        fake.grants.insert(id.to_owned(), super::fake::InTurn::new(vec![answer]));
    }
    fake
}

const IMAGES: usize = 16;

fn head(caller: &Caller) -> Head<'_> {
    Head { started_at: now(), caller, scope: BTreeMap::new(), every_image: true }
}

fn all() -> Selection {
    Selection { has_role: true, ..Selection::default() }
}

/// Runs until it is done, or until nothing answers any more: then it is dropped, as by SIGKILL.
fn run(cloud: &Mortal<'_>, writer: &SnapshotWriter, begun: Begun) -> Option<Reading> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let ((stopper, _), selection) = (Stopper::new(), all());
    runtime.block_on(async {
        tokio::select! {
            reading = read_from(cloud, (&stopper, &Quiet), &selection, Some(writer), begun) => Some(reading.unwrap()),
            () = cloud.dead.notified() => None,
        }
    })
}

fn begin(folder: &Path) -> SnapshotWriter {
    SnapshotWriter::begin(folder, &head(&caller())).unwrap()
}

fn go_on(folder: &Path) -> Result<(SnapshotWriter, Begun), String> {
    let resumed = resume(folder, &head(&caller()), &Watched::new());
    resumed.map(|(writer, begun, _)| (writer, begun)).map_err(|error| error.to_string())
}

/// All that a reading says, line by line; the organization is learned anew by every run.
fn said(reading: &Reading) -> Vec<String> {
    let Reading { shares, blocks, coverage, gaps, states, images, interrupted, .. } = reading;
    let mut lines: Vec<String> = shares.iter().map(|share| format!("{share:?}")).collect();
    lines.extend(blocks.iter().map(|block| format!("{block:?}")));
    lines.extend(coverage.iter().map(|row| format!("{row:?}")));
    lines.extend(gaps.iter().map(|gap| format!("{gap:?}")));
    lines.extend(images.iter().flatten().map(|image| format!("{image:?}")));
    lines.push(format!("{states:?} {interrupted}"));
    lines
}

#[track_caller]
fn same(reading: &Reading, wanted: &[String]) {
    let said = said(reading);
    let differing = said.iter().zip(wanted).find(|(said, wanted)| said != wanted);
    assert_eq!((differing, said.len()), (None, wanted.len()));
}

fn undisturbed() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let fake = world();
    let writer = begin(folder.path());
    said(&run(&Mortal::immortal(&fake), &writer, Begun::default()).unwrap())
}

/// Ends the snapshot and judges by it: it says the same as the reading.
fn check(folder: &Path, writer: SnapshotWriter, reading: &Reading, wanted: &[String]) {
    same(reading, wanted);
    drop(writer.finish(reading, now(), BTreeMap::new()).unwrap());
    // Killed before there was a report, it goes on to the same.
    let fake = world();
    let nothing_left = Mortal::immortal(&fake);
    let (writer, begun) = go_on(folder).unwrap();
    same(&run(&nothing_left, &writer, begun).unwrap(), wanted);
    assert_eq!(nothing_left.reads.lock().unwrap().len(), 0);
    let file = writer.finish(reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
    let replayed = read_snapshots(&[file], &Watched::new()).unwrap();
    same(&replayed.reading, wanted);
    assert!(!folder.join(".snapshot.partial").exists());
}

#[test]
fn killed_anywhere_it_goes_on_to_the_same_reading() {
    let wanted = undisturbed();
    for killed_at in 0..IMAGES {
        let folder = tempfile::tempdir().unwrap();
        let fake = world();
        let first = Mortal::new(&fake, killed_at);
        assert!(run(&first, &begin(folder.path()), Begun::default()).is_none(), "{killed_at}");
        // Killed once more while it goes on.
        let second = Mortal::new(&fake, 4);
        let (writer, begun) = go_on(folder.path()).unwrap();
        let ended = run(&second, &writer, begun);
        drop(writer);
        let (writer, begun) = go_on(folder.path()).unwrap();
        let third = Mortal::immortal(&fake);
        let reading = run(&third, &writer, begun).unwrap();
        check(folder.path(), writer, &reading, &wanted);
        if ended.is_some() {
            assert_eq!(third.reads.lock().unwrap().len(), 0, "{killed_at}: all was read already");
        }
        // Of the page in flight, and only of it, images are read again.
        for (before, after) in [(&first, &second), (&second, &third)] {
            let (before, after) = (before.reads.lock().unwrap(), after.reads.lock().unwrap());
            let again = before.keys().filter(|id| after.contains_key(*id)).count();
            assert!(again <= 3, "{killed_at}: {again} images were read again");
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_gone_on_from_its_last_whole_frame() {
    let wanted = undisturbed();
    let killed = tempfile::tempdir().unwrap();
    let fake = world();
    run(&Mortal::new(&fake, IMAGES - 1), &begin(killed.path()), Begun::default());
    let bytes = std::fs::read(killed.path().join(".snapshot.partial")).unwrap();
    let (mut refused, mut images) = (0, 0);
    for cut in (0..bytes.len()).step_by(11).chain([bytes.len()]) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".snapshot.partial"), &bytes[..cut]).unwrap();
        match go_on(folder.path()) {
            Ok((writer, begun)) => {
                assert!(begun.images() >= images, "cut at {cut}");
                images = begun.images();
                let reading = run(&Mortal::immortal(&fake), &writer, begun).unwrap();
                check(folder.path(), writer, &reading, &wanted);
            }
            Err(why) => {
                refused += 1;
                assert!(why.contains("nothing of the scan was written down yet"), "cut at {cut}: {why}");
            }
        }
    }
    // Only where not even the first frame is whole.
    assert!((1..bytes.len() / 11 / 2).contains(&refused), "{refused}");
    assert_eq!(images, 14);
}

#[test]
fn an_interrupted_report_goes_on_too() {
    let wanted = undisturbed();
    let folder = tempfile::tempdir().unwrap();
    let fake = world();
    let writer = begin(folder.path());
    let (stopper, _) = Stopper::new();
    let stopping = StopAfter(stopper.clone(), AtomicUsize::new(4));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let reading = runtime
        .block_on(read_from(&fake, (&stopper, &stopping), &all(), Some(&writer), Begun::default()))
        .unwrap();
    assert!(reading.interrupted);
    writer.finish(&reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
    let report = std::fs::read(folder.path().join("snapshot.json.zst")).unwrap();

    let (writer, begun) = go_on(folder.path()).unwrap();
    assert_eq!((begun.done(), begun.images()), (0, 3), "one page was whole");
    // The interrupted report is not touched before the new one is whole.
    assert_eq!(std::fs::read(folder.path().join("snapshot.json.zst")).unwrap(), report);
    let reading = run(&Mortal::immortal(&fake), &writer, begun).unwrap();
    check(folder.path(), writer, &reading, &wanted);
    assert!(go_on(folder.path()).unwrap_err().contains("is complete"));
}

/// Stops the run when so many images are settled.
struct StopAfter(Stopper, AtomicUsize);

impl amiaudit::collect::Progress for StopAfter {
    fn places_found(&self, _: usize) {}
    fn images_listed(&self, _: usize) {}
    fn image_done(&self) {
        if self.1.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.stop();
        }
    }
    fn place_done(&self, _: &Place) {}
}

#[test]
fn where_a_token_is_not_taken_any_more_the_place_is_begun_anew() {
    let wanted = undisturbed();
    let folder = tempfile::tempdir().unwrap();
    let fake = world();
    run(&Mortal::new(&fake, 7), &begin(folder.path()), Begun::default());
    let (writer, begun) = go_on(folder.path()).unwrap();
    assert_eq!(begun.images(), 6);
    let refusing = Mortal { refuses_tokens: true, ..Mortal::immortal(&fake) };
    let reading = run(&refusing, &writer, begun).unwrap();
    assert_eq!(refusing.lists.lock().unwrap()[..2], [Some("2".to_owned()), None]);
    check(folder.path(), writer, &reading, &wanted);
}

#[test]
fn what_did_not_answer_is_asked_again_and_what_was_refused_is_not() {
    let wanted = undisturbed();
    let folder = tempfile::tempdir().unwrap();
    let mut fake = world();
    // The credentials end before the second place is opened.
    let ended = failure("AssumeRole", FailureKind::Credentials, "ExpiredToken");
    fake.refused.insert(place(MEMBER, "us-east-1"), ended);
    let writer = begin(folder.path());
    let reading = run(&Mortal::immortal(&fake), &writer, Begun::default()).unwrap();
    assert!(reading.gaps.iter().any(|gap| gap.call == "AssumeRole"));
    writer.finish(&reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
    let (writer, begun) = go_on(folder.path()).unwrap();
    assert_eq!(begun.done(), 1);
    let fake = world();
    let second = Mortal::immortal(&fake);
    let reading = run(&second, &writer, begun).unwrap();
    assert!(second.reads.lock().unwrap().keys().all(|id| id.as_str() >= "ami-08"));
    check(folder.path(), writer, &reading, &wanted);
}

#[test]
fn other_flags_another_caller_and_a_second_run_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(go_on(folder.path()).unwrap_err().contains("no scan was begun in this folder"));
    let fake = world();
    run(&Mortal::new(&fake, 7), &begin(folder.path()), Begun::default());
    let ours = caller();
    let scope = BTreeMap::from([("--region".to_owned(), "eu-west-1".to_owned())]);
    let why = resume(folder.path(), &Head { scope, ..head(&ours) }, &Watched::new()).map(|_| ()).unwrap_err();
    assert!(
        why.to_string().contains("begun without --region, and now it is with --region eu-west-1"),
        "{why}"
    );
    let other = Caller { account: MEMBER.parse().unwrap(), ..caller() };
    let why = resume(folder.path(), &head(&other), &Watched::new()).map(|_| ()).unwrap_err();
    assert!(why.to_string().contains("it was begun by arn:aws:iam::111111111111"), "{why}");
    let first = go_on(folder.path()).unwrap();
    assert!(go_on(folder.path()).unwrap_err().contains("another run is writing"));
    drop(first);
    go_on(folder.path()).unwrap();
}

#[test]
fn what_was_read_stays_where_a_resumed_run_learns_nothing() {
    let wanted = undisturbed();
    for stopped in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let mut fake = world();
        run(&Mortal::new(&fake, 14), &begin(folder.path()), Begun::default());
        let (writer, begun) = go_on(folder.path()).unwrap();
        let before = (begun.done(), begun.images());
        assert_eq!(before, (1, 14));
        let (stopper, _) = Stopper::new();
        if stopped {
            stopper.stop();
        } else {
            let failed = failure("DescribeRegions", FailureKind::Passing, "InternalError");
            fake.regions.values_mut().for_each(|answer| *answer = Err(failed.clone()));
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let reading =
            runtime.block_on(read_from(&fake, (&stopper, &Quiet), &all(), Some(&writer), begun)).unwrap();
        assert!(!reading.gaps.is_empty());
        drop(writer.finish(&reading, now(), BTreeMap::new()).unwrap());
        let (writer, begun) = go_on(folder.path()).unwrap();
        assert!(begun.images() >= before.1, "stopped: {stopped}");
        let fake = world();
        let reading = run(&Mortal::immortal(&fake), &writer, begun).unwrap();
        check(folder.path(), writer, &reading, &wanted);
    }
}

#[test]
fn an_image_that_did_not_answer_is_read_again_be_it_the_last() {
    let wanted = undisturbed();
    for kind in [FailureKind::Credentials, FailureKind::Passing, FailureKind::Throttled] {
        let folder = tempfile::tempdir().unwrap();
        let mut fake = world();
        let failed = Err(failure("DescribeImageAttribute", kind, "X"));
        fake.grants.insert("ami-07".to_owned(), super::fake::InTurn::new(vec![failed]));
        let writer = begin(folder.path());
        let reading = run(&Mortal::immortal(&fake), &writer, Begun::default()).unwrap();
        assert!(reading.gaps.iter().any(|gap| gap.subject == "ami-07"));
        writer.finish(&reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
        let (writer, begun) = go_on(folder.path()).unwrap();
        assert_eq!((begun.done(), begun.images()), (1, 14), "{kind:?}");
        let fake = world();
        let second = Mortal::immortal(&fake);
        let reading = run(&second, &writer, begun).unwrap();
        assert_eq!(second.reads.lock().unwrap().keys().collect::<Vec<_>>(), ["ami-06", "ami-07"]);
        check(folder.path(), writer, &reading, &wanted);
    }
}

#[test]
fn a_page_in_part_does_not_outlive_a_second_interruption() {
    let folder = tempfile::tempdir().unwrap();
    let fake = world();
    let runtime =
        || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (mut writer, mut begun) = (begin(folder.path()), Begun::default());
    for images in [2, 1] {
        let (stopper, _) = Stopper::new();
        let stopping = StopAfter(stopper.clone(), AtomicUsize::new(images));
        let reading = runtime()
            .block_on(read_from(&fake, (&stopper, &stopping), &all(), Some(&writer), begun))
            .unwrap();
        assert!(reading.interrupted);
        let file = writer.finish(&reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
        let judged = read_snapshots(&[file], &Watched::new()).unwrap();
        same(&judged.reading, &said(&reading));
        (writer, begun) = go_on(folder.path()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_gone_on_with() {
    for make in ["directory", "link"] {
        let folder = tempfile::tempdir().unwrap();
        let (partial, precious) = (folder.path().join(".snapshot.partial"), folder.path().join("precious"));
        std::fs::write(&precious, "precious").unwrap();
        match make {
            "directory" => std::fs::create_dir(&partial).unwrap(),
            _ => std::os::unix::fs::symlink(&precious, &partial).unwrap(),
        }
        assert!(go_on(folder.path()).unwrap_err().contains("not a regular file"), "{make}");
        assert!(SnapshotWriter::begin(folder.path(), &head(&caller())).is_err(), "{make}");
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
    }
}

#[test]
fn events_come_back_with_what_is_known_of_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let fake = world();
    let writer = begin(folder.path());
    let mut reading = run(&Mortal::immortal(&fake), &writer, Begun::default()).unwrap();
    let known = [None, Some(Integrity::Verified), Some(Integrity::Unverified), Some(Integrity::Tampered)];
    let times = ["00", "01", "02", "03"].map(|minute| format!("2026-06-01T00:{minute}:00Z"));
    let at = (HOME, "us-east-1");
    let mut log = log(&times.map(|time| modify(&time, at, "ami-0aa1d83d0b0985c86", "add", STRANGER)));
    for (event, integrity) in log.events.iter_mut().zip(known) {
        Arc::make_mut(event).integrity = integrity;
    }
    reading.log = Some(log.clone());
    let file = writer.finish(&reading, now(), BTreeMap::new()).unwrap().give_name().unwrap();
    let replayed = read_snapshots(&[file], &Watched::new()).unwrap().reading.log.unwrap();
    assert_eq!(replayed, log);
    assert_eq!(replayed.events.iter().map(|event| event.integrity).collect::<Vec<_>>(), known);
    let mut table = Vec::new();
    events_csv::csv(replayed.events.iter().flat_map(|event| events_csv::rows(event)), &mut table).unwrap();
    let cells: Vec<_> = parse(&table).iter().map(|row| row["integrity"].clone()).collect();
    assert_eq!(cells, ["", "verified", "unverified", "tampered"]);
    // It is the last column.
    assert_eq!(
        table.split(|byte| *byte == b'\n').next().unwrap().trim_ascii().rsplit(|byte| *byte == b',').next(),
        Some(&b"integrity"[..])
    );
}
