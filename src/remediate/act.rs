//! What apply and undo have in common: whom they ask, where they write, and one change of one target, verified.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};

use super::hands::{Change, Hands};
use super::ledger::Ledger;
use super::plan::Entry;
use super::record::{Named, On, Record, Taken, names};
use super::revoke::is_there;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::remediation::{Ending, Target};

/// Grantees that one call names at most: of an image, and of a snapshot.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html>
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html>
const MOST_OF_IMAGE: usize = 10_000;
const MOST_OF_SNAPSHOT: usize = 500;

/// Targets of one place that are at work at once: enough to spend AWS's burst quickly.
const TARGETS_AT_ONCE: usize = 16;

/// The first wait before a change is looked for again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Says why a grant of an image, as it is now, is to stay.
pub type Still<'a> = dyn Fn(&Entry, &Arc<Image>) -> Result<(), String> + Sync + 'a;

/// How it is done.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// So many targets are done and verified, one by one, before the others.
    pub canary: usize,
    /// Nothing is changed, and nothing written down.
    pub dry_run: bool,
    /// Places at work at once.
    pub places_at_once: usize,
    /// EC2 is eventually consistent: a change is looked for so long.
    /// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { canary: 0, dry_run: false, places_at_once: 64, patience: Duration::from_secs(60) }
    }
}

/// Whom to ask, where to write.
pub struct Job<'a, H, L> {
    /// AWS.
    pub hands: &'a H,
    /// The journal.
    pub ledger: &'a L,
    /// Whether the user wants no more.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Is told of each target that is done with.
    pub done: &'a (dyn Fn(&Target) + Sync),
    /// How it is done.
    pub options: Options,
}

/// The journal cannot be written: nothing more is changed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(#[from] std::io::Error);

/// What is to be done with one target.
pub(super) trait Aimed: Sync {
    fn target(&self) -> &Target;
}

/// How work on one target went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// Something was changed, and a later read showed it.
    Changed,
    /// Nothing was to be changed.
    Idle,
    /// Not all could be done, or be verified.
    Badly,
}

impl Went {
    fn of(ending: Ending) -> Self {
        match ending {
            Ending::Revoked | Ending::Restored | Ending::WouldRevoke => Self::Changed,
            ending if ending.is_done() => Self::Idle,
            _ => Self::Badly,
        }
    }
}

/// Work on one target.
pub(super) type Work<'a> = BoxFuture<'a, Result<Went, Broken>>;

/// Begins such work. A call that is under way takes some 20 KB, so it is begun when its turn comes.
pub(super) type Begin<'a, One> = dyn Fn(&'a One) -> Work<'a> + Sync + 'a;

impl<H: Hands, L: Ledger> Job<'_, H, L> {
    /// Does all work: one by one until as many as wanted were changed well, then places side by side. Where one of
    /// the first goes badly, the user stops it, or the journal takes no more, the rest is left undone. Whether it got
    /// past the first ones.
    pub(super) async fn all<'a, One: Aimed>(
        &self,
        work: &'a [One],
        begin: &Begin<'a, One>,
    ) -> Result<bool, Broken> {
        let (mut others, mut canary) = (work, self.options.canary);
        while let (1.., Some((one, rest))) = (canary, others.split_first()) {
            match self.one(one, begin).await? {
                Went::Badly => return Ok(false),
                Went::Changed => canary -= 1,
                // It proves nothing of the others.
                Went::Idle => {}
            }
            others = rest;
        }
        let places = others.chunk_by(|one, next| one.target().place == next.target().place);
        let places: Vec<_> = places.map(|works| self.place(works, begin).boxed()).collect();
        let ends: Vec<_> = stream::iter(places).buffer_unordered(self.options.places_at_once).collect().await;
        ends.into_iter().collect::<Result<(), Broken>>().map(|()| true)
    }

    async fn place<'a, One: Aimed>(&self, works: &'a [One], begin: &Begin<'a, One>) -> Result<(), Broken> {
        let all: Vec<_> = works.iter().map(|one| self.one(one, begin).boxed()).collect();
        let mut ends = stream::iter(all).buffer_unordered(TARGETS_AT_ONCE);
        let mut end = Ok(());
        while let Some(one) = ends.next().await {
            end = end.and(one.map(|_| ()));
        }
        if let Some(one) = works.first() {
            self.hands.done_with(&one.target().place);
        }
        end
    }

    async fn one<'a, One: Aimed>(&self, one: &'a One, begin: &Begin<'a, One>) -> Result<Went, Broken> {
        if (self.stopped)() {
            return Ok(Went::Badly);
        }
        let end = begin(one).await;
        (self.done)(one.target());
        end
    }

    /// Writes down what became of grants; nothing, where there are none.
    pub(super) async fn settle(
        &self,
        target: &Target,
        (ending, reason): (Ending, &str),
        grants: Vec<Taken>,
        after: Option<&[Grantee]>,
    ) -> Result<Went, Broken> {
        if !grants.is_empty() {
            let record = Record::settled(target, ending, grants, after, reason.to_owned());
            self.ledger.write(record).await?;
        }
        Ok(Went::of(ending))
    }

    /// Makes one change of a target, which is written down already, and looks whether it came about. `note` is what else there is to say of it.
    pub(super) async fn change(
        &self,
        target: &Target,
        (change, taken): (Change, Vec<Taken>),
        note: &str,
    ) -> Result<Went, Broken> {
        let grantees: Vec<Grantee> = taken.iter().filter_map(|taken| taken.grantee.grantee().ok()).collect();
        let (mut failed, mut refused) = (None, false);
        let most = if target.snapshot.is_some() { MOST_OF_SNAPSHOT } else { MOST_OF_IMAGE };
        for (nth, some) in grantees.chunks(most).enumerate() {
            let failure = self.hands.change(target, change, some).await.err();
            // Where an earlier call of several was done, not all of it was refused.
            refused = nth == 0 && failure.as_ref().is_some_and(|failure| failure.is_certain);
            failed = failure.map(|failure| failure.failure);
            let error = failed.as_ref().map(ToString::to_string);
            self.ledger.write(Record::Answered { on: On::of(target), error, refused }).await?;
            if failed.is_some() {
                break;
            }
        }
        // What was refused was not done; anything else may show late.
        let patience = if refused { Duration::ZERO } else { self.options.patience };
        let stands = matches!(change, Change::Add);
        match self.look(target, &grantees, stands, patience).await {
            Ok(after) => self.conclude(target, (change, taken), &after, (failed, note)).await,
            Err(failure) => {
                let is_gone = failure.kind == FailureKind::Gone && self.is_gone(target).await;
                let ending = if is_gone { Ending::TargetGone } else { Ending::Failed };
                let why = format!("what came of it could not be read: {failure}");
                self.settle(target, (ending, &why), taken, None).await
            }
        }
    }

    /// Whether AWS says that a target's image is not there any more.
    async fn is_gone(&self, target: &Target) -> bool {
        let found = self.hands.image(target).await;
        found.is_ok_and(|found| !found.as_ref().is_some_and(is_there))
    }

    /// Reads a target's grants until they are as wanted, or patience ends.
    async fn look(
        &self,
        target: &Target,
        grantees: &[Grantee],
        stands: bool,
        patience: Duration,
    ) -> Result<Vec<Grantee>, Failure> {
        let (mut waited, mut wait) = (Duration::ZERO, FIRST_WAIT);
        loop {
            let found = self.hands.grants(target).await?;
            let is_done = {
                let found: BTreeSet<&Grantee> = found.iter().collect();
                grantees.iter().all(|grantee| found.contains(grantee) == stands)
            };
            if is_done || waited >= patience {
                return Ok(found);
            }
            tokio::time::sleep(wait).await;
            waited += wait;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Writes down what a later read showed.
    async fn conclude(
        &self,
        target: &Target,
        (change, taken): (Change, Vec<Taken>),
        after: &[Grantee],
        (failed, note): (Option<Failure>, &str),
    ) -> Result<Went, Broken> {
        let found: BTreeSet<Named> = names(after).into_iter().collect();
        let (stands, good) = match change {
            Change::Remove => (false, Ending::Revoked),
            Change::Add => (true, Ending::Restored),
        };
        let (done, left): (Vec<Taken>, Vec<Taken>) =
            taken.into_iter().partition(|taken| found.contains(&taken.grantee) == stands);
        let told = failed.as_ref().map(|failure| format!("AWS did it, and answered: {failure}"));
        self.settle(target, (good, told.as_deref().unwrap_or(note)), done, Some(after)).await?;
        if left.is_empty() {
            return Ok(Went::Changed);
        }
        let why = match failed {
            Some(failure) => failure.to_string(),
            None => format!("no read within {} s showed it", self.options.patience.as_secs()),
        };
        self.settle(target, (Ending::Failed, &why), left, Some(after)).await
    }
}
