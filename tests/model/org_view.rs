//! The relation of every kind of grantee, in every state of knowledge about the organization.

use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::Membership;
use amiaudit::model::share::{Relation, Verdict};
use proptest::prelude::*;

use crate::support::build::{
    CLOSED, HOME, MEMBER, OUR_ORG, OUR_OU, STRANGER, THEIR_ORG, THEIR_OU, account, grantee,
    incomplete_organization, organization,
};

fn relation(view: &OrgView, owner: &str, to: &str) -> &'static str {
    grantee(to).relation(account(owner), view).word()
}

const FORGED: &str = "arn:aws:organizations::888888888888:organization/o-ourorg0001";

#[test]
fn relations() {
    let whole = organization();
    let broken = incomplete_organization();
    let none = OrgView::new(account(HOME), Membership::NotInOrganization);
    let unasked = OrgView::new(account(HOME), Membership::NotAsked);
    // grantee, with a complete list, an incomplete one, no organization, an organization not asked for
    let table = [
        ("all", "public", "public", "public", "public"),
        (MEMBER, "self", "self", "self", "self"),
        (HOME, "member", "member", "external", "unknown"),
        (CLOSED, "suspended_member", "suspended_member", "external", "unknown"),
        (STRANGER, "external", "unknown", "external", "unknown"),
        (OUR_ORG, "own_organization", "own_organization", "foreign_organization", "unknown"),
        (OUR_OU, "own_organization", "own_organization", "foreign_organization", "unknown"),
        (THEIR_ORG, "foreign_organization", "foreign_organization", "foreign_organization", "unknown"),
        (THEIR_OU, "foreign_organization", "foreign_organization", "foreign_organization", "unknown"),
        (FORGED, "unknown", "unknown", "foreign_organization", "unknown"),
        ("teamArn=x", "unknown", "unknown", "unknown", "unknown"),
    ];
    for (to, complete, incomplete, alone, not_asked) in table {
        assert_eq!(relation(&whole, MEMBER, to), complete, "{to}, complete list");
        assert_eq!(relation(&broken, MEMBER, to), incomplete, "{to}, incomplete list");
        assert_eq!(relation(&none, MEMBER, to), alone, "{to}, no organization");
        assert_eq!(relation(&unasked, MEMBER, to), not_asked, "{to}, not asked");
    }
}

#[test]
fn an_account_that_left_during_the_run_is_a_former_member() {
    let mut view = organization();
    if let Membership::In { accounts, .. } = view.membership().clone() {
        let mut accounts = accounts;
        accounts.members.remove(&account(MEMBER));
        accounts.left.insert(account(MEMBER));
        let organization = view.membership().organization().cloned();
        view = OrgView::new(account(HOME), Membership::In { organization, accounts, as_of: None });
    }
    assert_eq!(relation(&view, HOME, MEMBER), "former_member");
}

#[test]
fn only_what_is_inside_is_own() {
    for relation in Relation::ALL {
        let own = matches!(relation, Relation::OwnAccount | Relation::Member | Relation::OwnOrganization);
        assert_eq!(Verdict::of(*relation) == Verdict::Own, own, "{relation}");
    }
    assert_eq!(Verdict::of(Relation::Unknown), Verdict::Undetermined);
}

proptest! {
    /// Without a complete list nobody is called external, whoever it is.
    #[test]
    fn nothing_is_external_on_a_guess(id in "[0-9]{12}", owner in "[0-9]{12}") {
        let view = incomplete_organization();
        prop_assert_ne!(relation(&view, &owner, &id), "external");
        let view = OrgView::new(account(HOME), Membership::NotAsked);
        prop_assert_ne!(relation(&view, &owner, &id), "external");
    }
}
