//! Ids of generated images: one to one with their numbers.

use std::collections::BTreeSet;

use amiaudit::sandbox::Ids;
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_id_gives_its_number_back(seed in any::<u64>(), number in any::<u64>()) {
        let id = Ids::new(seed).id(number);
        prop_assert!(id.starts_with("ami-0") && id.len() == 21, "{}", id);
        prop_assert!(id.parse::<amiaudit::model::ids::ImageId>().is_ok());
        prop_assert_eq!(Ids::new(seed).number(&id), Some(number));
    }
}

#[test]
fn neighbours_have_ids_far_apart() {
    let ids: BTreeSet<String> = (0..10_000).map(|number| Ids::new(1).id(number)).collect();
    assert_eq!(ids.len(), 10_000);
    let beginnings: BTreeSet<&str> = ids.iter().map(|id| &id[5..7]).collect();
    assert_eq!(beginnings.len(), 256);
    assert!(!ids.contains(&Ids::new(2).id(0)));
}

#[test]
fn other_texts_have_no_number() {
    for text in [
        "",
        "ami-0",
        "ami-00000001",
        "ami-0+123456789abcdef",
        "ami-0ABCDEF0123456789",
        "xmi-0000000000000000",
    ] {
        assert_eq!(Ids::new(1).number(text), None, "{text}");
    }
}
