//! A generated organization over real HTTP: findings equal the truth, exactly.

use std::collections::BTreeSet;

use amiaudit::aws::AwsSettings;
use amiaudit::collect::Selection;
use amiaudit::sandbox::generate::{Size, listed, organization};
use amiaudit::sandbox::scenario::FailSpec;

use crate::support::served::{Served, options};
use crate::support::truth::{found, truth};

const SMALL: Size = Size { accounts: 6, regions: 3, images: 12, seed: 7, shared_percent: 12.5 };

#[test]
fn six_accounts_three_regions_300_images_within_aws_limits() {
    let scenario = organization(Size { images: 300, ..SMALL });
    let served = Served::with(scenario, amiaudit::sandbox::Options { throttle: true, ..options() });
    let settings = AwsSettings { api_rates: Default::default(), ..served.settings() };
    let (reading, judged) = served.scan(settings).unwrap();
    assert_eq!(reading.gaps, vec![]);
    let truth = truth(&served.sandbox().world());
    assert!(truth.len() > 500, "{}", truth.len());
    assert_eq!(found(&judged), truth);
    assert_eq!(reading.coverage.iter().filter(|row| row.status.word() == "read").count(), 18);
    let listed: u64 = reading.coverage.iter().filter_map(|row| row.counts).map(|c| c.permissions_read).sum();
    assert_eq!(listed, 6 * 3 * 300);
}

#[test]
fn pages_are_followed() {
    let served = Served::new(organization(Size {
        accounts: 1,
        regions: 1,
        images: 2_345,
        seed: 3,
        shared_percent: 12.5,
    }));
    let (reading, judged) = served.scan(served.settings()).unwrap();
    assert_eq!(found(&judged), truth(&served.sandbox().world()));
    assert_eq!(reading.coverage[0].counts.unwrap().images_listed, 2_345);
    assert_eq!(served.counts()["DescribeImages"], 12);
}

/// A call that fails for good, and the one gap it leaves: account, Region, call, subject, error code.
#[test]
fn each_thing_unreadable_leaves_exactly_one_gap() {
    let (account, region) = ("100000000003", "eu-west-1");
    let image =
        listed(SMALL).images.iter().find(|i| i.account == account && i.region == region).unwrap().id.clone();
    let in_place = |call: &str| FailSpec {
        call: call.to_owned(),
        account: Some(account.to_owned()),
        region: Some(region.to_owned()),
        ..FailSpec::default()
    };
    let denied = "UnauthorizedOperation";
    let cases = [
        (in_place("DescribeImages"), [account, region, "DescribeImages", "", denied]),
        (
            FailSpec { image: Some(image.clone()), ..in_place("DescribeImageAttribute") },
            [account, region, "DescribeImageAttribute", &image, denied],
        ),
        (
            in_place("GetImageBlockPublicAccessState"),
            [account, region, "GetImageBlockPublicAccessState", "", denied],
        ),
        (
            FailSpec { region: None, ..in_place("DescribeRegions") },
            [account, "", "DescribeRegions", "", denied],
        ),
        (
            FailSpec {
                status: Some(500),
                code: Some("InternalError".to_owned()),
                ..in_place("DescribeImages")
            },
            [account, region, "DescribeImages", "", "InternalError"],
        ),
        (
            FailSpec {
                code: Some("AuthFailure".to_owned()),
                status: Some(401),
                ..in_place("DescribeImages")
            },
            [account, region, "DescribeImages", "", "AuthFailure"],
        ),
    ];
    for (fail, gap) in cases {
        let served = Served::new(amiaudit::sandbox::Scenario { fails: vec![fail], ..organization(SMALL) });
        let (reading, judged) = served.scan(served.settings()).unwrap();
        let gaps: Vec<[String; 5]> = reading
            .gaps
            .iter()
            .map(|gap| {
                let region = gap.region.as_ref().map(ToString::to_string).unwrap_or_default();
                let code = gap.error_code.clone().unwrap_or_default();
                [gap.account.unwrap().to_string(), region, gap.call.clone(), gap.subject.clone(), code]
            })
            .collect();
        assert_eq!(gaps, [gap.map(str::to_owned)]);
        // What lies elsewhere is found all the same.
        let elsewhere = |found: BTreeSet<crate::support::truth::Found>| -> BTreeSet<_> {
            found.into_iter().filter(|row| row.1 != account).collect()
        };
        assert_eq!(elsewhere(found(&judged)), elsewhere(truth(&served.sandbox().world())));
    }
}

#[test]
fn roles_are_assumed_read_only_with_the_external_id_and_renewed() {
    let mut scenario = organization(SMALL);
    for account in &mut scenario.accounts[1..] {
        account.external_id = Some("shared-secret".to_owned());
        account.roles = Some(["audit/Reader".to_owned()].into());
    }
    // Every session is about to expire when it is given, so each use assumes the role anew.
    scenario.session_seconds = 60;
    let served = Served::new(scenario);
    let settings = AwsSettings {
        role_name: Some("audit/Reader".to_owned()),
        external_id: Some("shared-secret".to_owned()),
        ..served.settings()
    };
    let (reading, judged) = served.scan(settings.clone()).unwrap();
    assert_eq!(reading.gaps, vec![]);
    assert_eq!(found(&judged), truth(&served.sandbox().world()));
    let assumed: Vec<_> =
        served.sandbox().calls().into_iter().filter(|call| call.action == "AssumeRole").collect();
    assert!(assumed.len() > 5, "{} sessions for 5 accounts", assumed.len());
    for call in assumed {
        let policy: serde_json::Value = serde_json::from_str(&call.params["Policy"]).unwrap();
        assert_eq!(
            policy["Statement"][0]["Action"],
            serde_json::json!([
                "ec2:DescribeRegions",
                "ec2:DescribeImages",
                "ec2:DescribeImageAttribute",
                "ec2:DescribeSnapshotAttribute",
                "ec2:GetImageBlockPublicAccessState",
                "cloudtrail:LookupEvents"
            ])
        );
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(call.params["ExternalId"], "shared-secret");
        assert_eq!(call.place.region.as_str(), "us-east-1");
    }
    // A renewal must not wait for the very request that waits for it.
    let (reading, _) = served.scan(AwsSettings { max_concurrency: 1, ..settings.clone() }).unwrap();
    assert_eq!(reading.gaps, vec![]);
    // Without the external id every other account is one gap.
    let (reading, _) = served.scan(AwsSettings { external_id: None, ..settings }).unwrap();
    let gaps: Vec<&str> = reading.gaps.iter().map(|gap| gap.call.as_str()).collect();
    assert_eq!(gaps, ["AssumeRole"; 5]);
}

#[test]
fn one_session_serves_all_regions_of_an_account() {
    let served = Served::new(organization(SMALL));
    served.scan(served.settings()).unwrap();
    assert_eq!(served.counts()["AssumeRole"], 5);
}

#[test]
fn only_what_was_chosen_is_asked() {
    let served = Served::new(organization(SMALL));
    let selection = Selection {
        has_role: true,
        accounts: ["100000000002".parse().unwrap(), "100000000004".parse().unwrap()].into(),
        regions: ["us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap()].into(),
        ..Selection::default()
    };
    let (_, judged) = served.scan_as(served.settings(), &selection).unwrap();
    let chosen = |row: &crate::support::truth::Found| {
        ["100000000002", "100000000004"].contains(&row.1.as_str())
            && ["us-east-1", "eu-west-1"].contains(&row.2.as_str())
    };
    let wanted: BTreeSet<_> = truth(&served.sandbox().world()).into_iter().filter(chosen).collect();
    assert_eq!(found(&judged), wanted);
    let asked: BTreeSet<String> = served
        .sandbox()
        .calls()
        .into_iter()
        .filter(|call| call.action == "DescribeImages")
        .map(|call| call.place.to_string())
        .collect();
    let places = [
        "100000000002 eu-west-1",
        "100000000002 us-east-1",
        "100000000004 eu-west-1",
        "100000000004 us-east-1",
    ];
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), places);
}
