//! Fills in what findings take from what they are about.

use super::policy::Policy;
use super::rules::unattributed_share;
use super::snapshots::{Snapshots, group};
use super::trace::Comings;
use super::{by_pipeline, share_of};
use crate::model::finding::Finding;
use crate::model::share::{AssessedShare, Relation, Verdict};
use crate::model::trace::Attribution;

/// What findings are completed from, besides the shares.
pub(super) struct Completer<'a> {
    pub(super) snapshots: &'a Snapshots<'a>,
    pub(super) policy: &'a Policy,
    pub(super) comings: &'a Comings,
}

impl Completer<'_> {
    /// Completes findings of these shares.
    pub(super) fn complete_all(&self, findings: &mut [Finding], shares: &[AssessedShare]) {
        for finding in findings {
            self.snapshots.complete(finding, self.policy);
            if let Some(assessed) = share_of(finding, shares).and_then(|nth| shares.get(nth)) {
                self.complete(finding, assessed);
            }
            if let Some(note) = departure(finding, self.comings) {
                finding.notes.push(note);
            }
        }
    }

    /// Fills in what a finding takes from its share.
    fn complete(&self, finding: &mut Finding, assessed: &AssessedShare) {
        finding.group_id = Some(group(finding, &assessed.share, self.policy));
        finding.grantee_name.clone_from(&assessed.grantee_name);
        finding.managed_by.clone_from(&assessed.managed_by);
        let is_sure = matches!(assessed.trace.attribution, Attribution::Exact | Attribution::EarliestSeen);
        if let Some(pipeline) = by_pipeline(&assessed.trace).filter(|_| is_sure) {
            let note =
                format!("{pipeline} seems to set it: then it comes back unless its source there changes.");
            finding.notes.push(note);
        }
        let is_outside = matches!(Verdict::of(assessed.relation), Verdict::Open | Verdict::Undetermined);
        if is_outside && finding.rule.id != unattributed_share::ID {
            finding.notes.extend(self.snapshots.notes(&assessed.share));
        }
    }
}

/// When a grantee left the organization, and whether it belonged to it when it was let in.
fn departure(finding: &Finding, comings: &Comings) -> Option<String> {
    (finding.relation == Some(Relation::FormerMember)).then_some(())?;
    let left_at = comings.left_at(finding.grantee.as_ref()?.account()?)?;
    let then = match finding.trace.as_ref().and_then(|trace| trace.member_then) {
        Some(true) => ", and was a member when it was let in",
        Some(false) => ", and was no member when it was let in",
        None => "",
    };
    Some(format!("The grantee left the organization at {}{then}.", left_at.strftime("%Y-%m-%dT%H:%M:%SZ")))
}
