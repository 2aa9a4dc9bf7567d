use super::{both, found};
use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, OUR_OU, STRANGER, THEIR_ORG, organization};

#[test]
fn catches() {
    assert_eq!(found("shared-outside-organization", &organization(), STRANGER), both(STRANGER, "high"));
}

#[test]
fn leaves_alone() {
    for other in [HOME, MEMBER, CLOSED, OUR_ORG, OUR_OU, THEIR_ORG, "all", "userId=9999999999999"] {
        assert_eq!(
            found("shared-outside-organization", &organization(), other),
            Vec::<[String; 5]>::new(),
            "{other}"
        );
    }
}
