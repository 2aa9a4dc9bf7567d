use amiaudit::model::coverage::CoverageStatus;
use amiaudit::model::share::Share;
use serde_json::{Value, json};

use crate::support::build::{
    HOME, MEMBER, OUR_ORG, SIGNED, STRANGER, THEIR_ORG, covered, organization, share,
};
use crate::support::events::{Judged, about, log, modify, nothing_stands, organizations, with};

const HERE: (&str, &str) = (HOME, "us-east-1");
const THERE: (&str, &str) = (MEMBER, "eu-west-1");
const AT: &str = "2026-05-01T00:00:00Z";
const EVENT: &str = "ModifyImageAttribute at 2026-05-01T00:00:00Z";

/// The same share in two places, made and ended.
fn came_and_went(to: &str) -> Vec<Value> {
    vec![
        modify(AT, HERE, "ami-1", "add", to),
        modify("2026-05-01T00:00:56Z", HERE, "ami-1", "remove", to),
        modify(AT, THERE, "ami-2", "add", to),
        modify("2026-05-01T00:00:56Z", THERE, "ami-2", "remove", to),
    ]
}

fn rows(judged: &Judged<'_>, records: &[Value]) -> Vec<[String; 7]> {
    judged.rows("transient-share", &log(records))
}

fn row(place: (&str, &str), image: &str, to: &str, status: &str) -> [String; 7] {
    [place.0, place.1, image, to, "medium", status, EVENT].map(str::to_owned)
}

fn both(to: &str) -> Vec<[String; 7]> {
    vec![row(HERE, "ami-1", to, "open"), row(THERE, "ami-2", to, "open")]
}

#[test]
fn catches() {
    for outside in [STRANGER, "all", THEIR_ORG] {
        assert_eq!(rows(&nothing_stands(organization()), &came_and_went(outside)), both(outside));
    }
}

#[test]
fn leaves_our_own_alone() {
    for ours in [MEMBER, OUR_ORG, HOME] {
        let records = [
            modify(AT, HERE, "ami-1", "add", ours),
            modify("2026-05-01T00:00:56Z", HERE, "ami-1", "remove", ours),
        ];
        assert_eq!(rows(&nothing_stands(organization()), &records), Vec::<[String; 7]>::new(), "{ours}");
    }
}

#[test]
fn a_member_that_was_none_when_it_was_let_in_was_outside() {
    let joined = with(
        organizations("2026-05-02T00:00:00Z", HOME, "CreateAccountResult", Value::Null),
        "serviceEventDetails",
        json!({ "createAccountStatus": { "accountId": MEMBER, "state": "SUCCEEDED" } }),
    );
    let mut records = came_and_went(MEMBER);
    records.push(joined);
    assert_eq!(rows(&nothing_stands(organization()), &records), [row(HERE, "ami-1", MEMBER, "open")]);
}

#[test]
fn a_share_that_stands_is_another_rules() {
    let shares: Vec<Share> = vec![share(HERE.0, HERE.1, "ami-1", STRANGER)];
    let judged = Judged { shares, ..nothing_stands(organization()) };
    let records = [modify(AT, HERE, "ami-1", "add", STRANGER), modify(AT, THERE, "ami-2", "add", STRANGER)];
    assert_eq!(rows(&judged, &records), [row(THERE, "ami-2", STRANGER, "open")]);
}

#[test]
fn how_it_ended_is_said() {
    let coverage =
        [covered(HERE.0, HERE.1, CoverageStatus::Read), covered(THERE.0, THERE.1, CoverageStatus::Unread)];
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    let records = [
        modify(AT, HERE, "ami-1", "add", STRANGER),
        modify("2026-05-01T00:00:56Z", HERE, "ami-1", "remove", STRANGER),
        modify(AT, HERE, "ami-3", "add", STRANGER),
        modify(AT, THERE, "ami-2", "add", STRANGER),
    ];
    let found = judged.found("transient-share", &log(&records));
    let said: Vec<String> = found.iter().map(|finding| finding.remediation().into_owned()).collect();
    let ends = [
        "It was ended by ModifyImageAttribute of arn:aws:iam::111111111111:user/jan after 56 seconds.",
        "It did not stand when the image was read, and no event tells what ended it.",
        "It may still stand: its account and Region were not read, or not all of them.",
    ];
    for (said, end) in said.iter().zip(ends) {
        assert!(said.ends_with(end), "{said}");
    }
    assert_eq!(said.len(), 3);
}

#[test]
fn what_a_call_changed_that_does_not_tell_is_not_clean() {
    let unclear = with(modify(AT, HERE, "ami-1", "add", STRANGER), "requestParameters", Value::Null);
    let found = rows(&nothing_stands(organization()), &[unclear]);
    assert_eq!(found, [[HERE.0, HERE.1, "", "", "medium", "open", EVENT].map(str::to_owned)]);
}

#[test]
fn a_policy_approves_the_event_or_trusts_the_grantee() {
    let records = came_and_went(STRANGER);
    let status = |policy: &str, records: &[Value]| {
        let judged = Judged { policy, ..nothing_stands(organization()) };
        let rows = judged.rows("transient-share", &log(records));
        rows.iter().map(|row| row[5].clone()).collect::<Vec<_>>()
    };
    let trusting = format!("[[trusted]]\naccount = \"{STRANGER}\"\n{SIGNED}");
    assert_eq!(status(&trusting, &records), Vec::<String>::new());
    let by_event = format!("[[exception]]\nevent_id = \"{EVENT}\"\n{SIGNED}");
    let one = with(records[2].clone(), "eventID", json!("another"));
    let two = [records[0].clone(), records[1].clone(), one, records[3].clone()];
    assert_eq!(status(&by_event, &two), ["excepted", "open"]);
    // An exception for shares that stand is none for what happened, and no event lets everybody in.
    let standing =
        format!("[[exception]]\naccount = \"{HOME}\"\nimage = \"ami-1\"\ngrantee = \"{STRANGER}\"\n{SIGNED}");
    assert_eq!(status(&standing, &records), ["open", "open"]);
    assert_eq!(status(&by_event, &came_and_went("all")), ["open", "open"]);
}

#[test]
fn an_episode_that_ended_is_told_whatever_stands_now() {
    let shares: Vec<Share> = vec![share(HERE.0, HERE.1, "ami-1", STRANGER)];
    let judged = Judged { shares, ..nothing_stands(organization()) };
    let mut records = came_and_went(STRANGER)[..2].to_vec();
    records.push(modify("2026-05-02T00:00:00Z", HERE, "ami-1", "add", STRANGER));
    assert_eq!(rows(&judged, &records), [row(HERE, "ami-1", STRANGER, "open")]);
}

#[test]
fn a_share_that_stands_with_who_joined_since_was_outside() {
    let joined = with(
        organizations("2026-05-02T00:00:00Z", HOME, "CreateAccountResult", Value::Null),
        "serviceEventDetails",
        json!({ "createAccountStatus": { "accountId": MEMBER, "state": "SUCCEEDED" } }),
    );
    let shares: Vec<Share> = vec![share(HERE.0, HERE.1, "ami-1", MEMBER)];
    let judged = Judged { shares, ..nothing_stands(organization()) };
    let found = judged.found("transient-share", &log(&[modify(AT, HERE, "ami-1", "add", MEMBER), joined]));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].remediation().ends_with("it was none when it was let in."),
        "{}",
        found[0].remediation()
    );
}

#[test]
fn what_was_shared_after_the_scan_may_still_stand() {
    let coverage = [covered(HERE.0, HERE.1, CoverageStatus::Read)];
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    let found = judged
        .found("transient-share", &log(&[modify("2026-06-02T00:00:00Z", HERE, "ami-1", "add", STRANGER)]));
    let said = "It may still stand: it was made when the scan had begun.";
    assert!(found[0].remediation().ends_with(said), "{}", found[0].remediation());
}

#[test]
fn places_that_were_left_aside_stay_so() {
    let coverage = [
        covered(HERE.0, HERE.1, CoverageStatus::NotSelected),
        covered(THERE.0, THERE.1, CoverageStatus::Read),
    ];
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    assert_eq!(rows(&judged, &came_and_went(STRANGER)), [row(THERE, "ami-2", STRANGER, "open")]);
}

#[test]
fn a_region_that_was_left_aside_stays_so_in_an_account_that_did_not_tell_its_regions() {
    let coverage = [
        covered(THERE.0, HERE.1, CoverageStatus::NotSelected),
        covered(THERE.0, THERE.1, CoverageStatus::Read),
        covered(HERE.0, "", CoverageStatus::Unread),
    ];
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    assert_eq!(rows(&judged, &came_and_went(STRANGER)), [row(THERE, "ami-2", STRANGER, "open")]);
    // In shards of one scan, another may have chosen it.
    let coverage = [&coverage[..2], &[covered(MEMBER, HERE.1, CoverageStatus::Read)]].concat();
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    let all = [row(HERE, "ami-1", STRANGER, "open"), row(THERE, "ami-2", STRANGER, "open")];
    assert_eq!(rows(&judged, &came_and_went(STRANGER)), all);
}

#[test]
fn one_that_ended_with_its_image_is_another_rules() {
    let records = [
        modify(AT, HERE, "ami-1", "add", STRANGER),
        about("2026-05-02T00:00:00Z", HERE, "DeregisterImage", "ami-1"),
    ];
    assert_eq!(rows(&nothing_stands(organization()), &records), Vec::<[String; 7]>::new());
}

#[test]
fn its_beginning_is_as_sure_as_the_log_makes_it() {
    let attribution = |records: &[Value]| {
        let found = nothing_stands(organization()).found("transient-share", &log(records));
        found[0].trace.as_ref().unwrap().attribution.to_string()
    };
    let gone = modify("2026-05-01T00:00:56Z", HERE, "ami-1", "remove", STRANGER);
    let came = modify(AT, HERE, "ami-1", "add", STRANGER);
    let before = modify("2026-04-01T00:00:00Z", HERE, "ami-1", "remove", STRANGER);
    let other = modify("2026-04-01T00:00:00Z", HERE, "ami-1", "remove", "all");
    assert_eq!(attribution(&[before, came.clone(), gone.clone()]), "exact");
    assert_eq!(attribution(&[other, came.clone(), gone]), "earliest_seen");
    let at_once = with(modify(AT, HERE, "ami-1", "remove", STRANGER), "eventID", json!("Z"));
    assert_eq!(attribution(&[came, at_once]), "ambiguous");
}

#[test]
fn where_not_all_was_read_it_may_still_stand() {
    let coverage = [covered(HERE.0, HERE.1, CoverageStatus::Partial)];
    let judged = Judged { coverage: &coverage, ..nothing_stands(organization()) };
    let found = judged.found("transient-share", &log(&[modify(AT, HERE, "ami-1", "add", STRANGER)]));
    let said = "It may still stand: its account and Region were not read, or not all of them.";
    assert!(found[0].remediation().ends_with(said), "{}", found[0].remediation());
}
