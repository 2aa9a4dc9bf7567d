use serde_json::{Value, json};

use crate::support::build::{HOME, MEMBER, STRANGER, organization};
use crate::support::events::{log, modify, nothing_stands, with};

const HERE: (&str, &str) = (HOME, "us-east-1");
const THERE: (&str, &str) = (MEMBER, "eu-west-1");

fn refused(record: Value, code: &str) -> Value {
    with(record, "errorCode", json!(code))
}

/// Account, image, grantee, severity and the last sentence.
fn found(records: &[Value]) -> Vec<[String; 5]> {
    let findings = nothing_stands(organization()).found("refused-share-attempt", &log(records));
    findings
        .iter()
        .map(|finding| {
            [
                finding.account.unwrap().to_string(),
                finding.image.as_ref().unwrap().id.to_string(),
                finding.grantee.as_ref().unwrap().to_string(),
                finding.severity.to_string(),
                finding.notes.join(" "),
            ]
        })
        .collect()
}

fn row(account: &str, image: &str, to: &str, said: &str) -> [String; 5] {
    [account, image, to, "low", said].map(str::to_owned)
}

#[test]
fn catches() {
    let records = [
        refused(modify("2026-05-01T00:00:00Z", HERE, "ami-1", "add", "all"), "Client.OperationNotPermitted"),
        refused(modify("2026-05-01T00:00:01Z", THERE, "ami-2", "add", STRANGER), "Client.DryRunOperation"),
        with(modify("2026-05-01T00:00:02Z", HERE, "ami-3", "add", STRANGER), "errorMessage", json!("no")),
    ];
    assert_eq!(
        found(&records),
        [
            row(HOME, "ami-1", "all", "AWS refused it with Client.OperationNotPermitted."),
            row(HOME, "ami-3", STRANGER, "AWS gave no code for it."),
            row(MEMBER, "ami-2", STRANGER, "It was a dry run, and would have gone through."),
        ]
    );
}

#[test]
fn leaves_alone() {
    let add = || modify("2026-05-01T00:00:00Z", HERE, "ami-1", "add", STRANGER);
    let code = "Client.UnauthorizedOperation";
    for (what, record) in [
        ("it went through", add()),
        ("it takes back", refused(modify("2026-05-01T00:00:00Z", HERE, "ami-1", "remove", STRANGER), code)),
        ("a member", refused(modify("2026-05-01T00:00:00Z", HERE, "ami-1", "add", MEMBER), code)),
        ("it was only too many", refused(add(), "Client.RequestLimitExceeded")),
    ] {
        assert_eq!(found(&[record]), Vec::<[String; 5]>::new(), "{what}");
    }
}

#[test]
fn our_own_calls_are_labelled_and_not_hidden() {
    let record =
        refused(modify("2026-05-01T00:00:00Z", HERE, "ami-1", "add", STRANGER), "Client.DryRunOperation");
    let ours = with(record, "userAgent", json!("aws-sdk-rust/1.3 app/amiaudit-0.1.0"));
    let label = "Its user agent says that the call was amiaudit's own, to undo a revocation. \
                 It was a dry run, and would have gone through.";
    assert_eq!(found(&[ours]), [row(HOME, "ami-1", STRANGER, label)]);
}
