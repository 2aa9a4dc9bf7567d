use amiaudit::model::grantee::Grantee;
use proptest::prelude::*;

use crate::support::build::{OUR_ORG, OUR_OU};

#[test]
fn every_documented_kind() {
    for (member, value, word, label, removal) in [
        ("group", "all", "public", "all", "{Group=all}"),
        ("userId", "012345678901", "account", "012345678901", "{UserId=012345678901}"),
        ("organizationArn", OUR_ORG, "organization", OUR_ORG, &format!("{{OrganizationArn={OUR_ORG}}}")),
        (
            "organizationalUnitArn",
            OUR_OU,
            "organizational_unit",
            OUR_OU,
            &format!("{{OrganizationalUnitArn={OUR_OU}}}"),
        ),
    ] {
        let grantee = Grantee::from_member(member, value);
        assert_eq!((grantee.word(), grantee.label().as_str()), (word, label));
        assert_eq!(grantee.removal().as_deref(), Some(removal));
        assert!(!grantee.is_unrecognized());
    }
}

#[test]
fn everything_else_is_kept_as_met() {
    for (member, value) in [
        ("group", "All"),
        ("group", "authenticated-users"),
        ("userId", "1234567890123"),
        ("userId", "aws-marketplace"),
        ("organizationArn", "o-abcdefghij"),
        ("organizationalUnitArn", OUR_ORG),
        ("teamArn", "arn:aws:teams::1:team/x"),
        ("", ""),
    ] {
        let grantee = Grantee::from_member(member, value);
        assert_eq!(grantee.word(), "unrecognized", "{member}={value}");
        assert_eq!(grantee.label(), format!("{member}={value}"));
        assert_eq!(grantee.removal(), None);
    }
}

#[test]
fn an_endless_value_is_cut_and_stays_itself() {
    let long = |end: &str| Grantee::from_member("teamArn", &format!("{}{end}", "é".repeat(100_000)));
    let (one, other) = (long("a"), long("b"));
    assert!(one.label().chars().count() < 600);
    assert_ne!(one, other);
    assert_eq!(Grantee::from_report(one.word(), &one.label()), Some(one));
}

proptest! {
    #[test]
    fn nothing_is_dropped_and_nothing_but_all_is_public(member in ".{0,20}", value in ".{0,60}") {
        let grantee = Grantee::from_member(&member, &value);
        prop_assert!(!grantee.label().is_empty());
        prop_assert_eq!(grantee.is_public(), member == "group" && value == "all");
    }
}
