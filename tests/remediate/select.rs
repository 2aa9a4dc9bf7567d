//! Which open findings become entries of a plan, and why others do not.

use std::sync::Arc;

use amiaudit::judge::rules::find;
use amiaudit::model::finding::{Finding, Severity, Status};
use amiaudit::model::share::Relation;
use amiaudit::remediate::{Selection, select};

use crate::support::build::{HOME, MEMBER, STRANGER, grantee, image, now, place};

fn finding(rule: &str, (account, region, id): (&str, &str, &str), to: &str, relation: Relation) -> Finding {
    let place = place(account, region);
    Finding {
        account: Some(place.account),
        region: Some(place.region),
        image: Some(Arc::new(image(id))),
        grantee: Some(grantee(to)),
        relation: Some(relation),
        ..Finding::new(find(rule).unwrap().meta(), now())
    }
}

const OUTSIDE: &str = "shared-outside-organization";
const ONE: (&str, &str, &str) = (HOME, "us-east-1", "ami-1");
const OTHER: (&str, &str, &str) = (MEMBER, "eu-west-1", "ami-2");

fn findings() -> Vec<Finding> {
    vec![
        finding("public-ami", ONE, "all", Relation::Public),
        finding(OUTSIDE, ONE, STRANGER, Relation::External),
        finding(OUTSIDE, OTHER, STRANGER, Relation::External),
    ]
}

fn chosen(findings: &[Finding], wanted: &Selection) -> Vec<String> {
    let (entries, _) = select(findings, wanted);
    entries.iter().map(|entry| format!("{} {}", entry.target, entry.grantee)).collect()
}

fn is((account, region, id): (&str, &str, &str), to: &str) -> String {
    format!("{account} {region} {id} {to}")
}

#[test]
fn every_filter_narrows() {
    let all = [is(ONE, STRANGER), is(ONE, "all"), is(OTHER, STRANGER)];
    assert_eq!(chosen(&findings(), &Selection::default()), all);
    let only = |narrow: &dyn Fn(&mut Selection)| {
        let mut wanted = Selection::default();
        narrow(&mut wanted);
        chosen(&findings(), &wanted)
    };
    assert_eq!(only(&|w| w.rules = [OUTSIDE.to_owned()].into()), [is(ONE, STRANGER), is(OTHER, STRANGER)]);
    assert_eq!(only(&|w| w.severities = [Severity::Critical].into()), [is(ONE, "all")]);
    assert_eq!(only(&|w| w.accounts = [MEMBER.parse().unwrap()].into()), [is(OTHER, STRANGER)]);
    assert_eq!(only(&|w| w.regions = ["us-east-1".parse().unwrap()].into()), all[..2]);
    assert_eq!(only(&|w| w.images = ["ami-2".parse().unwrap()].into()), [is(OTHER, STRANGER)]);
    assert_eq!(only(&|w| w.grantees = ["all".to_owned()].into()), [is(ONE, "all")]);
}

#[test]
fn only_what_is_open_is_chosen() {
    for status in [Status::Excepted, Status::Resolved, Status::NotAssessed] {
        let mut findings = findings();
        findings[0].status = status;
        let (entries, stays) = select(&findings, &Selection::default());
        assert_eq!((entries.len(), stays.len()), (2, 0));
    }
}

#[test]
fn what_was_not_asked_for_on_an_image_of_the_plan_is_told() {
    let wanted = Selection { rules: ["public-ami".to_owned()].into(), ..Selection::default() };
    let (entries, stays) = select(&findings(), &wanted);
    assert_eq!(entries.len(), 1);
    let about: Vec<&str> = stays.iter().map(|stays| stays.about.as_str()).collect();
    assert_eq!(about, ["shared-outside-organization 111111111111 us-east-1 ami-1 999999999999"]);
    assert_eq!(stays[0].reason, "it was not asked for, and is of an image of the plan");
}

#[test]
fn what_stays_has_its_reason() {
    let mut managed = finding(OUTSIDE, OTHER, STRANGER, Relation::External);
    managed.managed_by = "Terraform".to_owned();
    let mut events = finding("transient-share", ONE, STRANGER, Relation::External);
    events.subject = Some("event-1".to_owned());
    let mut block = finding("block-public-access-off", ONE, "all", Relation::Public);
    (block.image, block.grantee, block.relation) = (None, None, None);
    let findings = [
        managed,
        events,
        block,
        finding("unrecognized-grantee", ONE, "teamArn=x", Relation::Unknown),
        finding("undetermined-grantee", ONE, "444444444444", Relation::Unknown),
    ];
    let (entries, stays) = select(&findings, &Selection::default());
    assert!(entries.is_empty());
    let reasons: Vec<&str> = stays.iter().map(|stays| stays.reason.as_str()).collect();
    let wanted = [
        "Terraform seems to keep it, and would set it again (--include-managed)",
        "it tells of what has happened, not of what stands",
        "it is about no single grant",
        "no call can name this grantee",
        "whether the grantee is outside is not known: scan with a complete list of accounts",
    ];
    assert_eq!(reasons, wanted);
    let managed = Selection { include_managed: true, ..Selection::default() };
    assert_eq!(chosen(&findings, &managed), [is(OTHER, STRANGER)]);
}

#[test]
fn a_grant_with_several_findings_is_taken_back_once_by_the_worst() {
    let mut other = finding("unattributed-share", ONE, STRANGER, Relation::External);
    other.severity = Severity::Low;
    let outside = finding(OUTSIDE, ONE, STRANGER, Relation::External);
    for findings in [[other.clone(), outside.clone()], [outside.clone(), other]] {
        let (entries, _) = select(&findings, &Selection::default());
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].finding_id, outside.id());
    }
}
