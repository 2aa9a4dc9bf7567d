use amiaudit::model::finding::Status;

use crate::support::build::{HOME, MEMBER, STRANGER, judge_under, organization, share};

/// An exception of two accounts that ends on this day; the run's day is 2026-06-01.
fn ending(day: &str) -> String {
    format!(
        "[[exception]]\naccounts = [\"{HOME}\"]\ngrantee = \"{STRANGER}\"\nowner = \"o\"\nreason = \"r\"\nexpires = {day}\n\
         [[exception]]\naccounts = [\"{MEMBER}\"]\ngrantee = \"{STRANGER}\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-01-01\n"
    )
}

/// rule, account, status of each finding
fn found(policy: &str) -> Vec<(&'static str, String, Status)> {
    let shares =
        vec![share(HOME, "us-east-1", "ami-1", STRANGER), share(MEMBER, "eu-west-1", "ami-2", STRANGER)];
    let judged = judge_under(policy, shares, &[], &organization());
    judged.findings.iter().map(|f| (f.rule.id, f.account.unwrap().to_string(), f.status)).collect()
}

#[test]
fn catches() {
    let outside = "shared-outside-organization";
    assert_eq!(
        found(&ending("2026-05-31")),
        [
            ("expired-exception", HOME.to_owned(), Status::Open),
            (outside, HOME.to_owned(), Status::Open),
            (outside, MEMBER.to_owned(), Status::Excepted),
        ]
    );
}

#[test]
fn leaves_alone() {
    let outside = "shared-outside-organization";
    // A date lasts to its end.
    for day in ["2026-06-01", "2026-06-01T08:00:01Z"] {
        assert_eq!(
            found(&ending(day)),
            [(outside, HOME.to_owned(), Status::Excepted), (outside, MEMBER.to_owned(), Status::Excepted)]
        );
    }
}
