//! Ctrl-C ends a run with what was read; the rest is gaps.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use amiaudit::sandbox::Options;
use amiaudit::sandbox::generate::{Size, organization};

use crate::support::rows::{Row, rows};
use crate::support::served::{Served, options};

#[test]
fn the_first_ctrl_c_reports_what_was_read() {
    let scenario =
        organization(Size { accounts: 1, regions: 17, images: 40, seed: 5, shared_percent: 100.0 });
    // All are shared, so that the first place has strangers, for whom the list of accounts is read again.
    // One request at a time, each slow enough that the run cannot be over when the signal comes.
    let served = Served::with(scenario, Options { latency: Duration::from_millis(25), ..options() });
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .env_clear()
        .current_dir(folder.path())
        .env("AWS_ENDPOINT_URL", served.url())
        .env("AWS_ACCESS_KEY_ID", served.key())
        .env("AWS_SECRET_ACCESS_KEY", "x")
        .args(["scan", "--out", "report", "--max-concurrency", "1", "--progress", "always"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    told.read_line(&mut first).unwrap();
    assert!(first.contains("accounts asked for their Regions: 1"), "{first}");
    first.clear();
    told.read_line(&mut first).unwrap();
    assert!(first.contains("done: places 1/17"), "{first}");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(20), "{rest}");
    assert!(rest.contains("stopping: what was read is reported"), "{rest}");

    let coverage = rows(&folder.path().join("report/coverage.csv"));
    // The images of the first place are read, and the snapshots behind them would have come last.
    let read = |row: &&Row| row["permissions_read"] != "0" && row["permissions_read"] == row["images_listed"];
    let read = coverage.iter().filter(|row| row["status"] == "partial").filter(read).count();
    // One row is the account's own: the list of accounts was not read again.
    let unread = coverage.iter().filter(|row| row["status"] == "unread").count();
    assert!(read >= 1 && unread >= 1 && coverage.len() == 18, "{read} read, {unread} unread");
    let gaps = rows(&folder.path().join("report/gaps.csv"));
    for row in coverage.iter().filter(|row| row["status"] != "read") {
        let here = gaps.iter().filter(|gap| gap["region"] == row["region"] && gap["call"] != "LookupEvents");
        assert!(here.clone().count() >= 1, "{}", row["region"]);
        for gap in here {
            assert_eq!(gap["reason"], "the run was interrupted before this was read");
        }
    }
    let histories: Vec<&str> =
        gaps.iter().filter(|gap| gap["call"] == "LookupEvents").map(|gap| &*gap["reason"]).collect();
    let never = "the run was interrupted before the event histories of 17 accounts and Regions were read";
    assert_eq!(histories, [never]);

    // Judged again, it is as incomplete.
    let judged = Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"))
        .current_dir(folder.path())
        .args(["judge", "report/snapshot.json.zst", "--out", "again", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(judged.status.code(), Some(20));
    for file in ["gaps.csv", "coverage.csv"] {
        let of = |name: &str| std::fs::read(folder.path().join(name).join(file)).unwrap();
        assert_eq!(of("again"), of("report"), "{file}");
    }
}
