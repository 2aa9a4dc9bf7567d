use amiaudit::judge::trace::windows;
use serde_json::{Value, json};

use super::{HERE, THERE};
use crate::support::build::{MEMBER, STRANGER};
use crate::support::events::{about, call, log, modify, with};

/// Account, image, grantee, from, to, seconds, what ended it, whether it is ambiguous.
fn rows(records: &[Value]) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    windows(&log(records).events)
        .iter()
        .map(|window| {
            let ended = window.closed.as_ref().map(|event| event.name.to_string());
            format!(
                "{} {} {} {} {} {} {} {}",
                window.account,
                window.image,
                text(window.grantee.as_ref().map(ToString::to_string)),
                text(window.from().map(|at| at.strftime("%H:%M:%S").to_string())),
                text(window.to().map(|at| at.strftime("%H:%M:%S").to_string())),
                text(window.seconds().map(|seconds| seconds.to_string())),
                text(ended),
                window.is_ambiguous
            )
        })
        .collect()
}

#[test]
fn a_share_of_56_seconds_is_seen() {
    // The times of a real one: aws_dataset of Invictus, 2023-07-10.
    let records = [
        call("2023-07-10T12:10:53Z", HERE, "RegisterImage", json!({ "name": "exfiltration" })),
        modify("2023-07-10T12:11:01Z", HERE, "ami-1", "add", STRANGER),
        modify("2023-07-10T12:11:57Z", HERE, "ami-1", "remove", STRANGER),
        about("2023-07-10T12:12:03Z", HERE, "DeregisterImage", "ami-1"),
        modify("2023-07-10T12:11:30Z", THERE, "ami-2", "add", "all"),
    ];
    assert_eq!(
        rows(&records),
        [
            "111111111111 ami-1 999999999999 12:11:01 12:11:57 56 ModifyImageAttribute false",
            "222222222222 ami-2 all 12:11:30 - - - false",
        ]
    );
}

#[test]
fn whatever_ends_all_grants_ends_each() {
    for name in ["ResetImageAttribute", "DisableImage", "DeregisterImage"] {
        let records = [
            modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", STRANGER),
            modify("2026-01-01T00:00:02Z", HERE, "ami-1", "add", "all"),
            modify("2026-01-01T00:00:03Z", HERE, "ami-2", "add", STRANGER),
            about("2026-01-01T00:00:11Z", HERE, name, "ami-1"),
        ];
        assert_eq!(
            rows(&records),
            [
                format!("111111111111 ami-1 999999999999 00:00:01 00:00:11 10 {name} false"),
                format!("111111111111 ami-1 all 00:00:02 00:00:11 9 {name} false"),
                "111111111111 ami-2 999999999999 00:00:03 - - - false".to_owned(),
            ]
        );
    }
}

#[test]
fn a_grantee_that_gives_up_its_grant_ends_it_from_its_own_trail() {
    let records = [
        modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", STRANGER),
        modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", MEMBER),
        about("2026-01-01T00:00:05Z", (STRANGER, "us-east-1"), "CancelImageLaunchPermission", "ami-1"),
    ];
    assert_eq!(
        rows(&records),
        [
            "111111111111 ami-1 222222222222 00:00:01 - - - false",
            "111111111111 ami-1 999999999999 00:00:01 00:00:05 4 CancelImageLaunchPermission false",
        ]
    );
}

#[test]
fn calls_that_failed_change_nothing() {
    let add = modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", STRANGER);
    let remove = modify("2026-01-01T00:00:02Z", HERE, "ami-1", "remove", STRANGER);
    let refused = with(remove, "errorCode", json!("Client.UnauthorizedOperation"));
    assert_eq!(rows(&[add, refused]), ["111111111111 ami-1 999999999999 00:00:01 - - - false"]);
}

#[test]
fn what_began_before_the_log_has_no_beginning() {
    assert_eq!(
        rows(&[modify("2026-01-01T00:00:01Z", HERE, "ami-1", "remove", STRANGER)]),
        ["111111111111 ami-1 999999999999 - 00:00:01 - ModifyImageAttribute false"]
    );
}

#[test]
fn an_add_and_a_remove_in_one_second_have_no_order() {
    let records = [
        modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", STRANGER),
        with(modify("2026-01-01T00:00:01Z", HERE, "ami-1", "remove", STRANGER), "eventID", json!("Z")),
    ];
    assert_eq!(
        rows(&records),
        ["111111111111 ami-1 999999999999 00:00:01 00:00:01 0 ModifyImageAttribute true"]
    );
}

#[test]
fn whatever_ids_they_have() {
    let at = "2026-01-01T00:00:01Z";
    let rows_of = |add: &str, remove: &str| {
        let add = with(modify(at, HERE, "ami-1", "add", STRANGER), "eventID", json!(add));
        let remove = with(modify(at, HERE, "ami-1", "remove", STRANGER), "eventID", json!(remove));
        rows(&[add, remove])
    };
    assert!(rows_of("a", "z").iter().all(|row| row.ends_with("true")));
    assert!(rows_of("z", "a").iter().all(|row| row.ends_with("true")), "{:?}", rows_of("z", "a"));
}

#[test]
fn a_call_without_its_parameters_may_have_let_in_anybody() {
    let call = with(
        modify("2026-01-01T00:00:01Z", HERE, "ami-1", "add", STRANGER),
        "requestParameters",
        Value::Null,
    );
    let call = with(call, "responseElements", json!({ "imageId": "ami-1" }));
    assert_eq!(rows(&[call]), ["111111111111 ami-1 - 00:00:01 - - - true"]);
}
