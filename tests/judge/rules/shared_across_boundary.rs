use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::Membership;

use super::of_rule;
use crate::support::build::{
    HOME, MEMBER, OUR_ORG, OUR_OU, STRANGER, account, judge_under, organization, share,
};

const NESTED: &str = "arn:aws:organizations::111111111111:ou/o-ourorg0001/ou-ab12-inner000";
const BY_ACCOUNT: &str = "[[boundary]]\nname = \"pci\"\naccounts = [\"111111111111\"]\n";
const BY_UNIT: &str = "[[boundary]]\nname = \"pci\"\nous = [\"ou-ab12-cd34ef56\"]\n";

/// Our organization with HOME in ou-ab12-cd34ef56 / ou-ab12-inner000.
fn with_units() -> OrgView {
    let Membership::In { organization, mut accounts, as_of } = organization().membership().clone() else {
        panic!()
    };
    let units = ["ou-ab12-cd34ef56", "ou-ab12-inner000"].map(|unit| unit.parse().unwrap()).to_vec();
    accounts.members.get_mut(&account(HOME)).unwrap().units = Some(units);
    OrgView::new(account(HOME), Membership::In { organization, accounts, as_of })
}

/// Whether HOME's and MEMBER's share with a grantee crosses.
fn crossing(policy: &str, to: &str) -> [bool; 2] {
    let shares = vec![share(HOME, "us-east-1", "ami-1", to), share(MEMBER, "eu-west-1", "ami-2", to)];
    let found = of_rule("shared-across-boundary", &judge_under(policy, shares, &[], &with_units()));
    [HOME, MEMBER].map(|owner| found.iter().any(|row| row[0] == owner))
}

#[test]
fn catches() {
    for policy in [BY_ACCOUNT, BY_UNIT] {
        assert_eq!(crossing(policy, MEMBER), [true, false], "{policy}");
        assert_eq!(crossing(policy, OUR_ORG), [true, false], "{policy}");
    }
    assert_eq!(crossing(BY_ACCOUNT, OUR_OU), [true, false]);
}

#[test]
fn leaves_alone() {
    for inside in [HOME, OUR_OU, NESTED] {
        assert_eq!(crossing(BY_UNIT, inside), [false, false], "{inside}");
    }
    for other_rules in [STRANGER, "all"] {
        assert_eq!(crossing(BY_ACCOUNT, other_rules), [false, false], "{other_rules}");
    }
    assert_eq!(crossing("", MEMBER), [false, false]);
}

#[test]
fn an_owner_whose_units_are_not_known_is_not_taken_for_outside() {
    let Membership::In { organization, mut accounts, as_of } = with_units().membership().clone() else {
        panic!()
    };
    accounts.members.values_mut().for_each(|member| member.units = None);
    let org = OrgView::new(account(HOME), Membership::In { organization, accounts, as_of });
    let shares = vec![share(HOME, "us-east-1", "ami-1", MEMBER), share(MEMBER, "eu-west-1", "ami-2", HOME)];
    let found = of_rule("shared-across-boundary", &judge_under(BY_UNIT, shares, &[], &org));
    assert_eq!(found.len(), 2);
}
