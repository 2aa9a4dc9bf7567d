//! `--snapshots`: outside grants of backing snapshots go too, those that the plan names, and only then.

use std::collections::BTreeSet;

use amiaudit::sandbox::Recorded;

use super::stage::Stage;
use super::world::{HERE, THERE, of, small};
use crate::support::binary::told;
use crate::support::build::{MEMBER, STRANGER};

const FAR: &str = "555555555555";

/// Each image has a snapshot that a member, an outsider and (one of them) everybody may copy.
fn scenario() -> amiaudit::sandbox::Scenario {
    let mut scenario = small();
    of(&mut scenario, "ami-1").snapshot_shared_with = [MEMBER, FAR, "all"].map(str::to_owned).to_vec();
    of(&mut scenario, "ami-2").snapshot_shared_with = [STRANGER, MEMBER].map(str::to_owned).to_vec();
    scenario
}

/// The calls that changed snapshots: place, and what they name.
fn changes(calls: &[Recorded]) -> BTreeSet<(String, String, String)> {
    let of_snapshots = calls.iter().filter(|call| call.action == "ModifySnapshotAttribute");
    of_snapshots
        .flat_map(|call| {
            let named = call.params.iter().filter(|(key, _)| key.starts_with("CreateVolumePermission."));
            named.map(|(key, value)| {
                let operation = key.split('.').nth(1).unwrap_or_default().to_owned();
                (call.place.to_string(), operation, value.clone())
            })
        })
        .collect()
}

fn wanted(operation: &str) -> BTreeSet<(String, String, String)> {
    let of = |(account, region): (&str, &str), to: &str| {
        (format!("{account} {region}"), operation.to_owned(), to.to_owned())
    };
    [of(HERE, FAR), of(HERE, "all"), of(THERE, STRANGER)].into()
}

#[test]
fn they_go_only_where_that_is_asked_for_and_come_back() {
    let stage = Stage::planned(scenario());
    let before = stage.state();
    let output = stage.apply(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(changes(&stage.sandbox().calls()).is_empty());
    let left: Vec<String> = stage.rows().iter().map(|row| row["result"].clone()).collect();
    let count = |word: &str| left.iter().filter(|result| *result == word).count();
    assert_eq!((count("revoked"), count("not_chosen"), left.len()), (5, 3, 8));

    // The same command goes on with them.
    let output = stage.apply(&["--snapshots"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(changes(&stage.sandbox().calls()), wanted("Remove"));
    let calls = stage.sandbox().calls();
    assert_eq!(calls.iter().filter(|call| call.action == "ModifySnapshotAttribute").count(), 2);
    assert!(stage.rows().iter().all(|row| row["result"] == "revoked" && row["verified"] == "true"));
    let kept: BTreeSet<_> = stage.state().into_iter().filter(|grant| grant[2].starts_with("snap-")).collect();
    assert_eq!(kept.iter().map(|grant| grant[4].as_str()).collect::<Vec<_>>(), [MEMBER, MEMBER]);

    let begun = calls.len();
    let output = stage.undo(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(changes(&stage.sandbox().calls().split_off(begun)), wanted("Add"));
    assert_eq!(stage.state(), before);
}

#[test]
fn the_plan_says_that_they_stay_reachable() {
    let stage = Stage::planned(scenario());
    let output = stage.run(&["plan", "report/report.json", "--out", "again.json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("3 of the grants are of backing snapshots"), "{text}");
}

#[test]
fn what_the_policy_trusts_by_now_stays() {
    let stage = Stage::planned(scenario());
    stage.write(
        "policy.toml",
        &format!(
            "[[trusted]]\naccounts = [\"{FAR}\"]\nowner = \"a@b.example\"\nreason = \"a partner\"\nexpires = 2999-01-01\n"
        ),
    );
    let output = stage.apply(&["--snapshots", "--policy", "policy.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let named = changes(&stage.sandbox().calls());
    assert!(!named.iter().any(|(_, _, to)| to == FAR), "{named:?}");
    let rows = stage.rows();
    let row = rows.iter().find(|row| row["grantee"] == FAR).unwrap();
    assert_eq!(row["result"], "no_longer_unauthorized", "{row:?}");
}
