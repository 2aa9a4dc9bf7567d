use amiaudit::report::{Look, PRINTS, Width};

use super::report;
use crate::support::build::STRANGER;

fn printed(name: &str, width: Width, color: bool) -> String {
    let print = PRINTS.iter().find(|print| print.name() == name).unwrap();
    let mut bytes = Vec::new();
    print.render(&report(), Look { width, color }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_plain_table_has_a_line_a_finding_and_tabs_only_between_cells() {
    let text = printed("table", Width::Plain, false);
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|cells| cells.len() == 8), "{text}");
    assert_eq!(&lines[0][..2], ["critical", "public-ami"]);
    assert_eq!(lines[1][7], format!("{STRANGER} (external)"));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn a_wide_table_cuts_names_and_never_ids() {
    let text = printed("table", Width::Columns(160), false);
    assert!(text.starts_with("SEVERITY  RULE"));
    assert_eq!(text.lines().count(), 3);
    assert!(text.lines().all(|line| line.chars().count() <= 160), "{text}");
    assert!(text.contains(&format!("{STRANGER} (external)")));
    assert!(text.contains("shared-outside-organization"));
}

#[test]
fn a_narrow_terminal_gets_two_lines_a_finding() {
    let text = printed("table", Width::Columns(80), false);
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains(&format!("eu-west-1 ami-0000000c -> {STRANGER} (external)")), "{text}");
}

#[test]
fn colours_only_where_they_are_wanted() {
    assert!(printed("table", Width::Columns(160), true).contains("\u{1b}[1;31mcritical\u{1b}[0m"));
    assert!(!printed("table", Width::Columns(160), false).contains('\u{1b}'));
    assert!(!printed("markdown", Width::Columns(160), true).contains('\u{1b}'));
}

#[test]
fn a_markdown_row_stays_one_row() {
    let text = printed("markdown", Width::Plain, false);
    assert_eq!(text.lines().count(), 4);
    for line in text.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 9, "{line}");
    }
    assert!(text.contains("\\`code\\`"));
}

#[test]
fn ndjson_is_one_object_a_line() {
    let text = printed("ndjson", Width::Plain, false);
    let rules: Vec<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["rule_id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(rules, ["public-ami", "shared-outside-organization"]);
}

#[test]
fn csv_and_json_are_the_files() {
    assert!(printed("csv", Width::Plain, false).starts_with("finding_id,rule_id,"));
    assert!(printed("json", Width::Plain, false).starts_with("{\n  \"schema_version\": 1,"));
}
