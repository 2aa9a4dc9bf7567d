//! Learns the organization: which one, and which accounts, and whether that is all of them.
//!
//! A list can tell who is *not* a member only when every page came and it holds both the caller's
//! account and the management account. AWS denies the list to plain members; some endpoints give
//! them an empty one.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::{Cloud, OrganizationAnswer};
use super::context::{Context, INTERRUPTED, unless_stopped};
use super::pages::Pages;
use super::selection::walk;
use crate::aws::action::LIST_ACCOUNTS;
use crate::model::arn::OrganizationArn;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::organization::{AccountList, Member, Membership};

/// Where the organization is learned from.
#[derive(Debug, Clone)]
pub enum OrganizationSource {
    /// AWS Organizations.
    Api,
    /// A saved `aws organizations list-accounts`.
    File(Membership),
    /// Nowhere: nothing is asked, and nothing assumed.
    None,
}

/// Reads the organization. What could not be read leaves its gap in `gaps`.
pub(super) async fn learn<C: Cloud>(
    cx: &Context<'_, C>,
    source: &OrganizationSource,
    gaps: &mut Vec<Gap>,
) -> Membership {
    match source {
        OrganizationSource::None => Membership::NotAsked,
        OrganizationSource::File(membership) => {
            if let Some(reason) = membership.accounts().and_then(|list| list.incomplete.as_ref()) {
                gaps.push(incomplete_list(cx.caller, reason));
            }
            membership.clone()
        }
        OrganizationSource::Api => match unless_stopped(cx, ask(cx.cloud, cx.caller, cx.clock, gaps)).await {
            Some(membership) => membership,
            None => {
                let accounts = AccountList::default();
                let mut nothing = Membership::In { organization: None, accounts, as_of: None };
                interrupted(cx.caller, &mut nothing, gaps);
                nothing
            }
        },
    }
}

/// Fills in the units of accounts that came without their paths, from the tree of units. Where that cannot
/// be read, they stay unknown and there is a gap.
pub(super) async fn add_units<C: Cloud>(
    cx: &Context<'_, C>,
    membership: &mut Membership,
    gaps: &mut Vec<Gap>,
) {
    let Membership::In { accounts, .. } = membership else { return };
    if accounts.members.values().all(|member| member.units.is_some()) {
        return;
    }
    let (mut above, mut known) = (BTreeMap::new(), BTreeSet::new());
    match unless_stopped(cx, walk(cx.cloud, &mut above, &mut known)).await {
        Some(Ok(())) => {
            for (account, units) in above {
                if let Some(member) = accounts.members.get_mut(&account) {
                    member.units = Some(units);
                }
            }
        }
        Some(Err(failure)) => gaps.push(Gap::in_account(cx.caller.account, "", &failure)),
        None => gaps.push(Gap::new(Some(cx.caller.account), None, "ListRoots", INTERRUPTED)),
    }
}

/// The run was stopped before the list of accounts was read, or read again.
pub(super) fn interrupted(caller: &Caller, membership: &mut Membership, gaps: &mut Vec<Gap>) {
    gaps.push(incomplete_list(caller, INTERRUPTED));
    if let Membership::In { accounts, .. } = membership {
        accounts.incomplete = Some(INTERRUPTED.to_owned());
    }
}

async fn ask<C: Cloud>(cloud: &C, caller: &Caller, clock: &Clock, gaps: &mut Vec<Gap>) -> Membership {
    let described = match cloud.organization().await {
        Ok(OrganizationAnswer::NotInOrganization) => return Membership::NotInOrganization,
        Ok(OrganizationAnswer::In(organization)) => Some(organization),
        Err(failure) => {
            gaps.push(Gap::in_account(caller.account, "", &failure));
            None
        }
    };
    let listed = list_accounts(cloud).await;
    if let Some(failure) = &listed.failure {
        if failure.kind == FailureKind::NotInOrganization {
            return Membership::NotInOrganization;
        }
        gaps.push(Gap::in_account(caller.account, &listed.subject(), failure));
    }
    for raw in &listed.unreadable {
        gaps.push(unreadable_account(caller, raw));
    }
    let organization = described.or_else(|| organization_of(&listed.members));
    let accounts = listed.into_list(caller, organization.as_ref());
    if let (Some(reason), false) = (&accounts.incomplete, has_list_gap(gaps)) {
        gaps.push(incomplete_list(caller, reason));
    }
    Membership::In { organization, accounts, as_of: Some(clock.now()) }
}

fn has_list_gap(gaps: &[Gap]) -> bool {
    gaps.iter().any(|gap| gap.call == "ListAccounts")
}

/// Lists the accounts once more, after the grants were read, so that an account that joined in the
/// meantime is not called a stranger. If that fails, absent accounts are unknown.
pub(super) async fn read_again<C: Cloud>(
    cloud: &C,
    caller: &Caller,
    clock: &Clock,
    membership: &mut Membership,
    gaps: &mut Vec<Gap>,
) {
    let Membership::In { organization, accounts, as_of } = membership else { return };
    let listed = list_accounts(cloud).await;
    if let Some(failure) = &listed.failure {
        let mut gap = Gap::in_account(caller.account, &listed.subject(), failure);
        gap.reason = format!("the second reading, after the grants: {}", gap.reason);
        gaps.push(gap);
    }
    let newer = listed.into_list(caller, organization.as_ref());
    if let (Some(reason), false) = (&newer.incomplete, has_list_gap(gaps)) {
        gaps.push(incomplete_list(caller, reason));
    }
    if newer.incomplete.is_some() {
        accounts.incomplete = newer.incomplete;
        accounts.members.extend(newer.members);
        return;
    }
    let left = accounts.members.keys().filter(|id| !newer.members.contains_key(id)).copied().collect();
    *accounts = AccountList { left, ..newer };
    *as_of = Some(clock.now());
}

/// What came of listing the accounts.
#[derive(Debug, Default)]
struct Listed {
    members: Vec<Member>,
    unreadable: Vec<String>,
    pages: usize,
    failure: Option<Failure>,
}

async fn list_accounts<C: Cloud>(cloud: &C) -> Listed {
    let mut listed = Listed::default();
    let mut pages = Pages::default();
    loop {
        match cloud.accounts(pages.token()).await {
            Ok(page) => {
                listed.pages += 1;
                let ids: Vec<_> =
                    page.items.iter().map(|entry| entry.as_ref().map(|member| member.id)).collect();
                let goes_on = pages.goes_on(LIST_ACCOUNTS.name, &ids, page.next);
                for entry in page.items {
                    match entry {
                        Ok(member) => listed.members.push(member),
                        Err(raw) => listed.unreadable.push(raw),
                    }
                }
                match goes_on {
                    // A page may be empty and still not be the last.
                    Ok(true) => {}
                    Ok(false) => return listed,
                    Err(failure) => return Listed { failure: Some(failure), ..listed },
                }
            }
            Err(failure) => {
                listed.failure = Some(failure);
                return listed;
            }
        }
    }
}

impl Listed {
    fn subject(&self) -> String {
        if self.pages == 0 { String::new() } else { format!("page {}", self.pages + 1) }
    }

    fn into_list(self, caller: &Caller, organization: Option<&OrganizationArn>) -> AccountList {
        let incomplete = self.incomplete(caller, organization);
        let members = self.members.into_iter().map(|member| (member.id, member)).collect();
        AccountList { members, incomplete, left: BTreeSet::new() }
    }

    fn incomplete(&self, caller: &Caller, organization: Option<&OrganizationArn>) -> Option<String> {
        if let Some(failure) = &self.failure {
            return Some(failure.reason.clone());
        }
        if !self.unreadable.is_empty() {
            return Some("an entry of the list has no account id that can be read".to_owned());
        }
        why_incomplete(&self.members, Some(caller), organization)
    }
}

/// Why a list whose pages all came still cannot be all of the organization.
pub(super) fn why_incomplete(
    members: &[Member],
    caller: Option<&Caller>,
    organization: Option<&OrganizationArn>,
) -> Option<String> {
    let holds = |id| members.iter().any(|member| member.id == id);
    if let Some(caller) = caller.filter(|caller| !holds(caller.account)) {
        return Some(format!(
            "the list of {} accounts does not hold the caller's own account {}; AWS gives the list to the \
             management account and to delegated administrators",
            members.len(),
            caller.account
        ));
    }
    let Some(organization) = organization else {
        return Some("it could not be learned which organization this is".to_owned());
    };
    if !holds(organization.management) {
        return Some(format!("the list does not hold the management account {}", organization.management));
    }
    None
}

/// The organization as the accounts' own ARNs tell it, if they agree.
pub(super) fn organization_of(members: &[Member]) -> Option<OrganizationArn> {
    let mut told = members.iter().filter_map(|member| member.organization.as_ref());
    let first = told.next()?;
    told.all(|other| other == first).then(|| first.clone())
}

fn incomplete_list(caller: &Caller, reason: &str) -> Gap {
    Gap::new(Some(caller.account), None, "ListAccounts", reason)
}

fn unreadable_account(caller: &Caller, raw: &str) -> Gap {
    Gap {
        subject: raw.to_owned(),
        ..incomplete_list(caller, "the list has an account whose id cannot be read")
    }
}
