//! Document → checked policy. What comes out cannot be wider than what was written: an entry that names
//! too little is a problem, never a default.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{PolicyProblem, Section, TableAt, nearest};
use super::entries::{approval, entry, set};
use super::{Boundary, EntryKind, ExpectedGap, Policy};
use crate::judge::rules::RULES;
use crate::model::finding::Severity;

/// Reads a policy file's text.
///
/// # Errors
/// Every problem that it has, in the order of the file.
pub fn parse(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let mut problems = Vec::new();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        problems.push(PolicyProblem {
            message: error.message().to_owned(),
            help: "this is not TOML".to_owned(),
            span,
        });
    }
    let mut policy = Policy::default();
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    for (key, value) in document.get_ref() {
        let name: &str = key.get_ref();
        match name {
            "trusted" | "exception" | "intended_public" => {
                let kind = EntryKind::of(name);
                for at in tables(name, value, &mut problems) {
                    let Some(entry) = entry(kind, at.clone(), &mut problems) else { continue };
                    if let Some(before) = seen.insert(entry.id.clone(), at.span.clone()) {
                        let line = text.get(..before.start).unwrap_or_default().lines().count().max(1);
                        let message = format!("this says the same as the entry in line {line}");
                        problems.push(PolicyProblem {
                            message,
                            help: "leave one of them out".to_owned(),
                            span: at.span.clone(),
                        });
                    }
                    policy.entries.push(entry);
                }
            }
            "expected_gap" => {
                let tables = tables(name, value, &mut problems);
                policy
                    .expected_gaps
                    .extend(tables.into_iter().map(|table| expected_gap(table, &mut problems)));
            }
            "boundary" => {
                let tables = tables(name, value, &mut problems);
                policy.boundaries.extend(tables.into_iter().map(|table| boundary(table, &mut problems)));
            }
            "severity" => severities(value, &mut policy.severities, &mut problems),
            "family_tag" => match value.get_ref().as_str() {
                Some(tag) => policy.family_tag = Some(tag.to_owned()),
                None => problems.push(PolicyProblem {
                    message: "`family_tag` is the name of a tag".to_owned(),
                    help: "put it in quotes".to_owned(),
                    span: value.span(),
                }),
            },
            other => problems.push(unknown_table(other, key.span())),
        }
    }
    problems.sort_by_key(|problem| problem.span.start);
    if problems.is_empty() { Ok(policy) } else { Err(problems) }
}

fn unknown_table(found: &str, span: Range<usize>) -> PolicyProblem {
    const KNOWN: [&str; 7] =
        ["trusted", "exception", "intended_public", "expected_gap", "boundary", "severity", "family_tag"];
    let help = match nearest(KNOWN.into_iter(), found) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("a policy may hold {}", KNOWN.join(", ")),
    };
    PolicyProblem { message: format!("a policy has no `{found}`"), help, span }
}

/// The tables of `[[name]]`.
fn tables<'a>(
    name: &str,
    value: &'a Spanned<DeValue<'a>>,
    problems: &mut Vec<PolicyProblem>,
) -> Vec<TableAt<'a>> {
    let wrong = |span| PolicyProblem {
        message: format!("`{name}` is a list of tables"),
        help: format!("write [[{name}]] with two brackets"),
        span,
    };
    let Some(array) = value.get_ref().as_array() else {
        problems.push(wrong(value.span()));
        return Vec::new();
    };
    let mut tables = Vec::new();
    for item in array {
        match item.get_ref().as_table() {
            Some(table) => tables.push(TableAt { table, span: item.span() }),
            None => problems.push(wrong(item.span())),
        }
    }
    tables
}

fn expected_gap(at: TableAt<'_>, problems: &mut Vec<PolicyProblem>) -> ExpectedGap {
    let mut section = Section::new("[[expected_gap]]", &at, problems);
    let accounts = set(section.parsed("account", "accounts")).unwrap_or_default();
    if accounts.is_empty() {
        let span = section.span.clone();
        section.problem(span, "[[expected_gap]] has no `account`", "name the account that cannot be read");
    }
    let regions = set(section.parsed("region", "regions"));
    let calls = section.texts("call", "calls").map(|texts| texts.into_iter().map(|(text, _)| text).collect());
    let approval = approval(&mut section);
    section.finish();
    ExpectedGap { accounts, regions, calls, owner: approval.owner, expires: approval.expires }
}

fn boundary(at: TableAt<'_>, problems: &mut Vec<PolicyProblem>) -> Boundary {
    let mut section = Section::new("[[boundary]]", &at, problems);
    let name = section.text("name").map(|(name, _)| name).unwrap_or_default();
    let accounts = set(section.parsed("account", "accounts")).unwrap_or_default();
    let units = set(section.parsed("ou", "ous")).unwrap_or_default();
    if accounts.is_empty() && units.is_empty() {
        let span = section.span.clone();
        section.problem(
            span,
            "[[boundary]] holds nobody",
            "name the accounts or ous that may not share with others",
        );
    }
    // Why it is there and who keeps it may be written down, and changes nothing.
    let _ = (section.text("owner"), section.text("reason"));
    section.finish();
    Boundary { name, accounts, units }
}

fn severities(
    value: &Spanned<DeValue<'_>>,
    severities: &mut BTreeMap<String, Severity>,
    problems: &mut Vec<PolicyProblem>,
) {
    let Some(table) = value.get_ref().as_table() else {
        let help = "write [severity] and a line for each rule, such as public-ami = \"critical\"".to_owned();
        problems.push(PolicyProblem {
            message: "`severity` is a table".to_owned(),
            help,
            span: value.span(),
        });
        return;
    };
    for (rule, value) in table {
        let id: &str = rule.get_ref();
        if !RULES.iter().any(|known| known.meta().id == id) {
            let help = "`amiaudit rules` lists the rules".to_owned();
            problems.push(PolicyProblem {
                message: format!("there is no rule {id:?}"),
                help,
                span: rule.span(),
            });
        }
        let word = value.get_ref().as_str().unwrap_or_default();
        match Severity::ALL.iter().find(|severity| severity.word() == word) {
            Some(severity) => _ = severities.insert(id.to_owned(), *severity),
            None => problems.push(PolicyProblem {
                message: format!("{word:?} is not a severity"),
                help: "it is info, low, medium, high or critical".to_owned(),
                span: value.span(),
            }),
        }
    }
}
