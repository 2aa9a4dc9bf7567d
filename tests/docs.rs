//! Documents that could go stale, held against the code. `UPDATE_DOCS=1 cargo test docs` remakes
//! docs/rules.md.

use std::path::{Path, PathBuf};

use amiaudit::aws::action::{CALLER, READS, REMEDIATE_READS, USAGE_REPORT, WRITES};
use amiaudit::judge::rules::RULES;
use amiaudit::model::exit::Exit;
use amiaudit::model::rule::RuleMeta;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rows of the table under a heading, cell by cell.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) =
        text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_readme_names_every_exit_code() {
    let codes: Vec<String> =
        table(&text("README.md"), "## Exit codes").into_iter().map(|row| row[0].clone()).collect();
    let all = [Exit::Clean, Exit::Failed, Exit::Usage, Exit::Exposed, Exit::Incomplete, Exit::Killed];
    assert_eq!(codes, all.map(|exit| format!("`{}`", exit.code())));
}

#[test]
fn the_readme_names_every_permission() {
    let readme = text("README.md");
    let named = |heading: &str| -> Vec<String> {
        table(&readme, heading).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
    };
    let actions = |list: &[amiaudit::aws::action::Action]| -> Vec<String> {
        list.iter().map(|action| format!("{}:{}", action.service, action.name)).collect()
    };
    assert_eq!(named("### In every account that is read"), actions(READS));
    assert_eq!(named("### Besides, for the caller"), actions(CALLER));
    let remediate = [REMEDIATE_READS, WRITES].concat();
    assert_eq!(named("### For `remediate apply` and `undo`"), actions(&remediate));
    assert_eq!(named("### For `remediate plan --usage-report`"), actions(USAGE_REPORT));
}

#[test]
fn the_readme_shows_the_two_commands() {
    let readme = text("README.md");
    assert!(readme.contains("cargo run -- demo") && readme.contains("cargo test"));
    assert!(text(".ci/run").contains("cargo test"));
}

#[test]
fn every_rule_is_documented_as_it_is() {
    let made = rules_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path("docs/rules.md"), &made).unwrap();
    }
    assert!(text("docs/rules.md") == made, "docs/rules.md is stale: UPDATE_DOCS=1 cargo test docs");
}

#[test]
fn the_schema_of_reports_is_published_and_holds() {
    let made = amiaudit::report::schema();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path("docs/report.schema.json"), &made).unwrap();
    }
    assert!(
        text("docs/report.schema.json") == made,
        "docs/report.schema.json is stale: UPDATE_DOCS=1 cargo test docs"
    );
    let schema = serde_json::from_str(&made).unwrap();
    let sample: serde_json::Value = serde_json::from_str(&text("reports/sample/report.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&sample).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    // A validator that accepts everything would be no check.
    for (pointer, value) in [("/findings/0/severity", serde_json::json!(3)), ("/gaps", serde_json::json!({}))]
    {
        let mut broken = sample.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
}

#[test]
fn the_policys_keys_are_documented() {
    let page = text("docs/policy.md");
    for word in amiaudit::judge::policy::TEMPLATE
        .lines()
        .filter_map(|line| line.strip_prefix("# ")?.split_once(" = "))
    {
        let key = word.0.trim();
        assert!(
            key.contains([' ', '-']) || page.contains(&format!("`{key}`")),
            "docs/policy.md does not speak of `{key}`"
        );
    }
}

fn rules_page() -> String {
    let mut page =
        "# Rules\n\nMade from the rules themselves: `UPDATE_DOCS=1 cargo test docs`. The same is shown by \
                    `amiaudit rules ID`.\n\n| rule | severity | title |\n| --- | --- | --- |\n"
            .to_owned();
    for meta in RULES.iter().map(|rule| rule.meta()) {
        page += &format!("| [{0}](#{0}) | {1} | {2} |\n", meta.id, meta.severity, meta.title);
    }
    for meta in RULES.iter().map(|rule| rule.meta()) {
        page += &section(meta);
    }
    page += &shapes();
    page
}

/// What each shape of a call is to Elastic's rule, in its first and its current version, and to ours where nothing
/// stands any more.
fn shapes() -> String {
    let mut text = "\n## What the seed rule sees, and what ours do\n\nEach call alone in a log, judged when none of it \
                    stands any more; a share that stands is a finding of the first rules above. Elastic's rule is \
                    6a309864-fc3f-11ee-b8cc-f661ea17fbce: its first version, and its current one.\n\n\
                    | call | first version | current version | ours |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for (shape, record) in crate::support::shapes::shapes() {
        let log = crate::support::events::log(&[record]);
        let event = &log.events[0];
        let word = |matches: Option<bool>| match matches {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let judged = crate::support::events::nothing_stands(crate::support::build::organization()).by(&log);
        let mut rules: Vec<&str> = judged.findings.iter().map(|finding| finding.rule.id).collect();
        rules.dedup();
        let ours = if rules.is_empty() { "no".to_owned() } else { rules.join(", ") };
        let (first, current) = (word(event.seed_rule_match), word(event.elastic_rule_match));
        text += &format!("| {shape} | {first} | {current} | {ours} |\n");
    }
    text
}

fn section(meta: &RuleMeta) -> String {
    let mut text = format!(
        "\n## {}\n\n**{}.** Severity: {}.\n\n{}\n\n- Misses: {}\n- What to do: {}\n",
        meta.id, meta.title, meta.severity, meta.risk, meta.misses, meta.remediation
    );
    if let Some(mitre) = meta.mitre {
        text += &format!(
            "- MITRE ATT&CK: {} {}, {} {}\n",
            mitre.technique, mitre.technique_name, mitre.tactic, mitre.tactic_name
        );
    }
    for id in meta.covers {
        text += &format!("- Covers: {id}\n");
    }
    for control in meta.controls {
        text += &format!("- Control: [{}]({})\n", control.id, control.source);
    }
    for page in meta.references {
        text += &format!("- See: <{page}>\n");
    }
    text
}
