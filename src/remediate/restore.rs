//! Undo: gives again exactly what the journal took, and says where a target has changed since.

use std::collections::BTreeSet;

use futures::FutureExt as _;

use super::act::{Aimed, Broken, Job, Went};
use super::hands::{Change, Hands};
use super::ledger::Ledger;
use super::record::{Named, On, Record, Taken, names};
use super::revoke::read;
use super::told::Told;
use crate::model::grantee::Grantee;
use crate::model::remediation::{Ending, Target};

/// What is to be given again of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoring {
    /// The target.
    pub target: Target,
    /// The grants that the journal took, or may have.
    pub grants: Vec<Taken>,
    /// Of these, those that an earlier undo gave again, or may have, without seeing that.
    pub pending: BTreeSet<Named>,
    /// The target's grants as the journal last saw them.
    pub left: Option<Vec<Named>>,
}

impl Aimed for Restoring {
    fn target(&self) -> &Target {
        &self.target
    }
}

/// What a journal took and has not given again.
#[must_use]
pub fn to_restore(told: &Told) -> Vec<Restoring> {
    let of = |(target, held): (&Target, &super::told::TargetTold)| {
        let taken = held.grants.iter().filter(|(_, grant)| grant.is_taken);
        let begun = taken.clone().filter(|(_, grant)| grant.is_given);
        let pending: BTreeSet<Named> = begun.map(|(grantee, _)| grantee.clone()).collect();
        let grants: Vec<Taken> = taken
            .map(|(grantee, grant)| Taken { finding_id: grant.finding_id.clone(), grantee: grantee.clone() })
            .collect();
        let restoring = Restoring { target: target.clone(), grants, pending, left: held.after.clone() };
        (!restoring.grants.is_empty()).then_some(restoring)
    };
    told.targets.iter().filter_map(of).collect()
}

/// Gives it again. What became of it is in the journal.
///
/// # Errors
/// The journal takes no more; nothing was changed since.
pub async fn restore<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    restorings: &[Restoring],
) -> Result<(), Broken> {
    job.all(restorings, &|restoring| give(job, restoring).boxed()).await.map(|_| ())
}

async fn give<H: Hands, L: Ledger>(job: &Job<'_, H, L>, restoring: &Restoring) -> Result<Went, Broken> {
    let Restoring { target, grants, pending, left } = restoring;
    let found = match (read(job.hands, target).await, &target.snapshot) {
        (Ok(Some((_, found))), _) => found,
        // A snapshot outlives its image.
        (Ok(None), Some(_)) => match job.hands.grants(target).await {
            Ok(found) => found,
            Err(failure) => return fail(job, restoring, &failure.to_string()).await,
        },
        (Ok(None), None) => return fail(job, restoring, "the image is not there any more").await,
        (Err(failure), _) => return fail(job, restoring, &failure.to_string()).await,
    };
    let before = names(&found);
    let (there, missing): (Vec<Taken>, Vec<Taken>) =
        grants.iter().cloned().partition(|taken| before.contains(&taken.grantee));
    let note = changed(left.as_deref(), &found, grants);
    let (ours, theirs): (Vec<Taken>, Vec<Taken>) =
        there.into_iter().partition(|taken| pending.contains(&taken.grantee));
    let why = "an earlier run gave it again, and did not come to see that";
    job.settle(target, (Ending::Restored, why), ours, Some(&found)).await?;
    job.settle(target, (Ending::AlreadyThere, &note), theirs, Some(&found)).await?;
    if missing.is_empty() {
        return Ok(Went::Idle);
    }
    job.ledger.write(Record::Restoring { on: On::of(target), before, grants: missing.clone() }).await?;
    job.change(target, (Change::Add, missing), &note).await
}

async fn fail<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    restoring: &Restoring,
    why: &str,
) -> Result<Went, Broken> {
    job.settle(&restoring.target, (Ending::Failed, why), restoring.grants.clone(), None).await
}

/// How a target's grants differ from what the journal last saw, besides what is to come back; nothing, if they do not.
fn changed(left: Option<&[Named]>, found: &[Grantee], coming: &[Taken]) -> String {
    let Some(left) = left else { return String::new() };
    let coming: BTreeSet<&Named> = coming.iter().map(|taken| &taken.grantee).collect();
    let found = names(found);
    let beyond = |one: &[Named], other: &[Named]| {
        let more = one.iter().filter(|name| !other.contains(name) && !coming.contains(name));
        more.map(|name| name.grantee.clone()).collect::<Vec<_>>().join(", ")
    };
    let (new, lost) = (beyond(&found, left), beyond(left, &found));
    let told = [("new", new), ("gone", lost)].into_iter().filter(|(_, list)| !list.is_empty());
    let told: Vec<String> = told.map(|(word, list)| format!("{word}: {list}")).collect();
    match told.is_empty() {
        true => String::new(),
        false => format!("its grants have changed since ({}), which was left as it is", told.join("; ")),
    }
}
