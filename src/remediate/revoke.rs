//! Apply: target by target, looks at it as it is now, and takes back what the plan names and is still unauthorized.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt as _;

use super::act::{Aimed, Broken, Job, Still, Went};
use super::hands::{Change, Hands, Trial};
use super::ledger::Ledger;
use super::plan::Entry;
use super::record::{Named, On, Record, Taken, names};
use super::told::Told;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::remediation::{Ending, Target};

/// What is to be done with one target.
#[derive(Debug, Clone)]
pub struct Step {
    /// The target.
    pub target: Target,
    /// What the plan names of it.
    pub entries: Vec<Entry>,
    /// Grants that an earlier run took back, or may have, without seeing that they went.
    begun: BTreeSet<Named>,
}

impl Aimed for Step {
    fn target(&self) -> &Target {
        &self.target
    }
}

/// The steps of a plan that the journal does not tell to be done, in the plan's order. Entries of snapshots are left
/// out unless they are wanted.
#[must_use]
pub fn steps(entries: &[Entry], told: &Told, snapshots: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for entry in entries.iter().filter(|entry| snapshots || entry.target.snapshot.is_none()) {
        let target = told.targets.get(&entry.target);
        let grant = target.and_then(|target| target.grants.get(&Named::of(&entry.grantee)));
        // What the policy approved when it was looked at is looked at again.
        let is_over = |ending: Ending| ending.is_done() && ending != Ending::Kept;
        if grant.is_some_and(|grant| !grant.is_pending && is_over(grant.ending)) {
            continue;
        }
        let begun = grant.is_some_and(|grant| grant.is_taken).then(|| Named::of(&entry.grantee));
        match steps.last_mut().filter(|step| step.target == entry.target) {
            Some(step) => {
                step.entries.push(entry.clone());
                step.begun.extend(begun);
            }
            None => steps.push(Step {
                target: entry.target.clone(),
                entries: vec![entry.clone()],
                begun: begun.into_iter().collect(),
            }),
        }
    }
    steps
}

/// Takes back what the steps name. What became of it is in the journal. Whether there is to be gone on: not where a
/// canary failed.
///
/// # Errors
/// The journal takes no more; nothing was changed since.
pub async fn apply<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    steps: &[Step],
    still: &Still<'_>,
) -> Result<bool, Broken> {
    job.all(steps, &|step| revoke(job, step, still).boxed()).await
}

/// Entries as the journal names them.
fn taken<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<Taken> {
    let one =
        |entry: &Entry| Taken { finding_id: entry.finding_id.clone(), grantee: Named::of(&entry.grantee) };
    entries.into_iter().map(one).collect()
}

async fn revoke<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    step: &Step,
    still: &Still<'_>,
) -> Result<Went, Broken> {
    let (target, all) = (&step.target, || taken(&step.entries));
    let (image, found) = match read(job.hands, target).await {
        Ok(Some(read)) => read,
        Ok(None) => return gone(job, step, "the image is not there any more").await,
        Err(failure) => {
            return job.settle(target, (Ending::Failed, &failure.to_string()), all(), None).await;
        }
    };
    let (standing, absent): (Vec<&Entry>, Vec<&Entry>) =
        step.entries.iter().partition(|entry| found.contains(&entry.grantee));
    let (ours, theirs): (Vec<&Entry>, Vec<&Entry>) =
        absent.into_iter().partition(|entry| step.begun.contains(&Named::of(&entry.grantee)));
    let why = "an earlier run took it back, and did not come to see that";
    job.settle(target, (Ending::Revoked, why), taken(ours), Some(&found)).await?;
    job.settle(target, (Ending::AlreadyGone, ""), taken(theirs), Some(&found)).await?;
    let mut going = Vec::new();
    for entry in standing {
        match still(entry, &image) {
            Ok(()) => going.push(entry),
            Err(why) => {
                job.settle(target, (Ending::Kept, &why), taken([entry]), Some(&found)).await?;
            }
        }
    }
    if going.is_empty() {
        return Ok(Went::Idle);
    }
    if job.options.dry_run {
        return try_out(job, target, taken(going), &found).await;
    }
    let grants = taken(going);
    let record = Record::Removing { on: On::of(target), before: names(&found), grants: grants.clone() };
    job.ledger.write(record).await?;
    job.change(target, (Change::Remove, grants), "").await
}

/// An image and the grants of a target of it, as they are now; `None` where the image is gone. That its grants cannot
/// be found does not say so: EC2 is eventually consistent, so both are asked once more.
pub(super) async fn read<H: Hands>(
    hands: &H,
    target: &Target,
) -> Result<Option<(Arc<Image>, Vec<Grantee>)>, Failure> {
    let Some(image) = hands.image(target).await?.filter(is_there) else { return Ok(None) };
    match hands.grants(target).await {
        Ok(grants) => Ok(Some((Arc::new(image), grants))),
        Err(failure) if failure.kind == FailureKind::Gone => {
            let Some(image) = hands.image(target).await?.filter(is_there) else { return Ok(None) };
            let grants = hands.grants(target).await?;
            Ok(Some((Arc::new(image), grants)))
        }
        Err(failure) => Err(failure),
    }
}

/// Deregistered images linger in lists for a while.
pub(super) fn is_there(image: &Image) -> bool {
    image.state != "deregistered"
}

/// What held the grants is gone, or the image is, which a snapshot outlives: then it cannot be told whether its share
/// is still unauthorized.
async fn gone<H: Hands, L: Ledger>(job: &Job<'_, H, L>, step: &Step, why: &str) -> Result<Went, Broken> {
    let target = &step.target;
    let is_gone = match &target.snapshot {
        None => true,
        Some(_) => match job.hands.grants(target).await {
            Err(failure) => failure.kind == FailureKind::Gone,
            Ok(_) => false,
        },
    };
    let (ending, why) = match is_gone {
        true => (Ending::TargetGone, why.to_owned()),
        false => {
            let still = "so that it cannot be told whether the snapshot's share is still unauthorized";
            (Ending::Failed, format!("{why}, {still}"))
        }
    };
    job.settle(target, (ending, &why), taken(&step.entries), None).await
}

/// Asks AWS whether it would be allowed, with a call that could do no harm: it names the owner, which needs no grant
/// and has none.
async fn try_out<H: Hands, L: Ledger>(
    job: &Job<'_, H, L>,
    target: &Target,
    grants: Vec<Taken>,
    found: &[Grantee],
) -> Result<Went, Broken> {
    let owner = Grantee::from_member("userId", &target.place.account.to_string());
    if found.contains(&owner) {
        let why = "AWS was not asked: the owner itself has a grant, so that no call is harmless";
        return job.settle(target, (Ending::WouldRevoke, why), grants, Some(found)).await;
    }
    match job.hands.try_out(target, &owner).await {
        Ok(Trial::Allowed) => job.settle(target, (Ending::WouldRevoke, ""), grants, Some(found)).await,
        Ok(Trial::Ignored) => {
            let why = "the endpoint does not know of dry runs; nothing was changed, since the call named nobody \
                       with a grant";
            job.settle(target, (Ending::WouldRevoke, why), grants, Some(found)).await
        }
        Err(failure) => job.settle(target, (Ending::Failed, &failure.to_string()), grants, Some(found)).await,
    }
}
