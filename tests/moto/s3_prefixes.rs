//! Trails beside each other in a bucket, each with a prefix of its own.

use super::bucket::{Bucket, log_file};
use super::http::Front;
use super::s3::{FIRST, events_of_days, found, plain, put_trail, shares, unread};
use super::s3_faults::is_get;
use super::server::Moto;
use crate::support::binary::told;
use crate::support::events::modify;
use crate::support::org_trail::{ORG, OUTSIDER, PLACES, at, log_key};

/// Puts a trail of one file below a prefix.
fn put_other(bucket: &Bucket<'_>, prefix: &str, image: &str) {
    let record = modify(&at(FIRST, "09:00:00"), PLACES[0], image, "add", OUTSIDER);
    bucket.put(&format!("{prefix}AWSLogs/{}", log_key(PLACES[0], FIRST, image)), &log_file(&[record]));
}

/// Images of one file, as they are found.
fn images(names: &[&str]) -> Vec<[String; 2]> {
    names.iter().map(|name| [(*name).to_owned(), at(FIRST, "09:00:00")]).collect()
}

#[test]
fn s3_finds_trails_beside_each_other() {
    let moto = Moto::start();
    for (name, at_root) in [("with-root", true), ("without-root", false)] {
        let bucket = Bucket::new(moto.url(), name, "us-east-1");
        let mut wanted = images(&["ami-apart", "ami-tower"]);
        put_other(&bucket, "apart/", "ami-apart");
        put_other(&bucket, &format!("tower/{ORG}/"), "ami-tower");
        // Other things stand there too, and look like organizations or trails only from afar.
        for key in
            ["apart/x.json.gz", "flow/AWSLogsOld/x", "flow/o-ld/x", "flow/o-oldarchive/x.json.gz", "x.json"]
        {
            bucket.put(key, b"\x00poison");
        }
        if at_root {
            put_trail(&bucket, "", &plain());
            wanted.extend(shares(&PLACES, 0..3));
        }
        wanted.sort();
        let front = Front::new(moto.url(), |_| None);
        let output = events_of_days(front.url(), &[&format!("s3://{name}")]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(found(&output), wanted, "{name}");
        let got: Vec<String> =
            front.seen().iter().filter(|one| is_get(one)).map(|one| one.path.clone()).collect();
        assert!(got.iter().all(|path| path.contains("/AWSLogs/")), "{got:?}");
    }
}

#[test]
fn s3_folders_that_were_not_looked_into_are_told() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "shared", "us-east-1");
    put_other(&bucket, "", "ami-root");
    for nth in 0..100 {
        bucket.put(&format!("team-{nth:03}/readme.txt"), b"x");
    }
    put_other(&bucket, "team-050/", "ami-team");
    let output = events_of_days(moto.url(), &["s3://shared"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(found(&output), images(&["ami-root", "ami-team"]));
    put_other(&bucket, "the-last/", "ami-last");
    let output = events_of_days(moto.url(), &["s3://shared"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(found(&output), images(&["ami-root", "ami-team"]));
    let why = "could not be read: s3://shared/: of 101 more folders only the first 100 were looked into for trails: \
               name the prefix of each trail";
    assert_eq!(unread(&output), [why]);
    let output = events_of_days(moto.url(), &["s3://shared/the-last"]);
    assert_eq!(found(&output), images(&["ami-last"]));
}

/// Where no folder has a trail, all of them are read, however many there are.
#[test]
fn s3_folders_of_another_form_are_all_read() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "case", "us-east-1");
    let names: Vec<String> = (0..102).map(|nth| format!("ami-{nth:03}")).collect();
    for name in &names {
        let record = modify(&at(FIRST, "09:00:00"), PLACES[0], name, "add", OUTSIDER);
        bucket.put(&format!("{name}/x.json.gz"), &log_file(&[record]));
    }
    let output = events_of_days(moto.url(), &["s3://case"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(found(&output), images(&names.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn s3_reads_an_object_that_was_named() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "evidence", "us-east-1");
    let file = |image: &str| log_file(&[modify(&at(FIRST, "09:00:00"), PLACES[0], image, "add", OUTSIDER)]);
    let of_aws = format!("AWSLogs/{}", log_key(PLACES[0], FIRST, "x"));
    bucket.put("one.json.gz", &file("ami-one"));
    bucket.put("one.json.gz.old", b"poison");
    bucket.put("a/two", &file("ami-two"));
    bucket.put("a/two/x", &file("ami-three"));
    bucket.put(&of_aws, &file("ami-aws"));
    for (key, wanted) in [
        ("one.json.gz", &["ami-one"][..]),
        // A folder of that name is read too.
        ("a/two", &["ami-three", "ami-two"]),
        ("a/two/", &["ami-three"]),
        (&of_aws, &["ami-aws"]),
    ] {
        let output = events_of_days(moto.url(), &[&format!("s3://evidence/{key}")]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(found(&output), images(wanted), "{key}");
    }
    bucket.put("broken.json", b"\x00");
    let output = events_of_days(moto.url(), &["s3://evidence/broken.json"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let lines = unread(&output);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("could not be read: s3://evidence/broken.json:"), "{lines:?}");
}
