//! Which accounts and Regions a run reads.

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::Cloud;
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::ids::{AccountId, OuId, Region};
use crate::model::organization::Membership;

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these accounts; all, if empty.
    pub accounts: BTreeSet<AccountId>,
    /// Only accounts under these organizational units; all, if empty.
    pub units: BTreeSet<OuId>,
    /// Not these accounts.
    pub excluded: BTreeSet<AccountId>,
    /// Only these Regions; all that are enabled, if empty.
    pub regions: BTreeSet<Region>,
    /// Whether there is a role to read other accounts with.
    pub has_role: bool,
}

/// A choice that cannot be met.
#[derive(Debug, thiserror::Error)]
pub enum BadSelection {
    /// The account is in no way ours.
    #[error("--account {0}: the organization has no such account")]
    NoSuchAccount(AccountId),
    /// The account to leave out is in no way ours.
    #[error("--exclude-account {0}: the organization has no such account")]
    NoSuchExclusion(AccountId),
    /// It is not the caller's account, and there is no role to read it with.
    #[error("--account {0}: another account is read through a role; name it with --role-name")]
    NeedsRole(AccountId),
    /// The unit is not in the organization.
    #[error("--ou {0}: the organization has no such organizational unit, or it holds no account")]
    NoSuchUnit(OuId),
    /// It cannot be told which accounts the unit holds.
    #[error("--ou needs the organization, which could not be read: {0}")]
    UnitsUnknown(String),
    /// The tree of units could not be read.
    #[error("--ou needs the tree of organizational units: {0}")]
    Tree(#[from] Failure),
    /// Nothing is left to read.
    #[error("no account is left to read: the choice of --account, --ou and --exclude-account is empty")]
    Nothing,
    /// No account knows the Region.
    #[error("--region {0}: AWS lists no such Region")]
    NoSuchRegion(Region),
}

/// The accounts to read, and those left aside.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) left_aside: BTreeSet<AccountId>,
}

impl Chosen {
    /// Nothing but the caller's own account.
    pub(super) fn only(account: AccountId) -> Self {
        Self { accounts: [account].into(), left_aside: BTreeSet::new() }
    }
}

impl Selection {
    pub(super) async fn choose<C: Cloud>(
        &self,
        cloud: &C,
        caller: &Caller,
        membership: &Membership,
    ) -> Result<Chosen, BadSelection> {
        let mut known: BTreeSet<AccountId> =
            membership.accounts().map(|list| list.members.keys().copied().collect()).unwrap_or_default();
        known.insert(caller.account);
        let list_is_whole = match membership {
            Membership::In { accounts, .. } => accounts.incomplete.is_none(),
            Membership::NotInOrganization => false,
            Membership::NotAsked => false,
        };
        for account in &self.accounts {
            if list_is_whole && !known.contains(account) {
                return Err(BadSelection::NoSuchAccount(*account));
            }
            // Without a list, the user's word is what there is; the role there has the last one.
            known.insert(*account);
        }
        if let Some(account) = self.excluded.iter().find(|account| list_is_whole && !known.contains(account))
        {
            return Err(BadSelection::NoSuchExclusion(*account));
        }
        let unreachable = |account: &&AccountId| {
            !self.has_role && **account != caller.account && !self.excluded.contains(account)
        };
        if let Some(account) = self.accounts.iter().find(unreachable) {
            return Err(BadSelection::NeedsRole(*account));
        }
        let in_units = self.accounts_in_units(cloud, membership).await?;
        let wanted = |account: &AccountId| {
            (self.accounts.is_empty() || self.accounts.contains(account))
                && in_units.as_ref().is_none_or(|units| units.contains(account))
                && !self.excluded.contains(account)
                && (self.has_role || *account == caller.account)
        };
        let (accounts, left_aside): (BTreeSet<_>, BTreeSet<_>) = known.into_iter().partition(wanted);
        if accounts.is_empty() { Err(BadSelection::Nothing) } else { Ok(Chosen { accounts, left_aside }) }
    }

    /// The accounts under the chosen units; `None` when no unit was chosen.
    async fn accounts_in_units<C: Cloud>(
        &self,
        cloud: &C,
        membership: &Membership,
    ) -> Result<Option<BTreeSet<AccountId>>, BadSelection> {
        if self.units.is_empty() {
            return Ok(None);
        }
        let Some(list) = membership.accounts() else {
            return Err(BadSelection::UnitsUnknown("there is none, or it was not asked".to_owned()));
        };
        if let Some(reason) = &list.incomplete {
            return Err(BadSelection::UnitsUnknown(reason.clone()));
        }
        let mut above: BTreeMap<AccountId, Vec<OuId>> = BTreeMap::new();
        let mut known: BTreeSet<OuId> = BTreeSet::new();
        if list.members.values().all(|member| member.units.is_some()) {
            above.extend(list.members.values().map(|m| (m.id, m.units.clone().unwrap_or_default())));
            known.extend(above.values().flatten().cloned());
        } else {
            walk(cloud, &mut above, &mut known).await?;
        }
        if let Some(unit) = self.units.iter().find(|unit| !known.contains(unit)) {
            return Err(BadSelection::NoSuchUnit(unit.clone()));
        }
        let under = |units: &Vec<OuId>| units.iter().any(|unit| self.units.contains(unit));
        Ok(Some(above.iter().filter(|(_, units)| under(units)).map(|(id, _)| *id).collect()))
    }
}

/// Walks the tree of units: only where the accounts' own paths are not given.
pub(super) async fn walk<C: Cloud>(
    cloud: &C,
    above: &mut BTreeMap<AccountId, Vec<OuId>>,
    known: &mut BTreeSet<OuId>,
) -> Result<(), Failure> {
    let mut to_visit: Vec<(String, Vec<OuId>)> =
        cloud.roots().await?.into_iter().map(|root| (root, Vec::new())).collect();
    while let Some((parent, units)) = to_visit.pop() {
        for account in cloud.accounts_under(&parent).await? {
            above.insert(account, units.clone());
        }
        for unit in cloud.units_under(&parent).await? {
            // A unit met twice would be a loop: AWS has none, and we follow none.
            if known.insert(unit.clone()) {
                let path = units.iter().cloned().chain([unit.clone()]).collect();
                to_visit.push((unit.to_string(), path));
            }
        }
    }
    Ok(())
}
