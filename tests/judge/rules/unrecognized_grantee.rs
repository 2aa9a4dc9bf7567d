use super::{both, found};
use crate::support::build::{MEMBER, OUR_ORG, STRANGER, incomplete_organization, organization};

#[test]
fn catches() {
    let strange =
        ["group=friends", "userId=1234567890123", "userId=", "organizationArn=o-ourorg0001", "teamArn=x"];
    for to in strange {
        for org in [organization(), incomplete_organization()] {
            assert_eq!(found("unrecognized-grantee", &org, to), both(to, "medium"));
        }
    }
}

#[test]
fn leaves_alone() {
    for other in [MEMBER, STRANGER, OUR_ORG, "all"] {
        assert_eq!(
            found("unrecognized-grantee", &incomplete_organization(), other),
            Vec::<[String; 5]>::new(),
            "{other}"
        );
    }
}
