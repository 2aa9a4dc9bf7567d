//! Two scans: what became of the snapshots that the first found to be shared outside.

use std::path::{Path, PathBuf};

use amiaudit::collect::{Begun, Quiet, Reading, SnapshotWriter, Stopper, Watched, read_snapshots};
use amiaudit::judge::policy::Policy;
use amiaudit::judge::{Case, Now, judge, since};
use amiaudit::model::finding::Finding;
use amiaudit::model::place::Place;

use super::fake::{Fake, denied, enabled, read_after};
use super::snapshots::{all, gaps, gone, head, said, texts};
use crate::support::build::{HOME, MEMBER, STRANGER, account, case, grantee, now, place};

const CALL: &str = "DescribeSnapshotAttribute";
/// Two accounts, two Regions, two images with a snapshot each.
const FIRST: [&str; 4] = [HOME, "us-east-1", "ami-1", "snap-0aa"];
const SECOND: [&str; 4] = [MEMBER, "eu-west-1", "ami-2", "snap-0bb"];

/// What there is: the images with whom they are shared with, if they are there, and the same of their snapshots.
fn world(images: [Option<&[&str]>; 2], snapshots: [Option<&[&str]>; 2]) -> Fake {
    let mut fake = Fake::new();
    fake.regions.insert(account(MEMBER), Ok(vec![enabled("eu-west-1")]));
    let all = |labels: &[&str]| Ok(labels.iter().map(|label| grantee(label)).collect());
    for ([owner, region, image, snapshot], (of_image, of_snapshot)) in
        [FIRST, SECOND].into_iter().zip(images.into_iter().zip(snapshots))
    {
        if let Some(labels) = of_image {
            fake = fake.with_image(owner, image, vec![all(labels)]).backed_by(owner, &[snapshot]);
            let pages = fake.pages.remove(&place(owner, "us-east-1")).unwrap();
            fake.pages.insert(place(owner, region), pages);
        }
        fake = fake.with_volumes(snapshot, vec![of_snapshot.map_or_else(|| Err(gone()), all)]);
    }
    fake
}

/// Scans after such a report, into this folder. Gives the snapshot file too.
fn scan_into(folder: &Path, fake: &Fake, watched: &Watched) -> (Reading, PathBuf) {
    let writer = SnapshotWriter::begin(folder, &head()).unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (stopper, _) = Stopper::new();
    let (chosen, begun) = (all(), Begun::default());
    let scan = read_after(watched, fake, (&stopper, &Quiet), &chosen, (Some(&writer), begun));
    let reading = runtime.block_on(scan).unwrap();
    let path = writer.finish(&reading, now(), Default::default()).unwrap().give_name().unwrap();
    (reading, path)
}

/// The same; its snapshot file gives the same, and that also to one who does not know of the earlier report.
fn scan(fake: &Fake, watched: &Watched) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let (reading, path) = scan_into(folder.path(), fake, watched);
    for watched in [watched, &Watched::new()] {
        let replayed = read_snapshots(std::slice::from_ref(&path), watched).unwrap().reading;
        assert_eq!(said(&replayed), said(&reading));
    }
    reading
}

fn judged(reading: &Reading, earlier: Vec<Finding>) -> Vec<Finding> {
    let policy = Policy::default();
    let judged = judge(Case {
        shares: reading.shares.clone(),
        snapshots: &reading.snapshots,
        coverage: &reading.coverage,
        ..case(&reading.org, &policy)
    });
    let mut findings = judged.findings;
    let at = Now {
        org: &reading.org,
        shares: &judged.shares,
        coverage: &reading.coverage,
        gaps: &reading.gaps,
        snapshots: &reading.snapshots,
        snapshots_read: &reading.snapshots_read,
        snapshots_gone: &reading.snapshots_gone,
        states: Some(&reading.states),
        unread: Some(&judged.unread_entries),
        at: now(),
    };
    since(earlier, &mut findings, at);
    findings
}

fn at([owner, region, ..]: [&str; 4]) -> Place {
    place(owner, region)
}

/// What the first scan found, where both images and both snapshots are shared.
fn yesterday() -> (Vec<Finding>, Watched) {
    let outside: Option<&[&str]> = Some(&[STRANGER]);
    let reading = scan(&world([outside; 2], [outside, Some(&["all"])]), &Watched::new());
    let findings = judged(&reading, Vec::new());
    let mut watched = Watched::new();
    for row @ [_, _, image, snapshot] in [FIRST, SECOND] {
        let id: amiaudit::model::ids::ImageId = image.parse().unwrap();
        watched.images.entry(at(row)).or_default().insert(id.clone());
        let names = [(id, format!("name of {image}"))].into();
        watched.snapshots.insert(at(row), [(snapshot.parse().unwrap(), names)].into());
    }
    assert_eq!(findings.len(), 4);
    (findings, watched)
}

/// Whether the finding was there yesterday, image with its name, snapshot, status and resolution: of snapshots.
fn became(fake: &Fake) -> (Vec<[String; 5]>, Reading) {
    let (earlier, watched) = yesterday();
    let ids: Vec<String> = earlier.iter().map(Finding::id).collect();
    let reading = scan(fake, &watched);
    let findings = judged(&reading, earlier);
    let ours = findings.iter().filter(|finding| finding.snapshot.is_some());
    let mut rows: Vec<[String; 5]> = ours
        .map(|finding| {
            let image = finding.image.as_ref().unwrap();
            [
                if ids.contains(&finding.id()) { "known" } else { "new" }.to_owned(),
                format!("{} {}", image.id, image.name),
                finding.snapshot.as_ref().unwrap().to_string(),
                finding.status.to_string(),
                finding.resolution.map(|resolution| resolution.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    rows.sort_by(|a, b| a[1..].cmp(&b[1..]));
    (rows, reading)
}

fn both(first: [&str; 2], second: [&str; 2]) -> Vec<[String; 5]> {
    texts(&[
        ["known", "ami-1 name of ami-1", "snap-0aa", first[0], first[1]],
        ["known", "ami-2 name of ami-2", "snap-0bb", second[0], second[1]],
    ])
}

const OPEN: [&str; 2] = ["open", ""];

#[test]
fn a_snapshot_outlives_the_share_of_its_image_and_the_image() {
    let stays: [Option<&[&str]>; 2] = [Some(&[STRANGER]), Some(&["all"])];
    for images in [
        [Some(&[][..]), None],
        [None, Some(&[])],
        // Shared inside: the scan met it, and its image is the one that was listed.
        [Some(&[MEMBER]), Some(&[HOME])],
        [Some(&[STRANGER]), Some(&["all"])],
    ] {
        let fake = world(images, stays);
        let (rows, reading) = became(&fake);
        assert_eq!(rows, both(OPEN, OPEN), "{images:?}");
        assert_eq!(gaps(&reading), texts::<3>(&[]));
        assert_eq!(fake.snapshots_asked.lock().unwrap().len(), 2);
        let listed = reading.snapshots.iter().map(|share| share.image.created_at.is_some());
        let shared = images.map(|labels| labels.is_some_and(|labels| !labels.is_empty()));
        assert_eq!(listed.collect::<Vec<_>>(), shared);
    }
}

#[test]
fn what_was_taken_back_is_revoked_and_what_is_deleted_is_gone() {
    for images in [[Some(&[][..]), None], [None, Some(&[])], [None, None]] {
        let (rows, _) = became(&world(images, [Some(&[]), Some(&[])]));
        assert_eq!(rows, both(["resolved", "revoked"], ["resolved", "revoked"]), "{images:?}");
    }
    let (rows, reading) = became(&world([None, None], [None, Some(&["all"])]));
    assert_eq!(rows, both(["resolved", "deregistered"], OPEN));
    assert_eq!(reading.snapshots_gone, [(at(FIRST), "snap-0aa".parse().unwrap())].into());
    let (rows, _) = became(&world([None, None], [Some(&["all"]), None]));
    let mut wanted = both(["resolved", "revoked"], ["resolved", "deregistered"]);
    // It is somebody else's now.
    wanted.insert(0, texts(&[["new", "ami-1 name of ami-1", "snap-0aa", "open", ""]]).remove(0));
    assert_eq!(rows, wanted);
}

#[test]
fn what_was_not_read_is_not_assessed() {
    let nothing = [None, None];
    let mut fake = world(nothing, [Some(&[]), Some(&["all"])]);
    fake.refused.insert(at(FIRST), denied("AssumeRole"));
    let (rows, reading) = became(&fake);
    assert_eq!(rows, both(["not_assessed", ""], OPEN));
    assert!(reading.snapshots_read.iter().all(|(place, _)| *place == at(SECOND)));
    let refused = world(nothing, [Some(&[]), Some(&[])]).with_volumes("snap-0bb", vec![Err(denied(CALL))]);
    let (rows, reading) = became(&refused);
    assert_eq!(rows, both(["resolved", "revoked"], ["not_assessed", ""]));
    assert_eq!(gaps(&reading), texts(&[[MEMBER, CALL, "snap-0bb"]]));
    // A Region that is not read is not asked.
    let mut elsewhere = world(nothing, [Some(&[]), Some(&[])]);
    elsewhere.regions.insert(account(MEMBER), Ok(vec![enabled("us-east-1")]));
    let (rows, reading) = became(&elsewhere);
    assert_eq!(rows, both(["resolved", "revoked"], ["not_assessed", ""]));
    assert_eq!(gaps(&reading), texts::<3>(&[]));
    assert_eq!(*elsewhere.snapshots_asked.lock().unwrap(), [(at(FIRST), "snap-0aa".parse().unwrap())]);
}

/// A file of an earlier form has neither images that are not shared nor snapshots that are gone.
#[test]
fn files_of_earlier_forms_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let outside: Option<&[&str]> = Some(&[STRANGER]);
    let fake = world([outside; 2], [outside, Some(&["all"])]);
    let nothing = Watched::new();
    let (reading, path) = scan_into(folder.path(), &fake, &nothing);
    assert_eq!(reading.snapshots.len(), 2);
    let text = zstd::decode_all(&std::fs::read(&path).unwrap()[..]).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\"version\":6") && !text.contains("unshared") && !text.contains("gone\":"));
    for version in 1..=7 {
        let text = text.replacen("\"version\":6", &format!("\"version\":{version}"), 1);
        std::fs::write(&path, zstd::encode_all(text.as_bytes(), 0).unwrap()).unwrap();
        match read_snapshots(std::slice::from_ref(&path), &nothing) {
            Ok(replayed) => assert_eq!((said(&replayed.reading), version < 7), (said(&reading), true)),
            Err(error) => assert!(version == 7 && error.to_string().contains("up to 6"), "{error}"),
        }
    }
}
