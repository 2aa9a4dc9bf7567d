use amiaudit::judge::trace::Comings;
use serde_json::{Value, json};

use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::Membership;

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

/// Our organization, with the time at which MEMBER joined.
fn joined_in_february() -> OrgView {
    let mut membership = organization().membership().clone();
    if let Membership::In { accounts, .. } = &mut membership {
        let member = accounts.members.get_mut(&account(MEMBER)).unwrap();
        member.joined_at = "2026-02-15T00:00:00Z".parse().ok();
    }
    OrgView::new(account(HOME), membership)
}

#[test]
fn what_a_member_did_elsewhere_before_it_joined_says_nothing_of_us() {
    let accepted = |at| {
        with(
            organizations(at, MEMBER, "AcceptHandshake", Value::Null),
            "responseElements",
            json!({ "handshake": { "action": "INVITE" } }),
        )
    };
    let records = [
        accepted("2026-01-01T00:00:00Z"),
        left("2026-02-14T00:00:00Z", MEMBER),
        accepted("2026-02-15T00:00:00Z"),
    ];
    let org = joined_in_february();
    let comings = Comings::read(&log(&records).events, &org);
    let then = |at: &str| comings.member_then(account(MEMBER), at.parse().unwrap(), &org);
    assert_eq!(then("2026-01-15T00:00:00Z"), Some(false));
    assert_eq!(then("2026-02-15T00:00:00Z"), Some(true));
}

#[test]
fn an_account_of_ours_that_is_not_listed_any_more_has_left() {
    let made = with(
        organizations("2026-02-15T00:00:00Z", HOME, "CreateAccountResult", Value::Null),
        "serviceEventDetails",
        json!({ "createAccountStatus": { "accountId": STRANGER, "state": "SUCCEEDED" } }),
    );
    let closed = with(
        organizations("2026-03-15T00:00:00Z", HOME, "CloseAccountResult", Value::Null),
        "serviceEventDetails",
        json!({ "closeAccountStatus": { "accountId": STRANGER, "state": "SUCCEEDED" } }),
    );
    let shares = vec![crate::support::build::share(HOME, "us-east-1", "ami-1", STRANGER)];
    let relation = |records: &[Value]| {
        let judged = crate::support::events::Judged {
            shares: shares.clone(),
            ..crate::support::events::nothing_stands(organization())
        };
        judged.by(&log(records)).shares[0].relation.to_string()
    };
    assert_eq!(relation(&[made.clone(), closed.clone()]), "former_member");
    assert_eq!(relation(&[closed]), "former_member");
    assert_eq!(relation(&[with(made, "recipientAccountId", json!(MEMBER))]), "external");
    assert_eq!(relation(&[left("2026-03-15T00:00:00Z", STRANGER)]), "former_member");
}
