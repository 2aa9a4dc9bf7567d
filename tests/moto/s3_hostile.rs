//! Objects that change, that are too large, and whose keys are hostile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bucket::{Bucket, log_file};
use super::http::{Front, answer};
use super::s3::{FIRST, day, events_of_days, plain, put_trail, unread};
use super::s3_faults::is_get;
use super::server::Moto;
use crate::support::binary::{stderr, stdout, told};
use crate::support::events::modify;
use crate::support::org_trail::{ORG, OUTSIDER, PLACES, TWO, at, log_key};
use crate::support::rows::{parse, pick};

#[test]
fn s3_objects_that_grow_or_are_too_large_are_not_read_in_part() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    let line = |image: &str| modify(&at(FIRST, "09:00:00"), PLACES[0], image, "add", OUTSIDER).to_string();
    let (first, second) = (line("ami-first"), line("ami-other"));
    let key = format!("AWSLogs/{ORG}/{}", log_key(PLACES[0], FIRST, "grew"));
    bucket.put(&key, first.as_bytes());
    // One line and its end is all that may be read; by the time of the reading there are two.
    let grown = format!("{first}\n{second}\n").into_bytes();
    let most = (first.len()).to_string();
    let name = key.rsplit('/').next().unwrap().to_owned();
    let front = Front::new(moto.url(), move |request| {
        (is_get(request) && request.path.contains(&name)).then(|| answer("200 OK", &[], &grown))
    });
    let output =
        events_of_days(front.url(), &["s3://acme-trail", "--region", "eu-west-1", "--max-file-bytes", &most]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let why = format!(
        "could not be read: s3://acme-trail/{key}: it is larger than {most} bytes (--max-file-bytes)"
    );
    assert!(unread(&output).contains(&why), "{}", told(&output));
    assert!(!stdout(&output).contains("ami-first"), "{}", told(&output));

    // 50 MB, as large as AWS's own become, unpacked.
    let record = modify(&at(FIRST, "09:00:00"), PLACES[3], "ami-large", "add", OUTSIDER);
    let blank = " ".repeat(50 << 20);
    let large = crate::trail::gzip(format!("{{\"Records\":[{record}{blank}]}}").as_bytes());
    bucket.put(&format!("AWSLogs/{ORG}/{}", log_key(PLACES[3], FIRST, "large")), &large);
    let output = events_of_days(moto.url(), &["s3://acme-trail", "--account", TWO]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(stdout(&output).contains("ami-large"), "{}", told(&output));
    let output =
        events_of_days(moto.url(), &["s3://acme-trail", "--account", TWO, "--max-file-bytes", "1000000"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(unread(&output)[0].ends_with("unpacked it is larger than 1000000 bytes (--max-file-bytes)"));
}

#[test]
fn s3_hostile_keys_are_read_and_told_on_one_line() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "evidence", "us-east-1");
    let keys = [
        "x/../../etc/passwd",
        "x/%00%2e%2e.json",
        "x/=cmd|' /C calc'!A0",
        "x/a b+c&d=e?f#g.json",
        "x/名前 ü.json",
        "x//double//slash.json",
    ];
    let huge = format!("x/{}", "h".repeat(1000));
    let mut images = Vec::new();
    for (nth, key) in keys.iter().copied().chain([huge.as_str()]).enumerate() {
        let image = format!("ami-{nth}");
        bucket.put(key, &log_file(&[modify(&at(day(0), "10:00:00"), PLACES[0], &image, "add", OUTSIDER)]));
        images.push([image, format!("s3://evidence/{key}")]);
    }
    let output = events_of_days(moto.url(), &["s3://evidence/x"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    images.sort();
    assert_eq!(pick(&parse(&output.stdout), ["image_id", "source_file"]), images);
    // A prefix with such characters.
    bucket.put("a b+c&d/名/x.json", b"garbage\n");
    let output = events_of_days(moto.url(), &["s3://evidence/a b+c&d/名"]);
    let line = "could not be read: s3://evidence/a b+c&d/名/x.json:1: it is no JSON";
    assert!(stderr(&output).starts_with(line), "{}", told(&output));
}

/// moto takes no such keys; S3 does.
#[test]
fn s3_keys_with_control_characters_are_told_on_one_line() {
    let moto = Moto::start();
    Bucket::new(moto.url(), "evidence", "us-east-1");
    let content = log_file(&[modify(&at(day(0), "10:00:00"), PLACES[0], "ami-1", "add", OUTSIDER)]);
    for (as_listed, as_sent, key) in [
        ("y/a&#10;exit: 0.json", "/y/a%0Aexit%3A%200.json", "y/a\nexit: 0.json"),
        ("y/a&#x1b;[31m.json", "/y/a%1B%5B31m.json", "y/a\u{1b}[31m.json"),
    ] {
        let is_bad = Arc::new(AtomicBool::new(false));
        let front = Front::new(moto.url(), {
            let (is_bad, content) = (Arc::clone(&is_bad), content.clone());
            move |request| {
                let is_list = request.query("list-type").is_some();
                let listed = format!("<Contents><Key>{as_listed}</Key><Size>9</Size></Contents>");
                let body =
                    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>");
                let bytes = if is_bad.load(Ordering::SeqCst) { b"garbage" } else { &*content };
                let is_get = is_get(request) && request.path.contains(as_sent);
                let list = is_list.then(|| answer("200 OK", &[], body.as_bytes()));
                list.or_else(|| is_get.then(|| answer("200 OK", &[], bytes)))
            }
        });
        let output = events_of_days(front.url(), &["s3://evidence/y"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(parse(&output.stdout)[0]["source_file"], format!("s3://evidence/{key}"));
        is_bad.store(true, Ordering::SeqCst);
        let output = events_of_days(front.url(), &["s3://evidence/y"]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert_eq!(unread(&output).len(), 1, "{}", told(&output));
        assert!(!stderr(&output).contains('\u{1b}'), "{}", told(&output));
        assert!(stderr(&output).lines().all(|line| !line.starts_with("exit")), "{}", told(&output));
    }
}
