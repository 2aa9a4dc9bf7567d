//! Snapshots behind images that are shared outside: which are asked after, and what is a gap.

use std::path::Path;

use amiaudit::collect::{
    Begun, Head, Progress, Quiet, Reading, Selection, SnapshotWriter, Stopper, Watched, read_snapshots,
    resume,
};
use amiaudit::model::failure::FailureKind;
use amiaudit::model::image::Image;
use amiaudit::model::place::Place;

use super::fake::{Fake, denied, failure, read_from};
use crate::support::build::{
    CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, caller, grantee, image, now, place,
};

const CALL: &str = "DescribeSnapshotAttribute";

/// Account, image, snapshot, grantee of what was found.
fn found(reading: &Reading) -> Vec<[String; 4]> {
    let row = |share: &amiaudit::model::snapshot::SnapshotShare| {
        [
            share.place.account.to_string(),
            share.image.id.to_string(),
            share.snapshot.to_string(),
            share.grantee.label(),
        ]
    };
    reading.snapshots.iter().map(row).collect()
}

/// Account, call and subject of the gaps.
pub(super) fn gaps(reading: &Reading) -> Vec<[String; 3]> {
    let row = |gap: &amiaudit::model::gap::Gap| {
        [gap.account.unwrap().to_string(), gap.call.clone(), gap.subject.clone()]
    };
    reading.gaps.iter().map(row).collect()
}

fn read(reading: &Reading) -> Vec<[String; 2]> {
    let row = |(place, snapshot): &(Place, _)| [place.account.to_string(), format!("{snapshot}")];
    reading.snapshots_read.iter().map(row).collect()
}

pub(super) fn texts<const N: usize>(rows: &[[&str; N]]) -> Vec<[String; N]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

fn status(reading: &Reading, account: &str) -> &'static str {
    let here = |row: &&amiaudit::model::coverage::Coverage| row.account.to_string() == account;
    reading.coverage.iter().find(here).unwrap().status.word()
}

#[test]
fn the_snapshots_of_what_is_shared_outside_are_asked_after_once_each() {
    let to = |labels: &[&str]| vec![Ok(labels.iter().map(|label| grantee(label)).collect())];
    let fake = Fake::new()
        .with_image(HOME, "ami-1", to(&[STRANGER, "all"]))
        .backed_by(HOME, &["snap-0aa", "snap-0bb"])
        .with_image(HOME, "ami-2", to(&[THEIR_ORG]))
        .backed_by(HOME, &["snap-0bb"])
        .with_image(HOME, "ami-3", to(&[MEMBER, HOME, OUR_ORG]))
        .backed_by(HOME, &["snap-0cc"])
        .with_image(HOME, "ami-4", to(&[]))
        .backed_by(HOME, &["snap-0dd"])
        .with_image(MEMBER, "ami-5", to(&[CLOSED]))
        .backed_by(MEMBER, &["snap-0aa"])
        .with_image(MEMBER, "ami-6", to(&["vpcArn=arn:x"]))
        .backed_by(MEMBER, &["snap-0ee"])
        .with_volumes("snap-0bb", to(&[STRANGER, "all"]))
        .with_volumes("snap-0ee", to(&[HOME]));
    let reading = fake.read_all();
    let mut asked: Vec<[String; 2]> = fake
        .snapshots_asked
        .lock()
        .unwrap()
        .iter()
        .map(|(place, snapshot)| [place.account.to_string(), snapshot.to_string()])
        .collect();
    asked.sort();
    let once = [[HOME, "snap-0aa"], [HOME, "snap-0bb"], [MEMBER, "snap-0aa"], [MEMBER, "snap-0ee"]];
    assert_eq!(asked, texts(&once));
    assert_eq!(read(&reading), asked);
    // One that backs two images is said of both.
    assert_eq!(
        found(&reading),
        texts(&[
            [HOME, "ami-1", "snap-0bb", STRANGER],
            [HOME, "ami-1", "snap-0bb", "all"],
            [HOME, "ami-2", "snap-0bb", STRANGER],
            [HOME, "ami-2", "snap-0bb", "all"],
            [MEMBER, "ami-6", "snap-0ee", HOME],
        ])
    );
    assert_eq!(gaps(&reading), texts::<3>(&[]));
    assert_eq!([HOME, MEMBER].map(|id| status(&reading, id)), ["read"; 2]);
}

fn two_shared() -> Fake {
    Fake::new()
        .with_image(HOME, "ami-1", vec![Ok(vec![grantee(STRANGER)])])
        .backed_by(HOME, &["snap-0aa", "snap-0bb"])
        .with_image(MEMBER, "ami-2", vec![Ok(vec![grantee("all")])])
        .backed_by(MEMBER, &["snap-0cc"])
        .with_volumes("snap-0cc", vec![Ok(vec![grantee("all")])])
}

#[test]
fn what_is_refused_is_a_gap_of_its_snapshot() {
    let fake = two_shared().with_volumes("snap-0bb", vec![Err(denied(CALL))]);
    let reading = fake.read_all();
    assert_eq!(gaps(&reading), texts(&[[HOME, CALL, "snap-0bb"]]));
    assert_eq!(read(&reading), texts(&[[HOME, "snap-0aa"], [MEMBER, "snap-0cc"]]));
    assert_eq!([HOME, MEMBER].map(|id| status(&reading, id)), ["partial", "read"]);
    assert_eq!(found(&reading), texts(&[[MEMBER, "ami-2", "snap-0cc", "all"]]));
}

#[test]
fn where_nothing_succeeds_any_more_the_rest_is_one_gap() {
    let names: Vec<String> = (0..40).map(|n| format!("snap-{n:03}")).collect();
    let mut fake = Fake::new()
        .with_image(HOME, "ami-1", vec![Ok(vec![grantee(STRANGER)])])
        .backed_by(HOME, &names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        fake = fake.with_volumes(name, vec![Err(failure(CALL, FailureKind::Passing, "InternalError"))]);
    }
    let reading = fake.read_all();
    assert_eq!(reading.gaps.len(), 26);
    let rest = [HOME, CALL, "25 of 40 snapshots behind shared images were tried"].map(str::to_owned);
    assert!(gaps(&reading).contains(&rest));
    assert!(reading.snapshots_read.is_empty());
}

#[test]
fn a_place_that_is_not_opened_again_is_one_gap() {
    let mut fake = two_shared();
    // The fake refuses a place from the start, so what was shared there comes from an earlier part of the run.
    let folder = tempfile::tempdir().unwrap();
    let silent = failure(CALL, FailureKind::Passing, "InternalError");
    scan(&two_shared().with_volumes("snap-0aa", vec![Err(silent)]), folder.path(), None);
    let expired = failure("AssumeRole", FailureKind::Credentials, "ExpiredToken");
    fake.refused.insert(place(HOME, "us-east-1"), expired);
    let interrupted = go_on(&fake, folder.path());
    assert_eq!(
        gaps(&interrupted),
        texts(&[[HOME, CALL, "0 of 2 snapshots behind shared images were tried"]])
    );
    assert!(interrupted.gaps[0].reason.starts_with("AssumeRole: "), "{:?}", interrupted.gaps);
    assert_eq!(read(&interrupted), texts(&[[MEMBER, "snap-0cc"]]));
}

pub(super) fn gone() -> amiaudit::model::failure::Failure {
    failure(CALL, FailureKind::Gone, "InvalidSnapshot.NotFound")
}

#[test]
fn a_snapshot_that_is_gone_with_its_image_is_no_gap() {
    let fake = || {
        Fake::new()
            .with_image(HOME, "ami-1", vec![Ok(vec![grantee(STRANGER)])])
            .backed_by(HOME, &["snap-0aa"])
            .with_image(MEMBER, "ami-2", vec![Ok(vec![grantee(STRANGER)])])
            .backed_by(MEMBER, &["snap-0bb"])
            .with_volumes("snap-0aa", vec![Err(gone()), Ok(vec![grantee("all")])])
            .with_volumes("snap-0bb", vec![Err(gone())])
    };
    let reading = fake().read_all();
    assert_eq!((gaps(&reading), read(&reading)), (texts::<3>(&[]), texts::<2>(&[])));
    let gone: Vec<String> = reading.snapshots_gone.iter().map(|(_, snapshot)| snapshot.to_string()).collect();
    assert_eq!(gone, ["snap-0aa", "snap-0bb"]);
    // Where the image is there, it was no end: the one answers the second time, the other does not.
    let mut still = fake();
    for id in ["ami-1", "ami-2"] {
        still.looked_up.insert(id.to_owned(), Ok(Some(image(id))));
    }
    let reading = still.read_all();
    assert_eq!(gaps(&reading), texts(&[[MEMBER, CALL, "snap-0bb"]]));
    assert_eq!(found(&reading), texts(&[[HOME, "ami-1", "snap-0aa", "all"]]));
    // Nor is it believed where that cannot be told.
    let mut silent = fake();
    silent.looked_up.insert("ami-1".to_owned(), Err(denied("DescribeImages")));
    let lingering = Image { state: "deregistered".to_owned(), ..image("ami-2") };
    silent.looked_up.insert("ami-2".to_owned(), Ok(Some(lingering)));
    assert_eq!(gaps(&silent.read_all()), texts(&[[HOME, CALL, "snap-0aa"]]));
}

#[test]
fn what_stands_for_a_snapshot_and_is_none_is_a_gap_of_its_image() {
    let mut fake = two_shared().with_image(HOME, "ami-3", vec![Ok(vec![])]);
    for images in fake.pages.values_mut().flatten().flatten() {
        images.iter_mut().for_each(|image| image.odd_snapshots = vec!["vol-1".to_owned()]);
    }
    let reading = fake.read_all();
    assert_eq!(
        gaps(&reading),
        texts(&[[HOME, "DescribeImages", "ami-1"], [MEMBER, "DescribeImages", "ami-2"]])
    );
    assert!(reading.gaps[0].reason.contains("\"vol-1\""), "{:?}", reading.gaps);
    assert_eq!(reading.snapshots_read.len(), 3);
}

/// Stops the run when the last place is done: the images are read, and the snapshots are not.
struct StopAtTheEnd(Stopper, std::sync::atomic::AtomicUsize);

impl Progress for StopAtTheEnd {
    fn places_found(&self, _: usize) {}
    fn images_listed(&self, _: usize) {}
    fn image_done(&self) {}
    fn place_done(&self, _: &Place) {
        if self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1 {
            self.0.stop();
        }
    }
}

#[test]
fn an_interrupted_run_has_a_gap_for_the_snapshots_of_each_place_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (stopper, _) = Stopper::new();
    let fake = two_shared();
    let progress = StopAtTheEnd(stopper.clone(), Default::default());
    let reading = scan(&fake, folder.path(), Some((&stopper, &progress)));
    assert!(reading.interrupted);
    let of_snapshots: Vec<_> = gaps(&reading).into_iter().filter(|gap| gap[1] == CALL).collect();
    let tried = |all| format!("0 of {all} snapshots behind shared images were tried");
    assert_eq!(of_snapshots, texts(&[[HOME, CALL, &tried(2)], [MEMBER, CALL, &tried(1)]]));
    assert!(fake.snapshots_asked.lock().unwrap().is_empty());
    let whole = go_on(&two_shared(), folder.path());
    assert_eq!(said(&whole), said(&two_shared().read_all()));
}

#[test]
fn a_run_whose_snapshots_did_not_answer_can_go_on_and_one_that_was_refused_is_complete() {
    for (kind, goes_on) in [(FailureKind::Passing, true), (FailureKind::Denied, false)] {
        let folder = tempfile::tempdir().unwrap();
        let fake = two_shared().with_volumes("snap-0aa", vec![Err(failure(CALL, kind, "X"))]);
        let first = scan(&fake, folder.path(), None);
        assert_eq!(gaps(&first), texts(&[[HOME, CALL, "snap-0aa"]]));
        let head = head();
        let resumed = resume(folder.path(), &Head { caller: &caller(), ..head }, &Watched::new());
        assert_eq!(resumed.is_ok(), goes_on, "{kind:?}");
    }
}

/// What a reading says of snapshots, with all else that a judge goes by.
pub(super) fn said(reading: &Reading) -> String {
    let Reading { shares, snapshots, snapshots_read, snapshots_gone, snapshot_gaps, coverage, gaps, .. } =
        reading;
    format!(
        "{shares:#?}{snapshots:#?}{snapshots_read:#?}{snapshots_gone:#?}{snapshot_gaps:#?}{coverage:#?}{gaps:#?}"
    )
}

pub(super) fn all() -> Selection {
    Selection { has_role: true, ..Selection::default() }
}

pub(super) fn head() -> Head<'static> {
    let caller = Box::leak(Box::new(caller()));
    Head { started_at: now(), caller, scope: std::collections::BTreeMap::new(), every_image: false }
}

/// Scans from the start, and gives the snapshot its name.
fn scan(fake: &Fake, folder: &Path, stop: Option<(&Stopper, &dyn Progress)>) -> Reading {
    let writer = SnapshotWriter::begin(folder, &head()).unwrap();
    finish(fake, writer, Begun::default(), stop)
}

fn go_on(fake: &Fake, folder: &Path) -> Reading {
    let (writer, begun, _) = resume(folder, &head(), &Watched::new()).unwrap();
    finish(fake, writer, begun, None)
}

fn finish(
    fake: &Fake,
    writer: SnapshotWriter,
    begun: Begun,
    stop: Option<(&Stopper, &dyn Progress)>,
) -> Reading {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (unstopped, _) = Stopper::new();
    let stop = stop.unwrap_or((&unstopped, &Quiet));
    let reading = runtime.block_on(read_from(fake, stop, &all(), Some(&writer), begun)).unwrap();
    let calls = writer.api_calls(&std::collections::BTreeMap::new());
    let path = writer.finish(&reading, now(), calls).unwrap().give_name().unwrap();
    let replayed = read_snapshots(&[path], &Watched::new()).unwrap().reading;
    assert_eq!(said(&replayed), said(&reading));
    reading
}

#[test]
fn a_snapshot_file_gives_the_same_reading() {
    let folder = tempfile::tempdir().unwrap();
    let mut fake = two_shared()
        .with_image(MEMBER, "ami-3", vec![Ok(vec![grantee("organizationArn=x")])])
        .backed_by(MEMBER, &["snap-0cc", "snap-0dd"])
        .with_volumes("snap-0aa", vec![Ok(vec![grantee(STRANGER), grantee("all")])])
        .with_volumes("snap-0bb", vec![Err(denied(CALL))])
        .with_volumes(
            "snap-0dd",
            vec![Ok(vec![amiaudit::model::grantee::Grantee::unrecognized("organizationArn", OUR_ORG)])],
        );
    for image in fake.pages.values_mut().flatten().flatten().flatten() {
        image.last_launched_at = "2026-05-30T01:02:03Z".parse().ok();
    }
    let reading = scan(&fake, folder.path(), None);
    assert_eq!(
        found(&reading),
        texts(&[
            [HOME, "ami-1", "snap-0aa", STRANGER],
            [HOME, "ami-1", "snap-0aa", "all"],
            [MEMBER, "ami-2", "snap-0cc", "all"],
            [MEMBER, "ami-3", "snap-0cc", "all"],
            [MEMBER, "ami-3", "snap-0dd", &format!("organizationArn={OUR_ORG}")],
        ])
    );
    assert_eq!(gaps(&reading), texts(&[[HOME, CALL, "snap-0bb"]]));
    let launched = reading.shares.iter().filter(|share| share.image.last_launched_at.is_some()).count();
    assert_eq!(launched, 3);
}
