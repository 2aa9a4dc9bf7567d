//! Which places there are, without reading any image.

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::context::{Context, Watched};
use super::coverage::{self, AccountPlan};
use super::inventory::{RegionsAnswer, ask_regions};
use super::organization::{self, OrganizationSource};
use super::progress::Progress;
use super::selection::{BadSelection, Selection};
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::gap::Gap;
use crate::model::ids::AccountId;
use crate::model::organization::Membership;
use crate::model::place::Place;

/// The organization, and what each account that was chosen said of its Regions.
pub(super) struct Asked {
    pub(super) membership: Membership,
    pub(super) plans: BTreeMap<AccountId, AccountPlan>,
    pub(super) answers: Vec<(AccountId, RegionsAnswer)>,
    /// What could not be learned of the organization.
    pub(super) gaps: Vec<Gap>,
}

/// Learns the organization, and asks each account that was chosen for its Regions.
///
/// # Errors
/// A choice that cannot be met.
pub(super) async fn ask<C: Cloud>(
    cloud: &C,
    (caller, clock): (&Caller, &Clock),
    (organization, selection): (&OrganizationSource, &Selection),
    (stop, progress): (&Stop, &dyn Progress),
) -> Result<Asked, BadSelection> {
    let cx = Context {
        cloud,
        caller,
        clock,
        stop,
        progress,
        keeps_images: false,
        watched: &Watched::new(),
        snapshot: None,
    };
    let mut gaps = Vec::new();
    let membership = organization::learn(&cx, organization, &mut gaps).await;
    let chosen = selection.choose(cloud, caller, &membership).await?;
    let plans = coverage::plans(&chosen, &membership, caller);
    let answers = ask_regions(&cx, &plans).await;
    Ok(Asked { membership, plans, answers, gaps })
}

/// Finds the places that were chosen, and what of them could not be found.
///
/// # Errors
/// A choice that cannot be met.
pub async fn find_places<C: Cloud>(
    cloud: &C,
    asks: (&Caller, &Clock),
    (organization, selection): (&OrganizationSource, &Selection),
    until: (&Stop, &dyn Progress),
) -> Result<(Vec<Place>, Vec<Gap>), BadSelection> {
    let Asked { mut plans, answers, mut gaps, .. } =
        ask(cloud, asks, (organization, selection), until).await?;
    for (account, answer) in answers {
        coverage::settle_regions(&mut plans, account, answer, selection, &mut gaps);
    }
    coverage::check_regions(&plans, selection)?;
    gaps.sort();
    Ok((plans.values().flat_map(AccountPlan::places).collect(), gaps))
}
