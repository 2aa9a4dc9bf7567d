//! Runs on a bucket: one that is interrupted, one with a role, and a scan.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::Value;

use super::bucket::{Bucket, log_file};
use super::http::{Front, Request, s3_error};
use super::s3::{events, found, plain, put_trail, shares};
use super::s3_faults::{NO_KEY, is_get};
use super::server::Moto;
use crate::support::binary::{amiaudit_at, told};
use crate::support::events::modify;
use crate::support::org_trail::{ORG, PLACES, log_key};
use crate::support::python::script;
use crate::support::rows::{parse, pick, rows};

/// Ctrl-C while objects are got: those that came are reported, and the rest is a gap.
#[test]
fn s3_the_first_ctrl_c_reports_what_was_read() {
    let moto = Moto::start();
    put_trail(&Bucket::new(moto.url(), "acme-trail", "us-east-1"), "", &plain());
    // The third object is answered only when the run is over.
    let (count, (told_of, come)) = (AtomicUsize::new(0), mpsc::channel());
    let (told_of, held) = (Mutex::new(told_of), Arc::new(Mutex::new(())));
    let run = held.lock().unwrap();
    let gate = Arc::clone(&held);
    let front = Front::new(moto.url(), move |request| {
        if is_get(request) && count.fetch_add(1, Ordering::SeqCst) == 2 {
            told_of.lock().unwrap().send(()).unwrap();
            drop(gate.lock());
        }
        None
    });
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .current_dir(home.path())
        .envs([("AWS_ENDPOINT_URL", front.url()), ("AWS_ACCESS_KEY_ID", "management")])
        .envs([("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_REGION", "us-east-1")])
        .args(["events", "s3://acme-trail", "--since", "2026-06-01", "--until", "2026-06-03"])
        .args(["--max-concurrency", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    come.recv().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (mut csv, mut messages) = (String::new(), BufReader::new(child.stderr.take().unwrap()));
    let mut line = String::new();
    messages.read_line(&mut line).unwrap();
    assert!(line.contains("stopping: what was read is reported"), "{line}");
    child.stdout.take().unwrap().read_to_string(&mut csv).unwrap();
    messages.read_to_string(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(20), "{line}");
    drop(run);
    assert!(line.contains("could not be read: s3://acme-trail/: the run was interrupted"), "{line}");
    assert!(line.contains("files: 2; records: 4; matches: 2;"), "{line}");
    assert_eq!(parse(csv.as_bytes()).len(), 2, "{csv}");
}

#[test]
fn s3_the_role_for_events_is_assumed_with_a_policy_of_its_own() {
    let moto = Moto::start();
    put_trail(&Bucket::new(moto.url(), "acme-trail", "us-east-1"), "", &plain());
    let front = Front::new(moto.url(), |_| None);
    let role = "arn:aws:iam::444444444444:role/path/Reader";
    let output =
        events(front.url(), &["s3://acme-trail", "--since", "2026-06-01", "--events-role-arn", role]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(found(&output), shares(&PLACES, 0..3));
    let seen = front.seen();
    let bodies: Vec<String> =
        seen.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect();
    let assumed: Vec<&String> = bodies.iter().filter(|body| body.contains("Action=AssumeRole")).collect();
    assert_eq!(assumed.len(), 1, "{assumed:?}");
    for part in
        ["role%2Fpath%2FReader", "&Policy=", "arn%3A%2A%3As3%3A%3A%3Aacme-trail%2F%2A", "kms%3ADecrypt"]
    {
        assert!(assumed[0].contains(part), "{part} is not in {}", assumed[0]);
    }
    // The bucket is read with what the role gave, and with nothing else.
    let own = |request: &&Request| request.header("authorization").unwrap().contains("management/");
    let of_bucket = seen.iter().filter(|request| request.path.starts_with("/acme-trail"));
    assert_eq!(of_bucket.filter(own).map(|request| &request.path).collect::<Vec<_>>(), [] as [&String; 0]);
    let output =
        events(front.url(), &["s3://acme-trail", "--events-role-arn", "arn:aws:iam::44:role/Reader"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
}

/// A scan: how far events reach goes into coverage.csv; a place whose objects are refused has a gap in its log.
#[test]
fn s3_a_scan_traces_its_grants_through_the_bucket() {
    let moto = Moto::start();
    let truth: Value = serde_json::from_str(&script("moto/seed.py", &[moto.url()], &[])).unwrap();
    let home = truth["management"].as_str().unwrap();
    let of_home = |region: &str| {
        let shares = truth["shares"].as_array().unwrap().iter();
        let mut here = shares.filter(|row| row[0] == home && row[1] == region);
        here.find(|row| row[4] == "all" || row[4] == "012345678901" || row[3] == "account").cloned().unwrap()
    };
    let now = jiff::Timestamp::now();
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let shared = jiff::Timestamp::from_second(now.as_second()).unwrap().to_string();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    for region in ["us-east-1", "eu-west-1"] {
        let row = of_home(region);
        let record =
            modify(&shared, (home, region), row[2].as_str().unwrap(), "add", row[4].as_str().unwrap());
        bucket.put(&format!("AWSLogs/{ORG}/{}", log_key((home, region), today, "x")), &log_file(&[record]));
    }
    let front = Front::new(moto.url(), |request| {
        let is_refused = is_get(request) && request.path.contains("/CloudTrail/eu-west-1/");
        is_refused.then(|| s3_error("403 Forbidden", "AccessDenied", NO_KEY))
    });
    let folder = tempfile::tempdir().unwrap();
    let scan = ["scan", "--region", "us-east-1", "--region", "eu-west-1", "--quiet", "--account", home];
    let more = ["--out", "report", "--events", "s3://acme-trail"];
    let output =
        amiaudit_at(folder.path(), front.url(), "management").args(scan).args(more).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let read = |file: &str| rows(&folder.path().join("report").join(file));
    let mut covered = pick(&read("coverage.csv"), ["region", "events_from", "events_to"]);
    covered.retain(|row| !row[1].is_empty() || row[0] == "eu-west-1");
    covered.dedup();
    assert_eq!(
        covered,
        [["eu-west-1", "", ""], ["us-east-1", &shared, &shared]].map(|row| row.map(str::to_owned))
    );
    let attributions: Vec<[String; 2]> = pick(&read("shares.csv"), ["region", "attribution"]);
    assert!(attributions.contains(&["eu-west-1", "log_gap"].map(str::to_owned)), "{attributions:?}");
    let gaps = read("gaps.csv");
    let of_events: Vec<_> = gaps.iter().filter(|gap| gap["call"] == "events").collect();
    assert_eq!(of_events.len(), 1, "{gaps:?}");
    assert_eq!((&*of_events[0]["account_id"], &*of_events[0]["region"]), (home, "eu-west-1"));
    assert!(of_events[0]["reason"].contains("kms:Decrypt"), "{}", of_events[0]["reason"]);
}
