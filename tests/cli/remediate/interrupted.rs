//! Ctrl-C finishes what is begun; after SIGKILL the same command ends as if nothing had been.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use amiaudit::sandbox::Options;

use super::stage::{RATES, Stage};
use super::world::large;
use super::writes::{Write, planned};
use crate::support::binary::told;
use crate::support::served::options;

/// Begins to apply the plan of the large world, where every answer is late.
fn begin(more: &[&str], told: Stdio) -> (Stage, Child) {
    let mut stage = Stage::planned(large());
    stage.becomes_with(large(), Options { latency: Duration::from_millis(20), ..options() });
    let child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .current_dir(stage.folder.path())
        .env("AWS_ENDPOINT_URL", stage.served.url())
        .env("AWS_ACCESS_KEY_ID", stage.served.key())
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .env("AMIAUDIT_API_RATE", RATES)
        .args(["remediate", "apply", "plan.json", "--yes", "--max-changes", "100000"])
        .args(["--role-name", "Remediator", "--progress", "always"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(told)
        .spawn()
        .unwrap();
    (stage, child)
}

/// The same, killed as soon as anything was asked to change.
fn killed() -> Stage {
    // A few requests at a time, so that it is far from its end then.
    let (stage, mut child) = begin(&["--max-concurrency", "4"], Stdio::null());
    while !stage.served.counts().contains_key("ModifyImageAttribute") {
        assert!(child.try_wait().unwrap().is_none(), "it ended before anything was changed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    stage
}

fn revoked(stage: &Stage) -> usize {
    stage.rows().iter().filter(|row| row["result"] == "revoked").count()
}

/// Goes on, and that all ends as the plan says; then undoes it.
fn assert_it_goes_on(stage: &Stage) {
    let output = stage.apply(&["--max-changes", "100000"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let plan = stage.plan();
    let entries = plan["entries"].as_array().unwrap();
    let ids: BTreeSet<String> = stage.rows().into_iter().map(|row| row["finding_id"].clone()).collect();
    let wanted: BTreeSet<String> =
        entries.iter().map(|entry| entry["finding_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids, revoked(stage)), (wanted, entries.len()));
    // No call ever named anybody whom the plan does not name for that image.
    let calls: BTreeSet<Write> = stage.writes().into_iter().collect();
    assert_eq!(calls, planned(&plan, "Remove").into_iter().collect());
    let undisturbed = Stage::new(large());
    let gone = |stage: &Stage| undisturbed.state().difference(&stage.state()).count();
    assert_eq!(gone(stage), entries.len());

    let output = stage.undo(&["--max-changes", "100000"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.state(), undisturbed.state());
}

#[test]
fn the_first_ctrl_c_finishes_what_is_begun() {
    // One by one, so that only one image is at work when the signal comes.
    let (stage, mut child) = begin(&["--canary", "1000"], Stdio::piped());
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.ends_with(": looked at\n") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before an image was done");
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(20), "{rest}");
    assert!(
        rest.contains("stopping: what is begun is finished and verified, nothing more is begun"),
        "{rest}"
    );
    let results: BTreeSet<String> = stage.rows().into_iter().map(|row| row["result"].clone()).collect();
    assert_eq!(results, BTreeSet::from(["not_done", "revoked"].map(str::to_owned)));
    assert_eq!(revoked(&stage), stage.writes().iter().map(|write| write.grantees.len()).sum::<usize>());
    assert_it_goes_on(&stage);
}

#[test]
fn the_same_command_ends_what_a_killed_one_began() {
    let stage = killed();
    assert!(!stage.path("remediation.csv").exists(), "it came to its end before it was killed");
    assert_it_goes_on(&stage);
}

#[test]
fn what_a_killed_run_took_can_be_given_back_at_once() {
    let stage = killed();
    let output = stage.undo(&["--max-changes", "100000"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.state(), Stage::new(large()).state());
}
