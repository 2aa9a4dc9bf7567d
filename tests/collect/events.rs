//! Sources of events, without AWS.

use std::collections::BTreeSet;
use std::sync::Arc;

use amiaudit::collect::{
    Ask, EventSource, Quiet, SharedProgress, SourceOptions, Stop, Stopper, document, sources,
};
use amiaudit::model::clock::Clock;
use amiaudit::model::event_log::{EventLog, Window};
use amiaudit::model::ids::{AccountId, Region};
use amiaudit::model::place::Place;
use serde_json::{Value, json};

use crate::support::build::now;
use crate::support::events::modify;
use crate::support::org_trail::{OUTSIDER, PLACES};

/// The sources of these names.
fn named(names: &[&str]) -> Vec<Box<dyn EventSource>> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    sources(&names, &SourceOptions { verifies: true, ..SourceOptions::default() }).unwrap()
}

fn read(source: &dyn EventSource, stop: &Stop) -> EventLog {
    let progress: SharedProgress = Arc::new(Quiet);
    let ask = Ask {
        now: now(),
        clock: &Clock::fixed(now()),
        window: Window { from: now(), to: now() },
        places: &[],
        accounts: &BTreeSet::new(),
        regions: &BTreeSet::new(),
        organization: None,
        max_file_bytes: 1 << 20,
        keeps_records: false,
        at_once: 4,
        stop,
        progress: &progress,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(source.read(None, &ask))
}

#[test]
fn a_folder_that_is_not_read_to_its_end_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for nth in 0..3 {
        let record = modify("2026-06-01T00:00:00Z", PLACES[0], &format!("ami-{nth}"), "add", OUTSIDER);
        let file = folder.path().join(format!("{nth}.json"));
        std::fs::write(file, json!({ "Records": [record] }).to_string()).unwrap();
    }
    let name = folder.path().display().to_string();
    let (stopper, stop) = Stopper::new();
    let local = sources(std::slice::from_ref(&name), &SourceOptions::default()).unwrap();
    let whole = read(&*local[0], &stop);
    let mut images: Vec<&str> = whole.events.iter().map(|event| event.image.as_str()).collect();
    images.sort_unstable();
    assert_eq!((images, whole.holes), (vec!["ami-0", "ami-1", "ami-2"], Vec::new()));
    stopper.stop();
    let cut = read(&*local[0], &stop);
    let told: Vec<_> = cut.holes.iter().map(|hole| (hole.subject.clone(), hole.reason.as_str())).collect();
    assert_eq!(told, [(name, "the run was interrupted")]);
}

#[test]
fn the_place_of_organizations_is_wanted_wherever_the_user_looks() {
    let (_stopper, stop) = Stopper::new();
    let progress: SharedProgress = Arc::new(Quiet);
    let account = |id: &str| id.parse::<AccountId>().unwrap();
    let region = |name: &str| name.parse::<Region>().unwrap();
    let (chosen, management) = (account("111111111111"), account("222222222222"));
    let organization = Place { account: management, region: region("us-east-1") };
    let ask = Ask {
        now: now(),
        clock: &Clock::fixed(now()),
        window: Window { from: now(), to: now() },
        places: &[],
        accounts: &[chosen].into(),
        regions: &[region("eu-west-1")].into(),
        organization: Some(&organization),
        max_file_bytes: 1 << 20,
        keeps_records: false,
        at_once: 4,
        stop: &stop,
        progress: &progress,
    };
    let wants =
        [(chosen, "eu-west-1"), (chosen, "us-east-1"), (management, "us-east-1"), (management, "eu-west-1")]
            .map(|(account, name)| ask.wants(account, &region(name)));
    assert_eq!(wants, [true, false, true, false]);
    assert!(ask.wants_account(management) && !ask.wants_account(account("333333333333")));
    let nowhere = Ask { organization: None, ..ask };
    assert!(!nowhere.wants(management, &organization.region) && !nowhere.wants_account(management));
}

#[test]
fn what_is_named_twice_is_read_once() {
    let names: Vec<String> = named(&["b", "lookup", "a", "s3://acme", "b", "lookup", "s3://acme"])
        .iter()
        .map(|one| one.name())
        .collect();
    assert_eq!(names, ["lookup", "s3://acme/", "b, a"]);
}

/// A file that is not named as AWS names its own hides what its folders say: their place, and events of their day or of
/// the day before, since they are delivered later than they happen.
#[test]
fn a_stray_file_in_folders_of_awss_hides_their_place_and_day() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("{}/CloudTrail/{}", PLACES[0].0, PLACES[0].1);
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let named = format!("{}_CloudTrail_{}_20260601T1200Z_x.json", PLACES[1].0, PLACES[1].1);
    for (path, wanted) in [
        (
            format!("AWSLogs/{place}/2026/06/30/stray.txt"),
            Some((0, "2026-06-29T00:00:00Z", "2026-07-01T00:00:00Z")),
        ),
        // What the name says goes before.
        (
            format!("AWSLogs/{place}/2026/06/30/{named}"),
            Some((1, "2026-05-31T12:01:00Z", "2026-06-01T12:01:00Z")),
        ),
        (format!("AWSLogs/{place}/2026/06/stray.txt"), None),
        (format!("AWSLogs/{place}/2026/13/01/stray.txt"), None),
        ("AWSLogs/other/CloudTrail/us-east-1/2026/06/30/stray.txt".to_owned(), None),
        (format!("AWSLogs/{}/Config/{}/2026/06/30/stray.txt", PLACES[0].0, PLACES[0].1), None),
    ] {
        let file = folder.path().join(&path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "").unwrap();
        let name = file.display().to_string();
        let holes = read(&*sources(&[name], &SourceOptions::default()).unwrap()[0], &Stopper::new().1).holes;
        let hidden = holes.first().map(|hole| (hole.place.clone(), hole.window)).unwrap();
        let wanted = wanted.map(|(nth, from, to): (usize, &str, &str)| {
            let place =
                Place { account: PLACES[nth].0.parse().unwrap(), region: PLACES[nth].1.parse().unwrap() };
            (place, Window { from: time(from), to: time(to) })
        });
        assert_eq!(hidden, wanted.unzip(), "{path}");
    }
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[test]
fn session_policies_of_sources_are_as_short_as_sts_takes_them() {
    let bucket = format!("s3://{}/{}", "b".repeat(63), "p".repeat(900));
    let group = format!("logs:{}", "g".repeat(512));
    let arn = format!("logs:arn:aws-us-gov:logs:us-gov-west-1:111111111111:log-group:{}:*", "g".repeat(512));
    for name in [&*bucket, &group, &arn] {
        let text = document(&named(&[name])[0].statements());
        assert!(text.len() <= 2_048, "{} characters: {text}", text.len());
        let policy: Value = serde_json::from_str(&text).unwrap();
        let actions: Vec<&str> = policy["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .collect();
        let wanted = match name.starts_with("s3:") {
            true => vec!["s3:ListBucket", "s3:GetObject", "kms:Decrypt", "cloudtrail:ListPublicKeys"],
            false => vec!["logs:FilterLogEvents"],
        };
        assert_eq!(actions, wanted);
    }
    let policy: Value = serde_json::from_str(&document(&named(&["s3://acme/a/b"])[0].statements())).unwrap();
    assert_eq!(policy["Statement"][0]["Resource"], json!(["arn:*:s3:::acme"]));
    assert_eq!(policy["Statement"][1]["Resource"], json!(["arn:*:s3:::acme/*"]));
}
