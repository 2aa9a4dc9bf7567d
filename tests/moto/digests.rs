//! `--verify-digests` on a bucket.

use std::process::Output;

use super::bucket::{Bucket, log_file};
use super::http::{Front, s3_error};
use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, told};
use crate::support::digest_trail::{Validated, image, verdicts};
use crate::support::digests::{BUCKET, CLOUDTRAIL, FORGER};
use crate::support::org_trail::ORG;
use crate::support::rows::{parse, pick};

fn events(url: &str, source: &str, more: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("keys.json"), CLOUDTRAIL.listing().to_string()).unwrap();
    let time = ["--since", "2026-06-01", "--until", "2026-06-01"];
    amiaudit_at(home.path(), url, "management")
        .args(["events", source])
        .args(time)
        .args(more)
        .output()
        .unwrap()
}

const VERIFY: [&str; 3] = ["--verify-digests", "--digest-keys", "keys.json"];

fn put(bucket: &Bucket<'_>, world: &Validated) {
    world.logs.iter().chain(&world.digests).for_each(|object| bucket.put_object(object));
}

fn lines(output: &Output, start: &str) -> Vec<String> {
    let text = stderr(output);
    text.lines().filter_map(|line| line.strip_prefix(start)).map(str::to_owned).collect()
}

const SOURCE: &str = "s3://acme-trail";

#[test]
fn s3_digests_tell_what_was_changed_and_taken_away() {
    let moto = Moto::start();
    let mut world = Validated::new();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    put(&bucket, &world);
    let output = events(moto.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    verdicts(&parse(&output.stdout), "verified", &[]);
    let output = events(moto.url(), SOURCE, &[]);
    verdicts(&parse(&output.stdout), "", &[]);
    // Two Regions alone: what was not asked for is not missing.
    let output = events(moto.url(), SOURCE, &[&VERIFY[..], &["--region", "eu-west-1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));

    let changed = world.log(1, 1).clone();
    let text = String::from_utf8(changed.content.clone()).unwrap().replace("user/jan", "user/eve");
    bucket.put(&changed.key, &crate::trail::gzip(text.as_bytes()));
    let gone = world.log(2, 0).clone();
    bucket.delete(&gone.key);
    let output = events(moto.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&parse(&output.stdout), "verified", &[(1, 1, "tampered"), (2, 0, "gone")]);
    let told_of = lines(&output, "could not be read: ");
    assert_eq!(told_of.len(), 2, "{told_of:?}");
    let missing = format!("s3://acme-trail/{}: missing: listed in s3://acme-trail/AWSLogs/", gone.key);
    let why = format!("s3://acme-trail/{}: changed: its content is not the one", changed.key);
    for start in [missing, why] {
        assert!(told_of.iter().any(|line| line.starts_with(&start)), "{start} is not in {told_of:?}");
    }
}

/// The trail became an organization's: the same place has digests and log files in both layouts.
#[test]
fn s3_digests_of_both_layouts_of_a_place_are_checked_together() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    let world = Validated::new();
    put(&bucket, &world);
    // Log files of the organization's trail, in no digest yet.
    let mut place = world.logs[0].clone();
    place.key = place.key.replace("AWSLogs/", &format!("AWSLogs/{ORG}/")).replace("_x.json", "_new.json");
    bucket.put_object(&place);
    bucket.put(&format!("AWSLogs/{ORG}/111111111111/CloudTrail-Digest/eu-west-1/"), b"");
    let output = events(moto.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    // The event is in both files; the proven one is believed.
    verdicts(&parse(&output.stdout), "verified", &[]);
}

#[test]
fn s3_digests_that_are_forged_or_refused_prove_nothing_and_hide_nothing() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    put(&bucket, &Validated::new());
    let front = Front::new(moto.url(), |request| {
        let is_digest =
            request.query("list-type").is_none() && request.path.contains("/CloudTrail-Digest/eu-west-1/");
        is_digest.then(|| s3_error("403 Forbidden", "AccessDenied", "kms:Decrypt"))
    });
    let output = events(front.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let refused: Vec<_> =
        (0..3).flat_map(|hour| [(0, hour, "unverified"), (2, hour, "unverified")]).collect();
    verdicts(&parse(&output.stdout), "verified", &refused);
    let told_of = lines(&output, "could not be looked into: ");
    assert_eq!(told_of.len(), 6, "{}", told(&output));
    assert!(
        told_of[0]
            .starts_with("111111111111 eu-west-1 s3://acme-trail/AWSLogs/111111111111/CloudTrail-Digest/")
    );
    assert_eq!(lines(&output, "could not be read: "), [] as [String; 0]);

    put(&bucket, &Validated::forged(&FORGER));
    let output = events(moto.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&parse(&output.stdout), "unverified", &[]);
    let told_of = lines(&output, "could not be read: ");
    assert_eq!(told_of.len(), 12, "{told_of:?}");
    assert!(
        told_of.iter().all(|line| line.ends_with("its signature does not fit: it was changed or forged"))
    );
}

/// Digests lie beside the folder that was named. What they list besides is not missing, since it was not asked for.
#[test]
fn s3_digests_of_a_part_of_the_trail_are_found() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    let mut world = Validated::new();
    put(&bucket, &world);
    let gone = world.log(2, 0).clone();
    bucket.delete(&gone.key);
    let one = world.log(1, 1).clone();
    let region = "AWSLogs/111111111111/CloudTrail/us-east-1/";
    assert!(one.key.starts_with(region), "{}", one.key);
    for (prefix, places, hours) in [
        ("AWSLogs/111111111111/CloudTrail", &[0, 1][..], &[0, 1, 2][..]),
        (region, &[1], &[0, 1, 2]),
        (&region[..region.len() - 1], &[1], &[0, 1, 2]),
        ("AWSLogs/111111111111/CloudTrail/us-east-1/2026/06", &[1], &[0, 1, 2]),
        (&*one.key, &[1], &[1]),
    ] {
        let output = events(moto.url(), &format!("{SOURCE}/{prefix}"), &VERIFY);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let hours = |place: usize| hours.iter().map(move |hour| [image(place, *hour), "verified".to_owned()]);
        let wanted: Vec<_> = places.iter().flat_map(|place| hours(*place)).collect();
        assert_eq!(pick(&parse(&output.stdout), ["image_id", "integrity"]), wanted, "{prefix}");
    }
    // What is missing of the part is told.
    let part = "AWSLogs/222222222222/CloudTrail/eu-west-1";
    let output = events(moto.url(), &format!("{SOURCE}/{part}"), &VERIFY);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let told_of = lines(&output, "could not be read: ");
    assert_eq!(told_of.len(), 1, "{told_of:?}");
    assert!(told_of[0].starts_with(&format!("{SOURCE}/{}: missing: ", gone.key)), "{told_of:?}");
}

#[test]
fn s3_without_any_digest_it_is_told_that_nothing_is_verified() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    let world = Validated::new();
    world.logs.iter().for_each(|object| bucket.put_object(object));
    let output = events(moto.url(), SOURCE, &VERIFY);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&parse(&output.stdout), "unverified", &[]);
    let told_of = lines(&output, "could not be looked into: ");
    assert_eq!(told_of.len(), 1, "{told_of:?}");
    assert!(told_of[0].contains("s3://acme-trail/ digests: no digest file was found"), "{told_of:?}");
    assert_eq!(events(moto.url(), SOURCE, &[]).status.code(), Some(0));
}

/// moto has no ListPublicKeys: without `--digest-keys` nothing is proven, and each Region is asked once.
#[test]
fn s3_digests_without_keys_are_told_region_by_region() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), BUCKET, "us-east-1");
    put(&bucket, &Validated::new());
    // Not one digest of CloudTrail's, but a log file with the name of the newest hour's.
    bucket.put("AWSLogs/111111111111/CloudTrail/us-east-1/2026/06/02/x.json.gz", &log_file(&[]));
    let front = Front::new(moto.url(), |request| {
        let target = request.header("x-amz-target").unwrap_or_default();
        let body = br#"{"__type":"AccessDeniedException","message":"no"}"#;
        let denied = || {
            super::http::answer("400 Bad Request", &[("content-type", "application/x-amz-json-1.1")], body)
        };
        target.ends_with("ListPublicKeys").then(denied)
    });
    let output = events(front.url(), SOURCE, &["--verify-digests"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    verdicts(&parse(&output.stdout), "unverified", &[]);
    let asked = |request: &super::http::Request| {
        request.header("x-amz-target").is_some_and(|target| target.ends_with("ListPublicKeys"))
    };
    assert_eq!(
        front.seen().iter().filter(|request| asked(request)).count(),
        2,
        "two Regions, of two accounts each"
    );
    let told_of = lines(&output, "could not be looked into: ");
    let starts: Vec<String> = told_of.iter().map(|line| line.chars().take(60).collect()).collect();
    assert_eq!(
        starts,
        [
            "eu-west-1 the digests' public keys ListPublicKeys: permission",
            "us-east-1 the digests' public keys ListPublicKeys: permission"
        ]
        .map(|line| line.chars().take(60).collect::<String>())
    );
}
