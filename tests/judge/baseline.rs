//! What became of an earlier run's findings.

use std::collections::{BTreeMap, BTreeSet};

use amiaudit::judge::{Now, since};
use amiaudit::model::coverage::{Coverage, CoverageStatus};
use amiaudit::model::finding::Finding;
use amiaudit::model::gap::Gap;
use amiaudit::model::ids::ImageId;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::place::Place;
use amiaudit::model::share::Share;

use crate::support::build::{
    HOME, MEMBER, SIGNED, STRANGER, account, covered, judge_under, nothing_read, now, organization, place,
    share,
};

/// Yesterday's finding: HOME's ami-1 in us-east-1 was shared with a stranger.
fn earlier() -> Vec<Finding> {
    let mut findings =
        judge_under("", vec![share(HOME, "us-east-1", "ami-1", STRANGER)], &[], &organization()).findings;
    findings[0].first_seen = "2026-05-31T08:00:00Z".parse().unwrap();
    findings
}

struct Today {
    shares: Vec<Share>,
    policy: String,
    coverage: Vec<Coverage>,
    gaps: Vec<Gap>,
    states: BTreeMap<(Place, ImageId), String>,
    org: OrgView,
}

fn today() -> Today {
    let key = (place(HOME, "us-east-1"), "ami-1".parse().unwrap());
    Today {
        shares: Vec::new(),
        policy: String::new(),
        coverage: vec![covered(HOME, "us-east-1", CoverageStatus::Read)],
        gaps: Vec::new(),
        states: BTreeMap::from([(key, "available".to_owned())]),
        org: organization(),
    }
}

/// Status and resolution of yesterday's finding, and when it was first seen.
fn became(today: Today) -> (String, String, String) {
    let judged = judge_under(&today.policy, today.shares, &today.coverage, &today.org);
    let mut findings = judged.findings;
    let at = Now {
        org: &today.org,
        shares: &judged.shares,
        coverage: &today.coverage,
        gaps: &today.gaps,
        snapshots: &[],
        snapshots_read: &BTreeSet::new(),
        snapshots_gone: &BTreeSet::new(),
        states: Some(&today.states),
        unread: Some(&judged.unread_entries),
        at: now(),
    };
    let id = earlier()[0].id();
    since(earlier(), &mut findings, at);
    let finding = findings.iter().find(|finding| finding.id() == id).unwrap();
    let resolution = finding.resolution.map(|resolution| resolution.to_string()).unwrap_or_default();
    (finding.status.to_string(), resolution, finding.first_seen.to_string())
}

fn status(today: Today) -> String {
    became(today).0
}

fn resolution(today: Today) -> String {
    let (status, resolution, _) = became(today);
    assert_eq!(status, "resolved");
    resolution
}

#[test]
fn what_is_still_there_keeps_when_it_was_first_seen() {
    let still = Today { shares: vec![share(HOME, "us-east-1", "ami-1", STRANGER)], ..today() };
    assert_eq!(became(still), ("open".to_owned(), String::new(), "2026-05-31T08:00:00Z".to_owned()));
}

#[test]
fn why_it_is_gone() {
    assert_eq!(resolution(today()), "revoked");
    assert_eq!(resolution(Today { states: BTreeMap::new(), ..today() }), "deregistered");
    let mut disabled = today();
    disabled.states.values_mut().for_each(|state| *state = "disabled".to_owned());
    assert_eq!(resolution(disabled), "disabled");
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let trusted = format!("[[trusted]]\naccount = \"{STRANGER}\"\n{SIGNED}");
    assert_eq!(resolution(Today { shares: shares.clone(), policy: trusted, ..today() }), "policy_changed");
}

#[test]
fn a_grantee_that_joined() {
    use amiaudit::model::organization::Membership;
    let Membership::In { organization, mut accounts, as_of } = organization().membership().clone() else {
        panic!()
    };
    accounts.members.insert(account(STRANGER), crate::support::build::member(STRANGER, "ACTIVE"));
    let org = OrgView::new(account(HOME), Membership::In { organization, accounts, as_of });
    // One that was unknown, and was a member all along, did not join.
    let before = crate::support::build::incomplete_organization();
    let share_of = || vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let earlier = judge_under("", share_of(), &[], &before).findings;
    let coverage = today().coverage;
    let judged = judge_under("", share_of(), &coverage, &org);
    let mut findings = judged.findings;
    let none = BTreeSet::new();
    let (shares, states, unread) = (&judged.shares, None, Some(&judged.unread_entries));
    since(
        earlier,
        &mut findings,
        Now { shares, coverage: &coverage, states, unread, ..nothing_read(&org, &none) },
    );
    assert_eq!(findings[0].resolution.map(|resolution| resolution.word()), Some("reclassified"));
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    assert_eq!(resolution(Today { shares, org, ..today() }), "joined");
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    // Without the whole list the same grant is another rule's.
    let org = crate::support::build::incomplete_organization();
    assert_eq!(resolution(Today { shares, org, ..today() }), "reclassified");
}

#[test]
fn what_was_not_read_resolves_nothing() {
    for status_of_place in
        [CoverageStatus::Unread, CoverageStatus::NotSelected, CoverageStatus::NotApplicable]
    {
        let coverage = vec![covered(HOME, "us-east-1", status_of_place)];
        assert_eq!(status(Today { coverage, ..today() }), "not_assessed", "{status_of_place}");
    }
    let elsewhere = vec![
        covered(HOME, "eu-west-1", CoverageStatus::Read),
        covered(MEMBER, "us-east-1", CoverageStatus::Read),
    ];
    assert_eq!(status(Today { coverage: elsewhere, ..today() }), "not_assessed");
}

#[test]
fn a_partly_read_place_resolves_what_was_read_of_it() {
    let region = "us-east-1".parse().unwrap();
    let gap = |call: &str, subject: &str| Gap {
        subject: subject.to_owned(),
        ..Gap::new(Some(account(HOME)), Some(&region), call, "denied")
    };
    for (call, subject, expected) in [
        ("DescribeImageAttribute", "ami-1", "not_assessed"),
        ("DescribeImageAttribute", "ami-2", "resolved"),
        ("GetImageBlockPublicAccessState", "", "resolved"),
        ("DescribeImages", "", "not_assessed"),
        // A page that failed since a role could not be renewed.
        ("AssumeRole", "", "not_assessed"),
    ] {
        let coverage = vec![covered(HOME, "us-east-1", CoverageStatus::Partial)];
        let partly = Today { coverage, gaps: vec![gap(call, subject)], ..today() };
        assert_eq!(status(partly), expected, "{call} {subject}");
    }
}

/// An entry that covered nothing yesterday: today nobody can tell, unless its place was read.
#[test]
fn an_unused_exception_is_resolved_only_where_its_scope_was_read() {
    let policy =
        format!("[[exception]]\nid = \"x-1\"\naccount = \"{HOME}\"\ngrantee = \"{STRANGER}\"\n{SIGNED}");
    let read = vec![covered(HOME, "us-east-1", CoverageStatus::Read)];
    let yesterday = judge_under(&policy, Vec::new(), &read, &organization()).findings;
    assert_eq!(yesterday.len(), 1);
    let became = |policy: &str, shares: Vec<Share>, status: CoverageStatus| {
        let coverage = vec![covered(HOME, "us-east-1", status)];
        let judged = judge_under(policy, shares, &coverage, &organization());
        let mut findings = judged.findings;
        let org = organization();
        let unread = Some(&judged.unread_entries);
        let (shares, states) = (&judged.shares, None);
        let none = BTreeSet::new();
        let now = Now { shares, coverage: &coverage, states, unread, ..nothing_read(&org, &none) };
        since(yesterday.clone(), &mut findings, now);
        let found = findings.iter().find(|finding| finding.subject.as_deref() == Some("x-1"));
        found.map(|finding| finding.status.to_string()).unwrap()
    };
    let share = share(HOME, "us-east-1", "ami-1", STRANGER);
    assert_eq!(became(&policy, Vec::new(), CoverageStatus::Read), "open");
    assert_eq!(became(&policy, Vec::new(), CoverageStatus::Unread), "not_assessed");
    assert_eq!(became(&policy, vec![share], CoverageStatus::Partial), "resolved");
    assert_eq!(became("", Vec::new(), CoverageStatus::Unread), "resolved");
}
