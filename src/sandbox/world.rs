//! What exists: accounts, images, grants. Built from a scenario, changed by calls.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::generate::{self, Generated};
use super::history::History;
use super::images::{Images, Mark};
use super::past;
use super::scenario::{
    AccountSpec, BadScenario, BlockSpec, FailSpec, FaultSpec, ImageSpec, OrganizationSpec, Scenario, UnitSpec,
};
use super::snapshots::{self, Snapshots};
use super::usage::Reports;
use crate::model::arn::{OrganizationArn, OuArn};
use crate::model::fault::Fault;
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// One launch permission as EC2 keeps it: a member's wire name and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// `userId`, `group`, `organizationArn`, `organizationalUnitArn`, or something new.
    pub member: String,
    /// Its value.
    pub value: String,
}

impl Grant {
    /// Reads the short form of scenario files.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let of = |member: &str, value: &str| Self { member: member.to_owned(), value: value.to_owned() };
        if text == "all" {
            of("group", text)
        } else if text.parse::<AccountId>().is_ok() {
            of("userId", text)
        } else if text.parse::<OrganizationArn>().is_ok() {
            of("organizationArn", text)
        } else if text.parse::<OuArn>().is_ok() {
            of("organizationalUnitArn", text)
        } else {
            let (member, value) = text.split_once('=').unwrap_or((text, ""));
            of(member, value)
        }
    }
}

/// An image with its grants.
#[derive(Debug, Clone)]
pub(super) struct StoredImage {
    pub(super) spec: ImageSpec,
    pub(super) grants: BTreeSet<Grant>,
}

impl StoredImage {
    pub(super) fn state(&self) -> &str {
        self.spec.state.as_deref().unwrap_or("available")
    }

    pub(super) fn is_public(&self) -> bool {
        self.grants.iter().any(|grant| grant.member == "group" && grant.value == "all")
    }
}

/// The state of block public access.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) state: String,
    pub(super) managed_by: String,
}

/// All that exists.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) caller: AccountId,
    pub(super) regions: Vec<Region>,
    pub(super) organization: Option<OrganizationSpec>,
    pub(super) units: Vec<UnitSpec>,
    pub(super) accounts: BTreeMap<AccountId, AccountSpec>,
    pub(super) images: Images,
    pub(super) snapshots: Snapshots,
    pub(super) reports: Reports,
    pub(super) blocks: BTreeMap<Place, Block>,
    pub(super) fails: Vec<FailSpec>,
    pub(super) faults: Vec<Fault>,
    pub(super) clock_ahead_seconds: i64,
    pub(super) session_seconds: i64,
    pub(super) delivery_seconds: i64,
    /// The time at which it takes place, if that is not the clock's.
    pub(super) now: Option<Timestamp>,
    pub(super) history: History,
}

impl World {
    /// Builds what a scenario describes.
    ///
    /// # Errors
    /// An id that does not parse, or an image in an account or Region that is not there.
    pub fn new(mut scenario: Scenario) -> Result<Self, BadScenario> {
        if let Some(size) = scenario.generate {
            Generated::check(size)?;
            generate::complete(&mut scenario, size);
        }
        let caller = parse(&scenario.caller, "caller")?;
        let mut regions = Vec::new();
        for region in &scenario.regions {
            regions.push(parse(region, "regions")?);
        }
        let mut accounts = BTreeMap::new();
        for account in scenario.accounts {
            accounts.insert(parse(&account.id, "account.id")?, account);
        }
        let mut world = Self {
            caller,
            regions,
            organization: scenario.organization,
            units: scenario.units,
            accounts,
            images: Images::new(scenario.generate.map(Generated::new)),
            snapshots: Snapshots::default(),
            reports: Reports::default(),
            blocks: BTreeMap::new(),
            fails: scenario.fails,
            faults: scenario.faults.into_iter().map(FaultSpec::check).collect::<Result<_, _>>()?,
            clock_ahead_seconds: scenario.clock_ahead_seconds,
            session_seconds: scenario.session_seconds,
            delivery_seconds: scenario.delivery_seconds,
            now: scenario.now,
            history: History::default(),
        };
        for image in scenario.images {
            world.add(image)?;
        }
        for block in scenario.blocks {
            world.set_block(&block)?;
        }
        past::apply(&mut world, scenario.calls, scenario.now)?;
        Ok(world)
    }

    fn set_block(&mut self, block: &BlockSpec) -> Result<(), BadScenario> {
        let account = parse(&block.account, "block_public_access.account")?;
        let names = block.regions.clone().unwrap_or_else(|| self.enabled(account));
        for name in names {
            let place = Place { account, region: parse(&name, "block_public_access.regions")? };
            let managed_by = block.managed_by.clone().unwrap_or_else(|| "account".to_owned());
            self.blocks.insert(place, Block { state: block.state.clone(), managed_by });
        }
        Ok(())
    }

    fn add(&mut self, mut image: ImageSpec) -> Result<(), BadScenario> {
        let place = Place {
            account: parse(&image.account, "image.account")?,
            region: parse(&image.region, "image.region")?,
        };
        if !self.accounts.contains_key(&place.account) {
            return Err(BadScenario(format!("image {}: there is no account {}", image.id, place.account)));
        }
        let grants: BTreeSet<Grant> = image.shared_with.iter().map(|text| Grant::parse(text)).collect();
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if let Some(grant) = grants.iter().find(|grant| !is_name(&grant.member)) {
            return Err(BadScenario(format!(
                "image {}: {:?} is not the name of a member",
                image.id, grant.member
            )));
        }
        // One that is younger than the scenario's time does not exist yet.
        if image.created.zip(self.now).is_none_or(|(created, now)| created <= now) {
            image.last_launched = image.last_launched.filter(|at| self.now.is_none_or(|now| *at <= now));
            self.share_snapshot(&place, &image)?;
            for usage in &image.used_by {
                parse::<AccountId>(&usage.account, "image.used_by.account")?;
            }
            self.images.add(place, StoredImage { spec: image, grants });
        }
        Ok(())
    }

    fn share_snapshot(&mut self, place: &Place, image: &ImageSpec) -> Result<(), BadScenario> {
        let texts = &image.snapshot_shared_with;
        let grants: BTreeSet<Grant> = texts.iter().map(|text| Grant::parse(text)).collect();
        if let Some(grant) = grants.iter().find(|grant| !snapshots::can_be_granted(grant)) {
            let what = format!("{}={}", grant.member, grant.value);
            return Err(BadScenario(format!(
                "image {}: snapshot_shared_with: {what} is neither an account nor `all`",
                image.id
            )));
        }
        self.snapshots.set(place, &snapshots::of_image(&image.id), grants);
        Ok(())
    }

    /// The Regions enabled in an account.
    pub(super) fn enabled(&self, account: AccountId) -> BTreeSet<String> {
        let own = self.accounts.get(&account).and_then(|account| account.regions.clone());
        own.unwrap_or_else(|| self.regions.iter().map(ToString::to_string).collect())
    }

    /// Whether the Region is enabled in the account.
    pub(super) fn is_enabled(&self, place: &Place) -> bool {
        match self.accounts.get(&place.account).and_then(|account| account.regions.as_ref()) {
            Some(regions) => regions.contains(place.region.as_str()),
            None => self.regions.contains(&place.region),
        }
    }

    /// The members of the organization.
    pub(super) fn members(&self) -> impl Iterator<Item = (&AccountId, &AccountSpec)> {
        self.accounts.iter().filter(|(_, account)| !account.outside)
    }

    pub(super) fn is_member(&self, account: AccountId) -> bool {
        self.organization.is_some() && self.accounts.get(&account).is_some_and(|account| !account.outside)
    }

    /// The units above an account or unit, outermost first.
    pub(super) fn units_above(&self, unit: Option<&str>) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = unit.map(str::to_owned);
        // A loop in the scenario ends with the number of units there are.
        while let Some(id) = next.take().filter(|_| path.len() <= self.units.len()) {
            next = self.units.iter().find(|unit| unit.id == id).and_then(|unit| unit.parent.clone());
            path.push(id);
        }
        path.reverse();
        path
    }

    /// The standing grants of every image: what a perfect scan would find. Always in the same order, and
    /// computed as they are asked for.
    pub fn grants(&self) -> impl Iterator<Item = (Place, String, Grant)> {
        let mut mark = Mark::default();
        let next = move || (!mark.is_at_end).then(|| self.images.grants_after(&mut mark, 10_000));
        std::iter::from_fn(next).flatten()
    }

    /// Who may make volumes of which snapshots.
    pub fn snapshot_grants(&self) -> impl Iterator<Item = (Place, String, Grant)> {
        self.snapshots.all()
    }

    /// CloudTrail's records of all places, as far as they can be seen at `now`, oldest first, as JSON.
    pub fn records(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.history.records(now)
    }

    /// The account whose credentials an unknown access key stands for.
    #[must_use]
    pub fn caller(&self) -> AccountId {
        self.caller
    }

    /// The members of the organization.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.members().map(|(id, _)| *id)
    }

    /// The Regions that exist.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// How many images there are in all.
    #[must_use]
    pub fn image_count(&self) -> usize {
        usize::try_from(self.images.count()).unwrap_or(usize::MAX)
    }
}

pub(super) fn parse<T: std::str::FromStr>(text: &str, key: &str) -> Result<T, BadScenario>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| BadScenario(format!("{key}: {error}")))
}
