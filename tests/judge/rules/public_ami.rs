use super::{both, found};
use crate::support::build::{MEMBER, OUR_ORG, STRANGER, organization};

#[test]
fn catches() {
    assert_eq!(found("public-ami", &organization(), "all"), both("all", "critical"));
}

#[test]
fn leaves_alone() {
    for other in [MEMBER, OUR_ORG, STRANGER, "group=All"] {
        assert_eq!(found("public-ami", &organization(), other), Vec::<[String; 5]>::new(), "{other}");
    }
}
