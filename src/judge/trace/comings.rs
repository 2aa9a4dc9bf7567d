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
enum Step {
    Joined,
    Left,
}

/// Each account's steps, in the order of time.
#[derive(Debug, Default)]
pub struct Comings(BTreeMap<AccountId, Vec<(Timestamp, Step)>>);

impl Comings {
    /// Reads them from events in the order of time.
    #[must_use]
    pub fn read(events: &[Arc<TrailEvent>], org: &OrgView) -> Self {
        let mut steps: BTreeMap<AccountId, Vec<(Timestamp, Step)>> = BTreeMap::new();
        for event in events.iter().filter(|event| event.name.is_of_organization() && event.succeeded()) {
            let Some(step) = step(event, org) else { continue };
            if let (Some(account), Some(at)) = (event.subject_account(), event.time) {
                steps.entry(account).or_default().push((at, step));
            }
        }
        Self(steps)
    }

    /// The accounts that were members and left, as far as these events tell.
    pub(crate) fn left(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.0.keys().copied().filter(|account| self.left_at(*account).is_some())
    }

    /// When an account left that has not come back since.
    pub(crate) fn left_at(&self, account: AccountId) -> Option<Timestamp> {
        match self.0.get(&account)?.last()? {
            (at, Step::Left) => Some(*at),
            (_, Step::Joined) => None,
        }
    }

    /// Whether an account was a member at a time; `None` where that cannot be told.
    #[must_use]
    pub fn member_then(&self, account: AccountId, at: Timestamp, org: &OrgView) -> Option<bool> {
        let steps = self.0.get(&account).map_or(&[][..], Vec::as_slice);
        // The last step before decides; else the first one after, which undid what was.
        if let Some((_, step)) = steps.iter().rev().find(|(when, _)| *when <= at) {
            return Some(*step == Step::Joined);
        }
        if let Some((_, step)) = steps.first() {
            return Some(*step == Step::Left);
        }
        match org.member(account) {
            // The caller is in its own organization.
            _ if account == org.home() => Some(true),
            Some(member) => member.joined_at.map(|joined| joined <= at),
            None => org.lists_all().then_some(false),
        }
    }
}

/// What an event says of its account's membership in our organization. Others accept handshakes and leave
/// organizations too: who invited, and what was left, is not in the record.
fn step(event: &TrailEvent, org: &OrgView) -> Option<Step> {
    let management = org.membership().organization().map(|arn| arn.management.to_string());
    let by_management = management.is_none_or(|id| id == event.account);
    match event.name {
        EventName::LeaveOrganization => Some(Step::Left),
        EventName::RemoveAccountFromOrganization => Some(Step::Left).filter(|_| by_management),
        EventName::CreateAccountResult => Some(Step::Joined).filter(|_| by_management),
        // Into ours, if it is one of ours now; else perhaps into another.
        EventName::AcceptHandshake => {
            let account = event.subject_account()?;
            Some(Step::Joined).filter(|_| org.member(account).is_some())
        }
        // It stays a member, closed, for 90 days; AWS then takes it out without an event.
        _ => None,
    }
}
