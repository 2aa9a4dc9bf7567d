//! The organization, from AWS Organizations.

use aws_sdk_organizations::types::Account;
use jiff::Timestamp;

use super::{SdkCloud, malformed};
use crate::aws::action::{
    DESCRIBE_ORGANIZATION, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT, LIST_ROOTS, LIST_UNITS,
};
use crate::collect::cloud::{OrganizationAnswer, Page};
use crate::collect::org_file::units_of;
use crate::collect::pages::Pages;
use crate::model::arn::MemberArn;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::{AccountId, OuId};
use crate::model::organization::{AccountState, Member};

/// The most that Organizations gives to a page.
const PAGE: i32 = 20;

impl SdkCloud {
    pub(super) async fn describe_organization(&self) -> Result<OrganizationAnswer, Failure> {
        let target = self.home_target(DESCRIBE_ORGANIZATION);
        let send = || self.organizations.describe_organization().send();
        let answer = match self.aws.sender().call(target, send).await {
            Ok(answer) => answer,
            Err(failure) if failure.kind == FailureKind::NotInOrganization => {
                return Ok(OrganizationAnswer::NotInOrganization);
            }
            Err(failure) => return Err(failure),
        };
        let arn = answer.organization.and_then(|organization| organization.arn).unwrap_or_default();
        let parsed = arn.parse().map(OrganizationAnswer::In);
        parsed.map_err(|error| malformed(DESCRIBE_ORGANIZATION, &format!("{error}")))
    }

    pub(super) async fn list_accounts(
        &self,
        token: Option<String>,
    ) -> Result<Page<Result<Member, String>>, Failure> {
        let target = self.home_target(LIST_ACCOUNTS);
        let send =
            || self.organizations.list_accounts().max_results(PAGE).set_next_token(token.clone()).send();
        let answer = self.aws.sender().call(target, send).await?;
        let next = answer.next_token.filter(|next| !next.is_empty());
        Ok(Page { items: answer.accounts.unwrap_or_default().into_iter().map(member_of).collect(), next })
    }

    pub(super) async fn list_roots(&self) -> Result<Vec<String>, Failure> {
        let target = self.home_target(LIST_ROOTS);
        let answer = self.aws.sender().call(target, || self.organizations.list_roots().send()).await?;
        Ok(answer.roots.unwrap_or_default().into_iter().filter_map(|root| root.id).collect())
    }

    pub(super) async fn list_units(&self, parent: &str) -> Result<Vec<OuId>, Failure> {
        let target = self.home_target(LIST_UNITS);
        let mut units = Vec::new();
        let mut pages = Pages::default();
        loop {
            let send = || {
                let call = self.organizations.list_organizational_units_for_parent().parent_id(parent);
                call.max_results(PAGE).set_next_token(pages.token()).send()
            };
            let answer = self.aws.sender().call(target, send).await?;
            let ids = answer.organizational_units.unwrap_or_default().into_iter();
            let ids: Vec<String> = ids.map(|unit| unit.id.unwrap_or_default()).collect();
            let next = answer.next_token.filter(|next| !next.is_empty());
            let goes_on = pages.goes_on(LIST_UNITS.name, &ids, next)?;
            for id in ids {
                units.push(id.parse().map_err(|error| malformed(LIST_UNITS, &format!("{error}")))?);
            }
            if !goes_on {
                return Ok(units);
            }
        }
    }

    pub(super) async fn list_accounts_for_parent(&self, parent: &str) -> Result<Vec<AccountId>, Failure> {
        let target = self.home_target(LIST_ACCOUNTS_FOR_PARENT);
        let mut accounts = Vec::new();
        let mut pages = Pages::default();
        loop {
            let send = || {
                let call = self.organizations.list_accounts_for_parent().parent_id(parent);
                call.max_results(PAGE).set_next_token(pages.token()).send()
            };
            let answer = self.aws.sender().call(target, send).await?;
            let ids = answer.accounts.unwrap_or_default().into_iter();
            let ids: Vec<String> = ids.map(|account| account.id.unwrap_or_default()).collect();
            let next = answer.next_token.filter(|next| !next.is_empty());
            let goes_on = pages.goes_on(LIST_ACCOUNTS_FOR_PARENT.name, &ids, next)?;
            for id in ids {
                accounts.push(
                    id.parse().map_err(|error| malformed(LIST_ACCOUNTS_FOR_PARENT, &format!("{error}")))?,
                );
            }
            if !goes_on {
                return Ok(accounts);
            }
        }
    }
}

/// `State` replaces `Status`, which was retired on 2026-09-09; older endpoints give only the latter.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>
fn member_of(account: Account) -> Result<Member, String> {
    let raw = account.id.unwrap_or_default();
    let Ok(id) = raw.parse::<AccountId>() else { return Err(raw) };
    let state = account.state.as_ref().map(|state| state.as_str());
    let state = state.or(account.status.as_ref().map(|status| status.as_str())).unwrap_or_default();
    let arn = account.arn.as_deref().and_then(|arn| arn.parse::<MemberArn>().ok());
    Ok(Member {
        id,
        name: account.name.unwrap_or_default(),
        state: AccountState::parse(state),
        joined_at: account.joined_timestamp.and_then(|at| Timestamp::from_second(at.secs()).ok()),
        units: account.paths.as_deref().and_then(units_of),
        organization: arn.filter(|arn| arn.account == id).map(|arn| arn.of),
    })
}
