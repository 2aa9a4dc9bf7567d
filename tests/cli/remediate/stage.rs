//! A folder and a sandbox, and the commands between them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Output;

use amiaudit::sandbox::{Options, Sandbox, Scenario};
use serde_json::Value;
use tempfile::TempDir;

use super::writes::{Write, is_write, write_of};
use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::rows::{Row, rows};
use crate::support::served::{Served, options};

/// A standing grant: account, Region, image or snapshot, member, value.
pub(super) type Grants = BTreeSet<[String; 5]>;

pub(super) struct Stage {
    pub(super) folder: TempDir,
    pub(super) served: Served,
}

/// The pace of AWS's quotas is not what is tested.
pub(super) const RATES: &str = "ModifyImageAttribute=1e6/1e6,DescribeImages=1e6/1e6,DescribeImageAttribute=1e6/1e6,\
                                DescribeOrganization=1e6/1e6,ListAccounts=1e6/1e6";

impl Stage {
    pub(super) fn new(scenario: Scenario) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), served: Served::new(scenario) }
    }

    /// The same, where a scan has been made, and a plan of all of it.
    pub(super) fn planned(scenario: Scenario) -> Self {
        let stage = Self::new(scenario);
        stage.scan("report", &[]);
        let output = stage.run(&["plan", "report/report.json", "--out", "plan.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        stage
    }

    /// From now on the world is another.
    pub(super) fn becomes(&mut self, scenario: Scenario) {
        self.becomes_with(scenario, options());
    }

    pub(super) fn becomes_with(&mut self, scenario: Scenario, options: Options) {
        self.served = Served::with(scenario, options);
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn scan(&self, out: &str, more: &[&str]) {
        let mut command = amiaudit_at(self.folder.path(), &self.served.url(), &self.served.key());
        command.env("AMIAUDIT_API_RATE", RATES).args(["scan", "--role-name", "Auditor", "--quiet"]);
        let output = command.args(["--out", out]).args(more).output().unwrap();
        assert!([Some(0), Some(10)].contains(&output.status.code()), "{}", told(&output));
    }

    /// `remediate` with these arguments.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.run_as(&self.served.key(), arguments)
    }

    pub(super) fn run_as(&self, key: &str, arguments: &[&str]) -> Output {
        let mut command = amiaudit_at(self.folder.path(), &self.served.url(), key);
        command.env("AMIAUDIT_API_RATE", RATES).env("AMIAUDIT_ROLE_NAME", "Remediator");
        command.arg("remediate").args(arguments).output().unwrap()
    }

    pub(super) fn apply(&self, more: &[&str]) -> Output {
        self.run(&[&["apply", "plan.json", "--yes"], more].concat())
    }

    pub(super) fn undo(&self, more: &[&str]) -> Output {
        self.run(&[&["undo", "journal.jsonl", "--yes"], more].concat())
    }

    /// The key of another user of the caller's account.
    pub(super) fn key_of(&self, user: &str) -> String {
        format!("{}{user}", self.served.key())
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        self.served.sandbox()
    }

    /// All that stands, of images and of snapshots.
    pub(super) fn state(&self) -> Grants {
        let world = self.sandbox().world();
        let all = world.grants().chain(world.snapshot_grants());
        all.map(|(place, id, grant)| {
            [place.account.to_string(), place.region.to_string(), id, grant.member, grant.value]
        })
        .collect()
    }

    /// All calls so far that change something or try to, sorted.
    pub(super) fn writes(&self) -> Vec<Write> {
        self.writes_after(0)
    }

    /// The same, of the calls after the first ones.
    pub(super) fn writes_after(&self, calls: usize) -> Vec<Write> {
        let calls = self.sandbox().calls().split_off(calls);
        let mut writes: Vec<Write> = calls.iter().filter(|call| is_write(call)).map(write_of).collect();
        writes.sort();
        writes
    }

    /// The plan as it is in its file.
    pub(super) fn plan(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("plan.json")).unwrap()).unwrap()
    }

    /// Writes the plan anew, after somebody has edited it.
    pub(super) fn edit(&self, edit: impl Fn(&mut Value)) {
        let mut plan = self.plan();
        edit(&mut plan);
        std::fs::write(self.path("plan.json"), plan.to_string()).unwrap();
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// remediation.csv, all rows.
    pub(super) fn all_rows(&self) -> Vec<Row> {
        rows(&self.path("remediation.csv"))
    }

    /// The last row of each grant: after an undo, that of apply stands before its own.
    pub(super) fn rows(&self) -> Vec<Row> {
        const GRANT: [&str; 6] =
            ["account_id", "region", "image_id", "snapshot_id", "grantee_type", "grantee"];
        let mut last: Vec<Row> = Vec::new();
        for row in self.all_rows() {
            let is_same = |other: &Row| GRANT.iter().all(|column| other[*column] == row[*column]);
            last.pop_if(|other| is_same(other));
            last.push(row);
        }
        last
    }

    /// Image, grantee, what became of it, and whether a read showed it; in the file's order.
    pub(super) fn endings(&self) -> Vec<[String; 4]> {
        let cell = |row: &Row, column: &str| row[column].clone();
        self.rows()
            .iter()
            .map(|row| ["image_id", "grantee", "result", "verified"].map(|c| cell(row, c)))
            .collect()
    }

    /// Asserts that a command was refused for a reason, that nothing was changed or begun, and that the exit code is 2.
    pub(super) fn assert_refused(&self, output: &Output, reason: &str) {
        assert_eq!(output.status.code(), Some(2), "{}", told(output));
        assert!(stderr(output).contains(reason), "{reason:?} is not in {}", told(output));
        assert_eq!(stdout(output), "", "{reason}");
        assert_eq!(self.writes(), [], "{reason}");
    }

    /// The same, and that nothing lies beside the plan that was not there.
    pub(super) fn assert_refused_cleanly(&self, output: &Output, reason: &str) {
        self.assert_refused(output, reason);
        for name in ["journal.jsonl", "remediation.csv"] {
            assert!(!self.path(name).exists(), "{reason}: {name}");
        }
    }
}

/// Rows of remediation.csv in few words.
pub(super) fn ending<'a>(image: &'a str, grantee: &'a str, result: &'a str) -> [String; 4] {
    let verified = ["revoked", "restored"].contains(&result).to_string();
    [image, grantee, result, &verified].map(str::to_owned)
}

/// All five grants of the small world, with the same end.
pub(super) fn all_ended(result: &str) -> Vec<[String; 4]> {
    use crate::support::build::{STRANGER, THEIR_ORG};
    vec![
        ending("ami-1", STRANGER, result),
        ending("ami-1", "all", result),
        ending("ami-2", super::world::OTHER, result),
        ending("ami-2", STRANGER, result),
        ending("ami-2", THEIR_ORG, result),
    ]
}
