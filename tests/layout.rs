//! The rooms and their arrows, read from the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which rooms a room may import. `app` may import all, and only it.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("cli", &["model"]),
    ("aws", &["model"]),
    ("trail", &["model"]),
    ("collect", &["model", "aws", "trail"]),
    ("judge", &["model"]),
    ("report", &["model"]),
    ("remediate", &["model", "aws"]),
    ("sandbox", &["model"]),
    ("app", &["model", "cli", "aws", "collect", "judge", "remediate", "report", "sandbox", "trail"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file: its room, its path below src/, its text.
fn files() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&src, &mut found);
    assert!(found.len() > 40, "the sources were not found");
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let below = path.strip_prefix(&src).unwrap().to_owned();
            let room = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            (room, below, text)
        })
        .collect()
}

/// The rooms that a file's code names: `crate::room`.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_one_way() {
    for (room, path, text) in files() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            assert!(
                ["lib.rs", "main.rs"].contains(&room.as_str()),
                "{room} has no arrows in tests/layout.rs"
            );
            continue;
        };
        for named in named_rooms(&text) {
            let fine = named == room || allowed.contains(&named.as_str());
            assert!(fine, "src/{} imports crate::{named}, which {room} must not", path.display());
        }
        assert!(
            !text.contains("use crate::{"),
            "src/{}: name rooms one by one, so that they can be read",
            path.display()
        );
    }
}

#[test]
fn clap_stays_in_cli_and_the_sdk_where_aws_is_spoken() {
    for (room, path, text) in files() {
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        assert!(room == "cli" || !code.contains("clap"), "src/{} has clap in it", path.display());
        let speaks_aws = ["aws", "collect", "remediate"].contains(&room.as_str());
        assert!(speaks_aws || !code.contains("aws_sdk"), "src/{} has the SDK in it", path.display());
    }
}

#[test]
fn files_stay_small() {
    for (_, path, text) in files() {
        let lines = text.lines().count();
        assert!(lines <= 300, "src/{} has {lines} lines; 300 is the most", path.display());
    }
}

#[test]
fn every_rule_has_its_twin_and_its_anchor() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_to_string(root.join("docs/rules.md")).unwrap();
    for rule in amiaudit::judge::rules::RULES {
        let id = rule.meta().id;
        let file = id.replace('-', "_") + ".rs";
        for folder in ["src/judge/rules", "tests/judge/rules"] {
            assert!(root.join(folder).join(&file).is_file(), "{folder}/{file} is missing");
        }
        assert!(docs.contains(&format!("\n## {id}\n")), "docs/rules.md does not speak of {id}");
    }
}
