//! `lookup` through the program: CloudTrail's event history of two accounts in two Regions.

use std::collections::BTreeSet;
use std::process::Output;

use amiaudit::model::event::EventName;
use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::{CallSpec, FailSpec};
use jiff::{Timestamp, ToSpan as _};

use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::rows::{Row, pick, rows};
use crate::support::served::Served;

const ONE: &str = "100000000001";
const TWO: &str = "100000000002";
const OUTSIDE: &str = "999999999999";

/// Two accounts, two Regions, an image in each place: shared an hour ago by somebody of its account.
fn scenario() -> Scenario {
    managed_by(ONE)
}

fn managed_by(management: &str) -> Scenario {
    let then = Timestamp::now() - 60.minutes();
    let mut text = format!(
        "caller = {ONE:?}\nregions = [\"us-east-1\", \"eu-west-1\"]\n\
         [organization]\nid = \"o-lookup0001\"\nmanagement = {management:?}\ndelegated = [{ONE:?}]\n\
         [[account]]\nid = {ONE:?}\n[[account]]\nid = {TWO:?}\n"
    );
    for (account, region, nth) in places() {
        let image = image(nth);
        text.push_str(&format!(
            "[[image]]\naccount = {account:?}\nregion = {region:?}\nid = {image:?}\nname = \"i\"\n\
             created = \"{}\"\n\
             [[call]]\nat = \"{then}\"\naccount = {account:?}\nregion = {region:?}\nimage = {image:?}\n\
             add = [{OUTSIDE:?}]\nby = \"arn:aws:iam::{account}:user/u{nth}\"\n",
            then - (24 * 400).hours()
        ));
    }
    Scenario::parse("lookup.toml", &text).unwrap()
}

fn places() -> [(&'static str, &'static str, usize); 4] {
    [(ONE, "eu-west-1", 0), (ONE, "us-east-1", 1), (TWO, "eu-west-1", 2), (TWO, "us-east-1", 3)]
}

fn image(nth: usize) -> String {
    format!("ami-0000000000000000{nth}")
}

fn run(served: &Served, arguments: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), &served.url(), &served.key());
    command.args(arguments).args(["--api-rate", "LookupEvents=1000000/1000000", "--role-name", "R"]);
    (command.output().unwrap(), folder)
}

fn table(output: &Output) -> Vec<[String; 5]> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("events.csv"), &output.stdout).unwrap();
    let columns = ["account_id", "region", "image_id", "actor_arn", "source_file"];
    pick(&rows(&folder.path().join("events.csv")), columns)
}

fn row((account, region, nth): (&str, &str, usize)) -> [String; 5] {
    let actor = format!("arn:aws:iam::{account}:user/u{nth}");
    [account.to_owned(), region.to_owned(), image(nth), actor, "lookup".to_owned()]
}

fn sorted(mut rows: Vec<[String; 5]>) -> Vec<[String; 5]> {
    rows.sort();
    rows
}

#[test]
fn the_events_of_every_place_are_found_and_of_those_that_were_chosen() {
    let served = Served::new(scenario());
    let (all, _) = run(&served, &["events", "lookup"]);
    assert_eq!(all.status.code(), Some(0), "{}", told(&all));
    assert_eq!(sorted(table(&all)), places().map(row).to_vec());
    // All are of one second: they come in the order of their ids, whichever place ends first.
    let ids: Vec<String> = stdout(&all).lines().skip(1).map(|line| line[..36].to_owned()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let (some, _) = run(&served, &["events", "lookup", "--account", TWO, "--region", "us-east-1"]);
    assert_eq!(some.status.code(), Some(0), "{}", told(&some));
    assert_eq!(table(&some), [row((TWO, "us-east-1", 3))]);
    let (watched, _) = run(&served, &["events", "lookup", "--progress", "always"]);
    let told_of: Vec<Option<usize>> = ["accounts asked for their Regions: 2", "read 1/4", "read 4/4"]
        .map(|text| stderr(&watched).find(text))
        .into();
    assert!(told_of.is_sorted() && !told_of.contains(&None), "{}", told(&watched));
    let (none, _) = run(&served, &["events", "lookup", "--until", "2d"]);
    assert_eq!(none.status.code(), Some(0), "{}", told(&none));
    assert_eq!(table(&none), Vec::<[String; 5]>::new());
    // The history does not reach back so far: that is no "nothing happened".
    for time in [&["--since", "200d", "--until", "150d"][..], &["--since", "2y"]] {
        let (far, _) = run(&served, &[&["events", "lookup"], time].concat());
        assert_eq!(far.status.code(), Some(20), "{}", told(&far));
        assert!(told(&far).contains("goes back 90 days"), "{}", told(&far));
    }
    let (raw, _) = run(&served, &["events", "lookup", "--raw", "--image", &image(2)]);
    let record: serde_json::Value = serde_json::from_str(stdout(&raw).trim()).unwrap();
    assert_eq!(record["requestParameters"]["launchPermission"]["add"]["items"][0]["userId"], OUTSIDE);
}

#[test]
fn a_scan_looks_there_by_itself_and_a_denied_place_is_a_gap_that_is_not_searched() {
    let mut scenario = scenario();
    scenario.fails = vec![FailSpec {
        call: "LookupEvents".to_owned(),
        account: Some(TWO.to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..FailSpec::default()
    }];
    let served = Served::new(scenario);
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), &served.url(), &served.key());
    command.env_remove("AMIAUDIT_EVENTS").args(["scan", "--role-name", "R", "--out", "report", "--quiet"]);
    let output = command.args(["--api-rate", "LookupEvents=1000000/1000000"]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let report = |name: &str| rows(&folder.path().join("report").join(name));
    let shares = pick(&report("shares.csv"), ["account_id", "region", "attribution", "shared_by"]);
    let by = |account: &str, nth: usize| format!("arn:aws:iam::{account}:user/u{nth}");
    let expected = [
        [ONE, "eu-west-1", "earliest_seen", &by(ONE, 0)].map(str::to_owned),
        [ONE, "us-east-1", "earliest_seen", &by(ONE, 1)].map(str::to_owned),
        [TWO, "eu-west-1", "not_searched", ""].map(str::to_owned),
        [TWO, "us-east-1", "earliest_seen", &by(TWO, 3)].map(str::to_owned),
    ];
    assert_eq!(shares, expected);
    let gaps = pick(&report("gaps.csv"), ["account_id", "region", "call", "error_code"]);
    assert_eq!(gaps, [[TWO, "eu-west-1", "LookupEvents", "AccessDeniedException"].map(str::to_owned)]);
    for row in report("coverage.csv") {
        let is_denied = (row["account_id"].as_str(), row["region"].as_str()) == (TWO, "eu-west-1");
        let days = |name: &str| row[name].parse::<Timestamp>().ok();
        match (days("events_from"), days("events_to")) {
            (None, None) => assert!(is_denied, "{row:?}"),
            (Some(from), Some(to)) => {
                assert!(!is_denied, "{row:?}");
                // A place that is read some seconds later holds as much less.
                let lacking = 90 * 86_400 - (to.as_second() - from.as_second());
                assert!((0..600).contains(&lacking), "{row:?}");
            }
            _ => panic!("{row:?}"),
        }
    }
}

/// The same; whom the images are shared with was a member then, and has been removed since.
fn after_a_removal(management: &str) -> Scenario {
    let mut scenario = managed_by(management);
    scenario.calls.push(CallSpec {
        at: Timestamp::now() - 30.minutes(),
        account: management.to_owned(),
        region: "us-east-1".to_owned(),
        name: "RemoveAccountFromOrganization".to_owned(),
        parameters: [("accountId".to_owned(), OUTSIDE.into())].into(),
        ..CallSpec::default()
    });
    scenario
}

/// A scan of that, and the files of its report.
fn scanned(served: &Served, arguments: &[&str]) -> (Output, impl Fn(&str) -> Vec<Row>) {
    let arguments = [&["scan", "--events", "lookup", "--out", "report", "--quiet"], arguments].concat();
    let (output, folder) = run(served, &arguments);
    (output, move |name: &str| rows(&folder.path().join("report").join(name)))
}

/// The names that were looked up in the first Region of an account.
fn asked(served: &Served, account: &str) -> BTreeSet<String> {
    let calls = served.sandbox().calls().into_iter();
    let there =
        calls.filter(|call| call.action == "LookupEvents" && call.place.region.as_str() == "us-east-1");
    let of_account = there.filter(|call| call.place.account.to_string() == account);
    of_account
        .map(|call| call.input["LookupAttributes"][0]["AttributeValue"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn who_left_is_known_although_the_region_of_organizations_is_not_chosen() {
    let names: BTreeSet<String> =
        EventName::ALL.iter().filter(|name| name.is_of_organization()).map(ToString::to_string).collect();
    for management in [ONE, TWO] {
        let served = Served::new(after_a_removal(management));
        let (output, report) = scanned(&served, &["--region", "eu-west-1"]);
        assert_eq!(output.status.code(), Some(10), "{}", told(&output));
        let columns = ["account_id", "region", "rule_id", "grantee_relation"];
        let found = |account: &str| {
            [account, "eu-west-1", "shared-outside-organization", "former_member"].map(str::to_owned)
        };
        let of_shares = report("findings.csv").into_iter().filter(|row| !row["image_id"].is_empty());
        assert_eq!(pick(&of_shares.collect::<Vec<_>>(), columns), [found(ONE), found(TWO)]);
        // Of that Region nothing else is asked, and so nothing is claimed.
        assert_eq!(asked(&served, management), names);
        assert_eq!(asked(&served, if management == ONE { TWO } else { ONE }), BTreeSet::new());
        let rows = pick(&report("coverage.csv"), ["account_id", "region", "status", "events_to"]);
        let aside = |account: &str| [account, "us-east-1", "not_selected", ""].map(str::to_owned);
        assert!(rows.contains(&aside(ONE)) && rows.contains(&aside(TWO)), "{rows:?}");
        assert_eq!(rows.len(), 4, "{rows:?}");
    }
}

#[test]
fn a_management_account_that_was_left_aside_is_not_gone_into_and_one_that_refuses_is_a_gap() {
    let mut scenario = after_a_removal(TWO);
    scenario.fails = vec![FailSpec {
        call: "LookupEvents".to_owned(),
        account: Some(TWO.to_owned()),
        region: Some("us-east-1".to_owned()),
        ..FailSpec::default()
    }];
    let served = Served::new(scenario);
    for choice in [["--account", ONE], ["--exclude-account", TWO]] {
        let (output, _) = scanned(&served, &[&["--region", "eu-west-1"], &choice[..]].concat());
        assert_eq!(output.status.code(), Some(10), "{}", told(&output));
        assert_eq!(asked(&served, TWO), BTreeSet::new());
    }
    let (output, report) = scanned(&served, &["--region", "eu-west-1"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let gaps = pick(&report("gaps.csv"), ["account_id", "region", "call", "error_code"]);
    assert_eq!(gaps, [[TWO, "us-east-1", "LookupEvents", "AccessDeniedException"].map(str::to_owned)]);
}
