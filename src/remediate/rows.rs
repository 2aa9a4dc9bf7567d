//! What an auditor gets of a journal: a row a grant.

use jiff::Timestamp;

use super::plan::{Entry, Person};
use super::record::Named;
use super::told::{Actor, GrantTold, TargetTold, Told};
use crate::model::remediation::{Ending, RemediationRow, Target};

/// The rows of a journal, and of what a plan names that is not in it, by target and grantee.
#[must_use]
pub fn rows(told: &Told, entries: &[Entry], snapshots: bool) -> Vec<RemediationRow> {
    let mut rows: Vec<RemediationRow> = Vec::new();
    for (target, held) in &told.targets {
        for named in &held.grants {
            rows.extend(applied(told, target, held, named));
            rows.push(row(told, target, held, named));
        }
    }
    let is_told = |entry: &&Entry| {
        let held = told.targets.get(&entry.target);
        held.is_some_and(|held| held.grants.contains_key(&Named::of(&entry.grantee)))
    };
    for entry in entries.iter().filter(|entry| !is_told(entry)) {
        let is_chosen = snapshots || entry.target.snapshot.is_none();
        let ending = if is_chosen { Ending::NotDone } else { Ending::NotChosen };
        let Named { grantee_type, grantee } = Named::of(&entry.grantee);
        rows.push(RemediationRow {
            finding_id: entry.finding_id.clone(),
            grantee: (grantee_type, grantee),
            ending,
            ..of(told, &entry.target, &told.actor)
        });
    }
    // What undo did follows what apply did.
    rows.sort_by(|a, b| (&a.target, &a.grantee.1).cmp(&(&b.target, &b.grantee.1)));
    rows
}

/// A row of which only the target is known, and who acted.
fn of(told: &Told, target: &Target, actor: &Actor) -> RemediationRow {
    let arn = |person: &Person| person.arn.clone();
    RemediationRow {
        plan: told.plan.clone(),
        finding_id: String::new(),
        target: target.clone(),
        grantee: (String::new(), String::new()),
        ending: Ending::NotDone,
        before: Vec::new(),
        after: Vec::new(),
        by: actor.by.as_ref().map(arn).unwrap_or_default(),
        approved_by: actor.approved_by.iter().map(arn).collect(),
        ticket: told.ticket.clone(),
        at: String::new(),
        verified: false,
        reason: String::new(),
    }
}

fn list(names: &[Named]) -> Vec<String> {
    names.iter().map(|name| format!("{}:{}", name.grantee_type, name.grantee)).collect()
}

/// What apply had made of a grant, where undo has a row of its own.
fn applied(
    told: &Told,
    target: &Target,
    held: &TargetTold,
    (grantee, grant): (&Named, &GrantTold),
) -> Option<RemediationRow> {
    let then = grant.applied.as_ref()?;
    Some(RemediationRow {
        finding_id: grant.finding_id.clone(),
        grantee: (grantee.grantee_type.clone(), grantee.grantee.clone()),
        ending: then.ending,
        before: list(&held.before),
        after: held.applied.as_deref().map(list).unwrap_or_default(),
        at: time(then.at),
        verified: then.ending == Ending::Revoked,
        reason: then.reason.clone(),
        ..of(told, target, &then.actor)
    })
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn row(
    told: &Told,
    target: &Target,
    held: &TargetTold,
    (grantee, grant): (&Named, &GrantTold),
) -> RemediationRow {
    let is_undo = grant.applied.is_some();
    RemediationRow {
        finding_id: grant.finding_id.clone(),
        grantee: (grantee.grantee_type.clone(), grantee.grantee.clone()),
        ending: grant.ending,
        before: list(match (is_undo, &held.applied) {
            (true, Some(applied)) => applied,
            _ => &held.before,
        }),
        after: held.after.as_deref().map(list).unwrap_or_default(),
        at: time(grant.at),
        verified: matches!(grant.ending, Ending::Revoked | Ending::Restored),
        reason: grant.reason.clone(),
        ..of(told, target, &grant.actor)
    }
}
