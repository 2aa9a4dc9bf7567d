//! Organizations made from a seed, for tests and measurements. Their images are computed when they are
//! asked for, so that a million of them costs no memory.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::scenario::{AccountSpec, BadScenario, ImageSpec, OrganizationSpec, Scenario, UnitSpec};
use super::world::{Grant, StoredImage};
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

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

/// The first member, the management account; the others count on from it.
const FIRST_ACCOUNT: u64 = 100_000_000_000;

/// Times repeat after so many images of a place, or they would lie in the future.
const HOURS: u64 = 20_000;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Member accounts, the management account among them.
    pub accounts: usize,
    /// Regions, at most 17.
    pub regions: usize,
    /// Images in each account and Region.
    pub images: usize,
    /// The same seed gives the same organization.
    #[serde(default = "one")]
    pub seed: u64,
    /// The part of the images that have grants, in percent.
    #[serde(default = "few")]
    pub shared_percent: f64,
}

fn one() -> u64 {
    1
}

fn few() -> f64 {
    2.0
}

/// An organization of that size. The images that have grants have one to three, of every kind and
/// relation.
#[must_use]
pub fn organization(size: Size) -> Scenario {
    let mut scenario = Scenario {
        generate: Some(size),
        session_seconds: 3_600,
        delivery_seconds: 300,
        ..Scenario::default()
    };
    complete(&mut scenario, size);
    scenario
}

/// The same organization with every image in the scenario, so that a test can change some of them.
#[must_use]
pub fn listed(size: Size) -> Scenario {
    let generated = Generated::new(size);
    let images = (0..generated.total()).map(|number| generated.spec(number)).collect();
    Scenario { images, generate: None, ..organization(size) }
}

/// Adds to a scenario what belongs to an organization of that size, but for what it says itself.
pub(super) fn complete(scenario: &mut Scenario, size: Size) {
    let management = account_text(0);
    if scenario.caller.is_empty() {
        scenario.caller.clone_from(&management);
    }
    for name in REGIONS.iter().take(size.regions) {
        if !scenario.regions.iter().any(|region| region == name) {
            scenario.regions.push((*name).to_owned());
        }
    }
    scenario.organization.get_or_insert_with(|| OrganizationSpec {
        id: "o-generated00".to_owned(),
        management,
        root: "r-demo".to_owned(),
        delegated: BTreeSet::new(),
        old_fields_only: false,
    });
    let unit = "ou-demo-workload";
    if !scenario.units.iter().any(|known| known.id == unit) {
        scenario.units.push(UnitSpec { id: unit.to_owned(), name: "Workloads".to_owned(), parent: None });
    }
    let known: BTreeSet<String> = scenario.accounts.iter().map(|account| account.id.clone()).collect();
    let members = (0..size.accounts as u64).map(|nth| AccountSpec {
        id: account_text(nth),
        name: format!("account {nth}"),
        ou: (nth > 0).then(|| unit.to_owned()),
        ..AccountSpec::default()
    });
    scenario.accounts.extend(members.filter(|account| !known.contains(&account.id)));
}

fn account_text(nth: u64) -> String {
    format!("{:012}", FIRST_ACCOUNT + nth)
}

/// The images of an organization of some size: what each is follows from the seed and its number. Numbers
/// go account by account, Region by Region.
#[derive(Debug, Clone)]
pub(super) struct Generated {
    ids: Ids,
    accounts: u64,
    images: u64,
    shared_percent: f64,
    regions: Vec<Region>,
}

impl Generated {
    pub(super) fn new(size: Size) -> Self {
        let regions = REGIONS.iter().take(size.regions).filter_map(|name| name.parse().ok()).collect();
        Self {
            ids: Ids::new(size.seed),
            accounts: size.accounts as u64,
            images: size.images as u64,
            shared_percent: size.shared_percent,
            regions,
        }
    }

    /// Why there can be no organization of that size.
    pub(super) fn check(size: Size) -> Result<(), BadScenario> {
        let bad = |why: &str| Err(BadScenario(format!("generate: {why}")));
        let places = size.accounts.saturating_mul(size.regions);
        if !(1..=50_000).contains(&size.accounts) {
            return bad("accounts is a number from 1 to 50,000");
        } else if !(1..=REGIONS.len()).contains(&size.regions) {
            return bad("regions is a number from 1 to 17");
        } else if places.saturating_mul(size.images) > 100_000_000 {
            return bad("the most is 100,000,000 images in all");
        } else if !(0.0..=100.0).contains(&size.shared_percent) {
            return bad("shared_percent is a number from 0 to 100");
        }
        Ok(())
    }

    /// How many there are in all.
    pub(super) fn total(&self) -> u64 {
        self.accounts * self.regions.len() as u64 * self.images
    }

    /// The numbers of a place's images; none, if it is not one of ours.
    pub(super) fn numbers(&self, place: &Place) -> Range<u64> {
        let account = self.account_number(place.account);
        let region = self.regions.iter().position(|region| *region == place.region);
        match (account, region) {
            (Some(account), Some(region)) => {
                let first = (account * self.regions.len() as u64 + region as u64) * self.images;
                first..first + self.images
            }
            _ => 0..0,
        }
    }

    fn account_number(&self, account: AccountId) -> Option<u64> {
        let id: u64 = account.to_string().parse().ok()?;
        id.checked_sub(FIRST_ACCOUNT).filter(|number| *number < self.accounts)
    }

    /// The places with images, in the order of their numbers.
    pub(super) fn places_in(&self, region: &Region) -> impl Iterator<Item = Place> {
        let known = self.regions.contains(region);
        let accounts =
            (0..self.accounts).filter(move |_| known).filter_map(|nth| account_text(nth).parse().ok());
        accounts.map(|account| Place { account, region: region.clone() })
    }

    /// Where the image of this number is.
    pub(super) fn place(&self, number: u64) -> Option<Place> {
        let place = number.checked_div(self.images)?;
        let regions = self.regions.len() as u64;
        let region = self.regions.get(usize::try_from(place.checked_rem(regions)?).ok()?)?;
        let account = account_text(place / regions).parse().ok()?;
        Some(Place { account, region: region.clone() })
    }

    /// The number of the image of this id, if it is one of ours.
    pub(super) fn number(&self, id: &str) -> Option<u64> {
        self.ids.number(id).filter(|number| *number < self.total())
    }

    /// The id of the image of this number.
    pub(super) fn id(&self, number: u64) -> String {
        self.ids.id(number)
    }

    /// The image of this number.
    pub(super) fn image(&self, number: u64) -> StoredImage {
        StoredImage { spec: self.bare(number), grants: self.grants(number) }
    }

    /// Its grants.
    pub(super) fn grants(&self, number: u64) -> BTreeSet<Grant> {
        self.shared_with(number).iter().map(|text| Grant::parse(text)).collect()
    }

    /// The image as a scenario lists it.
    fn spec(&self, number: u64) -> ImageSpec {
        ImageSpec { shared_with: self.shared_with(number), ..self.bare(number) }
    }

    fn bare(&self, number: u64) -> ImageSpec {
        let place = self.place(number);
        let nth = number.checked_rem(self.images).unwrap_or_default();
        let hours = i64::try_from(nth % HOURS).unwrap_or_default();
        ImageSpec {
            account: place.as_ref().map(|place| place.account.to_string()).unwrap_or_default(),
            region: place.map(|place| place.region.to_string()).unwrap_or_default(),
            id: self.id(number),
            name: format!("web-{nth}"),
            created: Timestamp::from_second(1_700_000_000 + hours * 3_600).ok(),
            encrypted: self.ids.seed(number) & 1 == 1,
            ..ImageSpec::default()
        }
    }

    /// Nothing for most, or one to three: members, strangers, everybody, our own organization and others.
    fn shared_with(&self, number: u64) -> Vec<String> {
        let mut random = fastrand::Rng::with_seed(self.ids.seed(number));
        if random.f64() * 100.0 >= self.shared_percent {
            return Vec::new();
        }
        (0..random.usize(1..4)).map(|_| self.grantee(&mut random)).collect()
    }

    fn grantee(&self, random: &mut fastrand::Rng) -> String {
        match random.u8(0..7) {
            0 => "all".to_owned(),
            1 => format!("{:012}", 900_000_000_000 + random.u64(0..1_000)),
            2 => format!("arn:aws:organizations::999999999999:organization/o-stranger{:03}", random.u8(..)),
            3 => "arn:aws:organizations::999999999999:ou/o-stranger000/ou-zzzz-11112222".to_owned(),
            4 => "arn:aws:organizations::100000000000:organization/o-generated00".to_owned(),
            5 => format!("groupName=partners-{}", random.u8(..)),
            _ => account_text(random.u64(0..self.accounts.max(1))),
        }
    }
}
