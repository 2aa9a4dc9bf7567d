//! `amiaudit sandbox`: the endpoint as a program of its own.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::binary::{amiaudit_at, told};
use crate::support::get::get;
use crate::support::rows::{Row, rows};

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it, and gives its URL and the caller's key.
fn started(arguments: &[&str], variables: &[(&str, &str)]) -> (Running, String, String) {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .envs(variables.iter().copied())
        .arg("sandbox")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    let mut value = |name: &str| {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix(&format!("export {name}=")).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    let url = value("AWS_ENDPOINT_URL");
    let key = value("AWS_ACCESS_KEY_ID");
    (running, url, key)
}

/// The demo takes place at a time of its own; what is served today happened as long ago today as it had then.
#[test]
fn a_scan_of_today_finds_the_histories_that_the_demo_has() {
    let (_running, url, key) = started(&[], &[]);
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit_at(folder.path(), &url, &key)
        .args(["scan", "--role-name", "amiaudit", "--out", "report", "--quiet"])
        .args(["--events", "lookup"])
        .args(["--api-rate", "LookupEvents=1000000/1000000"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let shares = |report: &Path| rows(&report.join("shares.csv"));
    let demo = shares(&Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample"));
    // Within minutes the record comes of what is pending there.
    let is_pending = |row: &Row| {
        demo.iter().any(|one| one["attribution"] == "pending" && one["image_id"] == row["image_id"])
    };
    let exact = |shares: &[Row]| {
        let exact = shares.iter().filter(|row| row["attribution"] == "exact" && !is_pending(row));
        let columns = ["image_id", "grantee", "shared_by"];
        exact.map(|row| columns.map(|column| row[column].clone())).collect::<BTreeSet<_>>()
    };
    let wanted = exact(&demo);
    assert!(wanted.len() > 20, "{wanted:?}");
    let found = exact(&shares(&folder.path().join("report")));
    assert_eq!(found.symmetric_difference(&wanted).collect::<Vec<_>>(), [] as [&[String; 3]; 0]);
}

#[test]
fn it_serves_what_was_asked_for() {
    let size = "accounts=2,regions=1,images=3,seed=9,shared=100";
    let faults = ("AMIAUDIT_FAULT", "kind=throttle,percent=0;kind=slow,delay_ms=0");
    let (_running, url, key) = started(&["--generate", size], &[faults]);
    assert_eq!(key, "AKIA0000100000000000");
    let truth = get(&url, "/sandbox/truth");
    let images: std::collections::BTreeSet<String> = truth
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["image"].to_string())
        .collect();
    assert_eq!(images.len(), 6);
    assert_eq!(get(&url, "/sandbox/calls").trim(), "{}");
}
