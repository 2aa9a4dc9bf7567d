//! The demo's story: what its event history proves of each grant, read as a scan by LookupEvents would read it.

use std::collections::BTreeMap;

use amiaudit::judge::Judgement;
use amiaudit::judge::trace::SeenBefore;
use amiaudit::model::event_log::{EventLog, Hole, Window};
use amiaudit::model::place::Place;
use amiaudit::model::share::Share;
use amiaudit::sandbox::{Scenario, World, demo};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::build::{account, now};
use crate::support::events::{Judged, log};
use crate::support::served::Served;

/// Where LookupEvents is refused, from the first page on or from the second.
const SILENT: &str = "100000000006";
const BROKEN: (&str, &str) = ("100000000005", "ap-southeast-2");

/// What a scan as of a time reads: the grants, and the history as far as it may be looked up.
fn read(scenario: Scenario, at: Timestamp) -> (Vec<Share>, EventLog, Judged<'static>) {
    let whole = Window { from: at - SignedDuration::from_hours(90 * 24), to: at };
    let world = World::new(scenario.clone()).unwrap();
    let records: Vec<Value> =
        world.records(at).map(|record| serde_json::from_str::<Value>(record).unwrap()).collect();
    let is_of = |record: &Value, account: &str| record["recipientAccountId"] == account;
    let is_broken = |record: &&Value| is_of(record, BROKEN.0) && record["awsRegion"] == BROKEN.1;
    let of_broken = records.iter().filter(is_broken).count();
    let first_page: Vec<&Value> = records.iter().filter(is_broken).skip(of_broken - 50).collect();
    let end: Timestamp = first_page[0]["eventTime"].as_str().unwrap().parse().unwrap();
    let rest = records.iter().filter(|record| !is_of(record, SILENT) && !is_broken(record));
    let told: Vec<Value> = rest.chain(first_page).cloned().collect();
    let mut log = log(&told);
    log.windows.clear();
    let served = Served::new(scenario);
    let (reading, judgement) = served.scan(served.settings()).unwrap();
    let shares: Vec<Share> =
        judgement.shares.into_iter().map(|share| Share { read_at: at, ..share.share }).collect();
    for share in shares.iter().filter(|share| share.place.account != account(SILENT)) {
        log.cover(share.place.clone(), whole);
    }
    let place = Place { account: account(BROKEN.0), region: BROKEN.1.parse().unwrap() };
    let window = Some(Window { to: end, ..whole });
    log.holes.push(Hole { place: Some(place), window, subject: String::new(), reason: String::new() });
    let judged = Judged {
        policy: demo::POLICY,
        shares: shares.clone(),
        coverage: &[],
        seen_before: SeenBefore::new(),
        org: reading.org,
    };
    (shares, log, judged)
}

fn words(judgement: &Judgement) -> BTreeMap<(String, String), &'static str> {
    let of = |share: &amiaudit::model::share::AssessedShare| {
        let key = (share.share.image.id.to_string(), share.share.grantee.to_string());
        (key, share.trace.attribution.word())
    };
    judgement.shares.iter().map(of).collect()
}

/// The grants that are not of a pipeline's images.
const SINGLE: &[(&str, &str, &str)] = &[
    ("ami-00a40b00000000008", "200000000002", "pending"),
    ("ami-0d3e0000000000001", "all", "exact"),
    ("ami-0d3e0000000000002", "100000000006", "exact"),
    ("ami-0d3e0000000000004", "012345678901", "predates_log"),
    ("ami-0d3e0000000000004", "100000000005", "earliest_seen"),
    ("ami-0d3e0000000000004", "100000000010", "predates_log"),
    ("ami-0d3e0000000000005", "100000000006", "earliest_seen"),
    ("ami-0d3e0000000000005", "100000000011", "predates_log"),
    ("ami-0d3e0000000000005", "100000000012", "predates_log"),
    ("ami-0d3e0000000000006", "teamArn=arn:aws:teams::100000000001:team/partners", "exact"),
    ("ami-0d3e0000000000008", "100000000002", "ambiguous"),
    (
        "ami-0d3e0000000000008",
        "arn:aws:organizations::100000000001:ou/o-acmecorp01/ou-acme-security",
        "predates_log",
    ),
    ("ami-0d3e0000000000009", "200000000001", "exact"),
    ("ami-0d3e0000000000009", "999999999999", "missing"),
    ("ami-0d3e000000000000b", "100000000006", "log_gap"),
    ("ami-0d3e000000000000c", "100000000005", "not_searched"),
    ("ami-6eb72111", "all", "predates_log"),
    ("ami-6eb72111", "arn:aws:organizations::300000000001:organization/o-oldparent1", "predates_log"),
    ("ami-6eb72111", "arn:aws:organizations::300000000001:ou/o-oldparent1/ou-oldp-engineer", "predates_log"),
];

#[test]
fn each_word_of_attribution_has_a_grant() {
    let (before, ..) = read(demo::organization_as_of(demo::EARLIER).unwrap(), demo::EARLIER);
    let (shares, log, judged) = read(demo::organization().unwrap(), now());
    let key = |share: &Share| (share.place.clone(), share.image.id.clone(), share.grantee.clone());
    let seen_before: SeenBefore = before.iter().map(|share| (key(share), share.read_at)).collect();
    let judgement = Judged { seen_before, ..judged }.by(&log);
    // All but one stood the day before.
    assert_eq!(shares.len(), before.len() + 1);
    let words = words(&judgement);
    let single: Vec<(&str, &str, &str)> = SINGLE.to_vec();
    let told: Vec<(&str, &str, &str)> = words
        .iter()
        .filter(|((image, grantee), _)| single.iter().any(|one| one.0 == image && one.1 == grantee))
        .map(|((image, grantee), word)| (image.as_str(), grantee.as_str(), *word))
        .collect();
    assert_eq!(told, single);
    // Of the pipelines' images two builds are older than the history.
    let of_pipelines = words
        .iter()
        .filter(|((image, grantee), _)| !single.iter().any(|one| one.0 == image && one.1 == grantee));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, word) in of_pipelines {
        *counts.entry(word).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([("exact", 12 * 4 + 8 * 4 + 12 * 2 + 5), ("predates_log", 2 * 2)]));
    let all: std::collections::BTreeSet<&str> = words.values().copied().collect();
    assert_eq!(all.len(), amiaudit::model::trace::Attribution::ALL.len());
}

#[test]
fn what_came_and_went_is_told() {
    let (_, log, judged) = read(demo::organization().unwrap(), now());
    let found = |rule: &str| -> Vec<(String, String)> {
        let rows = judged.rows(rule, &log);
        rows.into_iter().map(|[account, _, image, ..]| (account, image)).collect()
    };
    let one = |account: &str, image: &str| vec![(account.to_owned(), image.to_owned())];
    assert!(found("transient-share").contains(&one("100000000005", "ami-0d3e000000000000d")[0]));
    assert_eq!(found("refused-share-attempt"), one("100000000009", "ami-0d3e0000000000001"));
    assert_eq!(found("block-public-access-disabled"), one("100000000009", ""));
    assert_eq!(found("image-exported"), one("100000000007", "ami-00a30b00000000003"));
}

#[test]
fn the_transient_share_lasted_56_seconds() {
    let (_, log, _) = read(demo::organization().unwrap(), now());
    let windows = amiaudit::judge::trace::windows(&log.events);
    let gone = windows.iter().find(|window| window.image == "ami-0d3e000000000000d").unwrap();
    let (from, to) = (gone.from().unwrap(), gone.to().unwrap());
    assert_eq!(to.as_second() - from.as_second(), 56);
    let world = World::new(demo::organization().unwrap()).unwrap();
    assert!(!world.grants().any(|(_, image, _)| image == gone.image));
}
