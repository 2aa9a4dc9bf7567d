//! The organization's comings and goings, from its own events: who was a member when.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::event::{EventName, TrailEvent};
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Joined,
    Left,
    /// It was closed, and stays a member for 90 days. AWS then takes it out.
    Closed,
}

/// What happened to an account, and whether it certainly was with our organization: our management account says so.
/// Who invited an account, or which organization it left, its own records do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    at: Timestamp,
    what: What,
    is_ours: bool,
}

/// Each account's steps, in the order of time.
#[derive(Debug, Default)]
pub struct Comings(BTreeMap<AccountId, Vec<Step>>);

impl Comings {
    /// Reads them from events in the order of time.
    #[must_use]
    pub fn read(events: &[Arc<TrailEvent>], org: &OrgView) -> Self {
        let mut steps: BTreeMap<AccountId, Vec<Step>> = BTreeMap::new();
        for event in events.iter().filter(|event| event.name.is_of_organization() && event.succeeded()) {
            if let Some((account, step)) = event.subject_account().zip(step(event, org)) {
                steps.entry(account).or_default().push(step);
            }
        }
        Self(steps)
    }

    fn steps(&self, account: AccountId) -> &[Step] {
        self.0.get(&account).map_or(&[], Vec::as_slice)
    }

    /// The accounts that were members, as far as these events tell. One of them that is not listed has left.
    pub(crate) fn were_members(&self) -> impl Iterator<Item = AccountId> + '_ {
        let was = |steps: &[Step]| steps.iter().any(|step| step.is_ours || step.what == What::Left);
        self.0.iter().filter(move |(_, steps)| was(steps)).map(|(account, _)| *account)
    }

    /// When an account left that has not come back since.
    pub(crate) fn left_at(&self, account: AccountId) -> Option<Timestamp> {
        let last = self.steps(account).iter().rev().find(|step| step.what != What::Closed)?;
        (last.what == What::Left).then_some(last.at)
    }

    /// Whether an account was a member at a time; `None` where that cannot be told.
    #[must_use]
    pub fn member_then(&self, account: AccountId, at: Timestamp, org: &OrgView) -> Option<bool> {
        if account == org.home() {
            // The caller is in its own organization.
            return Some(true);
        }
        let listed = org.member(account);
        let joined_at = listed.and_then(|member| member.joined_at);
        if joined_at.is_some_and(|joined| joined <= at) {
            return Some(true);
        }
        // What an account listed did elsewhere before it joined says nothing of us.
        let counts = |step: &&Step| step.what != What::Closed && (step.is_ours || joined_at.is_none());
        let steps: Vec<&Step> = self.steps(account).iter().filter(counts).collect();
        // The last step before decides; else the first one after, which undid what was.
        if let Some(step) = steps.iter().rev().find(|step| step.at <= at) {
            return Some(step.what == What::Joined);
        }
        match (steps.first(), listed) {
            (Some(step), _) => Some(step.what == What::Left),
            (None, Some(_)) => joined_at.map(|_| false),
            (None, None) => org.lists_all().then_some(false),
        }
    }
}

/// What an event says of its account's membership.
fn step(event: &TrailEvent, org: &OrgView) -> Option<Step> {
    let management = org.membership().organization().map(|arn| arn.management.to_string());
    let is_ours = management.is_none_or(|id| id == event.account);
    let at = event.time?;
    let by_management = |what| is_ours.then_some(Step { at, what, is_ours });
    match event.name {
        EventName::RemoveAccountFromOrganization => by_management(What::Left),
        EventName::CreateAccountResult => by_management(What::Joined),
        EventName::CloseAccountResult => by_management(What::Closed),
        EventName::LeaveOrganization => Some(Step { at, what: What::Left, is_ours: false }),
        // Into ours, if it is one of ours now; else perhaps into another.
        EventName::AcceptHandshake => {
            let is_listed = event.subject_account().is_some_and(|account| org.member(account).is_some());
            is_listed.then_some(Step { at, what: What::Joined, is_ours: false })
        }
        _ => None,
    }
}
