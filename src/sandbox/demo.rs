//! The demo's organization: a lifelike one, in `demo.toml` beside this file, with the serial images that
//! pipelines leave behind filled in.

use jiff::{Timestamp, ToSpan as _};

use super::scenario::{BadScenario, ImageSpec, Scenario};

const TEXT: &str = include_str!("demo.toml");

/// The policy that the demo is judged by.
pub const POLICY: &str = include_str!("demo-policy.toml");

/// A golden image that is rebuilt again and again.
struct Family {
    account: &'static str,
    name: &'static str,
    versions: u32,
    shared_with: &'static [&'static str],
    regions: &'static [&'static str],
}

const OUR_ORGANIZATION: &str = "arn:aws:organizations::100000000001:organization/o-acmecorp01";
const WORKLOADS: &str = "arn:aws:organizations::100000000001:ou/o-acmecorp01/ou-acme-workload";
const ALL: &[&str] = &["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"];

const FAMILIES: &[Family] = &[
    Family {
        account: "100000000003",
        name: "golden-al2023",
        versions: 12,
        shared_with: &[OUR_ORGANIZATION],
        regions: ALL,
    },
    Family {
        account: "100000000003",
        name: "golden-ubuntu-24.04",
        versions: 8,
        shared_with: &[WORKLOADS],
        regions: ALL,
    },
    Family {
        account: "100000000004",
        name: "ci-runner",
        versions: 14,
        shared_with: &["100000000005", "100000000006"],
        regions: &["us-east-1"],
    },
    Family {
        account: "100000000007",
        name: "analytics-worker",
        versions: 5,
        shared_with: &["200000000001"],
        regions: &["eu-west-1"],
    },
    Family {
        account: "100000000005",
        name: "shop-web",
        versions: 9,
        shared_with: &[],
        regions: &["us-east-1", "eu-west-1"],
    },
    Family {
        account: "100000000006",
        name: "shop-web-staging",
        versions: 7,
        shared_with: &[],
        regions: &["us-east-1"],
    },
    Family {
        account: "100000000009",
        name: "sandbox-test",
        versions: 6,
        shared_with: &[],
        regions: &["us-west-2"],
    },
];

/// The demo's organization, always the same.
///
/// # Errors
/// Never, unless `demo.toml` was broken; a test reads it.
pub fn organization() -> Result<Scenario, BadScenario> {
    let mut scenario = Scenario::parse("demo.toml", TEXT)?;
    let now = scenario.now.unwrap_or(Timestamp::UNIX_EPOCH);
    for (nth, family) in FAMILIES.iter().enumerate() {
        for (place, region) in family.regions.iter().enumerate() {
            for version in 0..family.versions {
                let id = format!("ami-0{:03x}{:03x}{version:010x}", nth + 0xa0, place + 0xb0);
                scenario.images.push(image(family, region, id, version, now));
            }
        }
    }
    Ok(scenario)
}

/// One build of a family: weekly, the newest last week.
fn image(family: &Family, region: &str, id: String, version: u32, now: Timestamp) -> ImageSpec {
    let weeks = i64::from(family.versions - version);
    let created = now.checked_sub((weeks * 7 * 24).hours()).ok();
    let stamp = created.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    ImageSpec {
        account: family.account.to_owned(),
        region: region.to_owned(),
        id,
        name: format!("{}-{stamp}", family.name),
        created,
        encrypted: false,
        tags: [("pipeline".to_owned(), family.name.to_owned())].into(),
        shared_with: family.shared_with.iter().map(|&grantee| grantee.to_owned()).collect(),
        ..ImageSpec::default()
    }
}
