//! `refused-share-attempt`: somebody tried to share an image outside, and was not let.
//!
//! Catches calls that failed and would have let somebody outside in, dry runs too: what was meant is the same. Misses
//! attempts whose parameters are not in the log. Calls that were only too many are left out.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>

use super::{BLOCK_PAGE, Evidence, Rule, TECHNIQUE_PAGE, TRANSFER_TO_CLOUD_ACCOUNT};
use crate::judge::history::of_event;
use crate::model::event::{EventName, GrantChange, Operation, TrailEvent};
use crate::model::finding::{Finding, Severity};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct RefusedShareAttempt;

static META: RuleMeta = RuleMeta {
    id: "refused-share-attempt",
    title: "An attempt to share an AMI outside was refused",
    basis: Basis::Events,
    severity: Severity::Low,
    risk: "Nothing was shared. Who tries may try elsewhere, or with other rights.",
    misses: "Attempts whose parameters CloudTrail left out.",
    remediation: "Ask whoever called; if nobody meant it, look what else the same credentials did.",
    mitre: Some(TRANSFER_TO_CLOUD_ACCOUNT),
    covers: &[],
    references: &[
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
        BLOCK_PAGE,
        TECHNIQUE_PAGE,
    ],
    controls: &[],
};

impl Rule for RefusedShareAttempt {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let refused = |event: &&std::sync::Arc<TrailEvent>| {
            event.name == EventName::ModifyImageAttribute && !event.succeeded() && !is_throttled(event)
        };
        let events = evidence.events().filter(refused);
        events
            .flat_map(|event| event.changes.iter().filter_map(|change| found(evidence, event, change)))
            .collect()
    }
}

fn is_throttled(event: &TrailEvent) -> bool {
    ["RequestLimitExceeded", "Throttling"].iter().any(|code| event.error_code.contains(code))
}

fn found(evidence: &Evidence<'_>, event: &TrailEvent, change: &GrantChange) -> Option<Finding> {
    let grantee = change.grantee.as_ref().filter(|_| change.operation == Operation::Add)?;
    let relation = evidence.outsider(event, grantee)?;
    let mut finding = of_event(&META, event, Some((grantee, relation)), evidence);
    finding.notes.push(match event.error_code.as_str() {
        "" => "AWS gave no code for it.".to_owned(),
        code if code.ends_with("DryRunOperation") => {
            "It was a dry run, and would have gone through.".to_owned()
        }
        code => format!("AWS refused it with {code}."),
    });
    Some(finding)
}
