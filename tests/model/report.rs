use std::collections::BTreeSet;

use amiaudit::model::exit::Exit;
use amiaudit::model::finding::{Severity, hash_id};
use amiaudit::model::report::Report;

use crate::report::report;
use crate::support::build::{HOME, MEMBER, STRANGER, judge, organization, share};

#[test]
fn the_exit_says_incomplete_before_exposed() {
    let mut whole: Report = report();
    assert_eq!(whole.exit(Severity::Low, &BTreeSet::new()), Exit::Incomplete);
    whole.gaps.clear();
    assert_eq!(whole.exit(Severity::Low, &BTreeSet::new()), Exit::Exposed);
    let known = whole.findings.iter().map(|finding| finding.id()).collect();
    assert_eq!(whole.exit(Severity::Low, &known), Exit::Clean);
    whole.gaps = report().gaps;
    whole.gaps[0].expected_by = Some("network team".to_owned());
    assert_eq!(whole.exit(Severity::Low, &BTreeSet::new()), Exit::Exposed);
    whole.findings.retain(|finding| finding.severity < Severity::Critical);
    assert_eq!(whole.exit(Severity::Critical, &BTreeSet::new()), Exit::Clean);
    assert_eq!(whole.exit(Severity::High, &BTreeSet::new()), Exit::Exposed);
    whole.findings.clear();
    assert_eq!(whole.exit(Severity::Info, &BTreeSet::new()), Exit::Clean);
}

/// The id of a finding is part of the contract: policies and baselines name it.
#[test]
fn a_finding_keeps_its_id() {
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let judged = judge(shares, &[], &organization());
    assert_eq!(judged.findings[0].id(), "f-51358640929764605ccf7437738468f0");
}

#[test]
fn each_part_of_a_finding_counts_for_its_id() {
    let shares = [
        share(HOME, "us-east-1", "ami-1", STRANGER),
        share(HOME, "us-east-1", "ami-1", "all"),
        share(HOME, "us-east-1", "ami-2", STRANGER),
        share(HOME, "eu-west-1", "ami-1", STRANGER),
        share(MEMBER, "us-east-1", "ami-1", STRANGER),
    ];
    let judged = judge(shares.to_vec(), &[], &organization());
    let ids: BTreeSet<String> = judged.findings.iter().map(|finding| finding.id()).collect();
    assert_eq!(ids.len(), 5);
    assert_ne!(hash_id("f-", &["ab", "c"]), hash_id("f-", &["a", "bc"]));
}
