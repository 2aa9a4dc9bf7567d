use amiaudit::model::place::BlockPublicAccess;

use crate::support::build::{HOME, MEMBER, judge, organization, place};

fn state(word: &str) -> BlockPublicAccess {
    BlockPublicAccess { state: word.to_owned(), managed_by: "account".to_owned() }
}

/// account, severity, Regions, whether the advice names them
fn found(blocks: &[(&str, &str, &str, Option<u64>)]) -> Vec<(String, String, Vec<String>)> {
    let blocks: Vec<_> = blocks
        .iter()
        .map(|(owner, region, word, images)| (place(owner, region), state(word), *images))
        .collect();
    let judged = judge(Vec::new(), &blocks, &organization());
    judged
        .findings
        .iter()
        .map(|finding| {
            assert_eq!(finding.rule.id, "block-public-access-off");
            assert_eq!(finding.region, None);
            let regions: Vec<String> = finding.regions.iter().map(ToString::to_string).collect();
            assert!(regions.iter().all(|region| finding.remediation().contains(region)));
            (finding.account.unwrap().to_string(), finding.severity.to_string(), regions)
        })
        .collect()
}

#[test]
fn one_row_an_account_naming_its_regions() {
    let rows = found(&[
        (HOME, "us-east-1", "unblocked", Some(3)),
        (HOME, "eu-west-1", "unblocked", Some(0)),
        (HOME, "us-west-2", "block-new-sharing", Some(9)),
        (MEMBER, "us-east-1", "unblocked", Some(0)),
    ]);
    let regions = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        rows,
        [
            (HOME.to_owned(), "low".to_owned(), regions(&["eu-west-1", "us-east-1"])),
            (MEMBER.to_owned(), "info".to_owned(), regions(&["us-east-1"])),
        ]
    );
}

#[test]
fn where_the_images_could_not_be_counted_there_may_be_some() {
    assert_eq!(found(&[(HOME, "us-east-1", "unblocked", None)])[0].1, "low");
}

#[test]
fn a_word_that_is_not_known_is_not_off() {
    assert_eq!(
        found(&[
            (HOME, "us-east-1", "block-new-sharing", Some(1)),
            (MEMBER, "us-east-1", "something-new", Some(1))
        ]),
        []
    );
}
