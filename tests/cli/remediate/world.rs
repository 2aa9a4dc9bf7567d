//! What the tests of `remediate` change: two accounts, two Regions, two images; and one of 240 images.

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::scenario::{AccountSpec, BlockSpec, ImageSpec, OrganizationSpec, UnitSpec};

use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, OUR_OU, STRANGER, THEIR_ORG, THEIR_OU};

pub(super) const THIRD: &str = "444444444444";
/// Another account of nobody.
pub(super) const OTHER: &str = "888888888888";
/// An account that the policy trusts.
pub(super) const VENDOR: &str = "777777777777";

pub(super) const HERE: (&str, &str) = (HOME, "us-east-1");
pub(super) const THERE: (&str, &str) = (MEMBER, "eu-west-1");

fn account(id: &str, state: &str) -> AccountSpec {
    AccountSpec {
        id: id.to_owned(),
        name: format!("name {id}"),
        state: Some(state.to_owned()),
        ..AccountSpec::default()
    }
}

pub(super) fn image((account, region): (&str, &str), id: &str, to: &[&str]) -> ImageSpec {
    ImageSpec {
        account: account.to_owned(),
        region: region.to_owned(),
        id: id.to_owned(),
        name: format!("name of {id}"),
        created: "2026-02-01T00:00:00Z".parse().ok(),
        shared_with: to.iter().map(|&to| to.to_owned()).collect(),
        ..ImageSpec::default()
    }
}

fn unblocked(id: &str) -> BlockSpec {
    BlockSpec { account: id.to_owned(), state: "unblocked".to_owned(), ..BlockSpec::default() }
}

/// Our organization with these images; nothing keeps them from being public.
fn organization(images: Vec<ImageSpec>) -> Scenario {
    let unit = UnitSpec { id: "ou-ab12-cd34ef56".to_owned(), name: "Outer".to_owned(), parent: None };
    Scenario {
        caller: HOME.to_owned(),
        regions: ["us-east-1", "eu-west-1"].map(str::to_owned).to_vec(),
        session_seconds: 3_600,
        organization: Some(OrganizationSpec {
            id: "o-ourorg0001".to_owned(),
            management: HOME.to_owned(),
            root: "r-ab12".to_owned(),
            delegated: Default::default(),
            old_fields_only: false,
        }),
        units: vec![unit],
        accounts: vec![
            account(HOME, "ACTIVE"),
            account(MEMBER, "ACTIVE"),
            account(THIRD, "ACTIVE"),
            account(CLOSED, "SUSPENDED"),
        ],
        images,
        blocks: [HOME, MEMBER, THIRD].map(unblocked).to_vec(),
        ..Scenario::default()
    }
}

/// An image of each of two accounts, each in another Region: five grants go, three stay.
pub(super) fn small() -> Scenario {
    organization(vec![
        image(HERE, "ami-1", &["all", STRANGER, MEMBER]),
        image(THERE, "ami-2", &[STRANGER, OTHER, THEIR_ORG, OUR_ORG, HOME]),
    ])
}

/// The image of this id.
pub(super) fn of<'a>(scenario: &'a mut Scenario, id: &str) -> &'a mut ImageSpec {
    scenario.images.iter_mut().find(|image| image.id == id).unwrap()
}

/// Grants that are nobody's to take back: our own, approved ones, and those that no call can name.
pub(super) const STAY: [&str; 7] =
    [MEMBER, THIRD, OUR_ORG, OUR_OU, VENDOR, "groupName=partners-7", "userId=12345"];
/// Grants that go.
pub(super) const GO: [&str; 6] = ["all", STRANGER, OTHER, CLOSED, THEIR_ORG, THEIR_OU];

/// 40 images in each of three accounts and two Regions, each with some of all those grants; also with grants to its
/// own account. The ids are the same in both Regions.
pub(super) fn large() -> Scenario {
    let mut random = fastrand::Rng::with_seed(7);
    let mut images = Vec::new();
    for (nth, owner) in [HOME, MEMBER, THIRD].into_iter().enumerate() {
        for region in ["us-east-1", "eu-west-1"] {
            for number in 0..40 {
                let all = STAY.iter().chain(&GO).chain([&owner]);
                let some: Vec<&str> = all.copied().filter(|_| random.u8(..3) == 0).collect();
                images.push(image((owner, region), &format!("ami-{nth}{number:02}"), &some));
            }
        }
    }
    organization(images)
}
