//! Snapshots behind images, beside the images' own shares: what the policy approves, what an earlier run's findings
//! became, and what is said of it elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amiaudit::judge::policy::Policy;
use amiaudit::judge::{Case, Now, judge, since};
use amiaudit::model::coverage::CoverageStatus;
use amiaudit::model::finding::{Finding, Severity};
use amiaudit::model::gap::Gap;
use amiaudit::model::ids::ImageId;
use amiaudit::model::image::Image;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::Membership;
use amiaudit::model::place::Place;
use amiaudit::model::share::{Share, Verdict};
use amiaudit::model::snapshot::{SnapshotAt, SnapshotShare};

use super::rules::backing_snapshot_shared::judged;
use crate::support::build::{
    HOME, MEMBER, SIGNED, STRANGER, account, case, covered, image, member, nothing_read, now, organization,
    place, policy, share, snapshot_share,
};

const OTHER: &str = "888888888888";

/// Image, snapshot, status and entry of the findings of snapshots.
fn of_snapshots(findings: &[Finding]) -> Vec<[String; 4]> {
    let ours = findings.iter().filter(|finding| finding.snapshot.is_some());
    ours.map(|finding| {
        [
            finding.image.as_ref().unwrap().id.to_string(),
            finding.snapshot.as_ref().unwrap().to_string(),
            finding.status.to_string(),
            finding.exception_id.clone().unwrap_or_default(),
        ]
    })
    .collect()
}

fn row(image: &str, snapshot: &str, status: &str, entry: &str) -> [String; 4] {
    [image, snapshot, status, entry].map(str::to_owned)
}

/// The grantee holds nothing of the image: an exception is held against the image all the same.
#[test]
fn an_exception_approves_a_grantee_that_has_no_share_of_the_image() {
    let text = format!(
        "[[exception]]\nid = \"x-1\"\naccount = \"{HOME}\"\nimage_name = \"name of ami-*\"\ngrantee = \"{OTHER}\"\n{SIGNED}"
    );
    let judged = judged(OTHER, &organization(), &policy(&text));
    let rows = [
        row("ami-1", "snap-0aa", "excepted", "x-1"),
        row("ami-1", "snap-0bb", "excepted", "x-1"),
        row("ami-2", "snap-0cc", "open", ""),
    ];
    assert_eq!(of_snapshots(&judged.findings), rows);
    // Neither is it unused, nor did it approve the image's share with somebody else.
    assert_eq!(judged.exceptions[0].matches, 2);
    assert!(judged.shares.iter().all(|assessed| assessed.verdict == Verdict::Open));
}

#[test]
fn an_intended_public_image_may_have_public_snapshots() {
    let text = format!(
        "[[intended_public]]\nid = \"p-1\"\naccounts = [\"{MEMBER}\"]\nimages = [\"ami-2\"]\n{SIGNED}"
    );
    let judged = judged("all", &organization(), &policy(&text));
    let statuses: Vec<String> =
        of_snapshots(&judged.findings).into_iter().map(|row| row[3].clone()).collect();
    assert_eq!(statuses, ["", "", "p-1"]);
}

/// An approved finding of a snapshot leaves the image's share with the same grantee open, and the other way round.
#[test]
fn an_approval_of_one_is_none_of_the_other() {
    let before = judged(STRANGER, &organization(), &Policy::default());
    for approved in before.findings {
        let text = format!("[[exception]]\nfinding_id = \"{}\"\n{SIGNED}", approved.id());
        let judged = judged(STRANGER, &organization(), &policy(&text));
        let excepted: Vec<String> = judged
            .findings
            .iter()
            .filter(|finding| finding.status.word() == "excepted")
            .map(Finding::id)
            .collect();
        assert_eq!(excepted, [approved.id()]);
        let open = judged.shares.iter().filter(|assessed| assessed.verdict == Verdict::Open).count();
        assert_eq!(open, if approved.snapshot.is_some() { 2 } else { 1 }, "{}", approved.rule.id);
    }
}

#[test]
fn a_policy_sets_its_severity() {
    let text = "[severity]\nbacking-snapshot-shared = \"low\"\n";
    let judged = judged("all", &organization(), &policy(text));
    let low = judged.findings.iter().filter(|finding| finding.severity == Severity::Low).count();
    assert_eq!(low, 3);
}

#[test]
fn findings_of_the_image_tell_of_its_snapshots_and_of_its_last_launch() {
    let launched = Image { last_launched_at: "2026-05-30T01:02:03Z".parse().ok(), ..image("ami-1") };
    let shares = vec![
        Share { image: Arc::new(launched), ..share(HOME, "us-east-1", "ami-1", STRANGER) },
        share(MEMBER, "eu-west-1", "ami-2", "all"),
        share(MEMBER, "us-east-1", "ami-3", STRANGER),
        share(MEMBER, "us-east-1", "ami-4", HOME),
    ];
    let snapshots = [
        snapshot_share((HOME, "us-east-1"), "ami-1", "snap-0aa", "all"),
        snapshot_share((HOME, "us-east-1"), "ami-1", "snap-0aa", OTHER),
        snapshot_share((HOME, "us-east-1"), "ami-1", "snap-0bb", MEMBER),
        snapshot_share((MEMBER, "eu-west-1"), "ami-2", "snap-0aa", OTHER),
        snapshot_share((MEMBER, "eu-west-1"), "ami-2", "snap-0dd", OTHER),
    ];
    let (org, policy) = (organization(), Policy::default());
    let judged = judge(Case { shares, snapshots: &snapshots, ..case(&org, &policy) });
    let of_images = judged.findings.iter().filter(|finding| finding.snapshot.is_none());
    let notes: Vec<Vec<String>> = of_images.map(|finding| finding.notes.clone()).collect();
    let copied = "shared outside as well: whoever holds";
    assert_eq!(
        notes,
        [
            vec![
                "It was last launched at 2026-05-30T01:02:03Z.".to_owned(),
                format!("Its snapshot snap-0aa is {copied} that can copy the data."),
            ],
            vec![format!("Its snapshots snap-0aa, snap-0dd are {copied} them can copy the data.")],
            vec![],
        ]
    );
}

/// What a later run read: HOME's ami-1 in us-east-1, of whose snapshot a stranger could make volumes before.
struct Today {
    snapshots: Vec<SnapshotShare>,
    read: BTreeSet<SnapshotAt>,
    gone: BTreeSet<SnapshotAt>,
    status: CoverageStatus,
    gaps: Vec<Gap>,
    states: BTreeMap<(Place, ImageId), String>,
    policy: String,
    org: OrgView,
}

fn today() -> Today {
    let here = place(HOME, "us-east-1");
    Today {
        snapshots: Vec::new(),
        read: BTreeSet::from([(here.clone(), "snap-0aa".parse().unwrap())]),
        gone: BTreeSet::new(),
        status: CoverageStatus::Read,
        gaps: Vec::new(),
        states: BTreeMap::from([((here, "ami-1".parse().unwrap()), "available".to_owned())]),
        policy: String::new(),
        org: organization(),
    }
}

fn granted() -> Vec<SnapshotShare> {
    vec![snapshot_share((HOME, "us-east-1"), "ami-1", "snap-0aa", STRANGER)]
}

/// Status and resolution of yesterday's finding.
fn became(today: &Today) -> (String, String) {
    let (org, nothing) = (organization(), Policy::default());
    let shared = || vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let yesterday = judge(Case { shares: shared(), snapshots: &granted(), ..case(&org, &nothing) }).findings;
    let id = yesterday.iter().find(|finding| finding.snapshot.is_some()).unwrap().id();
    let policy = policy(&today.policy);
    let coverage = vec![covered(HOME, "us-east-1", today.status)];
    let judged = judge(Case {
        shares: shared(),
        snapshots: &today.snapshots,
        coverage: &coverage,
        ..case(&today.org, &policy)
    });
    let mut findings = judged.findings;
    let none = BTreeSet::new();
    let at = Now {
        shares: &judged.shares,
        coverage: &coverage,
        gaps: &today.gaps,
        snapshots: &today.snapshots,
        snapshots_read: &today.read,
        snapshots_gone: &today.gone,
        states: Some(&today.states),
        unread: Some(&judged.unread_entries),
        ..nothing_read(&today.org, &none)
    };
    since(yesterday, &mut findings, at);
    let finding = findings.iter().find(|finding| finding.id() == id).unwrap();
    (finding.status.to_string(), finding.resolution.map(|r| r.to_string()).unwrap_or_default())
}

fn resolved(how: &str) -> (String, String) {
    ("resolved".to_owned(), how.to_owned())
}

#[test]
fn it_is_resolved_only_where_its_snapshot_was_read_or_is_gone() {
    let not_assessed = ("not_assessed".to_owned(), String::new());
    assert_eq!(became(&Today { snapshots: granted(), ..today() }), ("open".to_owned(), String::new()));
    assert_eq!(became(&today()), resolved("revoked"));
    assert_eq!(became(&Today { read: BTreeSet::new(), ..today() }), not_assessed);
    let elsewhere: BTreeSet<SnapshotAt> =
        [(MEMBER, "us-east-1", "snap-0aa"), (HOME, "eu-west-1", "snap-0aa"), (HOME, "us-east-1", "snap-0bb")]
            .map(|(owner, region, snapshot)| (place(owner, region), snapshot.parse().unwrap()))
            .into();
    for read in [BTreeSet::new(), elsewhere.clone()] {
        let nowhere = || Today { read: read.clone(), ..today() };
        assert_eq!(became(&nowhere()), not_assessed);
        assert_eq!(became(&Today { gone: elsewhere.clone(), ..nowhere() }), not_assessed);
        // AWS keeps the snapshot when the image is gone.
        assert_eq!(became(&Today { states: BTreeMap::new(), ..nowhere() }), not_assessed);
        assert_eq!(became(&Today { gone: today().read, ..nowhere() }), resolved("deregistered"));
    }
    let gone = || Today { states: BTreeMap::new(), ..today() };
    assert_eq!(became(&gone()), resolved("revoked"));
    assert_eq!(became(&Today { snapshots: granted(), ..gone() }), ("open".to_owned(), String::new()));
}

/// The snapshot was read behind another image, and is shared all the same.
#[test]
fn a_grant_that_stands_behind_another_image_is_not_revoked() {
    let here = (HOME, "us-east-1");
    for (snapshot, to, expected) in [
        ("snap-0aa", STRANGER, ("not_assessed".to_owned(), String::new())),
        ("snap-0aa", OTHER, resolved("revoked")),
        ("snap-0bb", STRANGER, resolved("revoked")),
    ] {
        let snapshots = vec![snapshot_share(here, "ami-2", snapshot, to)];
        assert_eq!(became(&Today { snapshots, ..today() }), expected, "{snapshot} {to}");
    }
}

#[test]
fn a_grantee_that_joined_or_is_trusted_now() {
    let Membership::In { organization, mut accounts, as_of } = organization().membership().clone() else {
        panic!()
    };
    accounts.members.insert(account(STRANGER), member(STRANGER, "ACTIVE"));
    let org = OrgView::new(account(HOME), Membership::In { organization, accounts, as_of });
    assert_eq!(became(&Today { snapshots: granted(), org, ..today() }), resolved("joined"));
    let trusted = format!("[[trusted]]\naccount = \"{STRANGER}\"\n{SIGNED}");
    let today = Today { snapshots: granted(), policy: trusted, ..today() };
    assert_eq!(became(&today), resolved("policy_changed"));
}

/// A snapshot that could not be read says nothing of its image's shares.
#[test]
fn a_gap_of_a_snapshot_hides_no_image() {
    let (org, nothing) = (organization(), Policy::default());
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let yesterday = judge(Case { shares, ..case(&org, &nothing) }).findings;
    let region = "us-east-1".parse().unwrap();
    for subject in ["snap-0aa", "0 of 3 snapshots behind shared images were tried"] {
        let gap = Gap::new(Some(account(HOME)), Some(&region), "DescribeSnapshotAttribute", "denied");
        let gaps = [Gap { subject: subject.to_owned(), ..gap }];
        let coverage = [covered(HOME, "us-east-1", CoverageStatus::Partial)];
        let (mut findings, states, none) = (Vec::new(), today().states, BTreeSet::new());
        let at = Now {
            coverage: &coverage,
            gaps: &gaps,
            states: Some(&states),
            at: now(),
            ..nothing_read(&org, &none)
        };
        since(yesterday.clone(), &mut findings, at);
        assert_eq!(findings[0].resolution.map(|r| r.word()), Some("revoked"), "{subject}");
    }
}
