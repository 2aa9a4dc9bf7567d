//! An interrupted run keeps what it read, and the rest is gaps.

use amiaudit::collect::{Progress, Selection, Stopper};
use amiaudit::model::place::Place;

use super::fake::Fake;
use crate::support::build::{HOME, MEMBER, STRANGER, grantee};

/// Stops the run when the first place is done.
struct StopAfterFirst(Stopper);

impl Progress for StopAfterFirst {
    fn places_found(&self, _: usize) {}
    fn images_listed(&self, _: usize) {}
    fn image_done(&self) {}
    fn place_done(&self, _: &Place) {
        self.0.stop();
    }
}

fn shared() -> Fake {
    Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee(STRANGER), grantee("all")])]).with_image(
        MEMBER,
        "ami-2",
        vec![Ok(vec![grantee("all")])],
    )
}

#[test]
fn what_was_read_stays_and_the_rest_is_a_gap_each() {
    let (stopper, _) = Stopper::new();
    let progress = StopAfterFirst(stopper.clone());
    let selection = Selection { has_role: true, ..Selection::default() };
    let reading = shared().read_until(&stopper, &selection, &progress).unwrap();
    assert!(reading.interrupted);
    let images: Vec<&str> = reading.shares.iter().map(|share| share.image.id.as_str()).collect();
    assert_eq!(images, ["ami-1", "ami-1"]);
    let gaps: Vec<(String, &str)> =
        reading.gaps.iter().map(|gap| (gap.account.unwrap().to_string(), gap.call.as_str())).collect();
    // The list of accounts was not read a second time, and that is a gap too.
    assert_eq!(gaps, [(HOME.to_owned(), "ListAccounts"), (MEMBER.to_owned(), "DescribeImages")]);
    let statuses: Vec<&str> = reading.coverage.iter().map(|row| row.status.word()).collect();
    // The first row is for the gap of the account as a whole.
    assert_eq!(statuses, ["partial", "read", "unread", "not_applicable"]);
    // So the stranger stays unknown.
    let relations: Vec<&str> =
        reading.shares.iter().map(|s| s.grantee.relation(s.place.account, &reading.org).word()).collect();
    assert_eq!(relations, ["unknown", "public"]);
}

#[test]
fn a_run_stopped_before_it_began_reads_nothing_and_says_so() {
    let (stopper, _) = Stopper::new();
    stopper.stop();
    let selection = Selection { has_role: true, ..Selection::default() };
    let reading = shared().read_until(&stopper, &selection, &amiaudit::collect::Quiet).unwrap();
    assert!(reading.interrupted && reading.shares.is_empty());
    let calls: Vec<&str> = reading.gaps.iter().map(|gap| gap.call.as_str()).collect();
    assert_eq!(calls, ["DescribeRegions", "ListAccounts"]);
}
