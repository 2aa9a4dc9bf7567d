//! Taking back and giving again, by the program against moto; what came of it is read by boto3.
//!
//! moto takes the structured `Add` and `Remove` of all four kinds of grantees, answers `DryRun` as AWS does, and says
//! nothing where a grant that is to go is not there. It lacks block public access, so that this is not switched here.
//! It answers HTTP 500 where AWS says that an image is gone, but the look at the image comes first. It ignores changes
//! of a snapshot's permissions, so that taking those back is the sandbox's to test.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::server::Moto;
use crate::support::binary::{amiaudit_at, told};
use crate::support::python::script;
use crate::support::rows::{Row, pick, rows};

/// Account, Region, image, member, value.
type Grant = [String; 5];

fn grants(value: &Value) -> Vec<Grant> {
    let row = |row: &Value| std::array::from_fn(|nth| row[nth].as_str().unwrap().to_owned());
    let mut grants: Vec<Grant> = value.as_array().unwrap().iter().map(row).collect();
    grants.sort();
    grants
}

/// An organization at moto, with a report and a plan of it.
struct Case {
    moto: Moto,
    home: tempfile::TempDir,
    truth: Value,
}

impl Case {
    fn planned() -> Self {
        let moto = Moto::start();
        let truth = serde_json::from_str(&script("moto/remediate.py", &[moto.url(), "seed"], &[])).unwrap();
        let case = Self { moto, home: tempfile::tempdir().unwrap(), truth };
        let scan = "scan --role-name Auditor --out report --quiet --region us-east-1 --region eu-west-1";
        // moto lacks one call, so "clean" can never be claimed of it.
        case.run(scan, 20);
        case.run("remediate plan report/report.json --ticket SEC-1 --quiet", 0);
        case
    }

    fn run(&self, line: &str, exit: i32) -> Output {
        let mut command = amiaudit_at(self.home.path(), self.moto.url(), "management");
        let output = command.args(line.split_whitespace()).output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{line}: {}", told(&output));
        output
    }

    /// All grants, as boto3 reads them.
    fn read(&self) -> Vec<Grant> {
        grants(&serde_json::from_str(&script("moto/remediate.py", &[self.moto.url(), "read"], &[])).unwrap())
    }

    fn of(&self, what: &[&str]) -> Vec<Grant> {
        let mut all: Vec<Grant> = what.iter().flat_map(|what| grants(&self.truth[what])).collect();
        all.sort();
        all
    }

    /// The first account's and Region's image of this name.
    fn image(&self, name: &str) -> String {
        let images = self.truth["images"].as_array().unwrap();
        images.iter().find(|row| row[3] == name).unwrap()[2].as_str().unwrap().to_owned()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    /// remediation.csv: each grant, and what became of it.
    fn endings(&self) -> Vec<(Grant, [String; 2])> {
        let rows = rows(&self.file("remediation.csv"));
        let mut endings: Vec<_> =
            rows.iter().map(|row| (grant(row), [row["result"].clone(), row["verified"].clone()])).collect();
        endings.sort();
        endings
    }
}

/// The grant of a row, named as AWS names it.
fn grant(row: &Row) -> Grant {
    let member = match row["grantee_type"].as_str() {
        "account" => "UserId",
        "public" => "Group",
        "organization" => "OrganizationArn",
        "organizational_unit" => "OrganizationalUnitArn",
        other => panic!("{other}"),
    };
    let [account, region, image, grantee] =
        ["account_id", "region", "image_id", "grantee"].map(|column| row[column].clone());
    [account, region, image, member.to_owned(), grantee]
}

/// These grants, all of which ended so.
fn all(grants: Vec<Grant>, result: &str, verified: &str) -> Vec<(Grant, [String; 2])> {
    grants.into_iter().map(|grant| (grant, [result.to_owned(), verified.to_owned()])).collect()
}

/// The lines of a journal that say this, whole and in the order of their writing.
fn lines(journal: &Path, what: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(journal).unwrap();
    let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["record"].take());
    all.filter(|record| record["what"] == what).collect()
}

/// The grants that lines of a journal name, in AWS's words.
fn named(lines: &[Value]) -> Vec<Grant> {
    let of = |record: &Value| {
        let on = record["on"].clone();
        let grants = record["grants"].as_array().unwrap().clone();
        grants.into_iter().map(move |taken| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let row: Row = [("account_id", &on), ("region", &on), ("image_id", &on)]
                .into_iter()
                .chain([("grantee_type", &taken["grantee"]), ("grantee", &taken["grantee"])])
                .map(|(name, from)| (name.to_owned(), text(&from[name])))
                .collect();
            grant(&row)
        })
    };
    let mut grants: Vec<Grant> = lines.iter().flat_map(of).collect();
    grants.sort();
    grants
}

#[test]
fn what_is_unauthorized_goes_and_comes_back_and_the_rest_stays() {
    let case = Case::planned();
    assert_eq!(case.read(), case.of(&["goes", "stays"]), "the seed");
    let goes = case.of(&["goes"]);
    // Two accounts, two Regions, five grants in each.
    assert_eq!(goes.len(), 20);

    let apply = "remediate apply plan.json --role-name Remediator --quiet";
    let tried = case.run(&format!("{apply} --dry-run"), 0);
    // AWS was asked, and would have done it.
    let said = String::from_utf8_lossy(&tried.stdout).into_owned();
    assert!(said.ends_with("\n20 would_revoke\n"), "{said}");
    assert!(said.lines().take(20).all(|line| line.ends_with(" would_revoke")), "{said}");
    assert_eq!(case.read(), case.of(&["goes", "stays"]), "a trial changes nothing");
    assert!(!case.file("journal.jsonl").exists() && !case.file("remediation.csv").exists());

    case.run(&format!("{apply} --yes --canary 1"), 0);
    assert_eq!(case.read(), case.of(&["stays"]));
    assert_eq!(case.endings(), all(goes.clone(), "revoked", "true"));
    let rows = rows(&case.file("remediation.csv"));
    assert_eq!(pick(&rows, ["ticket"]), vec![["SEC-1"]; 20]);
    before_and_after_are_told(&rows, &case);
    let journal = case.file("journal.jsonl");
    assert_eq!(named(&lines(&journal, "removing")), goes);
    assert_eq!(named(&lines(&journal, "settled")), goes);
    // One call takes back all that an image has.
    assert_eq!(lines(&journal, "answered").len(), 8);

    let again = case.run(&format!("{apply} --yes"), 0);
    assert_eq!(case.read(), case.of(&["stays"]), "{}", told(&again));
    assert_eq!(named(&lines(&journal, "removing")), goes, "nothing was left to do");

    case.run("remediate undo journal.jsonl --role-name Remediator --yes --quiet", 0);
    assert_eq!(case.read(), case.of(&["goes", "stays"]), "as it was in the beginning");
    // What apply did stands beside it.
    let mut both = all(goes.clone(), "restored", "true");
    both.extend(all(goes.clone(), "revoked", "true"));
    both.sort();
    assert_eq!(case.endings(), both);
    assert_eq!(named(&lines(&journal, "restoring")), goes);
    assert_eq!(lines(&journal, "answered").len(), 16);
}

/// The rows of one image name all that it had, and what it has.
fn before_and_after_are_told(rows: &[Row], case: &Case) {
    let (both, out) = (case.image("both"), case.image("out"));
    let member = case.of(&["stays"]).into_iter().find(|grant| grant[2] == both && grant[3] == "UserId");
    let member = member.unwrap()[4].clone();
    let of = |image: &str| rows.iter().filter(|row| row["image_id"] == image).collect::<Vec<_>>();
    let words = |row: &Row, column: &str| row[column].split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of(&both).len(), 4);
    for row in of(&both) {
        let (before, after) = (words(row, "before"), words(row, "after"));
        assert_eq!((before.len(), after.len()), (7, 3), "{row:?}");
        assert!(after.iter().all(|grant| before.contains(grant)), "{row:?}");
        assert!(after.contains(&format!("account:{member}")), "{row:?}");
        assert!(!after.contains(&format!("{}:{}", row["grantee_type"], row["grantee"])), "{row:?}");
    }
    let told: Vec<_> = of(&out).iter().map(|row| (row["before"].clone(), row["after"].clone())).collect();
    assert_eq!(told, [("account:012345678901".to_owned(), String::new())]);
}

#[test]
fn what_others_changed_after_the_plan_is_left_as_it_is() {
    let case = Case::planned();
    let (image, gone) = (case.image("both"), case.image("out"));
    script("moto/remediate.py", &[case.moto.url(), "meddle", &image, &gone], &[]);
    let meddled = case.read();
    let later: Vec<Grant> = meddled.iter().filter(|grant| grant[4] == "099999999999").cloned().collect();
    assert_eq!(later.len(), 1);

    case.run("remediate apply plan.json --role-name Remediator --yes --quiet", 0);
    let mut stays = [case.of(&["stays"]), later.clone()].concat();
    stays.sort();
    assert_eq!(case.read(), stays, "what is not in the plan is not taken back, outside or not");
    let was = |grant: &Grant| match (&grant[2], grant[3].as_str()) {
        (of, _) if *of == gone => ["target_gone", "false"],
        (of, "Group") if *of == image => ["already_gone", "false"],
        _ => ["revoked", "true"],
    };
    let wanted: Vec<_> =
        case.of(&["goes"]).into_iter().map(|grant| (was(&grant).map(str::to_owned), grant)).collect();
    let endings: Vec<_> = case.endings().into_iter().map(|(grant, ending)| (ending, grant)).collect();
    assert_eq!(endings, wanted);

    case.run("remediate undo journal.jsonl --role-name Remediator --yes --quiet", 0);
    assert_eq!(case.read(), meddled, "what was taken comes back, and nothing that others took");
}
