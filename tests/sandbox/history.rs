//! CloudTrail's event history: what boto3 looks up, and what `[[call]]` does to a world.

use amiaudit::model::fault::{Fault, FaultKind};
use amiaudit::sandbox::{Faults, Options, Scenario, World};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::get::get;
use crate::support::python::script;
use crate::support::served::{Served, options};

fn history() -> Scenario {
    Scenario::parse("history.toml", include_str!("history.toml")).unwrap()
}

/// Records show at once, so that nothing has to wait for them.
fn prompt() -> Scenario {
    let start = "caller = \"111111111111\"\nregions = [\"us-east-1\", \"eu-west-1\"]\ndelivery_seconds = 0\n";
    let account = |id: &str, image: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\n[[image]]\naccount = \"{id}\"\nregion = \"us-east-1\"\nid = \"{image}\"\n"
        )
    };
    let text = format!(
        "{start}{}{}",
        account("111111111111", "ami-00000001"),
        account("222222222222", "ami-00000002")
    );
    Scenario::parse("prompt.toml", &text).unwrap()
}

#[test]
fn boto3_looks_events_up() {
    let served = Served::new(history());
    let printed = script("sandbox/lookup.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "the history is as CloudTrail tells it");
}

#[test]
fn what_is_changed_is_recorded() {
    let served = Served::new(prompt());
    let printed = script("sandbox/record.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "what was changed is recorded");
}

#[test]
fn records_come_late() {
    let served = Served::new(Scenario { delivery_seconds: 300, ..prompt() });
    let change = "import boto3, sys\n\
                  client = lambda name: boto3.client(name, region_name='us-east-1', endpoint_url=sys.argv[1],\n    \
                  aws_access_key_id='AKIA0000111111111111', aws_secret_access_key='x')\n\
                  client('ec2').disable_image_block_public_access()\n\
                  print(len(client('cloudtrail').lookup_events()['Events']))\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("change.py");
    std::fs::write(&file, change).unwrap();
    assert_eq!(script(file.to_str().unwrap(), &[&served.url()], &[]).trim(), "0");
    let world = served.sandbox().world();
    let now = Timestamp::now();
    assert_eq!(world.records(now).count(), 0);
    assert_eq!(world.records(now + jiff::SignedDuration::from_secs(300)).count(), 1);
}

#[test]
fn two_a_second_are_answered() {
    let served = Served::with(prompt(), Options { throttle: true, ..options() });
    let printed = script("sandbox/lookup_faults.py", &[&served.url(), "limit"], &[]);
    assert_eq!(printed.trim(), "2 answered, then ThrottlingException");
    assert!(served.sandbox().throttled()["LookupEvents"] > 0);
}

#[test]
fn faults_befall_it() {
    let fault = |kind, account: &str, region: &str| Fault {
        call: Some("LookupEvents".to_owned()),
        account: Some(account.parse().unwrap()),
        region: Some(region.parse().unwrap()),
        ..Fault::new(kind)
    };
    let faults = Faults::none().and([
        fault(FaultKind::Throttle, "111111111111", "us-east-1"),
        fault(FaultKind::ServerError, "111111111111", "eu-west-1"),
        fault(FaultKind::Expired, "222222222222", "us-east-1"),
        fault(FaultKind::Cut, "222222222222", "eu-west-1"),
    ]);
    let served = Served::with(prompt(), Options { faults, ..options() });
    let printed = script("sandbox/lookup_faults.py", &[&served.url(), "faults"], &[]);
    assert_eq!(printed.trim(), "every fault was met");
}

/// What a world's records say: when, what, of which image.
fn told(world: &World, until: &str) -> Vec<(String, String)> {
    let records = world.records(until.parse().unwrap()).map(|record| {
        let record: Value = serde_json::from_str(record).unwrap();
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        (text("eventTime"), text("eventName"))
    });
    records.collect()
}

fn shared(world: &World, image: &str) -> Vec<String> {
    world.grants().filter(|(_, id, _)| id == image).map(|(_, _, grant)| grant.value).collect()
}

#[test]
fn calls_change_the_world_until_now() {
    let world = World::new(history()).unwrap();
    // The last two were added without parameters and without a record; the refused one changed nothing.
    assert_eq!(shared(&world, "ami-00000001"), ["222222222222", "444444444444", "555555555555"]);
    assert_eq!(shared(&world, "ami-00000004"), ["111111111111", "333333333333", "444444444444"]);
    assert_eq!(world.image_count(), 4, "one does not exist yet");
    let then = "2026-05-02T10:00:00Z".parse().unwrap();
    let before = World::new(Scenario { now: Some(then), ..history() }).unwrap();
    assert_eq!(shared(&before, "ami-00000001"), ["222222222222"]);
    let after =
        World::new(Scenario { now: Some("2026-06-03T00:00:00Z".parse().unwrap()), ..history() }).unwrap();
    assert_eq!(shared(&after, "ami-00000005"), ["all"]);
    // The records of then are those of now, but for what came after.
    let (all, some) = (told(&world, "2026-07-01T00:00:00Z"), told(&before, "2026-07-01T00:00:00Z"));
    assert_eq!((all.len(), some.len()), (13, 5));
    assert_eq!(some[..], all[..5]);
    let ids = |world: &World| -> Vec<String> {
        world.records("2026-05-03T00:00:00Z".parse().unwrap()).map(str::to_owned).collect()
    };
    assert_eq!(ids(&world), ids(&before));
}

#[test]
fn images_come_and_go() {
    let call = |at: &str, name: &str, rest: &str| {
        format!(
            "[[call]]\nat = \"2026-05-{at}Z\"\naccount = \"111111111111\"\nregion = \"us-east-1\"\nname = \"{name}\"\n\
             image = \"ami-00000001\"\n{rest}\n"
        )
    };
    let everybody = |at: &str| call(at, "ModifyImageAttribute", "add = [\"222222222222\"]");
    let world = |calls: &[String]| {
        let text = toml::to_string(&prompt()).unwrap() + &calls.concat();
        World::new(Scenario::parse("calls.toml", &text).unwrap()).unwrap()
    };
    let gone = call("02T10:00:00", "DeregisterImage", "");
    let back = call("03T10:00:00", "RestoreImageFromRecycleBin", "");
    let disabled = call("02T10:00:00", "DisableImage", "");
    let reset = call("02T10:00:00", "ResetImageAttribute", "");
    let first = everybody("01T10:00:00");
    // They are applied in the order of time.
    assert_eq!(world(&[gone.clone(), first.clone()]).image_count(), 1);
    let restored = world(&[first.clone(), gone, back, everybody("04T10:00:00")]);
    assert_eq!((restored.image_count(), shared(&restored, "ami-00000001").len()), (2, 1));
    for ended in [disabled, reset] {
        assert_eq!(shared(&world(&[first.clone(), ended]), "ami-00000001"), [""; 0]);
    }
}

#[test]
fn slips_in_calls_are_named() {
    let start = toml::to_string(&prompt()).unwrap();
    for (line, word) in [
        ("image = \"ami-0000ffff\"", "there is no image \"ami-0000ffff\""),
        ("image = \"ami-00000002\"", "there is no image"),
        ("name = \"ModifyImage\"", "not a call that is known"),
        ("image = \"ami-00000001\"\nby = \"somebody\"", "not the ARN"),
        ("name = \"RestoreImageFromRecycleBin\"\nimage = \"ami-00000001\"", "was not removed"),
        ("imgae = \"ami-00000001\"", "imgae"),
    ] {
        let text = format!(
            "{start}[[call]]\nat = \"2026-05-01T00:00:00Z\"\naccount = \"111111111111\"\nregion = \"us-east-1\"\n{line}\n"
        );
        let error = match Scenario::parse("x", &text) {
            Ok(scenario) => World::new(scenario).map(|_| ()).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(word), "{error}");
    }
    let elsewhere = format!(
        "{start}[[call]]\nat = \"2026-05-01T00:00:00Z\"\naccount = \"333333333333\"\nregion = \"us-east-1\"\n"
    );
    let error = World::new(Scenario::parse("x", &elsewhere).unwrap()).unwrap_err().to_string();
    assert!(error.contains("there is no account 333333333333"), "{error}");
}

#[test]
fn the_trail_over_http_is_the_librarys() {
    let served = Served::new(history());
    let told: Value = serde_json::from_str(&get(&served.url(), "/sandbox/trail")).unwrap();
    let now = "2026-06-01T08:00:30Z".parse().unwrap();
    let known: Vec<Value> =
        served.sandbox().world().records(now).map(|record| serde_json::from_str(record).unwrap()).collect();
    assert_eq!(told["Records"], Value::Array(known.clone()));
    let times: Vec<&str> = known.iter().map(|record| record["eventTime"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 11, "{times:?}");
    assert!(times.is_sorted(), "{times:?}");
}
