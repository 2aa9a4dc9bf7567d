//! `--verify-digests` on folders.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::support::binary::{amiaudit, amiaudit_at, stderr, told};
use crate::support::digest_trail::{Validated, image, verdicts};
use crate::support::digests::{CLOUDTRAIL, FORGER, Object};
use crate::support::rows::{Row, parse, pick, rows};
use crate::trail::gzip;

fn write(folder: &Path, object: &Object, content: &[u8]) {
    let path = folder.join("logs").join(&object.key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    if let Some(signature) = &object.signature {
        std::fs::write(format!("{}.signature", path.display()), signature).unwrap();
    }
}

/// A copy of a bucket, and the file of keys.
fn copy(world: &Validated) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for object in world.logs.iter().chain(&world.digests) {
        write(folder.path(), object, &gzip(&object.content));
    }
    std::fs::write(folder.path().join("keys.json"), CLOUDTRAIL.listing().to_string()).unwrap();
    folder
}

fn events(folder: &Path, more: &[&str]) -> (Output, Vec<Row>) {
    let verifying = ["events", "logs", "--verify-digests", "--digest-keys", "keys.json"];
    let output = amiaudit(folder).args(verifying).args(more).output().unwrap();
    let rows = parse(&output.stdout);
    (output, rows)
}

/// What is told of files that could not be read or believed, without the last line.
fn told_of(output: &Output) -> Vec<String> {
    let text = stderr(output);
    let lines = text.lines().filter_map(|line| line.strip_prefix("could not be read: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn cli_digests_of_a_folder_verify_all_of_it() {
    let world = Validated::new();
    let folder = copy(&world);
    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    verdicts(&rows, "verified", &[]);
    // Who does not ask is told nothing.
    let output = amiaudit(folder.path()).args(["events", "logs"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    verdicts(&parse(&output.stdout), "", &[]);
    // Without the newest digest's signature, which is in no other, its hour is not proven.
    let newest = folder.path().join("logs").join(&world.digests[2].key);
    std::fs::remove_file(format!("{}.signature", newest.display())).unwrap();
    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    verdicts(&rows, "verified", &[(0, 2, "unverified")]);
}

#[test]
fn cli_digests_tell_what_was_changed_taken_away_or_damaged() {
    let mut world = Validated::new();
    let folder = copy(&world);
    let changed = world.log(1, 1).clone();
    let text = String::from_utf8(changed.content.clone()).unwrap().replace("user/jan", "user/eve");
    write(folder.path(), &changed, &gzip(text.as_bytes()));
    let gone = world.log(2, 0).clone();
    std::fs::remove_file(folder.path().join("logs").join(&gone.key)).unwrap();
    let damaged = world.log(3, 2).clone();
    let packed = gzip(&damaged.content);
    write(folder.path(), &damaged, &packed[..packed.len() / 2]);

    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&rows, "verified", &[(1, 1, "tampered"), (2, 0, "gone"), (3, 2, "gone")]);
    let lines = told_of(&output);
    let starts = [
        format!("logs/{}: it is damaged: ", damaged.key),
        format!("logs/{}: changed: its content is not the one whose hash is in ", changed.key),
        format!("logs/{}: changed: its content is not the one whose hash is in ", damaged.key),
        format!("s3://acme-trail/{}: missing: listed in ", gone.key),
    ];
    assert_eq!(lines.len(), starts.len(), "{}", told(&output));
    for start in starts {
        assert!(lines.iter().any(|line| line.starts_with(&start)), "{start} is not in {lines:?}");
    }
    // A file that is there and larger than what is read is neither changed nor missing.
    let large = world.log(0, 0).clone();
    std::fs::write(folder.path().join("logs").join(&large.key), vec![b' '; 9_000]).unwrap();
    let (output, rows) = events(folder.path(), &["--max-file-bytes", "8000"]);
    verdicts(&rows, "verified", &[(0, 0, "gone"), (1, 1, "tampered"), (2, 0, "gone"), (3, 2, "gone")]);
    let of_large: Vec<String> = told_of(&output)
        .into_iter()
        .filter(|line| line.contains(large.key.rsplit('/').next().unwrap()))
        .collect();
    assert_eq!(of_large, [format!("logs/{}: it is larger than 8000 bytes (--max-file-bytes)", large.key)]);
}

#[test]
fn cli_digests_that_are_forged_prove_nothing() {
    let folder = copy(&Validated::forged(&FORGER));
    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&rows, "unverified", &[]);
    let lines = told_of(&output);
    assert_eq!(lines.len(), 12, "{lines:?}");
    let why = "changed: its signature does not fit: it was changed or forged";
    assert!(lines.iter().all(|line| line.ends_with(why)), "{lines:?}");
}

#[test]
fn cli_without_any_digest_it_is_told_that_nothing_is_verified() {
    let folder = copy(&Validated { digests: Vec::new(), ..Validated::new() });
    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&rows, "unverified", &[]);
    assert!(stderr(&output).contains("could not be looked into: "), "{}", told(&output));
    assert!(stderr(&output).contains("logs digests: no digest file was found"), "{}", told(&output));
}

/// A second delivery of an event, which says more, in a file that no digest lists, or in a changed one.
#[test]
fn cli_digests_decide_which_delivery_of_an_event_is_believed() {
    let mut world = Validated::new();
    let folder = copy(&world);
    let held = String::from_utf8(world.log(0, 1).content.clone()).unwrap();
    let fuller = held
        .replace("user/jan", "user/eve")
        .replace("\"userName\":\"jan\"", "\"userName\":\"eve\",\"invokedBy\":\"x\"");
    assert_ne!(fuller, held);
    std::fs::write(folder.path().join("logs/a.json"), &fuller).unwrap();
    let (output, rows) = events(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    verdicts(&rows, "verified", &[]);
    let actor = |rows: &[Row]| {
        let row = rows.iter().find(|row| row["image_id"] == image(0, 1)).unwrap();
        row["actor_arn"].clone()
    };
    assert_eq!(actor(&rows), "arn:aws:iam::111111111111:user/jan");
    let output = amiaudit(folder.path()).args(["events", "logs"]).output().unwrap();
    assert_eq!(actor(&parse(&output.stdout)), "arn:aws:iam::111111111111:user/eve", "the fuller one, else");
}

#[test]
fn cli_digests_of_a_scan_stay_in_its_snapshot() {
    use crate::support::build::HOME;
    use crate::support::served::Served;
    let served = Served::new(amiaudit::sandbox::Scenario {
        caller: HOME.to_owned(),
        regions: vec!["us-east-1".to_owned()],
        session_seconds: 3_600,
        accounts: vec![amiaudit::sandbox::scenario::AccountSpec {
            id: HOME.to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    });
    let mut world = Validated::new();
    let folder = copy(&world);
    let changed = world.log(1, 1).clone();
    let text = String::from_utf8(changed.content.clone()).unwrap().replace("user/jan", "user/eve");
    write(folder.path(), &changed, &gzip(text.as_bytes()));
    let output = amiaudit_at(folder.path(), &served.url(), &served.key())
        .args([
            "scan",
            "--no-organization",
            "--events",
            "logs",
            "--verify-digests",
            "--digest-keys",
            "keys.json",
        ])
        .args(["--out", "report", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&rows(&folder.path().join("report/events.csv")), "verified", &[(1, 1, "tampered")]);
    let gaps = rows(&folder.path().join("report/gaps.csv"));
    let subjects = pick(&gaps, ["account_id", "region", "call", "subject"]);
    let subject = format!("logs/{}", changed.key);
    assert_eq!(subjects, [[HOME, "us-east-1", "events", &subject].map(str::to_owned)]);
    let judged = amiaudit(folder.path())
        .args(["judge", "report/snapshot.json.zst", "--out", "again", "--quiet"])
        .output();
    assert_eq!(judged.unwrap().status.code(), Some(20));
    for file in ["findings.csv", "shares.csv", "events.csv", "coverage.csv", "gaps.csv"] {
        let read = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
        assert!(read("report") == read("again"), "{file}");
    }
}
