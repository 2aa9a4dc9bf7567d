//! Commands that only show something.

use crate::support::binary::{amiaudit, stdout, told};

fn shown(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit(folder.path()).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(output.stderr.is_empty(), "{}", told(&output));
    stdout(&output)
}

#[test]
fn help_has_examples_and_exit_codes() {
    let help = shown(&["--help"]);
    for part in
        ["Usage: amiaudit", "Examples:", "amiaudit scan --role-name", "Exit codes:", "AMIAUDIT_ROLE_NAME"]
    {
        assert!(help.contains(part), "{part}");
    }
    let scan = shown(&["scan", "--help"]);
    for part in
        ["--role-name", "--external-id", "--organization", "--api-share", "[default: 0.75]", "Examples:"]
    {
        assert!(scan.contains(part), "{part}");
    }
    for command in ["", "plan", "approve", "apply", "undo"] {
        let arguments: Vec<&str> =
            ["remediate", command, "--help"].into_iter().filter(|part| !part.is_empty()).collect();
        let remediate = shown(&arguments);
        for part in ["Examples:", "  amiaudit remediate ", "Exit codes: 0 "] {
            assert!(remediate.contains(part), "{command}: {part}");
        }
        assert!(!remediate.contains("events-role-arn"), "{command}");
    }
    // What is not built yet is not offered.
    for absent in ["watch", "push", "--shard"] {
        assert!(!help.contains(absent) && !scan.contains(absent), "{absent}");
    }
}

#[test]
fn version() {
    assert_eq!(shown(&["--version"]), format!("amiaudit {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn rules_are_listed_and_explained() {
    let list = shown(&["rules"]);
    assert_eq!(list.lines().count(), amiaudit::judge::rules::RULES.len());
    assert!(list.contains("public-ami") && list.contains("critical"));
    let one = shown(&["rules", "shared-outside-organization"]);
    for part in
        ["Severity", "high", "Risk", "Misses", "Remediation", "T1537", "6a309864-fc3f-11ee-b8cc-f661ea17fbce"]
    {
        assert!(one.contains(part), "{part}");
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(shown(&["completions", shell]).contains("amiaudit"), "{shell}");
    }
}

#[test]
fn the_manual_speaks_of_every_command() {
    let manual = shown(&["man"]);
    for part in [".TH amiaudit", ".TH amiaudit-scan", ".TH amiaudit-sandbox", "role\\-name"] {
        assert!(manual.contains(part), "{part}");
    }
}
