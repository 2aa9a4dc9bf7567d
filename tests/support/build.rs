//! Makes model values in few words.

use std::collections::BTreeSet;
use std::sync::Arc;

use amiaudit::judge::policy::Policy;
use amiaudit::judge::trace::SeenBefore;
use amiaudit::judge::{Case, Judgement, Now};
use amiaudit::model::arn::OrganizationArn;
use amiaudit::model::caller::Caller;
use amiaudit::model::coverage::{Coverage, CoverageStatus};
use amiaudit::model::grantee::Grantee;
use amiaudit::model::ids::AccountId;
use amiaudit::model::image::Image;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::{AccountList, AccountState, Member, Membership};
use amiaudit::model::place::{BlockPublicAccess, Place};
use amiaudit::model::share::Share;
use amiaudit::model::snapshot::{SnapshotAt, SnapshotShare};
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
        owner_alias: None,
        tags: Vec::new(),
        snapshots: Vec::new(),
        odd_snapshots: Vec::new(),
        last_launched_at: None,
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

/// A grant of a snapshot that backs an image.
pub(crate) fn snapshot_share(
    (owner, region): (&str, &str),
    image_id: &str,
    snapshot: &str,
    to: &str,
) -> SnapshotShare {
    let Share { place, image, grantee, read_at } = share(owner, region, image_id, to);
    SnapshotShare { place, image, snapshot: snapshot.parse().unwrap(), grantee, read_at }
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

/// Judges without a policy.
/// A case with nothing in it.
pub(crate) fn case<'a>(org: &'a OrgView, policy: &'a Policy) -> Case<'a> {
    static NOTHING_SEEN: SeenBefore = SeenBefore::new();
    Case {
        shares: Vec::new(),
        snapshots: &[],
        blocks: &[],
        coverage: &[],
        log: None,
        seen_before: &NOTHING_SEEN,
        org,
        policy,
        now: now(),
    }
}

pub(crate) fn judge(
    shares: Vec<Share>,
    blocks: &[(Place, BlockPublicAccess, Option<u64>)],
    org: &OrgView,
) -> Judgement {
    let policy = Policy::default();
    amiaudit::judge::judge(Case { shares, blocks, coverage: &[], ..case(org, &policy) })
}

/// What a run knows that read nothing.
pub(crate) fn nothing_read<'a>(org: &'a OrgView, none: &'a BTreeSet<SnapshotAt>) -> Now<'a> {
    Now {
        org,
        shares: &[],
        coverage: &[],
        gaps: &[],
        snapshots: &[],
        snapshots_read: none,
        snapshots_gone: none,
        states: None,
        unread: None,
        at: now(),
    }
}

/// Reads a policy that has no problem.
pub(crate) fn policy(text: &str) -> Policy {
    amiaudit::judge::policy::parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A row of coverage for a place.
pub(crate) fn covered(id: &str, region: &str, status: CoverageStatus) -> Coverage {
    Coverage {
        account: account(id),
        account_name: String::new(),
        account_state: "ACTIVE".to_owned(),
        partition: "aws".parse().unwrap(),
        region: region.parse().ok(),
        status,
        counts: None,
        events: None,
    }
}

/// Judges under a policy, with this coverage.
pub(crate) fn judge_under(text: &str, shares: Vec<Share>, coverage: &[Coverage], org: &OrgView) -> Judgement {
    let policy = policy(text);
    amiaudit::judge::judge(Case { shares, coverage, ..case(org, &policy) })
}

/// What every entry that lets something pass has to carry.
pub(crate) const SIGNED: &str = "owner = \"o\"\nreason = \"r\"\nexpires = 2026-12-31\n";
