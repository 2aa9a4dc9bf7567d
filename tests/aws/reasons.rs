//! What a person reads when AWS says no.

use amiaudit::aws::AwsSettings;
use amiaudit::model::failure::FailureKind;
use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::scenario::FailSpec;

use crate::support::served::Served;

fn scenario() -> Scenario {
    organization(Size { accounts: 2, regions: 1, images: 2, seed: 1, shared_percent: 12.5 })
}

/// The reason in the only gap when every call of an action fails so.
fn reason(call: &str, code: &str, message: &str, status: u16) -> String {
    let fail = FailSpec {
        call: call.to_owned(),
        account: Some("100000000001".to_owned()),
        code: Some(code.to_owned()),
        message: Some(message.to_owned()),
        status: Some(status),
        ..FailSpec::default()
    };
    let served = Served::new(Scenario { fails: vec![fail], ..scenario() });
    let (reading, _) = served.scan(served.settings()).unwrap();
    assert_eq!(reading.gaps.len(), 1, "{:?}", reading.gaps);
    reading.gaps[0].reason.clone()
}

#[test]
fn refusals_say_which_permission_and_by_whom() {
    let scp = "with an explicit deny in a service control policy";
    for (code, message, wanted) in [
        ("UnauthorizedOperation", "no", "permission for ec2:DescribeImages is missing or denied"),
        (
            "UnauthorizedOperation",
            scp,
            "ec2:DescribeImages is denied by an organization's service control policy",
        ),
        (
            "AccessDenied",
            "because no session policy allows it",
            "ec2:DescribeImages is denied by a session policy",
        ),
        (
            "AuthFailure",
            "not able to validate",
            "does not accept these credentials here (is the Region enabled?)",
        ),
        ("ExpiredToken", "expired", "the credentials have expired: log in again"),
        ("OptInRequired", "subscribe", "does not accept these credentials here"),
    ] {
        let reason = reason("DescribeImages", code, message, 403);
        assert!(reason.contains(wanted) && reason.contains(&format!("{code}: {message}")), "{reason}");
    }
}

#[test]
fn what_may_pass_is_tried_again_and_counted() {
    let reason = reason("DescribeImages", "InternalError", "oops", 500);
    assert_eq!(reason, "InternalError: oops (tried 5 times)");
}

#[test]
fn hostile_messages_are_one_bounded_line() {
    let reason = reason("DescribeImages", "Weird", &"evil\n\u{9b}31m ".repeat(500), 400);
    assert!(!reason.contains('\n') && !reason.contains('\u{9b}') && reason.chars().count() < 650, "{reason}");
}

fn connect(
    change: impl FnOnce(&mut Scenario),
    settings: impl FnOnce(&mut AwsSettings),
) -> (FailureKind, String) {
    let mut scenario = scenario();
    change(&mut scenario);
    let served = Served::new(scenario);
    let mut with = served.settings();
    settings(&mut with);
    let failure = served.scan(with).map(|_| ()).unwrap_err();
    (failure.kind, failure.reason)
}

#[test]
fn a_wrong_clock_is_said_as_such() {
    let (_, reason) = connect(|scenario| scenario.clock_ahead_seconds = 3_600, |_| {});
    assert!(reason.starts_with("this machine's clock is 60 minutes behind AWS's: set it right"), "{reason}");
    let (_, reason) = connect(|scenario| scenario.clock_ahead_seconds = -3 * 86_400, |_| {});
    assert!(reason.starts_with("this machine's clock is 72 hours ahead of AWS's"), "{reason}");
}

#[test]
fn an_endpoint_that_is_not_there() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (kind, reason) = connect(|_| {}, |settings| settings.endpoint_url = Some(format!("http://{nobody}")));
    assert_eq!(kind, FailureKind::Passing);
    let wanted = format!(
        "the endpoint could not be reached: Connection refused (os error 111) (tried 5 times) \
                          (endpoint http://{nobody})"
    );
    assert_eq!(reason, wanted);
}

#[test]
fn an_endpoint_that_lacks_the_call_is_told_from_aws() {
    let fail = FailSpec {
        call: "GetImageBlockPublicAccessState".to_owned(),
        account: Some("100000000001".to_owned()),
        code: Some(String::new()),
        message: Some(String::new()),
        status: Some(500),
        ..FailSpec::default()
    };
    let served = Served::new(Scenario { fails: vec![fail], ..scenario() });
    let (reading, _) = served.scan(served.settings()).unwrap();
    let reason = &reading.gaps[0].reason;
    assert!(reason.contains("does this endpoint support GetImageBlockPublicAccessState?"), "{reason}");
}
