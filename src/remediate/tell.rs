//! What a plan and a run say to a person, line by line. Texts of others are not made harmless here.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Entry, Plan};
use super::users::tell_usage;
use crate::model::remediation::{Ending, RemediationRow, Target};

/// What a plan would take back, what stays, and what remains reachable nevertheless.
#[must_use]
pub fn tell_plan(plan: &Plan) -> Vec<String> {
    let mut lines = vec![headline(&plan.entries)];
    let mut by_target: BTreeMap<&Target, Vec<&Entry>> = BTreeMap::new();
    for entry in &plan.entries {
        by_target.entry(&entry.target).or_default().push(entry);
    }
    for (target, entries) in &by_target {
        lines.push(format!("  {target}{}", name_of(entries)));
        lines.extend(entries.iter().map(|entry| format!("    - {}", grantee_of(entry))));
    }
    if !plan.stays.is_empty() {
        lines.push(format!("Stays, though it is open ({}):", plan.stays.len()));
        lines.extend(plan.stays.iter().map(|stays| format!("  {}: {}", stays.about, stays.reason)));
    }
    lines.extend(remains(plan));
    lines.extend(tell_usage(&plan.usage));
    lines
}

fn headline(entries: &[Entry]) -> String {
    let images: BTreeSet<_> =
        entries.iter().map(|entry| (&entry.target.place, &entry.target.image)).collect();
    let accounts: BTreeSet<_> = entries.iter().map(|entry| entry.target.place.account).collect();
    let regions: BTreeSet<_> = entries.iter().map(|entry| &entry.target.place.region).collect();
    match entries.len() {
        0 => "Nothing is to be taken back.".to_owned(),
        _ => format!(
            "To be taken back: {} grants of {} images in {} accounts and {} Regions",
            entries.len(),
            images.len(),
            accounts.len(),
            regions.len()
        ),
    }
}

/// An image's name and last launch.
fn name_of(entries: &[&Entry]) -> String {
    let Some(entry) = entries.first() else { return String::new() };
    let name = match entry.image_name.is_empty() {
        true => String::new(),
        false => format!(" {:?}", entry.image_name),
    };
    match entry.last_launched_at {
        Some(at) => format!("{name}, last launched {}", at.strftime("%Y-%m-%d")),
        None => name,
    }
}

fn grantee_of(entry: &Entry) -> String {
    let name = match entry.grantee_name.is_empty() {
        true => String::new(),
        false => format!(" ({})", entry.grantee_name),
    };
    let managed = match entry.managed_by.is_empty() {
        true => String::new(),
        false => format!(", kept by {} it seems: it may come back", entry.managed_by),
    };
    let word = entry.grantee.word();
    format!(
        "{word} {}{name}, {} [{} {}]{managed}",
        entry.grantee, entry.relation, entry.severity, entry.rule_id
    )
}

/// What stops, and what does not.
fn remains(plan: &Plan) -> Vec<String> {
    if plan.entries.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        "What stops: new launches from these images by these grantees, and what of theirs starts instances of them \
         (launch templates, Auto Scaling groups)."
            .to_owned(),
        "What remains: instances that run already, and copies that were made.".to_owned(),
    ];
    if plan.usage.is_empty() {
        lines.push("`plan --usage-report` asks AWS which accounts use the images now.".to_owned());
    }
    let snapshots = plan.entries.iter().filter(|entry| entry.target.snapshot.is_some()).count();
    if snapshots > 0 {
        lines.push(format!(
            "{snapshots} of the grants are of backing snapshots, from which the data can be copied: they are taken \
             back only with `apply --snapshots`."
        ));
    }
    lines
}

/// How a run ended, grant by grant where it did not end well, and in numbers.
#[must_use]
pub fn tell_rows(rows: &[RemediationRow]) -> Vec<String> {
    let mut counts: BTreeMap<Ending, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for row in rows {
        *counts.entry(row.ending).or_default() += 1;
        let is_said = !row.reason.is_empty() || !row.ending.is_done() || row.ending == Ending::WouldRevoke;
        if is_said {
            let (kind, grantee) = &row.grantee;
            let why = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
            lines.push(format!("{} {kind} {grantee} {}{why}", row.target, row.ending));
        }
    }
    let counts: Vec<String> = counts.iter().map(|(ending, count)| format!("{count} {ending}")).collect();
    lines.push(match counts.is_empty() {
        true => "nothing was to be done".to_owned(),
        false => counts.join(", "),
    });
    lines
}
