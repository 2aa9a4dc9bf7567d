//! Makes model values in few words.

use std::sync::Arc;

use amiaudit::model::arn::OrganizationArn;
use amiaudit::model::caller::Caller;
use amiaudit::model::grantee::Grantee;
use amiaudit::model::ids::AccountId;
use amiaudit::model::image::Image;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::{AccountList, AccountState, Member, Membership};
use amiaudit::model::place::Place;
use amiaudit::model::share::Share;
use jiff::Timestamp;

pub(crate) const HOME: &str = "111111111111";
pub(crate) const MEMBER: &str = "222222222222";
pub(crate) const CLOSED: &str = "333333333333";
pub(crate) const STRANGER: &str = "999999999999";
pub(crate) const OUR_ORG: &str = "arn:aws:organizations::111111111111:organization/o-ourorg0001";
pub(crate) const OUR_OU: &str = "arn:aws:organizations::111111111111:ou/o-ourorg0001/ou-ab12-cd34ef56";
pub(crate) const THEIR_ORG: &str = "arn:aws:organizations::888888888888:organization/o-theirorg01";
pub(crate) const THEIR_OU: &str = "arn:aws:organizations::888888888888:ou/o-theirorg01/ou-ab12-cd34ef56";

pub(crate) fn now() -> Timestamp {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn place(account_id: &str, region: &str) -> Place {
    Place { account: account(account_id), region: region.parse().unwrap() }
}

pub(crate) fn caller() -> Caller {
    Caller {
        account: account(HOME),
        arn: format!("arn:aws:iam::{HOME}:user/auditor"),
        user_id: "AIDATEST".to_owned(),
        partition: "aws".parse().unwrap(),
    }
}

/// A grantee from its short form: `all`, an account, an ARN, or `member=value`.
pub(crate) fn grantee(text: &str) -> Grantee {
    let (member, value) = match text {
        "all" => ("group", text),
        _ if text.contains(":organization/") => ("organizationArn", text),
        _ if text.contains(":ou/") => ("organizationalUnitArn", text),
        _ if text.contains('=') => text.split_once('=').unwrap(),
        _ => ("userId", text),
    };
    Grantee::from_member(member, value)
}

pub(crate) fn image(id: &str) -> Image {
    Image {
        id: id.parse().unwrap(),
        name: format!("name of {id}"),
        state: "available".to_owned(),
        created_at: "2026-01-02T03:04:05Z".parse().ok(),
        encrypted: Some(false),
        listed_public: false,
    }
}

pub(crate) fn share(owner: &str, region: &str, image_id: &str, to: &str) -> Share {
    Share {
        place: place(owner, region),
        image: Arc::new(image(image_id)),
        grantee: grantee(to),
        read_at: now(),
    }
}

pub(crate) fn member(id: &str, state: &str) -> Member {
    Member {
        id: account(id),
        name: format!("account {id}"),
        state: AccountState::parse(state),
        joined_at: None,
        units: Some(Vec::new()),
        organization: our_organization().into(),
    }
}

pub(crate) fn our_organization() -> OrganizationArn {
    OUR_ORG.parse().unwrap()
}

/// Our organization, its list of accounts complete.
pub(crate) fn organization() -> OrgView {
    listed(None)
}

/// Our organization, its list of accounts broken off for a reason.
pub(crate) fn incomplete_organization() -> OrgView {
    listed(Some("page 2 was denied".to_owned()))
}

fn listed(incomplete: Option<String>) -> OrgView {
    let members = [member(HOME, "ACTIVE"), member(MEMBER, "ACTIVE"), member(CLOSED, "CLOSED")];
    let accounts = AccountList {
        members: members.into_iter().map(|member| (member.id, member)).collect(),
        incomplete,
        ..AccountList::default()
    };
    let membership = Membership::In { organization: Some(our_organization()), accounts, as_of: Some(now()) };
    OrgView::new(account(HOME), membership)
}
