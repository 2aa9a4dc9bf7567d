//! Organizations made from a seed, for tests and measurements.

use jiff::Timestamp;

use super::scenario::{AccountSpec, ImageSpec, OrganizationSpec, Scenario, UnitSpec};

/// The Regions that generated organizations spread over, in this order.
const REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "ap-southeast-2",
    "us-west-2",
    "eu-central-1",
    "us-east-2",
    "us-west-1",
    "ca-central-1",
    "sa-east-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
];

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Member accounts, the management account among them.
    pub accounts: usize,
    /// Regions, at most 17.
    pub regions: usize,
    /// Images in each account and Region.
    pub images: usize,
    /// The same seed gives the same organization.
    pub seed: u64,
}

/// An organization of that size. One image in eight has grants, of every kind and relation.
#[must_use]
pub fn organization(size: Size) -> Scenario {
    let mut random = fastrand::Rng::with_seed(size.seed);
    let ids: Vec<String> =
        (0..size.accounts.max(1)).map(|n| format!("{:012}", 100_000_000_000 + n as u64)).collect();
    let management = ids.first().cloned().unwrap_or_default();
    let regions: Vec<String> = REGIONS.iter().take(size.regions).map(|&name| name.to_owned()).collect();
    let accounts: Vec<AccountSpec> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| AccountSpec {
            id: id.clone(),
            name: format!("account {n}"),
            ou: (n > 0).then(|| "ou-demo-workload".to_owned()),
            ..AccountSpec::default()
        })
        .collect();
    let mut images = Vec::new();
    for account in &ids {
        for region in &regions {
            for nth in 0..size.images {
                let id = format!("ami-{:016x}", random.u64(..));
                let shared_with = if random.u8(0..8) == 0 { grants(&mut random, &ids) } else { Vec::new() };
                images.push(ImageSpec {
                    account: account.clone(),
                    region: region.clone(),
                    name: format!("web-{nth}"),
                    created: Timestamp::from_second(1_700_000_000 + nth as i64 * 3_600).ok(),
                    encrypted: random.bool(),
                    id,
                    shared_with,
                    ..ImageSpec::default()
                });
            }
        }
    }
    Scenario {
        caller: management.clone(),
        regions,
        session_seconds: 3_600,
        organization: Some(OrganizationSpec {
            id: "o-generated00".to_owned(),
            management,
            root: "r-demo".to_owned(),
            delegated: std::collections::BTreeSet::new(),
            old_fields_only: false,
        }),
        units: vec![UnitSpec {
            id: "ou-demo-workload".to_owned(),
            name: "Workloads".to_owned(),
            parent: None,
        }],
        accounts,
        images,
        ..Scenario::default()
    }
}

/// One to three grants: members, strangers, everybody, our own organization and others.
fn grants(random: &mut fastrand::Rng, members: &[String]) -> Vec<String> {
    (0..random.usize(1..4))
        .map(|_| match random.u8(0..7) {
            0 => "all".to_owned(),
            1 => format!("{:012}", 900_000_000_000 + random.u64(0..1_000)),
            2 => format!("arn:aws:organizations::999999999999:organization/o-stranger{:03}", random.u8(..)),
            3 => "arn:aws:organizations::999999999999:ou/o-stranger000/ou-zzzz-11112222".to_owned(),
            4 => "arn:aws:organizations::100000000000:organization/o-generated00".to_owned(),
            5 => format!("groupName=partners-{}", random.u8(..)),
            _ => random.choice(members).cloned().unwrap_or_default(),
        })
        .collect()
}
