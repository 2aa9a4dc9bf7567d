//! What a journal tells: what became of each grant, and what has to be asked of AWS since the journal ends before it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::journal::Line;
use super::plan::Person;
use super::record::{Named, Record, Taken, place};
use crate::model::place::Place;
use crate::model::remediation::{Ending, Target};

/// All that a journal tells.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The SHA-256 of its plan.
    pub plan: String,
    /// Who applied it first.
    pub by: Option<Person>,
    /// Who approved it.
    pub approved_by: Vec<Person>,
    /// The plan's ticket.
    pub ticket: String,
    /// What became of each target.
    pub targets: BTreeMap<Target, TargetTold>,
    /// Block public access: what it was before it was first switched, and what it was last seen to be.
    pub blocks: BTreeMap<Place, BlockTold>,
    /// Who undid it, where that was begun.
    pub undone_by: Option<Person>,
}

/// What became of a target.
#[derive(Debug, Clone, Default)]
pub struct TargetTold {
    /// Its grants before anything was changed.
    pub before: Vec<Named>,
    /// Its grants as they were last read.
    pub after: Option<Vec<Named>>,
    /// The same as apply left them, where an undo was begun since.
    pub applied: Option<Vec<Named>>,
    /// What became of each.
    pub grants: BTreeMap<Named, GrantTold>,
    /// Whether the last call was answered well.
    answered: Option<bool>,
}

/// What became of a grant.
#[derive(Debug, Clone)]
pub struct GrantTold {
    /// The finding.
    pub finding_id: String,
    /// What became of it.
    pub ending: Ending,
    /// When that was written.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Whether the journal took it, or may have: it stood before, a call was made, and nothing shows that it failed.
    pub is_taken: bool,
    /// Whether a call was begun whose end is not told.
    pub is_pending: bool,
    /// What became of it by apply, where an undo has something to say of it since.
    pub applied: Option<Applied>,
}

/// What apply had made of a grant.
#[derive(Debug, Clone)]
pub struct Applied {
    /// What became of it.
    pub ending: Ending,
    /// When that was written.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What became of block public access in a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockTold {
    /// AWS's word for what it was before; empty where that could not be read.
    pub before: String,
    /// AWS's word for what it is to be.
    pub wanted: String,
    /// AWS's word for what it was last seen to be.
    pub now: Option<String>,
    /// Why it is not as wanted.
    pub error: Option<String>,
}

/// Reads what a journal tells.
///
/// # Errors
/// A line speaks of something that does not parse; the line's number and why.
pub fn told(lines: &[Line]) -> Result<Told, String> {
    let mut told = Told::default();
    for line in lines {
        told.add(line).map_err(|why| format!("line {}: {why}", line.n))?;
    }
    Ok(told)
}

impl Told {
    fn add(&mut self, line: &Line) -> Result<(), String> {
        match &line.record {
            Record::Begun { plan_sha256, by, approved_by, ticket, .. } => {
                self.plan.clone_from(plan_sha256);
                self.by.get_or_insert_with(|| by.clone());
                self.approved_by.clone_from(approved_by);
                self.ticket = ticket.clone().unwrap_or_default();
            }
            Record::Removing { on, before, grants } => {
                self.targets.entry(on.target()?).or_default().begin(before, grants, line.at);
            }
            Record::Restoring { on, grants, .. } => {
                let target = self.targets.entry(on.target()?).or_default();
                target.answered = None;
                target.keep_applied();
                for taken in grants {
                    target.grant(taken, line.at).is_pending = true;
                }
            }
            Record::Answered { on, error } => {
                self.targets.entry(on.target()?).or_default().answered = Some(error.is_none());
            }
            Record::Settled { on, ending, grants, after, reason } => {
                let ending = Ending::parse(ending).ok_or_else(|| format!("{ending:?} is not an ending"))?;
                let is_undo = self.undone_by.is_some();
                let target = self.targets.entry(on.target()?).or_default();
                if is_undo {
                    target.keep_applied();
                    grants.iter().for_each(|taken| target.grant(taken, line.at).keep_applied());
                }
                target.after = after.clone().or_else(|| target.after.take());
                for taken in grants {
                    target.settle(taken, ending, after.is_some(), (line.at, reason));
                }
            }
            Record::Switching { account_id, region, before, to } => {
                let held = self.blocks.entry(place(account_id, region)?).or_default();
                // Where it could not be read at first, it was not switched then.
                if held.before.is_empty() {
                    held.before.clone_from(before);
                }
                held.wanted.clone_from(to);
            }
            Record::Switched { account_id, region, state, error } => {
                let block = self.blocks.entry(place(account_id, region)?).or_default();
                block.now.clone_from(state);
                block.error.clone_from(error);
            }
            Record::UndoBegun { by } => self.undone_by = Some(by.clone()),
            Record::Ended { .. } => {}
        }
        Ok(())
    }
}

impl TargetTold {
    fn begin(&mut self, before: &[Named], grants: &[Taken], at: Timestamp) {
        if self.before.is_empty() {
            self.before = before.to_vec();
        }
        self.answered = None;
        for taken in grants {
            let grant = self.grant(taken, at);
            grant.ending = Ending::NotDone;
            grant.is_pending = true;
            grant.is_taken = true;
        }
    }

    fn settle(&mut self, taken: &Taken, ending: Ending, was_read: bool, (at, reason): (Timestamp, &str)) {
        let failed_surely = self.answered == Some(false) && was_read;
        let grant = self.grant(taken, at);
        match ending {
            Ending::Revoked => grant.is_taken = true,
            Ending::Failed if failed_surely && grant.ending == Ending::NotDone => grant.is_taken = false,
            Ending::Failed => {}
            // Where an undo fails, what was taken stays taken.
            Ending::TargetGone => {}
            _ => grant.is_taken = false,
        }
        (grant.ending, grant.at, grant.is_pending) = (ending, at, false);
        reason.clone_into(&mut grant.reason);
    }

    /// Keeps what apply left, before an undo changes it.
    fn keep_applied(&mut self) {
        if self.applied.is_none() {
            self.applied = self.after.clone();
        }
    }

    fn grant(&mut self, taken: &Taken, at: Timestamp) -> &mut GrantTold {
        self.grants.entry(taken.grantee.clone()).or_insert_with(|| GrantTold {
            finding_id: taken.finding_id.clone(),
            ending: Ending::NotDone,
            at,
            reason: String::new(),
            is_taken: false,
            is_pending: false,
            applied: None,
        })
    }
}

impl GrantTold {
    /// Keeps what became of it by apply, before an undo says something else.
    fn keep_applied(&mut self) {
        if self.applied.is_none() {
            let (ending, at, reason) = (self.ending, self.at, self.reason.clone());
            self.applied = Some(Applied { ending, at, reason });
        }
    }
}
