//! Real logs of many sources, and what is known to be in them. The corpus is not part of the repository: the
//! variable AMIAUDIT_CORPUS says where it is.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use amiaudit::model::event::EventName;

use super::gzip;
use crate::support::binary::{amiaudit, stderr, told};
use crate::support::rows::{Row, parse, rows};

/// Where it is; says so where it is not.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("AMIAUDIT_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        // Not by eprintln: that is shown of failed tests alone.
        let why = "SKIPPED: AMIAUDIT_CORPUS is not set, so the corpus of real logs was not read";
        std::io::stderr().write_all(format!("{why}\n").as_bytes()).unwrap();
    }
    folder
}

/// What is compared of a row; the last is the file.
const COLUMNS: [&str; 18] = [
    "event_id",
    "event_time",
    "account_id",
    "region",
    "event_name",
    "image_id",
    "operation",
    "grantee_type",
    "grantee",
    "outcome",
    "error_code",
    "actor_arn",
    "invoked_by",
    "source_ip",
    "seed_rule_match",
    "elastic_rule_match",
    "resource_id",
    "source_file",
];
type Cells = [String; COLUMNS.len()];

/// The rows that truth.csv asks for.
fn wanted(corpus: &Path) -> Vec<Cells> {
    let truth = rows(&corpus.join("truth.csv"));
    let ours = |row: &&Row| EventName::parse(&row["eventName"]).is_some();
    let mut cells: Vec<Cells> = truth.iter().filter(ours).map(cells_of_truth).collect();
    cells.sort();
    assert_eq!(cells.len(), 22, "truth.csv changed");
    cells
}

fn cells_of_truth(row: &Row) -> Cells {
    let (kind, grantee) = match (row["grantee_kind"].as_str(), row["grantee_value"].as_str()) {
        ("user", id) => ("account", id.to_owned()),
        ("group", "all") => ("public", "all".to_owned()),
        ("group", other) => ("unrecognized", format!("group={other}")),
        _ => ("", String::new()),
    };
    let (outcome, error) = match row["outcome"].as_str() {
        "success" => ("success", ""),
        code => ("failure", code),
    };
    let (arn, invoked_by) = match row["actor_arn"].split_once("invokedBy:") {
        Some((_, service)) => ("", service),
        None => (row["actor_arn"].as_str(), ""),
    };
    let operation = if row["operation"] == "none" { "other" } else { &row["operation"] };
    // An event about an organization is about an account.
    let resource = if row["eventName"] == "LeaveOrganization" { "account" } else { "other_resource" };
    let yes_no = |column: &str| if row[column] == "yes" { "true" } else { "false" };
    let time = match row["eventTime"].split_once(' ') {
        Some((day, clock)) => format!("{day}T{}Z", clock.split('.').next().unwrap()),
        None => row["eventTime"].clone(),
    };
    [
        &row["eventID"],
        &time,
        &row["account"],
        &row["awsRegion"],
        &row["eventName"],
        &row["imageId"],
        operation,
        kind,
        &grantee,
        outcome,
        error,
        arn,
        invoked_by,
        &row["source_ip"],
        yes_no("seed_rule_match"),
        yes_no("main_rule_match"),
        &row[resource],
        &row["file"],
    ]
    .map(str::to_owned)
}

/// Runs `events` over a folder, and gives its rows and the files that it names as unread.
fn events(folder: &Path) -> (Output, Vec<Cells>, BTreeSet<String>) {
    let home = tempfile::tempdir().unwrap();
    let output = amiaudit(home.path()).arg("events").arg(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let below = format!("{}/", folder.display());
    let mut cells: Vec<Cells> = parse(&output.stdout)
        .iter()
        .map(|row| COLUMNS.map(|column| row[column].trim_start_matches(&below).to_owned()))
        .collect();
    cells.sort();
    let text = stderr(&output);
    let named =
        text.lines().filter_map(|line| line.split_once("could not be read: ")?.1.strip_prefix(&below));
    let named = named.map(|line| line.split(':').next().unwrap().to_owned()).collect();
    (output, cells, named)
}

/// The corpus' files that are no logs: notes, EC2's answers, tables.
fn no_logs(corpus: &Path) -> BTreeSet<String> {
    let files = walkdir::WalkDir::new(corpus).into_iter().map(|entry| entry.unwrap());
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(corpus).unwrap().display().to_string())
        .filter(|name| {
            [".txt", ".csv"].iter().any(|end| name.ends_with(end))
                || name.starts_with("cloud-custodian-placebo/")
        })
        .collect()
}

/// Shows what is missing and what is too much, and not all that is right.
fn same(found: &[Cells], wanted: &[Cells]) {
    let lines = |cells: &[Cells]| cells.iter().map(|cells| cells.join(" | ")).collect::<BTreeSet<String>>();
    let (found, wanted) = (lines(found), lines(wanted));
    assert_eq!(&found - &wanted, BTreeSet::new(), "rows that are not in truth.csv");
    assert_eq!(&wanted - &found, BTreeSet::new(), "rows of truth.csv that were not found");
}

#[test]
fn trail_corpus_has_the_rows_of_its_truth_and_no_others() {
    let Some(corpus) = corpus() else { return };
    let (output, cells, named) = events(&corpus);
    same(&cells, &wanted(&corpus));
    assert_eq!(cells.len(), 22, "a row came twice");
    assert_eq!(named, no_logs(&corpus));
    let files = walkdir::WalkDir::new(&corpus).into_iter();
    let files = files.filter(|entry| entry.as_ref().unwrap().file_type().is_file()).count();
    let closing = stderr(&output).lines().last().unwrap().to_owned();
    let wanted = [format!("files: {files};"), "matches: 22;".into(), format!("not be read: {}", named.len())];
    assert!(wanted.iter().all(|part| closing.contains(part.as_str())), "{closing}\n{wanted:?}");
}

#[test]
fn trail_corpus_ecs_document_is_the_same_event_delivered_again() {
    let Some(corpus) = corpus() else { return };
    let home = tempfile::tempdir().unwrap();
    let log = corpus.join("elastic-integrations/test-modify-image-attribute-json.log");
    let document =
        corpus.join("elastic-integrations/test-modify-image-attribute-json.log-expected.subset.json");
    let run = |files: &[&PathBuf]| {
        let output = amiaudit(home.path()).arg("events").args(files).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        parse(&output.stdout)
    };
    let of_log = run(&[&log]);
    assert_eq!(of_log[0]["grantee"], "all");
    assert_eq!(run(&[&document, &log]), of_log, "merged, and the fuller one is kept");
    // It leaves the user agent out, and says all else.
    let mut of_document = run(&[&document]);
    assert_eq!(of_document[0]["user_agent"], "");
    for column in ["user_agent", "source_file", "console"] {
        of_document[0].insert(column.to_owned(), of_log[0][column].clone());
    }
    assert_eq!(of_document, of_log);
}

#[test]
fn trail_corpus_damaged_files_are_named_and_hide_no_other_row() {
    let Some(corpus) = corpus() else { return };
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().canonicalize().unwrap();
    for entry in walkdir::WalkDir::new(&corpus).into_iter().map(|entry| entry.unwrap()) {
        let to = copy.join(entry.path().strip_prefix(&corpus).unwrap());
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(to).unwrap(),
            false => _ = std::fs::copy(entry.path(), to).unwrap(),
        }
    }
    // One breaks off behind its event; the others are new.
    let cut = "invictus-aws-dataset/218007301253_CloudTrail_us-east-1_20230710T1205Z_zs3JGxETHr59VpkX.json";
    let whole = std::fs::read(copy.join(cut)).unwrap();
    let event = memchr::memmem::find(&whole, b"be7f89b5-d456-4423-b3e6-0fb0b19bad7c").unwrap();
    let end = event + 10_000;
    assert!(end < whole.len());
    std::fs::remove_file(copy.join(cut)).unwrap();
    std::fs::write(copy.join(cut), &whole[..end]).unwrap();
    std::fs::write(copy.join("z-empty.json"), "").unwrap();
    let packed = gzip(&whole);
    std::fs::write(copy.join("z-cut.json.gz"), &packed[..packed.len() / 3]).unwrap();
    std::fs::write(copy.join("z-flipped.json.gz"), flipped(&packed)).unwrap();

    let (output, cells, named) = events(&copy);
    same(&cells, &wanted(&corpus));
    assert_eq!(cells.len(), 22, "{}", told(&output));
    let mut expected = no_logs(&corpus);
    expected.extend([cut, "z-empty.json", "z-cut.json.gz", "z-flipped.json.gz"].map(str::to_owned));
    assert_eq!(named, expected);
}

/// The same with a wrong checksum.
fn flipped(packed: &[u8]) -> Vec<u8> {
    let mut packed = packed.to_vec();
    let checksum = packed.len() - 8;
    packed[checksum] ^= 1;
    packed
}
