//! Which places there are, and the rows that say how far each was read.

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::RegionState;
use super::context::INTERRUPTED;
use super::place::PlaceReading;
use super::selection::{BadSelection, Chosen, Selection};
use crate::model::caller::Caller;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::failure::Failure;
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, Partition, Region};
use crate::model::organization::Membership;
use crate::model::place::Place;

/// One account, and what is to become of it.
#[derive(Debug)]
pub(super) struct AccountPlan {
    account: AccountId,
    name: String,
    state: String,
    /// The row of the account as a whole, where its Regions are not looked into.
    whole: Option<CoverageStatus>,
    /// Its Regions with the status they have unless they are read.
    regions: BTreeMap<Region, Option<CoverageStatus>>,
    /// Whether AWS told its Regions.
    told: bool,
}

impl AccountPlan {
    pub(super) fn is_to_read(&self) -> bool {
        self.whole.is_none()
    }

    /// Whether the account was to tell its Regions and did not.
    pub(super) fn is_unknown(&self) -> bool {
        !self.told && matches!(self.whole, None | Some(CoverageStatus::Unread))
    }

    /// The places to read.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let to_read = self.regions.iter().filter(|(_, status)| status.is_none());
        to_read.map(|(region, _)| Place { account: self.account, region: region.clone() })
    }
}

/// One plan for each account there is.
pub(super) fn plans(
    chosen: &Chosen,
    membership: &Membership,
    caller: &Caller,
) -> BTreeMap<AccountId, AccountPlan> {
    let all = chosen.accounts.iter().chain(&chosen.left_aside);
    all.map(|&account| {
        let member = membership.member(account);
        // The caller's own account answers, so it is not closed whatever the list says.
        let closed = account != caller.account && member.is_some_and(|member| member.state.is_suspended());
        let whole = if closed {
            Some(CoverageStatus::NotApplicable)
        } else if chosen.left_aside.contains(&account) {
            Some(CoverageStatus::NotSelected)
        } else {
            None
        };
        let name = member.map(|member| member.name.clone()).unwrap_or_default();
        let state = member.map(|member| member.state.word().to_owned()).unwrap_or_default();
        (account, AccountPlan { account, name, state, whole, regions: BTreeMap::new(), told: false })
    })
    .collect()
}

/// Takes in what an account said of its Regions; `None` means that it was not asked any more.
pub(super) fn settle_regions(
    plans: &mut BTreeMap<AccountId, AccountPlan>,
    account: AccountId,
    answer: Option<Result<Vec<RegionState>, Failure>>,
    selection: &Selection,
    gaps: &mut Vec<Gap>,
) {
    let Some(plan) = plans.get_mut(&account) else { return };
    match answer {
        Some(Ok(states)) => {
            plan.told = true;
            for RegionState { region, enabled } in states {
                let status = if !selection.regions.is_empty() && !selection.regions.contains(&region) {
                    Some(CoverageStatus::NotSelected)
                } else if enabled {
                    None
                } else {
                    Some(CoverageStatus::NotApplicable)
                };
                plan.regions.insert(region, status);
            }
        }
        Some(Err(failure)) => {
            gaps.push(Gap::in_account(account, "", &failure));
            plan.whole = Some(CoverageStatus::Unread);
            // The Regions that the user named can be tried without AWS's list of them, but not
            // without a session.
            if failure.call == "DescribeRegions" {
                plan.regions.extend(selection.regions.iter().map(|region| (region.clone(), None)));
            }
        }
        None => {
            plan.whole = Some(CoverageStatus::Unread);
            gaps.push(Gap::new(Some(account), None, "DescribeRegions", INTERRUPTED));
        }
    }
}

/// Adds places that an earlier part of the run read, in accounts that did not tell their Regions this time: what
/// was read of them stays.
pub(super) fn add_begun<'a>(
    plans: &mut BTreeMap<AccountId, AccountPlan>,
    begun: impl Iterator<Item = &'a Place>,
) {
    for place in begun {
        if let Some(plan) = plans.get_mut(&place.account).filter(|plan| plan.is_unknown()) {
            plan.regions.entry(place.region.clone()).or_insert(None);
        }
    }
}

/// A Region that the user named and AWS does not know is a slip of the user's, not an empty place.
pub(super) fn check_regions(
    plans: &BTreeMap<AccountId, AccountPlan>,
    selection: &Selection,
) -> Result<(), BadSelection> {
    let known: BTreeSet<&Region> =
        plans.values().filter(|plan| plan.told).flat_map(|plan| plan.regions.keys()).collect();
    if known.is_empty() {
        return Ok(());
    }
    match selection.regions.iter().find(|region| !known.contains(region)) {
        Some(region) => Err(BadSelection::NoSuchRegion(region.clone())),
        None => Ok(()),
    }
}

/// The rows of coverage, in order.
pub(super) fn rows(
    plans: &BTreeMap<AccountId, AccountPlan>,
    readings: &BTreeMap<Place, PlaceReading>,
    gaps: &[Gap],
    partition: &Partition,
) -> Vec<Coverage> {
    let mut rows = Vec::new();
    for plan in plans.values() {
        let row = |region: Option<&Region>, status| Coverage {
            account: plan.account,
            account_name: plan.name.clone(),
            account_state: plan.state.clone(),
            partition: partition.clone(),
            region: region.cloned(),
            status,
            counts: None,
            events: None,
        };
        // Gaps of an account as a whole have a row to be counted in.
        let for_whole = gaps.iter().any(|gap| gap.account == Some(plan.account) && gap.region.is_none());
        let whole = plan.whole.or(for_whole.then_some(CoverageStatus::Partial));
        rows.extend(whole.map(|status| row(None, status)));
        for (region, status) in &plan.regions {
            let place = Place { account: plan.account, region: region.clone() };
            match (status, readings.get(&place)) {
                (Some(status), _) => rows.push(row(Some(region), *status)),
                (None, Some(reading)) => {
                    rows.push(Coverage { counts: Some(reading.counts), ..row(Some(region), reading.status) })
                }
                (None, None) => rows.push(row(Some(region), CoverageStatus::Unread)),
            }
        }
    }
    rows
}
