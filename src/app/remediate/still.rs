//! Whether a grant is still unauthorized: judged anew, by the policy and the organization of now, on the image as it
//! is now.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::judge::policy::Policy;
use crate::judge::trace::SeenBefore;
use crate::judge::{Case, judge};
use crate::model::finding::{Finding, Status};
use crate::model::image::Image;
use crate::model::org_view::OrgView;
use crate::model::rule::Basis;
use crate::model::share::{Relation, Share};
use crate::model::snapshot::SnapshotShare;
use crate::remediate::Entry;

/// What grants are judged by.
pub(super) struct Judge {
    pub(super) policy: Policy,
    pub(super) org: OrgView,
    pub(super) now: Timestamp,
    /// The report's findings, by id: they know which event made a grant, by which an exception may go.
    pub(super) findings: BTreeMap<String, Finding>,
}

impl Judge {
    /// Whether a grant is still unauthorized; else why it stays.
    pub(super) fn still(&self, entry: &Entry, image: &Arc<Image>) -> Result<(), String> {
        let share = Share {
            place: entry.target.place.clone(),
            image: Arc::clone(image),
            grantee: entry.grantee.clone(),
            read_at: self.now,
        };
        let backing = entry.target.snapshot.as_ref().map(|snapshot| SnapshotShare {
            place: share.place.clone(),
            image: Arc::clone(image),
            snapshot: snapshot.clone(),
            grantee: share.grantee.clone(),
            read_at: self.now,
        });
        let judgement = judge(Case {
            shares: if backing.is_none() { vec![share.clone()] } else { Vec::new() },
            snapshots: backing.as_slice(),
            blocks: &[],
            coverage: &[],
            log: None,
            seen_before: &SeenBefore::new(),
            org: &self.org,
            policy: &self.policy,
            now: self.now,
        });
        let about_it = |finding: &Finding| {
            finding.rule.basis == Basis::Inventory
                && finding.snapshot == entry.target.snapshot
                && finding.grantee.as_ref() == Some(&entry.grantee)
        };
        let open = |finding: &Finding| {
            finding.status == Status::Open
                && finding.relation.is_some_and(|relation| relation != Relation::Unknown)
        };
        let findings: Vec<Finding> = judgement.findings.into_iter().filter(about_it).collect();
        match findings.iter().find(|finding| open(finding)) {
            Some(finding) => self.is_not_approved(entry, finding.clone(), &share),
            None => {
                let excepted = findings.iter().find_map(|finding| finding.exception_id.as_ref());
                let relation = share.grantee.relation(share.place.account, &self.org).word();
                let trusted = judgement.exceptions.iter().find(|entry| entry.matches > 0);
                let trusted = trusted.map(|entry| &entry.id);
                Err(match excepted.or(trusted) {
                    Some(id) => format!("the policy approves it now ({id})"),
                    None => format!("the grantee is {relation} now"),
                })
            }
        }
    }

    /// Whether no exception covers the call that made the grant, as far as the report told which that was.
    fn is_not_approved(&self, entry: &Entry, mut now: Finding, share: &Share) -> Result<(), String> {
        now.trace = self.findings.get(&entry.finding_id).and_then(|finding| finding.trace.clone());
        match self.policy.approves(&now, Some(share), self.now).first() {
            Some(id) => Err(format!("the policy approves it now ({id})")),
            None => Ok(()),
        }
    }
}
