use amiaudit::judge::policy::Policy;
use amiaudit::judge::{Case, Judgement, judge};
use amiaudit::model::org_view::OrgView;

use super::of_rule;
use crate::support::build::{
    CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, case, incomplete_organization, organization, policy, share,
    snapshot_share,
};

const RULE: &str = "backing-snapshot-shared";
const SNAPSHOTS: [&str; 3] = ["snap-0aa", "snap-0bb", "snap-0cc"];

/// Two images of two accounts in two Regions, both let a stranger in. The first has two snapshots, the second one; all
/// are shared with the same grantee.
pub(in crate::judge) fn judged(to: &str, org: &OrgView, policy: &Policy) -> Judgement {
    let (first, second) = ((HOME, "us-east-1"), (MEMBER, "eu-west-1"));
    let shares =
        vec![share(HOME, "us-east-1", "ami-1", STRANGER), share(MEMBER, "eu-west-1", "ami-2", STRANGER)];
    let snapshots = [
        snapshot_share(second, "ami-2", SNAPSHOTS[2], to),
        snapshot_share(first, "ami-1", SNAPSHOTS[1], to),
        snapshot_share(first, "ami-1", SNAPSHOTS[0], to),
    ];
    judge(Case { shares, snapshots: &snapshots, ..case(org, policy) })
}

fn found(to: &str, org: &OrgView) -> Vec<[String; 5]> {
    of_rule(RULE, &judged(to, org, &Policy::default()))
}

fn rows(to: &str, severity: &str) -> Vec<[String; 5]> {
    let first = [HOME, "us-east-1", "ami-1", to, severity];
    [first, first, [MEMBER, "eu-west-1", "ami-2", to, severity]].map(|row| row.map(str::to_owned)).to_vec()
}

#[test]
fn catches() {
    let org = organization();
    assert_eq!(found(STRANGER, &org), rows(STRANGER, "high"));
    assert_eq!(found(CLOSED, &org), rows(CLOSED, "high"));
    assert_eq!(found("all", &org), rows("all", "critical"));
    // What cannot be told is no less a finding, and no more.
    assert_eq!(found(STRANGER, &incomplete_organization()), rows(STRANGER, "medium"));
    assert_eq!(found("vpcArn=arn:x", &org), rows("vpcArn=arn:x", "medium"));
}

#[test]
fn leaves_alone() {
    assert_eq!(found(OUR_ORG, &organization()), Vec::<[String; 5]>::new());
    // Each is a member to the other, and itself to itself.
    for inside in [HOME, MEMBER] {
        assert_eq!(found(inside, &organization()), Vec::<[String; 5]>::new(), "{inside}");
    }
    let trusted =
        "[[trusted]]\naccount = \"999999999999\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2026-12-31\n";
    assert!(of_rule(RULE, &judged(STRANGER, &organization(), &policy(trusted))).is_empty());
}

#[test]
fn each_names_its_snapshot_and_the_command_that_takes_it_back() {
    let told = |to: &str, org: &OrgView| -> Vec<(String, String)> {
        let judged = judged(to, org, &Policy::default());
        let ours = judged.findings.iter().filter(|finding| finding.rule.id == RULE);
        ours.map(|finding| {
            let snapshot = finding.snapshot.as_ref().unwrap().to_string();
            assert_eq!(finding.subject.as_ref(), Some(&snapshot));
            assert!(finding.group_id.is_some());
            (snapshot, finding.remediation().into_owned())
        })
        .collect()
    };
    let command = |region: &str, snapshot: &str, whom: &str| {
        format!(
            "aws ec2 modify-snapshot-attribute --region {region} --snapshot-id {snapshot} --attribute \
             createVolumePermission --operation-type remove {whom}"
        )
    };
    let regions = ["us-east-1", "us-east-1", "eu-west-1"];
    for (to, whom) in [(STRANGER, "--user-ids 999999999999"), ("all", "--group-names all")] {
        for ((snapshot, text), (wanted, region)) in
            told(to, &organization()).iter().zip(SNAPSHOTS.iter().zip(regions))
        {
            assert_eq!(snapshot, wanted);
            assert!(text.ends_with(&command(region, wanted, whom)), "{text}");
        }
    }
    for (_, text) in told(STRANGER, &incomplete_organization()) {
        assert!(text.contains("--user-ids 999999999999 It cannot be told whether"), "{text}");
    }
    for (_, text) in told("vpcArn=arn:x", &organization()) {
        assert!(!text.contains("aws ec2") && text.contains("it cannot be told who that is"), "{text}");
    }
}
