//! Scans after another: a snapshot stays copyable when its image is shared no more or is gone, and stays a finding.

use std::path::Path;

use amiaudit::sandbox::Scenario;

use crate::support::binary::{amiaudit, amiaudit_at, told};
use crate::support::rows::{pick, rows};
use crate::support::served::Served;

/// Two accounts in two Regions with an image each, which these may launch, and whose snapshots those may use.
fn scenario(shared_with: &str, snapshot_shared_with: &str, calls: &str) -> Scenario {
    let image = |account: &str, region: &str, id: &str| {
        format!(
            "[[image]]\naccount = \"{account}\"\nregion = \"{region}\"\nid = \"{id}\"\nname = \"name of {id}\"\n\
             shared_with = {shared_with}\nsnapshot_shared_with = {snapshot_shared_with}\n"
        )
    };
    let text = format!(
        "caller = \"111111111111\"\nregions = [\"us-east-1\", \"eu-west-1\"]\nnow = \"2026-06-01T08:00:00Z\"\n\
         delivery_seconds = 0\n[[account]]\nid = \"111111111111\"\n[[account]]\nid = \"222222222222\"\n\
         [organization]\nid = \"o-ourorg0001\"\nmanagement = \"111111111111\"\nroot = \"r-ab12\"\n{}{}{calls}",
        image("111111111111", "us-east-1", "ami-00000001"),
        image("222222222222", "eu-west-1", "ami-00000002"),
    );
    Scenario::parse("scenario.toml", &text).unwrap()
}

const DEREGISTERED: &str = "[[call]]\nat = \"2026-05-01T00:00:00Z\"\naccount = \"111111111111\"\n\
    region = \"us-east-1\"\nname = \"DeregisterImage\"\nimage = \"ami-00000001\"\n[[call]]\n\
    at = \"2026-05-01T00:00:00Z\"\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n\
    name = \"DeregisterImage\"\nimage = \"ami-00000002\"\n";

/// Scans into a folder, after the scan that is in another. Gives the exit code.
fn scan(scenario: Scenario, folder: &Path, out: &str, after: Option<&str>) -> Option<i32> {
    let served = Served::new(scenario);
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(["scan", "--role-name", "Auditor", "--events", "none", "--out", out]);
    if let Some(after) = after {
        command.args(["--baseline", &format!("{after}/report.json")]);
    }
    let output = command.output().unwrap();
    assert_ne!(output.status.code(), Some(1), "{}", told(&output));
    output.status.code()
}

/// Id, image, status and resolution of the findings of snapshots.
fn of_snapshots(folder: &Path, out: &str) -> Vec<[String; 5]> {
    let mut findings = rows(&folder.join(out).join("findings.csv"));
    findings.retain(|row| row["rule_id"] == "backing-snapshot-shared");
    pick(&findings, ["finding_id", "image_id", "image_name", "status", "resolution"])
}

/// The first scan's, with what became of them.
fn became(folder: &Path, status: &str, resolution: &str) -> Vec<[String; 5]> {
    let first = of_snapshots(folder, "first");
    assert_eq!(first.len(), 2);
    first
        .into_iter()
        .map(|[id, image, name, ..]| [id, image, name, status.to_owned(), resolution.to_owned()])
        .collect()
}

const OUTSIDE: &str = "[\"999999999999\"]";
const NOBODY: &str = "[]";

#[test]
fn a_snapshot_that_can_still_be_copied_stays_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(scan(scenario(OUTSIDE, OUTSIDE, ""), folder, "first", None), Some(10));
    let revoked = scenario(NOBODY, OUTSIDE, "");
    assert_eq!(scan(revoked, folder, "revoked", Some("first")), Some(10));
    assert_eq!(of_snapshots(folder, "revoked"), became(folder, "open", ""));
    // And the night after that.
    let gone = scenario(NOBODY, OUTSIDE, DEREGISTERED);
    assert_eq!(scan(gone, folder, "gone", Some("revoked")), Some(10));
    assert_eq!(of_snapshots(folder, "gone"), became(folder, "open", ""));
    // What was read tells it again, also where the earlier report is not at hand.
    for (again, more) in [("alone", &[][..]), ("beside", &["--baseline", "first/report.json"])] {
        let mut judge = amiaudit(folder);
        judge.args(["judge", "gone/snapshot.json.zst", "--out", again]).args(more);
        let output = judge.output().unwrap();
        assert_eq!(output.status.code(), Some(10), "{}", told(&output));
        assert_eq!(of_snapshots(folder, again), became(folder, "open", ""), "{again}");
    }
    let unshared = scenario(NOBODY, NOBODY, DEREGISTERED);
    assert_eq!(scan(unshared, folder, "unshared", Some("gone")), Some(0));
    assert_eq!(of_snapshots(folder, "unshared"), became(folder, "resolved", "revoked"));
}
