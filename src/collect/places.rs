//! Which places there are, without reading any image.

use super::cloud::Cloud;
use super::context::{Context, Watched};
use super::coverage::{self, AccountPlan};
use super::inventory::ask_regions;
use super::organization::{self, OrganizationSource};
use super::progress::Quiet;
use super::selection::{BadSelection, Selection};
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::gap::Gap;
use crate::model::place::Place;

/// Finds the places that were chosen, and what of them could not be found.
///
/// # Errors
/// A choice that cannot be met.
pub async fn find_places<C: Cloud>(
    cloud: &C,
    (caller, clock): (&Caller, &Clock),
    organization: &OrganizationSource,
    selection: &Selection,
    stop: &Stop,
) -> Result<(Vec<Place>, Vec<Gap>), BadSelection> {
    let cx = Context {
        cloud,
        caller,
        clock,
        stop,
        progress: &Quiet,
        keeps_images: false,
        watched: &Watched::new(),
        snapshot: None,
    };
    let mut gaps = Vec::new();
    let membership = organization::learn(&cx, organization, &mut gaps).await;
    let chosen = selection.choose(cloud, caller, &membership).await?;
    let mut plans = coverage::plans(&chosen, &membership, caller);
    for (account, answer) in ask_regions(&cx, &plans).await {
        coverage::settle_regions(&mut plans, account, answer, selection, &mut gaps);
    }
    coverage::check_regions(&plans, selection)?;
    gaps.sort();
    Ok((plans.values().flat_map(AccountPlan::places).collect(), gaps))
}
