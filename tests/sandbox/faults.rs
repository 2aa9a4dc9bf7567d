//! Faults that are asked for, as a client sees them.

use amiaudit::model::fault::{Fault, FaultKind};
use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::{Faults, Options, Scenario, World};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::python::script;
use crate::support::served::{Served, options};

#[test]
fn boto3_meets_each_kind() {
    let scenario = Scenario::parse("faults.toml", include_str!("faults.toml")).unwrap();
    for kind in FaultKind::ALL {
        assert!(scenario.faults.iter().any(|fault| fault.kind == kind.word()), "{kind} is not tried");
    }
    let served = Served::new(scenario);
    let printed = script("sandbox/faults.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "every fault was where it was asked for, and nowhere else");
    // What failed after its change is a failure in the history too.
    let later = Timestamp::now() + SignedDuration::from_secs(600);
    let failed: Vec<Value> = served
        .sandbox()
        .world()
        .records(later)
        .map(|record| serde_json::from_str::<Value>(record).unwrap())
        .filter(|record| record["errorCode"] == "Server.InternalError")
        .collect();
    let names: Vec<&str> = failed.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["ModifyImageAttribute", "ModifySnapshotAttribute", "ModifySnapshotAttribute"]);
    assert!(failed.iter().all(|record| record["responseElements"].is_null()));
    let throttled = served.sandbox().throttled();
    assert_eq!(
        throttled.into_iter().collect::<Vec<_>>(),
        [
            ("DescribeImageAttribute".to_owned(), 1),
            ("GetCallerIdentity".to_owned(), 1),
            ("ListRoots".to_owned(), 1),
        ]
    );
}

/// Which of 200 reads fail, told by the images without an answer.
fn failed(faults: Faults) -> Vec<String> {
    let size = Size { accounts: 1, regions: 1, images: 200, seed: 1, shared_percent: 0.0 };
    let served = Served::with(organization(size), Options { faults, ..options() });
    let settings = amiaudit::aws::AwsSettings { max_concurrency: 1, ..served.settings() };
    let (reading, _) = served.scan(settings).unwrap();
    let mut images: Vec<String> = reading.gaps.iter().map(|gap| gap.subject.clone()).collect();
    images.sort();
    images
}

#[test]
fn a_rate_is_met_and_the_same_for_the_same_seed() {
    let some = |seed| {
        let call = Some("DescribeImageAttribute".to_owned());
        let fault = Fault { percent: 25.0, call, ..Fault::new(FaultKind::AuthFailure) };
        failed(Faults::new(0.0, seed).and([fault]))
    };
    let first = some(1);
    assert!((30..=70).contains(&first.len()), "{}", first.len());
    assert_eq!(first, some(1));
    assert_ne!(first, some(2));
}

#[test]
fn slips_in_faults_are_named() {
    for (line, word) in [
        ("kind = \"slwo\"", "slwo"),
        ("kind = \"slow\"\npercent = 101", "101"),
        ("kind = \"slow\"\nregion = \"mars\"", "fault.region"),
        ("kind = \"slow\"\naccount = \"1\"", "fault.account"),
    ] {
        let text = format!("caller = \"111111111111\"\nregions = [\"us-east-1\"]\n[[fault]]\n{line}\n");
        let error = World::new(Scenario::parse("x", &text).unwrap()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}
