//! `amiaudit rules`: what is looked for, and why.

use crate::app::console::Console;
use crate::judge::rules::{RULES, find};
use crate::model::exit::Exit;
use crate::model::rule::RuleMeta;

pub(super) fn show(id: Option<&str>, console: &Console) -> Exit {
    let Some(id) = id else {
        return console.show(list().as_bytes());
    };
    match find(id) {
        Some(rule) => console.show(explain(rule.meta()).as_bytes()),
        None => {
            console.error(&format!("there is no rule {id:?}"), "`amiaudit rules` lists them");
            Exit::Usage
        }
    }
}

fn list() -> String {
    let widest = RULES.iter().map(|rule| rule.meta().id.len()).max().unwrap_or_default();
    let line = |meta: &RuleMeta| format!("{:widest$}  {:8}  {}\n", meta.id, meta.severity, meta.title);
    RULES.iter().map(|rule| line(rule.meta())).collect()
}

fn explain(meta: &RuleMeta) -> String {
    let mut text = format!("{}: {}\n\n", meta.id, meta.title);
    let mut say = |heading: &str, body: &str| {
        if !body.is_empty() {
            text.push_str(&format!("{heading:13}{body}\n"));
        }
    };
    say("Severity", meta.severity.word());
    say("Risk", meta.risk);
    say("Misses", meta.misses);
    say("Remediation", meta.remediation);
    if let Some(mitre) = meta.mitre {
        say("Technique", &format!("{} {}", mitre.technique, mitre.technique_name));
        say("Tactic", &format!("{} {}", mitre.tactic, mitre.tactic_name));
    }
    say("Covers", &meta.covers.join(", "));
    for control in meta.controls {
        say("Control", &format!("{} <{}>", control.id, control.source));
    }
    for page in meta.references {
        say("See", page);
    }
    text
}
