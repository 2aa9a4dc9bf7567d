//! Snapshots behind images, who launched these and who uses them.

use amiaudit::sandbox::{Options, Scenario, World, demo};

use crate::support::python::script;
use crate::support::served::{Served, options};

const TEXT: &str = include_str!("snapshots.toml");

fn scenario() -> Scenario {
    Scenario::parse("snapshots.toml", TEXT).unwrap()
}

#[test]
fn boto3_shares_them() {
    let served = Served::with(scenario(), Options { keeps_calls: true, ..options() });
    let printed = script("sandbox/snapshots.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "snapshots are shared as AWS shares them");
    let calls = served.sandbox().calls();
    let first = calls.iter().find(|call| call.action == "ModifySnapshotAttribute").unwrap();
    assert_eq!(first.params["SnapshotId"], "snap-00000001");
    assert_eq!(first.params["CreateVolumePermission.Remove.2.UserId"], "222222222222");
    let standing = granted(&served.sandbox().world());
    assert_eq!(
        standing,
        [
            "snap-00000001 all",
            "snap-00000001 222222222222",
            "snap-00000001 333333333333",
            "snap-00000003 222222222222",
            "snap-0123456789abcdef2 222222222222",
            "snap-00000004 all",
            "snap-00000005 all",
        ]
        .map(str::to_owned)
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
    );
}

fn granted(world: &World) -> std::collections::BTreeSet<String> {
    world.snapshot_grants().map(|(_, snapshot, grant)| format!("{snapshot} {}", grant.value)).collect()
}

#[test]
fn boto3_asks_who_uses_images() {
    let served = Served::new(scenario());
    let printed = script("sandbox/usage.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "the image's uses are told as AWS tells them");
}

#[test]
fn their_buckets_are_documented() {
    let quota = |action: &str| {
        let quota = amiaudit::model::quota::documented(action);
        (quota.bucket, quota.refill)
    };
    assert_eq!(quota("ModifySnapshotAttribute"), (100.0, 5.0));
    assert_eq!(quota("CreateImageUsageReport"), (50.0, 5.0));
    for read in ["DescribeSnapshotAttribute", "DescribeImageUsageReports", "DescribeImageUsageReportEntries"]
    {
        assert_eq!(quota(read), (100.0, 20.0), "{read}");
    }
}

#[test]
fn slips_are_named() {
    let image = "[[image]]\naccount = \"111111111111\"\nregion = \"us-east-1\"\nid = \"ami-0000000a\"\n";
    let call = "[[call]]\nat = \"2026-05-20T16:43:00Z\"\naccount = \"111111111111\"\nregion = \"us-east-1\"\n\
                name = \"ModifySnapshotAttribute\"\n";
    let ours = "arn:aws:organizations::111111111111:organization/o-ourorg0001";
    for (more, word) in [
        (format!("{image}snapshot_shared_with = [\"{ours}\"]"), "snapshot_shared_with"),
        (format!("{image}snapshot_shared_with = [\"12\"]"), "12"),
        (
            format!("{image}used_by = [{{ account = \"1\", resource_type = \"ec2:Instance\", count = 1 }}]"),
            "image.used_by.account",
        ),
        (format!("{call}image = \"ami-0000ffff\""), "there is no image"),
        (format!("{call}image = \"ami-00000003\"\nadd = [\"{ours}\"]"), "a snapshot cannot be shared with"),
    ] {
        let scenario = Scenario::parse("x", &format!("{TEXT}\n{more}\n")).unwrap();
        let error = World::new(scenario).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn the_demo_has_some() {
    let scenario = demo::organization().unwrap();
    let launched = scenario.images.iter().filter(|image| image.last_launched.is_some()).count();
    assert_eq!(launched, 3);
    let world = World::new(scenario).unwrap();
    let told: Vec<String> = world
        .snapshot_grants()
        .map(|(place, snapshot, grant)| format!("{} {snapshot} {}", place.account, grant.value))
        .collect();
    assert_eq!(
        told,
        [
            "100000000004 snap-0d3e0000000000005 100000000006",
            "100000000007 snap-0d3e0000000000009 200000000002",
            "100000000010 snap-6eb72111 all",
        ]
    );
}
