//! A log group that a trail writes into. moto goes by no pattern, so that it gives every message.

use std::collections::BTreeSet;
use std::process::Output;

use amiaudit::collect::filter_patterns;
use amiaudit::model::event::EventName;
use jiff::civil::date;
use serde_json::{Value, json};

use super::http::{Front, Request, answer, call};
use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, told};
use crate::support::events::{about, modify};
use crate::support::org_trail::{ONE, OUTSIDER, PLACES, TWO, delivered};
use crate::support::rows::{parse, pick};

fn logs_call(url: &str, region: &str, action: &str, body: &Value) {
    let target = ("x-amz-target".to_owned(), format!("Logs_20140328.{action}"));
    let kind = ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned());
    let (method, path, body) = ("POST".to_owned(), "/".to_owned(), body.to_string().into_bytes());
    call(url, ("logs", region), Request { method, path, headers: vec![target, kind], body });
}

/// Puts messages into a group, which is made for them, as CloudWatch gets them: now.
pub(super) fn put_messages(url: &str, group: &str, messages: &[String]) {
    put_messages_in(url, ("us-east-1", group), messages);
}

fn put_messages_in(url: &str, (region, group): (&str, &str), messages: &[String]) {
    let stream = "o-exampleorg1_CloudTrail";
    logs_call(url, region, "CreateLogGroup", &json!({ "logGroupName": group }));
    logs_call(url, region, "CreateLogStream", &json!({ "logGroupName": group, "logStreamName": stream }));
    let now = jiff::Timestamp::now().as_millisecond();
    for part in messages.chunks(500) {
        let events: Vec<Value> =
            part.iter().map(|message| json!({ "timestamp": now, "message": message })).collect();
        let body = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
        logs_call(url, region, "PutLogEvents", &body);
    }
}

fn events(url: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    amiaudit_at(home.path(), url, "management").arg("events").args(arguments).output().unwrap()
}

fn found(output: &Output) -> Vec<[String; 3]> {
    pick(&parse(&output.stdout), ["account_id", "region", "image_id"])
}

/// What the trail delivered, as messages.
fn messages() -> Vec<String> {
    let files = delivered(date(2026, 6, 1));
    files.iter().flat_map(|file| &file.records).map(ToString::to_string).collect()
}

const SINCE: [&str; 2] = ["--since", "2026-06-01"];

#[test]
fn logs_patterns_find_every_event_that_matters() {
    let patterns = filter_patterns();
    let start = concat!(
        "{ ($.eventName = \"ModifyImageAttribute\") || ($.eventName = \"ResetImageAttribute\") || ",
        "($.eventName = \"DisableImage\") || ("
    );
    assert_eq!(patterns[0].chars().take(120).collect::<String>(), start);
    let mut names = BTreeSet::new();
    for pattern in &patterns {
        assert!(pattern.len() <= 1_024, "{}", pattern.len());
        // { ($.eventName = "A") || ($.eventName = "B") }
        let terms = pattern.strip_prefix("{ ").unwrap().strip_suffix(" }").unwrap();
        for term in terms.split(" || ") {
            let name = term.strip_prefix("($.eventName = \"").unwrap().strip_suffix("\")").unwrap();
            assert!(names.insert(name.to_owned()), "{name} is asked for twice");
        }
    }
    assert_eq!(names, EventName::ALL.iter().map(ToString::to_string).collect());
}

#[test]
fn logs_groups_by_name_and_by_arn() {
    let moto = Moto::start();
    put_messages(moto.url(), "CloudTrail/logs", &messages());
    let whole = events(moto.url(), &[&["logs:CloudTrail/logs"], &SINCE[..]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", told(&whole));
    assert_eq!(parse(&whole.stdout).len(), 19, "{}", told(&whole));
    assert!(
        stderr(&whole).contains("window: 2026-06-01T10:00:00Z to 2026-06-03T10:00:00Z"),
        "{}",
        told(&whole)
    );
    for row in parse(&whole.stdout) {
        assert_ne!(row["event_name"], "DescribeInstances");
        assert_eq!(row["source_file"], "logs:CloudTrail/logs");
    }
    for (arguments, wanted) in [
        // One is about an organization.
        (
            &["--account", TWO, "--region", "us-east-1"][..],
            &["", "ami-2222aa01", "ami-2222aa02", "ami-2222aa03"][..],
        ),
        (&["--account", ONE, "--region", "eu-west-1"], &["ami-1111bb01", "ami-1111bb02", "ami-1111bb03"]),
        (
            &["--region", "eu-west-1", "--account", ONE, "--since", "2026-06-02"],
            &["ami-1111bb02", "ami-1111bb03"],
        ),
        (&["--image", "ami-twice"], &["ami-twice"]),
    ] {
        let since = if arguments.contains(&"--since") { &[][..] } else { &SINCE[..] };
        let output = events(moto.url(), &[&["logs:CloudTrail/logs"], since, arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let mut images: Vec<String> = found(&output).into_iter().map(|[_, _, image]| image).collect();
        images.sort();
        assert_eq!(images, wanted, "{arguments:?}");
    }
}

#[test]
fn logs_of_another_account_or_region_go_by_their_arn_and_by_time() {
    let moto = Moto::start();
    let abroad = [modify("2026-06-01T09:00:00Z", PLACES[0], "ami-abroad", "add", OUTSIDER).to_string()];
    put_messages_in(moto.url(), ("eu-west-1", "abroad"), &abroad);
    // moto knows groups by their names alone.
    let behind = moto.url().to_owned();
    let front = Front::new(moto.url(), move |request| {
        let mut request = request.clone();
        let mut body: Value = serde_json::from_slice(&request.body).ok()?;
        body["logGroupName"] = json!(body["logGroupIdentifier"].as_str()?.rsplit(':').next());
        request.body = body.to_string().into_bytes();
        request.headers.retain(|(name, _)| name != "content-length");
        request.headers.push(("content-length".to_owned(), request.body.len().to_string()));
        Some(request.send(&behind))
    });
    let arn = "logs:arn:aws:logs:eu-west-1:123456789012:log-group:abroad:*";
    let output = events(front.url(), &[&[arn], &SINCE[..]].concat());
    let asked: Vec<Request> =
        front.seen().into_iter().filter(|one| one.header("x-amz-target").is_some()).collect();
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(body["logGroupIdentifier"], "arn:aws:logs:eu-west-1:123456789012:log-group:abroad", "{body}");
    assert_eq!(body["logGroupName"], Value::Null);
    assert!(asked[0].header("authorization").unwrap().contains("/eu-west-1/logs/aws4_request"));
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(found(&output), [[ONE, "eu-west-1", "ami-abroad"].map(str::to_owned)]);

    // Messages come later than their events. Times of other zones are times.
    let time = ["--since", "2026-06-01T02:00:00+02:00", "--until", "2026-06-02T20:00:00-04:00"];
    events(front.url(), &[&[arn], &time[..]].concat());
    let last: Value = serde_json::from_slice(&front.seen().last().unwrap().body).unwrap();
    let millis = |text: &str| json!(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert_eq!(last["startTime"], millis("2026-06-01T00:00:00Z"));
    assert_eq!(last["endTime"], millis("2026-06-04T00:00:00Z"));
}

#[test]
fn logs_come_page_by_page_and_what_is_no_record_is_told() {
    let moto = Moto::start();
    let share = |nth: usize| {
        let record = modify("2026-06-01T09:00:00Z", PLACES[0], &format!("ami-{nth:05}"), "add", OUTSIDER);
        crate::support::events::with(record, "eventID", json!(format!("{nth:05}"))).to_string()
    };
    // moto gives 10,000 messages to a page.
    let mut messages: Vec<String> = (0..10_050).map(share).collect();
    put_messages(moto.url(), "many", &messages);
    let front = Front::new(moto.url(), |_| None);
    let output = events(front.url(), &[&["logs:many"], &SINCE[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rows = parse(&output.stdout);
    let images: BTreeSet<&str> = rows.iter().map(|row| row["image_id"].as_str()).collect();
    assert_eq!((rows.len(), images.len()), (10_050, 10_050));
    let pages = front.seen();
    let next = |one: &Request| String::from_utf8_lossy(&one.body).contains("nextToken");
    assert_eq!(
        pages.iter().filter(|one| next(one)).count(),
        filter_patterns().len(),
        "a second page a pattern"
    );

    messages.truncate(3);
    messages[1].truncate(200);
    put_messages(moto.url(), "cut", &messages);
    let output = events(moto.url(), &[&["logs:cut"], &SINCE[..]].concat());
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let images: Vec<String> = found(&output).into_iter().map(|[_, _, image]| image).collect();
    assert_eq!(images, ["ami-00000", "ami-00002"]);
    let why = "could not be read: logs:cut: no JSON are 1 of 3 records that came: EOF while parsing";
    assert!(stderr(&output).starts_with(why), "{}", told(&output));
}

#[test]
fn logs_that_are_not_there_or_hold_nothing_are_told() {
    let moto = Moto::start();
    let output = events(moto.url(), &["logs:nowhere"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(
        stderr(&output).contains("could not be looked into: logs:nowhere FilterLogEvents: "),
        "{}",
        told(&output)
    );
    assert!(stderr(&output).contains("ResourceNotFoundException"), "{}", told(&output));
    for bad in ["logs:", "logs:a b", "logs:arn:aws:logs:nowhere", "logs:arn:aws:logs:eu-west-1:1:log-group:"]
    {
        let output = events(moto.url(), &[bad]);
        assert_eq!(output.status.code(), Some(2), "{bad}: {}", told(&output));
    }
    // With a pattern AWS gives nothing; without one, what the group holds tells whether it is a trail's.
    let quiet = about("2026-06-01T09:00:00Z", PLACES[0], "DescribeInstances", "").to_string();
    for (message, code) in [(Some(quiet.as_str()), 0), (Some("an application's line"), 20), (None, 20)] {
        let held: Vec<Value> = message.iter().map(|text| json!({ "message": text })).collect();
        let front = Front::new(moto.url(), move |request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let events = if body["filterPattern"].is_null() { json!(held) } else { json!([]) };
            let body = json!({ "events": events }).to_string();
            let kind = [("content-type", "application/x-amz-json-1.1")];
            request.header("x-amz-target").map(|_| answer("200 OK", &kind, body.as_bytes()))
        });
        let output = events(front.url(), &[&["logs:quiet"], &SINCE[..]].concat());
        assert_eq!(output.status.code(), Some(code), "{message:?}: {}", told(&output));
        assert_eq!(found(&output), [] as [[String; 3]; 0]);
    }
}
