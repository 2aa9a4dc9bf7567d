//! `transient-share`: somebody outside could launch an image for a while.
//!
//! Catches grants that the events tell of and that do not stand now, however short: a scan alone never sees them.
//! Misses what happened before the log or in a part of it that could not be read.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html>

use super::{Evidence, Rule, SHARING_PAGE, TECHNIQUE_PAGE, TRAIL_PAGE, TRANSFER_TO_CLOUD_ACCOUNT};
use crate::judge::history::{of_event, of_grant};
use crate::model::event::{EventName, TrailEvent};
use crate::model::finding::{Finding, Severity};
use crate::model::grant_window::GrantWindow;
use crate::model::grantee::Grantee;
use crate::model::rule::{Basis, RuleMeta};
use crate::model::share::{Verdict, find};
use crate::model::trace::Attribution;

pub(super) struct TransientShare;

static META: RuleMeta = RuleMeta {
    id: "transient-share",
    title: "AMI was shared outside for a while",
    basis: Basis::Events,
    severity: Severity::Medium,
    risk: "While it was shared, the grantee could launch the image and keep an image of its own; taking the share back \
           changes nothing about that.",
    misses: "Shares from before the log, and those in a part of it that could not be read.",
    remediation: "Ask whoever made the share what it was for; if nobody can tell, take it that the content is known \
                  outside: change what secrets were on the image.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &["elastic/detection-rules 6a309864-fc3f-11ee-b8cc-f661ea17fbce"],
    references: &[SHARING_PAGE, TRAIL_PAGE, TECHNIQUE_PAGE],
    controls: &[],
};

impl Rule for TransientShare {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let by_deregistering = |grant: &GrantWindow| {
            grant.closed.as_ref().is_some_and(|event| event.name == EventName::DeregisterImage)
        };
        evidence
            .grants()
            .filter(|grant| !by_deregistering(grant))
            .filter_map(|grant| found(evidence, grant))
            .collect()
    }
}

fn found(evidence: &Evidence<'_>, grant: &GrantWindow) -> Option<Finding> {
    let opened = grant.opened.as_ref()?;
    let Some(grantee) = &grant.grantee else {
        let mut finding = of_event(&META, opened, None, evidence);
        finding.trace.iter_mut().for_each(|trace| trace.attribution = Attribution::Ambiguous);
        finding.notes.push(
            "The log does not tell what this call changed (CloudTrail leaves out what is larger than 100 KB, and exports \
             may): it may have shared the image with anybody."
                .to_owned(),
        );
        return Some(finding);
    };
    let relation = evidence.outsider(opened, grantee)?;
    // One that stands, and is nobody's business else, is told by other rules.
    if grant.closed.is_none()
        && standing(evidence, opened, grantee).is_some_and(|verdict| verdict != Verdict::Own)
    {
        return None;
    }
    let mut finding = of_grant(&META, grant, opened, (grantee, relation), evidence);
    finding.notes.push(end(evidence, grant, (opened, grantee)));
    Some(finding)
}

/// What the same grant is, where it stands now.
fn standing(evidence: &Evidence<'_>, event: &TrailEvent, grantee: &Grantee) -> Option<Verdict> {
    let nth = find(evidence.shares, &event.place()?, &event.image_id()?, grantee)?;
    evidence.shares.get(nth).map(|assessed| assessed.verdict)
}

/// How it ended, in a sentence.
fn end(evidence: &Evidence<'_>, grant: &GrantWindow, (opened, grantee): (&TrailEvent, &Grantee)) -> String {
    match (&grant.closed, grant.seconds()) {
        (Some(closed), Some(seconds)) => {
            let by = closed.actor.name();
            format!("It was ended by {} of {by} after {seconds} seconds.", closed.name)
        }
        (Some(closed), None) => format!("It was ended by {} of {}.", closed.name, closed.actor.name()),
        (None, _) if standing(evidence, opened, grantee).is_some() => {
            "It stands, and the grantee is a member now; it was none when it was let in.".to_owned()
        }
        (None, _) if opened.time.is_none_or(|at| at >= evidence.now) => {
            "It may still stand: it was made when the scan had begun.".to_owned()
        }
        (None, _) if opened.place().is_some_and(|place| evidence.was_read(&place)) => {
            "It did not stand when the image was read, and no event tells what ended it.".to_owned()
        }
        (None, _) => {
            "It may still stand: its account and Region were not read, or not all of them.".to_owned()
        }
    }
}
