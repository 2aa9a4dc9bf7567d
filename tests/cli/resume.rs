//! `scan --resume`: after SIGKILL the same report; misuse is told and nothing is lost.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use amiaudit::sandbox::Options;
use amiaudit::sandbox::generate::{Size, organization};

use crate::support::binary::{amiaudit_at, stderr, told};
use crate::support::rows::rows;
use crate::support::served::{Served, options};

const SIZE: Size = Size { accounts: 2, regions: 5, images: 30, seed: 5, shared_percent: 50.0 };

fn served(latency_ms: u64) -> Served {
    Served::with(organization(SIZE), Options { latency: Duration::from_millis(latency_ms), ..options() })
}

fn scan(served: &Served, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(["scan", "--role-name", "Auditor"]).args(arguments).output().unwrap()
}

/// Begins a scan and kills it when its second place is done.
fn kill(served: &Served, folder: &Path, out: &str) {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .current_dir(folder)
        .env("AWS_ENDPOINT_URL", served.url())
        .env("AWS_ACCESS_KEY_ID", served.key())
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .args(["scan", "--role-name", "Auditor", "--out", out])
        .args(["--max-concurrency", "1", "--progress", "always"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("done: places 2/10")));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The cells of a file but for its times.
fn cells(file: &Path) -> Vec<String> {
    let timeless = |column: &str| !["read_at", "first_seen"].contains(&column);
    let text = |row: &crate::support::rows::Row| {
        row.iter().filter(|(column, _)| timeless(column)).map(|(c, v)| format!("{c}={v};")).collect()
    };
    rows(file).iter().map(text).collect()
}

#[test]
fn a_killed_scan_goes_on_to_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let whole = served(0);
    assert_eq!(scan(&whole, folder.path(), &["--out", "whole"]).status.code(), Some(10));
    let served = served(5);
    kill(&served, folder.path(), "killed");
    let there = |name: &str| folder.path().join("killed").join(name).exists();
    assert!(there(".snapshot.partial") && !there("manifest.json"));

    // With other flags it does not go on, and what was read stays.
    let without_role = amiaudit_at(folder.path(), &served.url(), &served.key())
        .args(["scan", "--resume", "killed"])
        .output()
        .unwrap();
    assert_eq!(without_role.status.code(), Some(2), "{}", told(&without_role));
    assert!(stderr(&without_role).contains("with --role-name Auditor"), "{}", told(&without_role));
    let elsewhere = scan(&served, folder.path(), &["--resume", "killed", "--out", "other"]);
    assert_eq!(elsewhere.status.code(), Some(2), "{}", told(&elsewhere));

    let before = served.counts()["DescribeImageAttribute"];
    let resumed = scan(&served, folder.path(), &["--resume", "killed"]);
    assert_eq!(resumed.status.code(), Some(10), "{}", told(&resumed));
    assert!(stderr(&resumed).contains("2 places are done, the permissions of"), "{}", told(&resumed));
    let after = served.counts()["DescribeImageAttribute"];
    assert!(after - before <= 8 * 30, "{} reads for eight places of 30", after - before);
    for file in ["findings.csv", "shares.csv", "coverage.csv", "gaps.csv", "exceptions.csv"] {
        let of = |name: &str| cells(&folder.path().join(name).join(file));
        assert_eq!(of("killed"), of("whole"), "{file}");
    }
    assert!(!there(".snapshot.partial") && there("manifest.json"));
    // All calls are counted, those before the kill too, but for what was in flight.
    let manifest = std::fs::read(folder.path().join("killed/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let counted = manifest["api_calls"]["DescribeImageAttribute"].as_u64().unwrap();
    assert!((10 * 30..=after).contains(&counted), "{counted} of {after}");

    let again = scan(&served, folder.path(), &["--resume", "killed"]);
    assert_eq!(again.status.code(), Some(2), "{}", told(&again));
    assert!(stderr(&again).contains("is complete"), "{}", told(&again));
}

#[test]
fn a_new_scan_says_that_it_writes_over_one_that_could_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(5);
    kill(&served, folder.path(), "killed");
    let over = scan(&served, folder.path(), &["--out", "killed"]);
    assert_eq!(over.status.code(), Some(10), "{}", told(&over));
    assert!(stderr(&over).contains("--resume would have gone on with it"), "{}", told(&over));
}

#[test]
fn there_is_nothing_to_go_on_with_in_an_empty_folder_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let served = served(0);
    for name in ["nowhere", "empty"] {
        std::fs::create_dir_all(folder.path().join("empty")).unwrap();
        let output = scan(&served, folder.path(), &["--resume", name]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(stderr(&output).contains("no scan was begun in this folder"), "{}", told(&output));
        assert!(!folder.path().join("nowhere").exists());
    }
}
