use amiaudit::judge::trace::Comings;
use serde_json::{Value, json};

use crate::support::build::{HOME, MEMBER, STRANGER, account, organization};
use crate::support::events::{log, organizations, with};

/// Whether an account was a member on the first of some months of 2026.
fn then(records: &[Value], id: &str, months: [u8; 3]) -> [Option<bool>; 3] {
    let org = organization();
    let comings = Comings::read(&log(records).events, &org);
    months.map(|month| {
        let at = format!("2026-{month:02}-01T00:00:00Z").parse().unwrap();
        comings.member_then(account(id), at, &org)
    })
}

fn left(at: &str, id: &str) -> Value {
    organizations(at, id, "LeaveOrganization", Value::Null)
}

#[test]
fn who_left_was_a_member_until_then() {
    assert_eq!(
        then(&[left("2026-03-15T00:00:00Z", STRANGER)], STRANGER, [1, 3, 4]),
        [Some(true), Some(true), Some(false)]
    );
    let removed = organizations(
        "2026-03-15T00:00:00Z",
        HOME,
        "RemoveAccountFromOrganization",
        json!({ "accountId": STRANGER }),
    );
    assert_eq!(then(&[removed], STRANGER, [1, 3, 4]), [Some(true), Some(true), Some(false)]);
}

#[test]
fn only_the_management_account_removes_others() {
    let forged = organizations(
        "2026-03-15T00:00:00Z",
        MEMBER,
        "RemoveAccountFromOrganization",
        json!({ "accountId": STRANGER }),
    );
    assert_eq!(then(&[forged], STRANGER, [1, 3, 4]), [Some(false); 3]);
}

#[test]
fn who_was_refused_to_leave_stays() {
    let refused = with(left("2026-03-15T00:00:00Z", MEMBER), "errorCode", json!("AccessDenied"));
    // It is listed, and when it joined is not known.
    assert_eq!(then(&[refused], MEMBER, [1, 3, 4]), [None; 3]);
}

#[test]
fn who_was_made_here_was_no_member_before() {
    let made = with(
        organizations("2026-02-15T00:00:00Z", HOME, "CreateAccountResult", Value::Null),
        "serviceEventDetails",
        json!({ "createAccountStatus": { "accountId": MEMBER, "state": "SUCCEEDED" } }),
    );
    assert_eq!(then(&[made], MEMBER, [1, 3, 4]), [Some(false), Some(true), Some(true)]);
}

#[test]
fn who_came_from_elsewhere_and_left_again() {
    let accepted = with(
        organizations("2026-02-15T00:00:00Z", MEMBER, "AcceptHandshake", json!({ "handshakeId": "h-1" })),
        "responseElements",
        json!({ "handshake": { "action": "INVITE" } }),
    );
    assert_eq!(
        then(&[accepted, left("2026-03-15T00:00:00Z", MEMBER)], MEMBER, [1, 3, 4]),
        [Some(false), Some(true), Some(false)]
    );
}

#[test]
fn a_stranger_was_none() {
    assert_eq!(then(&[], STRANGER, [1, 3, 4]), [Some(false); 3]);
    assert_eq!(then(&[], HOME, [1, 3, 4]), [Some(true); 3]);
}
