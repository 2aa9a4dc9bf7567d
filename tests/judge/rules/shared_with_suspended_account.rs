use super::{both, found};
use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, organization};

#[test]
fn catches() {
    assert_eq!(found("shared-with-suspended-account", &organization(), CLOSED), both(CLOSED, "medium"));
}

#[test]
fn leaves_alone() {
    for other in [HOME, MEMBER, STRANGER, OUR_ORG, "all"] {
        assert_eq!(
            found("shared-with-suspended-account", &organization(), other),
            Vec::<[String; 5]>::new(),
            "{other}"
        );
    }
}
