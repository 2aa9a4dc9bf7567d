//! A whole run's reading: organization, accounts, Regions, places.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};

use super::cloud::{Cloud, RegionState};
use super::context::{Context, unless_stopped};
use super::coverage::{self, AccountPlan};
use super::organization::{self, OrganizationSource};
use super::place::{PlaceReading, read_place};
use super::progress::Progress;
use super::selection::{BadSelection, Chosen, Selection};
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::coverage::Coverage;
use crate::model::failure::Failure;
use crate::model::gap::Gap;
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::share::Share;

/// What to read, and how.
pub struct Job<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Tells when things were read.
    pub clock: &'a Clock,
    /// Which accounts and Regions.
    pub selection: &'a Selection,
    /// Where the organization is learned from.
    pub organization: &'a OrganizationSource,
    /// Places read side by side.
    pub places_at_once: usize,
    /// Ends the run early.
    pub stop: &'a Stop,
    /// Is told how it gets on.
    pub progress: &'a dyn Progress,
}

/// All that a run read.
#[derive(Debug)]
pub struct Reading {
    /// The organization.
    pub org: OrgView,
    /// Every grant.
    pub shares: Vec<Share>,
    /// The state of block public access in each place where it could be read, and how many images are
    /// there, where that is known.
    pub blocks: Vec<(Place, BlockPublicAccess, Option<u64>)>,
    /// What was read.
    pub coverage: Vec<Coverage>,
    /// What was not.
    pub gaps: Vec<Gap>,
    /// Whether the run was stopped before it had read everything.
    pub interrupted: bool,
}

/// Reads everything that was chosen.
///
/// # Errors
/// Only for a choice that cannot be met; what AWS does not give is a gap in the reading.
pub async fn read<C: Cloud>(cloud: &C, job: &Job<'_>) -> Result<Reading, BadSelection> {
    let Job { caller, clock, selection, stop, progress, .. } = *job;
    let cx = Context { cloud, caller, clock, stop, progress };
    let mut gaps = Vec::new();
    let mut membership = organization::learn(&cx, job.organization, &mut gaps).await;
    let chosen = match unless_stopped(&cx, selection.choose(cloud, caller, &membership)).await {
        Some(chosen) => chosen?,
        None => Chosen::only(caller.account),
    };

    let mut plans = coverage::plans(&chosen, &membership, caller);
    let asked = ask_regions(&cx, &plans).await;
    for (account, answer) in asked {
        coverage::settle_regions(&mut plans, account, answer, selection, &mut gaps);
    }
    coverage::check_regions(&plans, selection)?;

    let places: Vec<Place> = plans.values().flat_map(AccountPlan::places).collect();
    progress.places_found(places.len());
    let mut readings = BTreeMap::new();
    let mut stream = stream::iter(places.clone())
        .map(|place| read_or_skip(&cx, place))
        .buffer_unordered(job.places_at_once);
    while let Some(reading) = stream.next().await {
        readings.insert(reading.place.clone(), reading);
    }
    drop(stream);

    let mut shares = take_shares(&mut readings);
    confirm_strangers(&cx, job, &shares, &mut membership, &mut gaps).await;
    gaps.extend(readings.values_mut().flat_map(|reading| std::mem::take(&mut reading.gaps)));
    gaps.sort();
    let coverage = coverage::rows(&plans, &readings, &gaps, &caller.partition);
    let blocks = readings.into_values().filter_map(PlaceReading::into_block).collect();
    shares.sort_by(|a, b| order(a).cmp(&order(b)));
    // An image that moved to another page while they were read is listed twice.
    shares.dedup_by(|a, b| order(a) == order(b));
    let org = OrgView::new(caller.account, membership);
    let interrupted = stop.is_asked() && !gaps.is_empty();
    Ok(Reading { org, shares, blocks, coverage, gaps, interrupted })
}

fn order(share: &Share) -> (&Place, &str, &crate::model::grantee::Grantee) {
    (&share.place, share.image.id.as_str(), &share.grantee)
}

fn take_shares(readings: &mut BTreeMap<Place, PlaceReading>) -> Vec<Share> {
    readings.values_mut().flat_map(|reading| std::mem::take(&mut reading.shares)).collect()
}

type RegionsAnswer = Option<Result<Vec<RegionState>, Failure>>;

/// Asks each account that is to be read for its Regions; `None` where the run was stopped before.
async fn ask_regions<C: Cloud>(
    cx: &Context<'_, C>,
    plans: &BTreeMap<AccountId, AccountPlan>,
) -> Vec<(AccountId, RegionsAnswer)> {
    const ACCOUNTS_AT_ONCE: usize = 32;
    let accounts: Vec<AccountId> =
        plans.iter().filter(|(_, plan)| plan.is_to_read()).map(|(id, _)| *id).collect();
    stream::iter(accounts)
        .map(|account| async move {
            (account, unless_stopped(cx, cx.cloud.regions(cx.caller, account)).await)
        })
        .buffer_unordered(ACCOUNTS_AT_ONCE)
        .collect()
        .await
}

async fn read_or_skip<C: Cloud>(cx: &Context<'_, C>, place: Place) -> PlaceReading {
    if !cx.stop.is_asked() {
        return read_place(cx, place).await;
    }
    PlaceReading::skipped(place)
}

/// Where a grant names an account that the list does not, the list is read once more: the account may
/// have joined since.
async fn confirm_strangers<C: Cloud>(
    cx: &Context<'_, C>,
    job: &Job<'_>,
    shares: &[Share],
    membership: &mut Membership,
    gaps: &mut Vec<Gap>,
) {
    if !matches!(job.organization, OrganizationSource::Api) {
        return;
    }
    let Membership::In { accounts, .. } = &mut *membership else { return };
    if accounts.incomplete.is_some() {
        return;
    }
    let stranger = |share: &Share| {
        share
            .grantee
            .account()
            .is_some_and(|id| id != share.place.account && !accounts.members.contains_key(&id))
    };
    if !shares.iter().any(stranger) {
        return;
    }
    let again = organization::read_again(cx.cloud, cx.caller, cx.clock, membership, gaps);
    if unless_stopped(cx, again).await.is_none() {
        organization::interrupted(cx.caller, membership, gaps);
    }
}
