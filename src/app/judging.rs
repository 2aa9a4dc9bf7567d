//! From what was read to a report: the policy, the rules, the earlier report.

use std::collections::BTreeSet;

use super::console::Console;
use super::failed::Failed;
use super::input;
use crate::cli::Against;
use crate::collect::{Reading, Watched};
use crate::judge::policy::Policy;
use crate::judge::trace::SeenBefore;
use crate::judge::{Case, Now, expect_gaps, judge, since};
use crate::model::coverage::Coverage;
use crate::model::event_log::{EventLog, Window};
use crate::model::finding::{Finding, Status};
use crate::model::gap::Gap;
use crate::model::ids::ImageId;
use crate::model::place::Place;
use crate::model::report::{Report, Run};
use crate::model::rule::Basis;
use crate::report::sha256;

/// What a reading is judged by.
#[derive(Debug, Default)]
pub(super) struct Judging {
    policy: Policy,
    policy_sha256: Option<String>,
    earlier: Vec<Finding>,
    fail_on_new: bool,
}

impl Judging {
    /// Reads what the user named. A bad file is told before anything else is done. `built_in` is the policy
    /// where none is named.
    pub(super) fn load(against: &Against, built_in: Option<&str>, console: &Console) -> Result<Self, Failed> {
        let mut judging = Self { fail_on_new: against.fail_on_new, ..Self::default() };
        let read = match (&against.policy, built_in) {
            (Some(path), _) => Some(input::policy(path, console)?),
            (None, Some(text)) => {
                Some(input::policy_text("the built-in policy", text.as_bytes().to_vec(), console)?)
            }
            (None, None) => None,
        };
        if let Some((policy, bytes)) = read {
            judging.policy = policy;
            judging.policy_sha256 = Some(sha256(&bytes));
        }
        if let Some(path) = &against.baseline {
            judging.earlier = input::report(path)?.findings;
        }
        Ok(judging)
    }

    /// The same after a scan that found this, unless the user named the report of one.
    pub(super) fn after(self, earlier: Vec<Finding>) -> Self {
        if self.earlier.is_empty() { Self { earlier, ..self } } else { self }
    }

    /// Whether boundaries need each account's units.
    pub(super) fn needs_units(&self) -> bool {
        self.policy.needs_units()
    }

    /// The images that the earlier report speaks of, and the snapshots that it found to be shared outside.
    pub(super) fn watched(&self) -> Watched {
        let mut watched = Watched::new();
        for finding in &self.earlier {
            let (Some((place, id)), Some(image)) = (image_of(finding), &finding.image) else { continue };
            if let Some(snapshot) = finding.snapshot.clone().filter(|_| finding.status != Status::Resolved) {
                let of_place = watched.snapshots.entry(place.clone()).or_default();
                of_place.entry(snapshot).or_default().insert(id.clone(), image.name.clone());
            }
            watched.images.entry(place).or_default().insert(id);
        }
        watched
    }

    /// The ids of findings that do not count for the exit code.
    pub(super) fn known(&self) -> BTreeSet<String> {
        // One that was excepted and is open now is as new as any.
        let counted = |finding: &&Finding| matches!(finding.status, Status::Open | Status::NotAssessed);
        let known = self.earlier.iter().filter(|_| self.fail_on_new).filter(counted);
        known.map(Finding::id).collect()
    }

    /// The grants that the earlier report speaks of: they are at least as old as it says.
    fn seen_before(&self) -> SeenBefore {
        let grants = self
            .earlier
            .iter()
            .filter(|finding| finding.rule.basis == Basis::Inventory && finding.status != Status::Resolved)
            // That a snapshot was shared tells nothing of when its image was.
            .filter(|finding| finding.snapshot.is_none());
        let grant = |finding: &Finding| {
            let (place, image) = image_of(finding)?;
            Some(((place, image, finding.grantee.clone()?), finding.first_seen))
        };
        grants.filter_map(grant).collect()
    }

    /// Judges a reading. Everything goes by the time at which the run began.
    pub(super) fn report(self, reading: Reading, run: Run) -> Report {
        let Reading {
            org, shares, snapshots, blocks, mut coverage, mut gaps, images, interrupted, log, ..
        } = reading;
        let at = run.started_at;
        if let Some(log) = &log {
            note_reach(log, &mut gaps, &mut coverage);
        }
        expect_gaps(&mut gaps, &self.policy, at);
        let case = Case {
            shares,
            snapshots: &snapshots,
            blocks: &blocks,
            coverage: &coverage,
            log: log.as_ref(),
            seen_before: &self.seen_before(),
            org: &org,
            policy: &self.policy,
            now: at,
        };
        let judgement = judge(case);
        let mut findings = judgement.findings;
        if !self.earlier.is_empty() {
            let shares = &judgement.shares;
            let unread = Some(&judgement.unread_entries);
            let now = Now {
                org: &org,
                shares,
                coverage: &coverage,
                gaps: &gaps,
                snapshots: &snapshots,
                snapshots_read: &reading.snapshots_read,
                snapshots_gone: &reading.snapshots_gone,
                states: Some(&reading.states),
                unread,
                at,
            };
            since(self.earlier, &mut findings, now);
        }
        Report {
            run: Run { interrupted, policy_sha256: self.policy_sha256, ..run },
            org,
            findings,
            shares: judgement.shares,
            coverage,
            gaps,
            exceptions: judgement.exceptions,
            events: log.map(|log| log.events),
            images,
        }
    }
}

/// Notes what of a log could not be read, and how far it reaches.
fn note_reach(log: &EventLog, gaps: &mut Vec<Gap>, coverage: &mut [Coverage]) {
    gaps.extend(log.holes.iter().map(Gap::in_events));
    gaps.extend(log.unsearched.iter().cloned());
    gaps.sort();
    coverage.iter_mut().for_each(|row| row.events = window_of(row, log));
}

/// The time of which events were read in a place.
fn window_of(row: &Coverage, log: &EventLog) -> Option<Window> {
    let place = Place { account: row.account, region: row.region.clone()? };
    log.windows.get(&place).copied()
}

fn image_of(finding: &Finding) -> Option<(Place, ImageId)> {
    let (account, region) = finding.account.zip(finding.region.clone())?;
    Some((Place { account, region }, finding.image.as_ref()?.id.clone()))
}
