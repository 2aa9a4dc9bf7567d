use super::{both, found};
use crate::support::build::{OUR_ORG, OUR_OU, STRANGER, THEIR_ORG, THEIR_OU, organization};

#[test]
fn catches() {
    for theirs in [THEIR_ORG, THEIR_OU] {
        let rule = "shared-with-foreign-organization";
        assert_eq!(found(rule, &organization(), theirs), both(theirs, "high"));
    }
}

#[test]
fn leaves_alone() {
    let bare_id = "organizationArn=o-theirorg01";
    for other in [OUR_ORG, OUR_OU, STRANGER, "all", bare_id] {
        let rule = "shared-with-foreign-organization";
        assert_eq!(found(rule, &organization(), other), Vec::<[String; 5]>::new(), "{other}");
    }
}
