use super::{both, found};
use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, incomplete_organization};

#[test]
fn catches() {
    assert_eq!(found("undetermined-grantee", &incomplete_organization(), STRANGER), both(STRANGER, "medium"));
}

#[test]
fn leaves_alone() {
    for other in [HOME, MEMBER, CLOSED, OUR_ORG, THEIR_ORG, "all", "teamArn=x"] {
        assert_eq!(
            found("undetermined-grantee", &incomplete_organization(), other),
            Vec::<[String; 5]>::new(),
            "{other}"
        );
    }
}
