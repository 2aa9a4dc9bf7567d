//! A bucket that refuses, changes, never ends, or is hostile.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use serde_json::Value;

use super::bucket::{Bucket, log_file};
use super::http::{Front, Request, answer, s3_error};
use super::s3::{FIRST, day, events, events_of_days, found, plain, put_trail, shares, unread};
use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::events::modify;
use crate::support::org_trail::{ONE, ORG, OUTSIDER, PLACES, TWO, at, log_key};
use crate::support::python::script;
use crate::support::rows::{parse, pick, rows};

/// Whether a request is for an object, and not for a list.
fn is_get(request: &Request) -> bool {
    request.method == "GET" && request.query("list-type").is_none()
}

/// What AWS says where the key of the objects may not be used.
const NO_KEY: &str = "User: arn:aws:sts::123456789012:assumed-role/Reader/x is not authorized to perform: kms:Decrypt \
                      on resource: arn:aws:kms:us-east-1:123456789012:key/k because no resource-based policy allows it";

#[test]
fn s3_objects_that_are_refused_are_one_gap_of_their_place() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    for nth in 0..20 {
        bucket.put(&format!("AWSLogs/{ORG}/{}", log_key(PLACES[0], FIRST, &format!("{nth:02}"))), b"");
    }
    let of_place = format!("/{ONE}/CloudTrail/eu-west-1/");
    // AWS's refusals name the object, or the key that it is encrypted with.
    let by_object = |request: &Request| {
        let key = request.path.trim_start_matches('/').split('?').next().unwrap().to_owned();
        format!("User: x is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::{key}\"")
    };
    let by_kms = |_: &Request| NO_KEY.to_owned();
    let ways: [(fn(&Request) -> String, &str); 2] = [(by_object, "s3:GetObject"), (by_kms, "kms:Decrypt")];
    for (message, word) in ways {
        let of_place = of_place.clone();
        let front = Front::new(moto.url(), move |request| {
            let is_refused = is_get(request) && request.path.contains(&of_place);
            is_refused.then(|| s3_error("403 Forbidden", "AccessDenied", &message(request)))
        });
        let run = || events_of_days(front.url(), &["s3://acme-trail"]);
        let output = run();
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert_eq!(found(&output), shares(&PLACES[1..], 0..3));
        let lines = unread(&output);
        assert_eq!(lines.len(), 1, "{}", told(&output));
        let first = log_key(PLACES[0], FIRST, "00");
        let start = format!("could not be read: s3://acme-trail/AWSLogs/{ORG}/{first} and 22 more files: ");
        assert!(lines[0].starts_with(&start) && lines[0].contains(word), "{}", lines[0]);
        assert_eq!(stderr(&run()), stderr(&output), "whichever was refused first");
    }
}

#[test]
fn s3_a_place_whose_list_is_refused_is_a_gap_and_others_are_read() {
    let moto = Moto::start();
    put_trail(&Bucket::new(moto.url(), "acme-trail", "us-east-1"), "", &plain());
    let refused = format!("AWSLogs/{ORG}/{TWO}/CloudTrail/us-east-1/");
    let front = Front::new(moto.url(), {
        let refused = refused.clone();
        move |request| {
            let is_refused = request.query("prefix").as_ref() == Some(&refused);
            is_refused
                .then(|| s3_error("403 Forbidden", "AccessDenied", "no identity-based policy allows it"))
        }
    });
    let output = events_of_days(front.url(), &["s3://acme-trail"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(found(&output), shares(&PLACES[..3], 0..3));
    let lines = unread(&output);
    assert_eq!(lines.len(), 1, "{}", told(&output));
    let start = format!("could not be read: s3://acme-trail/{refused}: permission for s3:ListBucket");
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
}

/// A page of a list that goes on with `next`.
fn page(key: &str, next: &str) -> Vec<u8> {
    let content = format!("<Contents><Key>{key}</Key><Size>9</Size></Contents>");
    let below = "<CommonPrefixes><Prefix>AWSLogs/</Prefix></CommonPrefixes>";
    let list =
        format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>");
    let body = format!("<ListBucketResult>{list}{content}{below}</ListBucketResult>");
    answer("200 OK", &[("content-type", "application/xml")], body.as_bytes())
}

#[test]
fn s3_a_list_that_never_ends_is_told() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    let place = format!("AWSLogs/{ORG}/{ONE}/CloudTrail/us-east-1/");
    // Two tokens in turn, in a place; or already where prefixes are looked for.
    for endless in [place.clone(), String::new()] {
        let key = format!("AWSLogs/{ORG}/{}", log_key(PLACES[1], FIRST, "log"));
        let wanted = endless.clone();
        let front = Front::new(moto.url(), move |request| {
            let is_endless = request.query("prefix").as_ref() == Some(&wanted);
            let next = if request.query("continuation-token").as_deref() == Some("a") { "b" } else { "a" };
            is_endless.then(|| page(&key, next))
        });
        let output = events_of_days(front.url(), &["s3://acme-trail"]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert!(stderr(&output).contains("the list does not end"), "{}", told(&output));
        // What came is reported: of the endless place, one day.
        let mut wanted = shares(&[PLACES[0], PLACES[2], PLACES[3]], 0..3);
        wanted.extend(shares(&PLACES[1..2], 0..1));
        wanted.sort();
        assert_eq!(found(&output), if endless.is_empty() { Vec::new() } else { wanted });
    }
}

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
        // The other line is that nothing else is there.
        assert_eq!(unread(&output).len(), 2, "{}", told(&output));
        assert!(!stderr(&output).contains('\u{1b}'), "{}", told(&output));
        assert!(stderr(&output).lines().all(|line| !line.starts_with("exit")), "{}", told(&output));
    }
}

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
