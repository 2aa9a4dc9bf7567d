use amiaudit::model::coverage::{Coverage, CoverageStatus};

use crate::support::build::{
    CLOSED, HOME, MEMBER, SIGNED, STRANGER, covered, incomplete_organization, judge_under, organization,
    share,
};

/// One exception of HOME in us-east-1, one of MEMBER, and a trusted account; only HOME's is used.
fn policy() -> String {
    format!(
        "[[exception]]\nid = \"home\"\naccount = \"{HOME}\"\nregion = \"us-east-1\"\ngrantee = \"{STRANGER}\"\n{SIGNED}\
         [[exception]]\nid = \"member\"\naccount = \"{MEMBER}\"\ngrantee = \"{STRANGER}\"\n{SIGNED}\
         [[trusted]]\nid = \"vendor\"\naccounts = [\"444444444444\"]\n{SIGNED}"
    )
}

fn unused(coverage: &[Coverage]) -> Vec<String> {
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let judged = judge_under(&policy(), shares, coverage, &organization());
    let mut ids: Vec<String> = judged
        .findings
        .iter()
        .filter(|finding| finding.rule.id == "unused-exception")
        .map(|finding| finding.exception_id.clone().unwrap())
        .collect();
    ids.sort();
    ids
}

fn whole() -> Vec<Coverage> {
    vec![
        covered(HOME, "us-east-1", CoverageStatus::Read),
        covered(MEMBER, "us-east-1", CoverageStatus::Read),
        covered(MEMBER, "eu-west-1", CoverageStatus::NotApplicable),
    ]
}

#[test]
fn catches() {
    assert_eq!(unused(&whole()), ["member", "vendor"]);
}

#[test]
fn leaves_alone() {
    // Whatever of an entry's scope was not read could hold what it covers.
    for status in [CoverageStatus::Partial, CoverageStatus::Unread, CoverageStatus::NotSelected] {
        let mut coverage = whole();
        coverage[1].status = status;
        assert_eq!(unused(&coverage), Vec::<String>::new(), "{status}");
        let mut coverage = whole();
        coverage[0].status = status;
        assert_eq!(unused(&coverage), ["member"], "{status}");
    }
    // Nobody read the images of a suspended account.
    let mut coverage = whole();
    coverage.push(covered(CLOSED, "", CoverageStatus::NotApplicable));
    assert_eq!(unused(&coverage), ["member"]);
    // A scan of one account says nothing of another's.
    let one =
        [covered(HOME, "us-east-1", CoverageStatus::Read), covered(MEMBER, "", CoverageStatus::NotSelected)];
    assert_eq!(unused(&one), Vec::<String>::new());
    let incomplete = judge_under(&policy(), Vec::new(), &whole(), &incomplete_organization());
    assert!(!incomplete.findings.iter().any(|finding| finding.exception_id.as_deref() == Some("vendor")));
}

#[test]
fn of_two_that_overlap_neither_is_unused() {
    let entry = |image: &str| {
        format!("[[exception]]\naccount = \"{HOME}\"\n{image}grantee = \"{STRANGER}\"\n{SIGNED}")
    };
    let policy = entry("") + &entry("image = \"ami-1\"\n");
    let shares = vec![share(HOME, "us-east-1", "ami-1", STRANGER)];
    let judged = judge_under(&policy, shares, &whole(), &organization());
    let rules: Vec<&str> = judged.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["shared-outside-organization"]);
    assert!(judged.exceptions.iter().all(|exception| exception.matches == 1));
}
