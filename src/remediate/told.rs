//! What a journal tells: what became of each grant, and what has to be asked of AWS since the journal ends before it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::block::{OFF, ON};
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
    /// Who is at work, at the end of the journal.
    pub actor: Actor,
    /// The plan's ticket.
    pub ticket: String,
    /// What became of each target.
    pub targets: BTreeMap<Target, TargetTold>,
    /// Block public access: what it was before it was first switched, and what it was last seen to be.
    pub blocks: BTreeMap<Place, BlockTold>,
    /// Who undid it, where that was begun.
    pub undone_by: Option<Person>,
}

/// Who did something, and who had approved it. Nobody approves an undo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// Who did it.
    pub by: Option<Person>,
    /// Who approved it.
    pub approved_by: Vec<Person>,
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
    /// Whether AWS refused the last call.
    refused: bool,
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
    /// Who did it.
    pub actor: Actor,
    /// Whether the journal took it, or may have: it stood before, a call was made, and nothing shows that it failed.
    pub is_taken: bool,
    /// Whether undo gave it again, or may have.
    pub is_given: bool,
    /// Whether it was taken before the last call of apply was begun.
    was_taken: bool,
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
    /// Who did it.
    pub actor: Actor,
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
    /// Whether apply switched it on, or may have, and undo has not switched it off again.
    pub is_ours: bool,
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
                self.actor = Actor { by: Some(by.clone()), approved_by: approved_by.clone() };
                self.ticket = ticket.clone().unwrap_or_default();
            }
            Record::Removing { on, before, grants } => {
                let target = self.targets.entry(on.target()?).or_default();
                target.begin(before, grants, (line.at, &self.actor));
            }
            Record::Restoring { on, grants, .. } => {
                let target = self.targets.entry(on.target()?).or_default();
                target.refused = false;
                target.keep_applied();
                for taken in grants {
                    let grant = target.grant(taken, line.at);
                    grant.keep_applied();
                    (grant.ending, grant.at) = (Ending::NotDone, line.at);
                    grant.reason.clear();
                    grant.is_pending = true;
                    grant.is_given = true;
                    grant.actor.clone_from(&self.actor);
                }
            }
            Record::Answered { on, refused, .. } => {
                self.targets.entry(on.target()?).or_default().refused = *refused;
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
                let failed_surely = !is_undo && target.refused;
                for taken in grants {
                    let refused = target.refused;
                    let grant = target.grant(taken, line.at);
                    grant.is_given &= !(is_undo && refused && ending == Ending::Failed);
                    grant.settle(ending, failed_surely, (line.at, reason, &self.actor));
                }
            }
            Record::Switching { account_id, region, before, to } => {
                let held = self.blocks.entry(place(account_id, region)?).or_default();
                // Where it could not be read at first, it was not switched then.
                if held.before.is_empty() {
                    held.before.clone_from(before);
                }
                held.wanted.clone_from(to);
                held.is_ours |= to == ON;
            }
            Record::Switched { account_id, region, state, error } => {
                let block = self.blocks.entry(place(account_id, region)?).or_default();
                block.now.clone_from(state);
                block.error.clone_from(error);
                // What is certainly not as wanted was not switched; what undo switched off is nobody's any more.
                let is_off = match (block.wanted == ON, self.undone_by.is_some()) {
                    (true, false) => error.is_some() && state.is_some(),
                    // Somebody else had switched it off.
                    (true, true) => error.is_none() && state.as_deref() == Some(OFF),
                    (false, _) => error.is_none(),
                };
                block.is_ours &= !is_off;
            }
            Record::UndoBegun { by } => {
                self.undone_by = Some(by.clone());
                self.actor = Actor { by: Some(by.clone()), approved_by: Vec::new() };
            }
            Record::Ended { .. } => {}
        }
        Ok(())
    }
}

impl TargetTold {
    fn begin(&mut self, before: &[Named], grants: &[Taken], (at, actor): (Timestamp, &Actor)) {
        if self.before.is_empty() {
            self.before = before.to_vec();
        }
        self.refused = false;
        for taken in grants {
            let grant = self.grant(taken, at);
            grant.ending = Ending::NotDone;
            grant.is_pending = true;
            grant.was_taken = grant.is_taken;
            grant.is_taken = true;
            grant.actor.clone_from(actor);
        }
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
            actor: Actor::default(),
            is_taken: false,
            is_given: false,
            was_taken: false,
            is_pending: false,
            applied: None,
        })
    }
}

impl GrantTold {
    /// What became of it. `failed_surely`: AWS refused the call, so that it changed nothing.
    fn settle(
        &mut self,
        ending: Ending,
        failed_surely: bool,
        (at, reason, actor): (Timestamp, &str, &Actor),
    ) {
        // Of a call that an earlier run had made, that run's was the act.
        let was_begun = self.is_pending
            || (ending == Ending::Revoked && self.is_taken)
            || (ending == Ending::Restored && self.is_given);
        match ending {
            Ending::Revoked => self.is_taken = true,
            // An earlier call may have taken it nevertheless.
            Ending::Failed if failed_surely => self.is_taken = self.was_taken,
            Ending::Failed => {}
            // What was taken of an image that is gone stays taken.
            Ending::TargetGone => {}
            _ => self.is_taken = false,
        }
        if !was_begun {
            self.actor.clone_from(actor);
        }
        (self.ending, self.at, self.is_pending) = (ending, at, false);
        reason.clone_into(&mut self.reason);
    }

    /// Keeps what became of it by apply, before an undo says something else.
    fn keep_applied(&mut self) {
        if self.applied.is_none() {
            let (reason, actor) = (self.reason.clone(), self.actor.clone());
            self.applied = Some(Applied { ending: self.ending, at: self.at, reason, actor });
        }
    }
}
