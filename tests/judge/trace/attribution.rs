//! Each of the contract's words, on a share of ami-1 that was read at 2026-06-01T08:00:00Z. The image is of
//! 2026-01-02T03:04:05Z.

use amiaudit::judge::trace::SeenBefore;
use amiaudit::model::event_log::{EventLog, Hole, Window};
use amiaudit::model::share::AssessedShare;
use serde_json::{Value, json};

use super::{HERE, THERE};
use crate::support::build::{MEMBER, STRANGER, grantee, now, organization, place, share};
use crate::support::events::{Judged, about, call, log, modify, nothing_stands, with};

fn assessed(log: &EventLog, seen_before: SeenBefore) -> AssessedShare {
    let shares =
        vec![share(HERE.0, HERE.1, "ami-1", STRANGER), share(THERE.0, "us-west-2", "ami-2", STRANGER)];
    let judged = Judged { shares, seen_before, ..nothing_stands(organization()) }.by(log);
    judged.shares.into_iter().next().unwrap()
}

/// Attribution, and the call that it names.
fn of(log: &EventLog) -> (String, String) {
    let trace = assessed(log, SeenBefore::new()).trace;
    let event = trace.origin.map(|origin| origin.event_id.clone()).unwrap_or_default();
    (trace.attribution.to_string(), event)
}

fn told(records: &[Value]) -> (String, String) {
    of(&log(records))
}

fn is(word: &str, event: &str) -> (String, String) {
    (word.to_owned(), event.to_owned())
}

/// A record of something else: the log reaches so far.
fn reaches(at: &str) -> Value {
    about(at, HERE, "DescribeInstances", "")
}

fn add(at: &str) -> Value {
    modify(at, HERE, "ami-1", "add", STRANGER)
}

fn remove(at: &str) -> Value {
    modify(at, HERE, "ami-1", "remove", STRANGER)
}

const ADDED: &str = "ModifyImageAttribute at 2026-05-01T00:00:00Z";

#[test]
fn exact_where_the_log_reaches_back_to_the_image() {
    let added = add("2026-05-01T00:00:00Z");
    let born = with(
        call("2026-04-30T00:00:00Z", HERE, "CreateImage", json!({ "instanceId": "i-1" })),
        "responseElements",
        json!({ "imageId": "ami-1" }),
    );
    assert_eq!(told(&[reaches("2026-01-01T00:00:00Z"), added.clone()]), is("exact", ADDED));
    assert_eq!(told(&[born, added]), is("exact", ADDED));
}

#[test]
fn exact_where_the_last_grant_certainly_ended() {
    let ends = [remove("2026-04-02T00:00:00Z"), about("2026-04-02T00:00:00Z", HERE, "DisableImage", "ami-1")];
    for end in ends {
        let records =
            [add("2026-04-01T00:00:00Z"), end, add("2026-05-01T00:00:00Z"), add("2026-05-02T00:00:00Z")];
        assert_eq!(told(&records), is("exact", ADDED), "the first add since, and no later one");
    }
}

#[test]
fn earliest_seen_where_it_does_not() {
    assert_eq!(
        told(&[reaches("2026-02-01T00:00:00Z"), add("2026-05-01T00:00:00Z")]),
        is("earliest_seen", ADDED)
    );
    // What others did with the image, and what failed, is no end.
    let others = [
        modify("2026-04-01T00:00:00Z", HERE, "ami-1", "remove", MEMBER),
        modify("2026-04-01T00:00:01Z", HERE, "ami-9", "remove", STRANGER),
        with(remove("2026-04-01T00:00:02Z"), "errorCode", json!("Client.UnauthorizedOperation")),
        add("2026-05-01T00:00:00Z"),
    ];
    assert_eq!(told(&others), is("earliest_seen", ADDED));
}

#[test]
fn ambiguous_where_another_call_may_have_begun_it() {
    let unclear = with(
        modify("2026-05-02T00:00:00Z", HERE, "ami-1", "add", STRANGER),
        "requestParameters",
        json!({ "imageId": "ami-1" }),
    );
    let restored = about("2026-05-02T00:00:00Z", HERE, "RestoreImageFromRecycleBin", "ami-1");
    let removed = with(remove("2026-05-01T00:00:00Z"), "eventID", json!("another"));
    for other in [unclear, restored, removed] {
        let records = [reaches("2026-01-01T00:00:00Z"), add("2026-05-01T00:00:00Z"), other.clone()];
        assert_eq!(told(&records), is("ambiguous", ADDED), "{other}");
    }
}

#[test]
fn ambiguous_where_a_call_tells_not_even_its_image() {
    let unclear =
        |at: &str, place| with(modify(at, place, "ami-1", "add", STRANGER), "requestParameters", Value::Null);
    let whole = reaches("2026-01-01T00:00:00Z");
    let added = add("2026-05-01T00:00:00Z");
    let before = unclear("2026-04-01T00:00:00Z", HERE);
    assert_eq!(told(&[whole.clone(), before.clone(), added.clone()]), is("ambiguous", ADDED));
    // Without an add it is the one that may have.
    assert_eq!(
        told(&[whole.clone(), before]),
        is("ambiguous", "ModifyImageAttribute at 2026-04-01T00:00:00Z")
    );
    // In another place, before the image was made, or after the grant was there, it did not begin it.
    for other in [
        unclear("2026-04-01T00:00:00Z", THERE),
        unclear("2026-01-02T03:04:04Z", HERE),
        unclear("2026-05-01T00:00:01Z", HERE),
    ] {
        assert_eq!(told(&[whole.clone(), other, added.clone()]), is("exact", ADDED));
    }
}

#[test]
fn what_happened_before_the_last_end_is_not_ambiguous_any_more() {
    let unclear = with(add("2026-04-01T00:00:00Z"), "requestParameters", json!({ "imageId": "ami-1" }));
    let records = [unclear, remove("2026-04-02T00:00:00Z"), add("2026-05-01T00:00:00Z")];
    assert_eq!(told(&records), is("exact", ADDED));
}

#[test]
fn pending_as_long_as_the_log_may_be_late() {
    let records = [reaches("2026-01-01T00:00:00Z"), reaches("2026-06-01T08:14:59Z")];
    assert_eq!(told(&records), is("pending", ""));
    // A call after the image was read did not make what was read.
    assert_eq!(told(&[reaches("2026-01-01T00:00:00Z"), add("2026-06-01T08:00:01Z")]), is("pending", ""));
}

#[test]
fn missing_where_the_log_goes_on_long_enough() {
    let records = [reaches("2026-01-01T00:00:00Z"), reaches("2026-06-01T08:15:00Z")];
    assert_eq!(told(&records), is("missing", ""));
}

#[test]
fn missing_where_an_earlier_run_saw_the_grant() {
    let log = log(&[reaches("2026-01-01T00:00:00Z"), reaches("2026-06-01T08:00:00Z")]);
    let seen = |at: &str| {
        let key = (place(HERE.0, HERE.1), "ami-1".parse().unwrap(), grantee(STRANGER));
        assessed(&log, SeenBefore::from([(key, at.parse().unwrap())])).trace.attribution.to_string()
    };
    assert_eq!(seen("2026-06-01T07:45:00Z"), "missing");
    assert_eq!(seen("2026-06-01T07:46:00Z"), "pending");
}

#[test]
fn an_earlier_run_proves_nothing_of_what_ended_since_or_had_no_log() {
    let key = || (place(HERE.0, HERE.1), "ami-1".parse().unwrap(), grantee(STRANGER));
    let seen = || SeenBefore::from([(key(), "2026-05-01T00:00:00Z".parse().unwrap())]);
    let of = |records: &[Value]| assessed(&log(records), seen()).trace.attribution.to_string();
    let ended = [reaches("2026-01-01T00:00:00Z"), remove("2026-06-01T07:00:00Z")];
    assert_eq!(of(&ended), "pending");
    assert_eq!(of(&[reaches("2026-01-01T00:00:00Z"), reaches("2026-04-30T00:00:00Z")]), "pending");
}

#[test]
fn ambiguous_where_an_event_tells_no_time_or_place() {
    let whole = reaches("2026-01-01T00:00:00Z");
    let added = add("2026-05-01T00:00:00Z");
    let ended = with(remove("2026-05-02T00:00:00Z"), "eventTime", json!("yesterday"));
    assert_eq!(told(&[whole.clone(), added.clone(), ended]).0, "ambiguous");
    let unclear = with(add("2026-04-01T00:00:00Z"), "requestParameters", Value::Null);
    assert_eq!(told(&[whole.clone(), with(unclear, "awsRegion", Value::Null), added.clone()]).0, "ambiguous");
    assert_eq!(told(&[whole, with(added, "awsRegion", Value::Null)]), is("exact", ADDED));
}

#[test]
fn what_a_query_selected_covers_nothing() {
    let event = |record: Value| json!({ "CloudTrailEvent": record.to_string() });
    let records = [reaches("2026-01-01T00:00:00Z"), reaches("2026-06-01T09:00:00Z")].map(event);
    assert_eq!(told(&records), is("not_searched", ""));
    let records = [reaches("2026-01-01T00:00:00Z"), add("2026-05-01T00:00:00Z")].map(event);
    assert_eq!(told(&records), is("earliest_seen", ADDED));
}

#[test]
fn predates_log_where_the_image_does() {
    let records = [reaches("2026-02-01T00:00:00Z"), reaches("2026-06-01T09:00:00Z")];
    assert_eq!(told(&records), is("predates_log", ""));
}

#[test]
fn log_gap_where_something_was_not_read_that_matters() {
    let whole =
        log(&[reaches("2026-01-01T00:00:00Z"), remove("2026-04-01T00:00:00Z"), add("2026-05-01T00:00:00Z")]);
    let with_hole = |place: Option<(&str, &str)>, window: Option<(&str, &str)>| {
        let hole = Hole {
            place: place.map(|(account, region)| crate::support::build::place(account, region)),
            window: window.map(|(from, to)| Window { from: from.parse().unwrap(), to: to.parse().unwrap() }),
            subject: "a file".to_owned(),
            reason: "it is damaged".to_owned(),
        };
        of(&EventLog { holes: vec![hole], ..whole.clone() }).0
    };
    let inside = Some(("2026-04-10T00:00:00Z", "2026-04-11T00:00:00Z"));
    assert_eq!(with_hole(Some(HERE), inside), "log_gap");
    assert_eq!(with_hole(None, inside), "log_gap");
    assert_eq!(with_hole(Some(HERE), None), "log_gap");
    // Elsewhere, before the last end, or after the reading, it hides nothing.
    assert_eq!(with_hole(Some((MEMBER, HERE.1)), inside), "exact");
    assert_eq!(with_hole(Some((HERE.0, "eu-west-1")), inside), "exact");
    assert_eq!(with_hole(Some(HERE), Some(("2026-03-01T00:00:00Z", "2026-03-31T23:59:59Z"))), "exact");
    assert_eq!(with_hole(Some(HERE), Some(("2026-06-01T08:00:01Z", "2026-06-02T00:00:00Z"))), "exact");
}

#[test]
fn log_gap_where_nothing_was_wanted_of_the_time_before_the_reading() {
    // The log is whole, but the user asked for nothing later: the share may have been taken back and made anew.
    let until = |at: &str, records: &[Value]| {
        let log = EventLog { until: Some(at.parse().unwrap()), ..log(records) };
        of(&log).0
    };
    let added = [reaches("2026-01-01T00:00:00Z"), add("2026-05-01T10:00:00Z")];
    assert_eq!(until("2026-05-15T00:00:00Z", &added), "log_gap");
    assert_eq!(until("2026-06-02T00:00:00Z", &added), "exact");
    assert_eq!(until("2026-05-15T00:00:00Z", &added[..1]), "log_gap");
    assert_eq!(until("2026-05-15T00:00:00Z", &[]), "not_searched");
}

#[test]
fn each_place_has_a_log_of_its_own() {
    let shares = vec![share(HERE.0, HERE.1, "ami-1", STRANGER), share(THERE.0, THERE.1, "ami-2", STRANGER)];
    let judged = Judged { shares, ..nothing_stands(organization()) };
    let log = log(&[reaches("2026-01-01T00:00:00Z"), add("2026-05-01T00:00:00Z")]);
    let words: Vec<&str> =
        judged.by(&log).shares.iter().map(|share| share.trace.attribution.word()).collect();
    assert_eq!(words, ["exact", "not_searched"]);
}

#[test]
fn not_searched_where_there_is_no_log_of_the_place() {
    assert_eq!(
        told(&[about("2026-01-01T00:00:00Z", (HERE.0, "eu-west-1"), "DescribeInstances", "")]),
        is("not_searched", "")
    );
}

#[test]
fn the_trace_says_who_and_from_where() {
    let console = with(add("2026-05-01T00:00:00Z"), "sessionCredentialFromConsole", json!("true"));
    let trace = assessed(&log(&[console]), SeenBefore::new()).trace;
    let origin = trace.origin.unwrap();
    assert_eq!(origin.at, "2026-05-01T00:00:00Z".parse().ok());
    assert_eq!(
        [&origin.by, &origin.by_type, &origin.source_ip, &origin.user_agent],
        ["arn:aws:iam::111111111111:user/jan", "IAMUser", "192.0.2.7", "aws-cli/2.17"]
    );
    assert_eq!((origin.console, trace.member_then), (Some(true), Some(false)));
    assert!(now() > origin.at.unwrap());
}

#[test]
fn what_a_pipeline_shared_comes_back() {
    let by = |member: &str, value: Value| {
        let log = log(&[with(add("2026-05-01T00:00:00Z"), member, value)]);
        let shares = vec![share(HERE.0, HERE.1, "ami-1", STRANGER)];
        let findings =
            Judged { shares, ..nothing_stands(organization()) }.found("shared-outside-organization", &log);
        (findings[0].managed_by.clone(), findings[0].remediation().contains("comes back unless"))
    };
    let agent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 terraform-provider-aws/5.60.0";
    assert_eq!(by("userAgent", json!(agent)), ("Terraform".to_owned(), true));
    let identity = json!({ "type": "AssumedRole", "invokedBy": "imagebuilder.amazonaws.com" });
    assert_eq!(by("userIdentity", identity), ("EC2 Image Builder".to_owned(), true));
    assert_eq!(by("userAgent", json!("aws-cli/2.17")), (String::new(), false));
}
