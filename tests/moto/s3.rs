//! A trail's bucket: what is read of it, what is left alone, and what is told where it cannot be read.

use std::process::Output;

use jiff::civil::{Date, date};

use super::bucket::{Bucket, log_file};
use super::http::Front;
use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::events::modify;
use crate::support::org_trail::{
    LogFile, ONE, ORG, OUTSIDER, PLACES, TWO, at, day_of, delivered, image, log_key,
};
use crate::support::rows::{parse, pick};

pub(super) const FIRST: Date = date(2026, 6, 1);
const DAYS: [&str; 4] = ["--since", "2026-06-01", "--until", "2026-06-03"];

/// Control Tower's trail has the organization's id before `AWSLogs/`; and others' prefixes are found too.
#[test]
fn s3_finds_a_trail_below_prefixes() {
    let moto = Moto::start();
    for (bucket, prefix) in [("aws-controltower-logs", format!("{ORG}/")), ("logs", "a/b/".to_owned())] {
        let at_moto = Bucket::new(moto.url(), bucket, "us-east-1");
        put_trail(&at_moto, &prefix, &plain());
        put_poison(&at_moto, &format!("{prefix}AWSLogs/{ORG}/{ONE}/Config/"));
        at_moto.put(&format!("{prefix}AWSLogs/{ONE}/Config/us-east-1/2026/6/1/x.json.gz"), b"poison");
        for source in [format!("s3://{bucket}"), format!("s3://{bucket}/{prefix}")] {
            let output = events_of_days(moto.url(), &[&source, "--account", ONE]);
            assert_eq!(output.status.code(), Some(0), "{source}: {}", told(&output));
            assert_eq!(found(&output), shares(&PLACES[..2], 0..3), "{source}");
        }
    }
}

/// Runs `events` at an endpoint.
pub(super) fn events(url: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    amiaudit_at(home.path(), url, "management").arg("events").args(arguments).output().unwrap()
}

/// The same with the days that are in the trail.
pub(super) fn events_of_days(url: &str, arguments: &[&str]) -> Output {
    events(url, &[arguments, &DAYS].concat())
}

pub(super) fn day(nth: i64) -> Date {
    FIRST.checked_add(jiff::Span::new().days(nth)).unwrap()
}

/// Puts what an organization's trail delivered, below a prefix.
pub(super) fn put_trail(bucket: &Bucket<'_>, prefix: &str, files: &[LogFile]) {
    for file in files {
        bucket.put(&format!("{prefix}AWSLogs/{ORG}/{}", file.key()), &log_file(&file.records));
    }
}

/// Images and files of the rows.
pub(super) fn found(output: &Output) -> Vec<[String; 2]> {
    pick(&parse(&output.stdout), ["image_id", "event_time"])
}

/// A share on each of the first days, in these places.
pub(super) fn shares(places: &[(&str, &str)], days: std::ops::Range<i64>) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    for place in places {
        rows.extend(days.clone().map(|nth| [image(*place, day(nth)), at(day(nth), "10:00:00")]));
    }
    rows.sort();
    rows
}

/// The trail without what is special of it.
pub(super) fn plain() -> Vec<LogFile> {
    let mut files = delivered(FIRST);
    files.iter_mut().for_each(|file| file.records = day_of(file.place, file.day));
    files
}

/// What stands beside log files, and what days hold that are not asked for: none of it can be read.
fn put_poison(bucket: &Bucket<'_>, prefix: &str) {
    let poison = |key: String| bucket.put(&format!("{prefix}{key}"), b"\x00poison\xff");
    for (account, region) in PLACES {
        for kind in ["CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-Aggregated", "Config"] {
            poison(format!("AWSLogs/{ORG}/{account}/{kind}/{region}/2026/06/01/x.json.gz"));
            poison(format!("AWSLogs/{account}/{kind}/{region}/2026/06/01/x.json.gz"));
        }
        for nth in [-400, -1, 4, 400] {
            poison(format!("AWSLogs/{ORG}/{}", log_key((account, region), day(nth), "poison")));
        }
    }
    poison(format!("AWSLogs/{ORG}/{ONE}/CloudTrail/not-a-region-at-all/2026/06/01/x.json.gz"));
    poison("AWSLogs/other/CloudTrail/us-east-1/2026/06/01/x.json.gz".to_owned());
    poison("AWSLogs/readme.txt".to_owned());
    poison("elsewhere/x.json.gz".to_owned());
}

#[test]
fn s3_reads_both_layouts_of_a_trail_and_nothing_else() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    for prefix in ["", "security/trails/"] {
        put_trail(&bucket, prefix, &plain());
        put_poison(&bucket, prefix);
        // Before the trail was the organization's, it was one account's.
        let old = modify(&at(FIRST, "09:00:00"), PLACES[0], "ami-old", "add", OUTSIDER);
        let key = format!("{prefix}AWSLogs/{}", log_key(PLACES[0], FIRST, "old"));
        bucket.put(&key, &log_file(&[old]));
        // Delivered on the day after the window.
        let late = modify(&at(day(2), "23:59:59"), PLACES[3], "ami-late", "add", OUTSIDER);
        let later = modify(&at(day(3), "00:00:00"), PLACES[3], "ami-later", "add", OUTSIDER);
        let key = format!("{prefix}AWSLogs/{ORG}/{}", log_key(PLACES[3], day(3), "late"));
        bucket.put(&key, &log_file(&[late, later]));
    }
    let mut wanted = shares(&PLACES, 0..3);
    wanted.push(["ami-old".to_owned(), at(FIRST, "09:00:00")]);
    wanted.push(["ami-late".to_owned(), at(day(2), "23:59:59")]);
    wanted.sort();
    for source in
        ["s3://acme-trail", "s3://acme-trail/", "s3://acme-trail/security/trails", "s3://acme-trail/AWSLogs/"]
    {
        let output = events_of_days(moto.url(), &[source]);
        assert_eq!(output.status.code(), Some(0), "{source}: {}", told(&output));
        assert_eq!(found(&output), wanted, "{source}");
        assert!(stderr(&output).contains("files: 14; records: 27; matches: 14;"), "{}", told(&output));
    }
    // A part of the trail.
    let part = format!("s3://acme-trail/AWSLogs/{ORG}/{ONE}/CloudTrail/eu-west-1/");
    for source in [part.clone(), format!("{part}2026/06")] {
        let output = events_of_days(moto.url(), &[&source]);
        assert_eq!(output.status.code(), Some(0), "{source}: {}", told(&output));
        assert_eq!(found(&output), shares(&PLACES[..1], 0..3), "{source}");
    }
}

#[test]
fn s3_reads_the_chosen_accounts_and_regions() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    let front = Front::new(moto.url(), |_| None);
    for (arguments, places) in [
        (&["--account", ONE][..], &PLACES[..2]),
        (&["--region", "us-east-1"], &[PLACES[1], PLACES[3]]),
        (&["--account", TWO, "--region", "eu-west-1"], &[PLACES[2]]),
        (&["--account", ONE, "--account", TWO], &PLACES),
    ] {
        let before = front.seen().len();
        let output = events_of_days(front.url(), &[&["s3://acme-trail"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(found(&output), shares(places, 0..3), "{arguments:?}");
        // The others are not even got.
        let mut got: Vec<String> = front.seen()[before..]
            .iter()
            .filter(|request| request.method == "GET" && request.query("list-type").is_none())
            .map(|request| request.path.split('/').nth(7).map(str::to_owned).unwrap_or_default())
            .collect();
        got.sort();
        let mut regions: Vec<&str> = places.iter().flat_map(|place| [place.1; 3]).collect();
        regions.sort_unstable();
        assert_eq!(got.len(), regions.len(), "{got:?}");
    }
    // Nothing of this account is there.
    let output = events_of_days(moto.url(), &["s3://acme-trail", "--account", OUTSIDER]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
}

#[test]
fn s3_lists_have_pages_and_files_have_packings() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    let place = PLACES[1];
    let mut wanted = Vec::new();
    for nth in 0..1_050 {
        let image = format!("ami-{nth:04}");
        let record = modify(&at(FIRST, "10:00:00"), place, &image, "add", OUTSIDER);
        let text = crate::trail::records(&[crate::support::events::with(record, "eventID", nth.into())]);
        let content = match nth % 3 {
            0 => crate::trail::gzip(text.as_bytes()),
            1 => crate::trail::zstd(text.as_bytes()),
            _ => text.into_bytes(),
        };
        bucket.put(&format!("AWSLogs/{}", log_key(place, FIRST, &format!("{nth:04}"))), &content);
        wanted.push([image, at(FIRST, "10:00:00")]);
    }
    let front = Front::new(moto.url(), |_| None);
    let run = || events_of_days(front.url(), &["s3://acme-trail"]);
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(found(&output), wanted);
    let tokens = front.seen().iter().filter(|request| request.query("continuation-token").is_some()).count();
    assert_eq!(tokens, 1, "the Region has two pages");
    // The same bytes again, whatever came first.
    assert!(stdout(&run()) == stdout(&output));
    let few = ["s3://acme-trail", "--max-concurrency", "1"];
    assert!(stdout(&events_of_days(front.url(), &few)) == stdout(&output));
}

/// What is told of what could not be read.
pub(super) fn unread(output: &Output) -> Vec<String> {
    let mut lines: Vec<String> =
        stderr(output).lines().filter(|line| line.contains("could not be ")).map(str::to_owned).collect();
    lines.pop();
    lines
}

#[test]
fn s3_names_what_it_cannot_read() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    let key = format!("AWSLogs/{ORG}/{}", log_key(PLACES[0], FIRST, "zz"));
    let empty = format!("AWSLogs/{ORG}/{}", log_key(PLACES[0], FIRST, "zy"));
    bucket.put(&key, b"\x00garbage");
    bucket.put(&empty, b"");
    // Consoles make such marks of folders.
    bucket.put(&format!("AWSLogs/{ORG}/{ONE}/CloudTrail/eu-west-1/2026/06/01/"), b"");
    let output = events_of_days(moto.url(), &["s3://acme-trail"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(found(&output), shares(&PLACES, 0..3));
    let lines = unread(&output);
    assert_eq!(lines.len(), 2, "{}", told(&output));
    assert!(
        lines[0].ends_with(&format!("could not be read: s3://acme-trail/{empty}: it is empty")),
        "{lines:?}"
    );
    assert!(lines[1].contains(&format!("could not be read: s3://acme-trail/{key}")), "{lines:?}");

    for (source, why) in [
        ("s3://nowhere-at-all", &["could not be looked into: s3://nowhere-at-all/", "NoSuchBucket"][..]),
        (
            "s3://acme-trail/nothing/here",
            &["s3://acme-trail/nothing/here/: no record of CloudTrail's was found"],
        ),
    ] {
        let output = events_of_days(moto.url(), &[source]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert_eq!(found(&output), [] as [[String; 2]; 0]);
        let lines = unread(&output);
        assert_eq!(lines.len(), 1, "{}", told(&output));
        assert!(why.iter().all(|part| lines[0].contains(part)), "{lines:?}");
    }
    // Of two sources, one cannot be read: the other is.
    let output =
        events_of_days(moto.url(), &["s3://nowhere-at-all", "s3://acme-trail", "--region", "us-east-1"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(found(&output), shares(&[PLACES[1], PLACES[3]], 0..3));
}

#[test]
fn s3_reads_a_folder_that_is_laid_out_otherwise() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "case-42", "eu-west-1");
    for (nth, file) in plain().iter().enumerate() {
        bucket.put(&format!("evidence/{}/{nth}.json", file.place.0), &log_file(&file.records));
    }
    bucket.put("evidence/", b"");
    let front = Front::new(moto.url(), |_| None);
    // It is in another Region than the caller, who goes there.
    let output = events_of_days(front.url(), &["s3://case-42/evidence", "--request-payer"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(found(&output), shares(&PLACES, 0..3));
    for row in parse(&output.stdout) {
        assert!(row["source_file"].starts_with("s3://case-42/evidence/"), "{}", row["source_file"]);
    }
    let gets: Vec<_> = front.seen().into_iter().filter(|request| request.path.contains("case-42")).collect();
    for request in gets.iter().filter(|request| request.method == "GET") {
        assert_eq!(request.header("x-amz-request-payer"), Some("requester"), "{}", request.path);
        let signed = request.header("authorization").unwrap();
        assert!(signed.contains("/eu-west-1/s3/aws4_request"), "{signed}");
    }
    assert!(gets.len() > 12, "{}", gets.len());
    let output = events_of_days(front.url(), &["s3://case-42/evidence", "--account", ONE]);
    assert_eq!(found(&output), shares(&PLACES[..2], 0..3));
    let unpaid = front.seen().iter().rev().take(12).all(|one| one.header("x-amz-request-payer").is_none());
    assert!(unpaid, "only who wants to pay says so");
}
