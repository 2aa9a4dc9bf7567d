//! Every way in which the organization can be unreadable, and what is then said of a stranger.

use amiaudit::collect::{OrganizationAnswer, Page, Reading};
use amiaudit::model::failure::FailureKind;

use super::fake::{Fake, OURS, denied, failure, members};
use crate::support::build::{HOME, MEMBER, STRANGER, account, grantee};

/// A cloud in which our member and a stranger were let in.
fn shared() -> Fake {
    Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee(MEMBER), grantee(STRANGER)])])
}

/// What the member and the stranger are, and the gaps: call, subject, whether its reason has this word.
fn told(reading: &Reading) -> ([&'static str; 2], Vec<(&str, &str)>) {
    let relation = |id: &str| {
        let share = reading.shares.iter().find(|share| share.grantee.label() == id).unwrap();
        share.grantee.relation(share.place.account, &reading.org).word()
    };
    let gaps = reading.gaps.iter().map(|gap| (gap.call.as_str(), gap.subject.as_str())).collect();
    ([relation(MEMBER), relation(STRANGER)], gaps)
}

fn page(
    ids: &[(&str, &str)],
    next: Option<&str>,
) -> Page<Result<amiaudit::model::organization::Member, String>> {
    Page { items: members(ids), next: next.map(str::to_owned) }
}

#[test]
fn a_complete_list_tells_strangers() {
    assert_eq!(told(&shared().read()), (["member", "external"], vec![]));
}

#[test]
fn an_empty_page_is_not_the_end() {
    let fake = Fake { lists: vec![vec![Ok(page(&[], Some("1"))), Ok(page(OURS, None))]], ..shared() };
    assert_eq!(told(&fake.read()), (["member", "external"], vec![]));
}

#[test]
fn a_denied_list_makes_everybody_else_unknown() {
    let fake = Fake { lists: vec![vec![Err(denied("ListAccounts"))]], ..shared() };
    let reading = fake.read();
    assert_eq!(told(&reading), (["unknown", "unknown"], vec![("ListAccounts", "")]));
    assert_eq!(reading.gaps[0].error_code.as_deref(), Some("AccessDenied"));
}

#[test]
fn a_list_that_breaks_off_keeps_what_came() {
    let fake = Fake {
        lists: vec![vec![
            Ok(page(&[(HOME, "ACTIVE"), (MEMBER, "ACTIVE")], Some("1"))),
            Err(denied("ListAccounts")),
        ]],
        ..shared()
    };
    assert_eq!(told(&fake.read()), (["member", "unknown"], vec![("ListAccounts", "page 2")]));
}

#[test]
fn an_empty_list_is_not_an_organization_of_nobody() {
    let fake = Fake { lists: vec![vec![Ok(page(&[], None))]], ..shared() };
    let reading = fake.read();
    assert_eq!(told(&reading), (["unknown", "unknown"], vec![("ListAccounts", "")]));
    assert!(reading.gaps[0].reason.contains(HOME), "{}", reading.gaps[0].reason);
}

#[test]
fn a_list_without_the_management_account_is_not_whole() {
    let mut fake = Fake { lists: vec![vec![Ok(page(OURS, None))]], ..shared() };
    let elsewhere = "arn:aws:organizations::777777777777:organization/o-ourorg0001".parse().unwrap();
    fake.organization = Ok(OrganizationAnswer::In(elsewhere));
    let reading = fake.read();
    assert_eq!(told(&reading), (["member", "unknown"], vec![("ListAccounts", "")]));
    assert!(reading.gaps[0].reason.contains("777777777777"));
}

#[test]
fn an_entry_without_an_id_makes_the_list_unreliable() {
    let mut items = members(OURS);
    items.push(Err("not-an-account".to_owned()));
    let fake = Fake { lists: vec![vec![Ok(Page { items, next: None })]], ..shared() };
    assert_eq!(told(&fake.read()), (["member", "unknown"], vec![("ListAccounts", "not-an-account")]));
}

#[test]
fn no_organization_is_an_answer_and_not_a_gap() {
    let fake = Fake { organization: Ok(OrganizationAnswer::NotInOrganization), ..shared() };
    assert_eq!(told(&fake.read()), (["external", "external"], vec![]));
}

#[test]
fn a_denied_description_is_a_gap_and_the_accounts_tell_the_organization() {
    let fake = Fake { organization: Err(denied("DescribeOrganization")), ..shared() };
    assert_eq!(told(&fake.read()), (["member", "external"], vec![("DescribeOrganization", "")]));
}

#[test]
fn nothing_readable_leaves_one_gap_each() {
    let fake = Fake {
        organization: Err(denied("DescribeOrganization")),
        lists: vec![vec![Err(denied("ListAccounts"))]],
        ..shared()
    };
    let gaps = vec![("DescribeOrganization", ""), ("ListAccounts", "")];
    assert_eq!(told(&fake.read()), (["unknown", "unknown"], gaps));
}

#[test]
fn whoever_joined_meanwhile_is_a_member() {
    let joined: Vec<(&str, &str)> = OURS.iter().copied().chain([(STRANGER, "ACTIVE")]).collect();
    let fake = Fake { lists: vec![vec![Ok(page(OURS, None))], vec![Ok(page(&joined, None))]], ..shared() };
    assert_eq!(told(&fake.read()), (["member", "member"], vec![]));
}

#[test]
fn whoever_left_meanwhile_is_a_former_member() {
    let left: Vec<(&str, &str)> = OURS.iter().copied().filter(|(id, _)| *id != MEMBER).collect();
    let fake = Fake { lists: vec![vec![Ok(page(OURS, None))], vec![Ok(page(&left, None))]], ..shared() };
    let reading = fake.read();
    assert_eq!(told(&reading), (["former_member", "external"], vec![]));
    assert!(reading.org.member(account(MEMBER)).is_none());
}

#[test]
fn without_the_second_reading_strangers_stay_unknown() {
    let again = failure("ListAccounts", FailureKind::Passing, "ServiceException");
    let fake = Fake { lists: vec![vec![Ok(page(OURS, None))], vec![Err(again)]], ..shared() };
    assert_eq!(told(&fake.read()), (["member", "unknown"], vec![("ListAccounts", "")]));
}

#[test]
fn the_list_is_read_again_only_where_a_stranger_was_met() {
    let fake = Fake::new().with_image(HOME, "ami-1", vec![Ok(vec![grantee(MEMBER), grantee("all")])]);
    let fake = Fake { lists: vec![vec![Ok(page(OURS, None))], vec![Err(denied("ListAccounts"))]], ..fake };
    assert_eq!(fake.read().gaps, vec![]);
}
