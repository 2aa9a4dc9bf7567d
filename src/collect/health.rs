//! What works: the organization, and the role in each account, without reading any image.

use super::cloud::Cloud;
use super::organization::OrganizationSource;
use super::places::{self, Asked};
use super::progress::Quiet;
use super::selection::{BadSelection, Selection};
use super::stop::Stopper;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::gap::Gap;
use crate::model::ids::Region;
use crate::model::organization::Membership;
use crate::model::place::Place;

/// What was found out.
#[derive(Debug)]
pub struct Health {
    /// The organization in a few words.
    pub organization: String,
    /// How many accounts answered.
    pub accounts: usize,
    /// A place of each account that answered.
    pub places: Vec<Place>,
    /// What did not work.
    pub gaps: Vec<Gap>,
}

/// Learns the organization and opens each account that was chosen.
///
/// # Errors
/// A choice that cannot be met.
pub async fn check_up<C: Cloud>(
    cloud: &C,
    caller: &Caller,
    clock: &Clock,
    organization: &OrganizationSource,
    selection: &Selection,
) -> Result<Health, BadSelection> {
    let (_stopper, stop) = Stopper::new();
    let asked = places::ask(cloud, (caller, clock), (organization, selection), (&stop, &Quiet)).await?;
    let Asked { membership, answers, mut gaps, .. } = asked;
    let (mut accounts, mut places) = (0, Vec::new());
    for (account, answer) in answers {
        match answer {
            Some(Ok(regions)) => {
                accounts += 1;
                let enabled = regions.into_iter().filter(|found| found.enabled).map(|found| found.region);
                let chosen =
                    |region: &Region| selection.regions.is_empty() || selection.regions.contains(region);
                let first = enabled.filter(chosen).min();
                places.extend(first.map(|region| Place { account, region }));
            }
            Some(Err(failure)) => gaps.push(Gap::in_account(account, "", &failure)),
            None => {}
        }
    }
    gaps.sort();
    places.sort();
    Ok(Health { organization: words(&membership), accounts, places, gaps })
}

fn words(membership: &Membership) -> String {
    match membership {
        Membership::NotInOrganization => "none; every other account is external".to_owned(),
        Membership::NotAsked => "not asked".to_owned(),
        Membership::In { organization, accounts, .. } => {
            let id = organization.as_ref().map(|arn| arn.organization.to_string()).unwrap_or_default();
            let whole = if accounts.incomplete.is_some() { "not complete" } else { "complete" };
            format!("{id}, {} accounts listed, {whole}", accounts.members.len())
        }
    }
}
