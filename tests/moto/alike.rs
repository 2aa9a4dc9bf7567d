//! One trail, told by a bucket, by a copy of it in a folder, and by a log group.

use std::path::{Path, PathBuf};

use jiff::civil::date;
use serde_json::Value;

use super::bucket::{Bucket, log_file};
use super::logs::put_messages;
use super::server::Moto;
use crate::support::binary::{amiaudit_at, told};
use crate::support::org_trail::{ORG, delivered};
use crate::support::same::{same_events, without_source};

/// The records of real logs that are lists of records, each file's with a key of its own.
fn real(corpus: &Path) -> Vec<(String, Vec<Value>)> {
    let files = walkdir::WalkDir::new(corpus).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    let mut found = Vec::new();
    for (nth, entry) in
        files.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).enumerate()
    {
        let text = std::fs::read(entry.path()).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap_or_default();
        let Some(records) = document["Records"].as_array() else { continue };
        let key =
            "111111111111/CloudTrail/us-east-1/2026/06/01/111111111111_CloudTrail_us-east-1_20260601T1200Z";
        found.push((format!("{key}_{nth}.json.gz"), records.clone()));
    }
    found
}

fn corpus() -> Vec<(String, Vec<Value>)> {
    use std::io::Write as _;
    match std::env::var_os("AMIAUDIT_CORPUS").map(PathBuf::from) {
        Some(folder) => real(&folder),
        None => {
            // Not by eprintln: that is shown of failed tests alone.
            let why = "SKIPPED: AMIAUDIT_CORPUS is not set, so real logs were not told in three ways";
            std::io::stderr().write_all(format!("{why}\n").as_bytes()).unwrap();
            Vec::new()
        }
    }
}

/// Events as each of the three tells them, in a time that has all of them.
fn tell(files: &[(String, Vec<Value>)], since: &str) -> [String; 3] {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    let home = tempfile::tempdir().unwrap();
    let mut messages = Vec::new();
    for (key, records) in files {
        let content = log_file(records);
        bucket.put(&format!("AWSLogs/{ORG}/{key}"), &content);
        let path = home.path().join("copy/AWSLogs").join(ORG).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        messages.extend(records.iter().map(ToString::to_string));
    }
    put_messages(moto.url(), "CloudTrail/logs", &messages);
    ["s3://acme-trail", "copy", "logs:CloudTrail/logs"].map(|source| {
        let mut command = amiaudit_at(home.path(), moto.url(), "management");
        let output = command.args(["events", source, "--since", since]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{source}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    })
}

#[test]
fn a_trail_tells_the_same_through_s3_a_folder_and_a_log_group() {
    let built = delivered(date(2026, 6, 1));
    let files: Vec<_> = built.into_iter().map(|file| (file.key(), file.records)).collect();
    let [bucket, folder, group] = tell(&files, "2026-05-01");
    same_events(&bucket, &folder);
    same_events(&folder, &group);
    let mut names: Vec<String> = without_source(&bucket).iter().map(|row| row["image_id"].clone()).collect();
    names.sort();
    let mut wanted: Vec<String> =
        ["ami-refused", "ami-quoted", "ami-quoted", "ami-quoted", "ami-nothing", "", "ami-twice"]
            .iter()
            .map(|&image| image.to_owned())
            .collect();
    for start in ["1111aa", "1111bb", "2222aa", "2222bb"] {
        wanted.extend((1..=3).map(|day| format!("ami-{start}{day:02}")));
    }
    wanted.sort();
    assert_eq!(names, wanted);
}

#[test]
fn real_logs_tell_the_same_through_s3_a_folder_and_a_log_group() {
    let files = corpus();
    if files.is_empty() {
        return;
    }
    let [bucket, folder, group] = tell(&files, "2014-01-01");
    same_events(&bucket, &folder);
    same_events(&folder, &group);
    assert!(bucket.contains("be7f89b5-d456-4423-b3e6-0fb0b19bad7c"), "an event of the corpus is missing");
}
