//! From what was read to a report: the policy, the rules, the earlier report.

use std::collections::BTreeSet;

use super::console::Console;
use super::failed::Failed;
use super::input;
use crate::cli::Against;
use crate::collect::{Reading, Watched};
use crate::judge::policy::Policy;
use crate::judge::{Case, Now, expect_gaps, judge, since};
use crate::model::finding::{Finding, Status};
use crate::model::ids::ImageId;
use crate::model::place::Place;
use crate::model::report::{Report, Run};
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

    /// Whether boundaries need each account's units.
    pub(super) fn needs_units(&self) -> bool {
        self.policy.needs_units()
    }

    /// The images that the earlier report speaks of.
    pub(super) fn watched(&self) -> Watched {
        let mut watched = Watched::new();
        for (place, image) in self.earlier.iter().filter_map(image_of) {
            watched.entry(place).or_default().insert(image);
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

    /// Judges a reading. Everything goes by the time at which the run began.
    pub(super) fn report(self, reading: Reading, run: Run) -> Report {
        let Reading { org, shares, blocks, coverage, mut gaps, states, images, interrupted } = reading;
        let at = run.started_at;
        expect_gaps(&mut gaps, &self.policy, at);
        let case =
            Case { shares, blocks: &blocks, coverage: &coverage, org: &org, policy: &self.policy, now: at };
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
                states: Some(&states),
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
            images,
        }
    }
}

fn image_of(finding: &Finding) -> Option<(Place, ImageId)> {
    let (account, region) = finding.account.zip(finding.region.clone())?;
    Some((Place { account, region }, finding.image.as_ref()?.id.clone()))
}
