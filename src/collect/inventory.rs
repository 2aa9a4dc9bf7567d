//! A whole run's reading: organization, accounts, Regions, places.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};

use super::cloud::{Cloud, RegionState};
use super::context::{Context, Watched, unless_stopped};
use super::coverage::{self, AccountPlan};
use super::organization::{self, OrganizationSource};
use super::place::{PlaceReading, read_place};
use super::progress::Progress;
use super::replay::{Begun, SnapshotWriter};
use super::selection::{BadSelection, Chosen, Selection};
use super::snapshots::{self, Backing, SnapshotGap};
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::coverage::Coverage;
use crate::model::event_log::EventLog;
use crate::model::failure::Failure;
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, ImageId};
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::report::ListedImage;
use crate::model::share::Share;
use crate::model::snapshot::{SnapshotAt, SnapshotShare};

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
    /// Whether every image is kept for the inventory, not only those that are shared.
    pub keeps_images: bool,
    /// Whether each account's units must be known, even where its paths are not given.
    pub needs_units: bool,
    /// What an earlier report speaks of.
    pub watched: &'a Watched,
    /// Where pages and places are written down as they are done.
    pub snapshot: Option<&'a SnapshotWriter>,
}

/// All that a run read.
#[derive(Debug)]
pub struct Reading {
    /// The organization.
    pub org: OrgView,
    /// Every grant.
    pub shares: Vec<Share>,
    /// Every grant of a snapshot behind an image that is shared outside, or was by an earlier report; in order.
    pub snapshots: Vec<SnapshotShare>,
    /// The snapshots whose grants are known.
    pub snapshots_read: BTreeSet<SnapshotAt>,
    /// The snapshots that AWS said are there no more.
    pub snapshots_gone: BTreeSet<SnapshotAt>,
    /// Those of the gaps that are about snapshots behind images.
    pub snapshot_gaps: Vec<SnapshotGap>,
    /// The state of block public access in each place where it could be read, and how many images are
    /// there, where that is known.
    pub blocks: Vec<(Place, BlockPublicAccess, Option<u64>)>,
    /// What was read.
    pub coverage: Vec<Coverage>,
    /// What was not.
    pub gaps: Vec<Gap>,
    /// The states of the watched images that are there.
    pub states: BTreeMap<(Place, ImageId), String>,
    /// Every image, where that was asked for.
    pub images: Option<Vec<ListedImage>>,
    /// Whether the run was stopped before it had read everything.
    pub interrupted: bool,
    /// The events, where any were looked for.
    pub log: Option<EventLog>,
}

/// Reads everything that was chosen, and goes on from what was `begun`.
///
/// # Errors
/// Only for a choice that cannot be met; what AWS does not give is a gap in the reading.
pub async fn read<C: Cloud>(cloud: &C, job: &Job<'_>, begun: Begun) -> Result<Reading, BadSelection> {
    let Job { caller, selection, stop, progress, .. } = *job;
    let cx = job.context(cloud);
    let mut gaps = Vec::new();
    let mut membership = organization::learn(&cx, job.organization, &mut gaps).await;
    if job.needs_units {
        organization::add_units(&cx, &mut membership, &mut gaps).await;
    }
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
    coverage::add_begun(&mut plans, begun.places.keys());

    let places: Vec<Place> = plans.values().flat_map(AccountPlan::places).collect();
    progress.places_found(places.len());
    let begun = begin(&cx, begun, places, &plans);
    let (mut readings, states) = read_places(&cx, job.places_at_once, begun).await;

    let shares = finish_shares(take_shares(&mut readings));
    confirm_strangers(&cx, job, &shares, &mut membership, &mut gaps).await;
    let org = OrgView::new(caller.account, membership);
    snapshots::read_backing(&cx, job.places_at_once, (&shares, &org), &mut readings).await;
    gaps.extend(readings.values().flat_map(PlaceReading::all_gaps).cloned());
    gaps.sort();
    let coverage = coverage::rows(&plans, &readings, &gaps, &caller.partition);
    let images = job.keeps_images.then(|| take_images(&mut readings));
    let backing = backing_of(&mut readings);
    Ok(Reading {
        org,
        shares,
        snapshots: backing.shares,
        snapshots_read: backing.read,
        snapshots_gone: backing.gone,
        snapshot_gaps: backing.gaps,
        blocks: blocks_of(readings),
        interrupted: stop.is_asked() && !gaps.is_empty(),
        coverage,
        gaps,
        states,
        images,
        log: None,
    })
}

/// Reads places side by side, or goes on with them. Gives what was read, and the states of the watched images.
async fn read_places<C: Cloud>(
    cx: &Context<'_, C>,
    places_at_once: usize,
    begun: Vec<PlaceReading>,
) -> (BTreeMap<Place, PlaceReading>, BTreeMap<(Place, ImageId), String>) {
    let mut stream =
        stream::iter(begun).map(|reading| read_place(cx, reading)).buffer_unordered(places_at_once);
    let (mut readings, mut states) = (BTreeMap::new(), BTreeMap::new());
    while let Some(mut reading) = stream.next().await {
        let of_place = std::mem::take(&mut reading.states).into_iter();
        states.extend(of_place.map(|(id, state)| ((reading.place.clone(), id), state)));
        readings.insert(reading.place.clone(), reading);
    }
    (readings, states)
}

impl Job<'_> {
    fn context<'a, C>(&'a self, cloud: &'a C) -> Context<'a, C> {
        Context {
            cloud,
            caller: self.caller,
            clock: self.clock,
            stop: self.stop,
            progress: self.progress,
            keeps_images: self.keeps_images,
            watched: self.watched,
            snapshot: self.snapshot,
        }
    }
}

/// The places to read, with what was read of them already.
fn begin<C>(
    cx: &Context<'_, C>,
    mut begun: Begun,
    places: Vec<Place>,
    plans: &BTreeMap<AccountId, AccountPlan>,
) -> Vec<PlaceReading> {
    let of_place = |place: Place| begun.places.remove(&place).unwrap_or_else(|| PlaceReading::new(place));
    let readings = places.into_iter().map(of_place).collect();
    // What was read of a place that is not read any more, a Region that was turned off say, does not count. An
    // account of which nothing could be learned this time may be read another time.
    let is_none_any_more = |place: &&Place| plans.get(&place.account).is_some_and(|plan| !plan.is_unknown());
    if let Some(snapshot) = cx.snapshot {
        begun.places.keys().filter(is_none_any_more).for_each(|place| snapshot.begin_anew(place));
    }
    readings
}

/// Puts shares in their order. An image that moved to another page while they were read is listed twice.
pub(super) fn finish_shares(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    shares.dedup_by(|a, b| a.order() == b.order());
    shares
}

/// What was read of the snapshots of all places, in order.
pub(super) fn backing_of(readings: &mut BTreeMap<Place, PlaceReading>) -> Backing {
    let mut all = Backing::default();
    readings.values_mut().for_each(|reading| all.absorb(std::mem::take(&mut reading.backing)));
    all.finished()
}

/// Block public access where it was read, and how many images are there.
pub(super) fn blocks_of(
    readings: BTreeMap<Place, PlaceReading>,
) -> Vec<(Place, BlockPublicAccess, Option<u64>)> {
    let block =
        |reading: PlaceReading| Some((reading.place, reading.block_public_access?, reading.images_there));
    readings.into_values().filter_map(block).collect()
}

fn take_images(readings: &mut BTreeMap<Place, PlaceReading>) -> Vec<ListedImage> {
    sorted_images(readings.values_mut().flat_map(|reading| std::mem::take(&mut reading.images)).collect())
}

/// Puts images in their order, each once.
pub(super) fn sorted_images(mut images: Vec<ListedImage>) -> Vec<ListedImage> {
    let order = |a: &ListedImage, b: &ListedImage| (&a.place, &a.image.id).cmp(&(&b.place, &b.image.id));
    images.sort_by(order);
    images.dedup_by(|a, b| order(a, b).is_eq());
    images
}

fn take_shares(readings: &mut BTreeMap<Place, PlaceReading>) -> Vec<Share> {
    let mut shares = Vec::with_capacity(readings.values().map(|reading| reading.shares.len()).sum());
    readings.values_mut().for_each(|reading| shares.append(&mut std::mem::take(&mut reading.shares)));
    shares
}

pub(super) type RegionsAnswer = Option<Result<Vec<RegionState>, Failure>>;

/// Asks each account that is to be read for its Regions; `None` where the run was stopped before.
pub(super) async fn ask_regions<C: Cloud>(
    cx: &Context<'_, C>,
    plans: &BTreeMap<AccountId, AccountPlan>,
) -> Vec<(AccountId, RegionsAnswer)> {
    const ACCOUNTS_AT_ONCE: usize = 32;
    let accounts: Vec<AccountId> =
        plans.iter().filter(|(_, plan)| plan.is_to_read()).map(|(id, _)| *id).collect();
    cx.progress.accounts_found(accounts.len());
    stream::iter(accounts)
        .map(|account| async move {
            let answer = unless_stopped(cx, cx.cloud.regions(cx.caller, account)).await;
            cx.progress.account_done();
            (account, answer)
        })
        .buffer_unordered(ACCOUNTS_AT_ONCE)
        .collect()
        .await
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
