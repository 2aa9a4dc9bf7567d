//! Who uses the images of a plan, as a plan tells it: for people, and outside of what the plan's digests cover.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::plan::{Entry, Plan};
use super::record::Named;
use crate::model::ids::ImageId;
use crate::model::place::Place;

/// Who uses one image, or why that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The image's account.
    pub account_id: String,
    /// Its Region.
    pub region: String,
    /// The image.
    pub image_id: String,
    /// The accounts that use it; none where nobody does, or where it could not be told.
    pub used_by: Vec<User>,
    /// Why it could not be told.
    pub error: Option<String>,
}

/// An account that uses an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The account, as AWS writes it.
    pub account_id: String,
    /// `owner`; `grantee`: the plan takes back its grant of the image, or everybody's; `other`: neither. What the plan
    /// takes back of organizations and units may be what lets it in nevertheless.
    pub who: String,
    /// How many things of each kind use the image, by AWS's word for the kind.
    pub counts: BTreeMap<String, u64>,
}

/// How many things of each kind use an image, account by account.
pub(super) type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// The images that a plan takes something back of.
pub(super) fn images(plan: &Plan) -> BTreeSet<(&Place, &ImageId)> {
    plan.entries.iter().map(|entry| (&entry.target.place, &entry.target.image)).collect()
}

impl Usage {
    /// What AWS said of an image, or did not.
    pub(super) fn new(plan: &Plan, (place, image): (&Place, &ImageId), told: Result<Counts, String>) -> Self {
        let is_of = |entry: &&Entry| entry.target.place == *place && entry.target.image == *image;
        let grantees: BTreeSet<String> =
            plan.entries.iter().filter(is_of).map(|entry| Named::of(&entry.grantee).grantee).collect();
        let owner = place.account.to_string();
        let who = |account: &String| match account {
            account if *account == owner => "owner",
            account if grantees.contains(account) || grantees.contains("all") => "grantee",
            _ => "other",
        };
        let (counts, error) = match told {
            Ok(counts) => (counts, None),
            Err(error) => (Counts::new(), Some(error)),
        };
        let user = |(account_id, counts)| User { who: who(&account_id).to_owned(), account_id, counts };
        let used_by = counts.into_iter().map(user).collect();
        let (account_id, region) = (owner.clone(), place.region.to_string());
        Self { account_id, region, image_id: image.to_string(), used_by, error }
    }
}

/// What AWS said of the images, line by line.
pub(super) fn tell_usage(usage: &[Usage]) -> Vec<String> {
    if usage.is_empty() {
        return Vec::new();
    }
    let head =
        "Who uses the images now, as AWS counts it (instances up to a day late, launch templates some days):";
    let lines = usage.iter().flat_map(lines);
    std::iter::once(head.to_owned()).chain(lines).collect()
}

fn lines(usage: &Usage) -> Vec<String> {
    let Usage { account_id, region, image_id, used_by, error } = usage;
    let image = format!("  {account_id} {region} {image_id}");
    match error {
        Some(error) => vec![format!("{image}: who uses it could not be told: {error}")],
        None if used_by.is_empty() => vec![format!("{image}: no account uses it")],
        None => {
            let all = used_by.iter().flat_map(|user| user.counts.iter().map(move |count| (user, count)));
            all.map(|(user, count)| format!("{image}: {}", user.does(count))).collect()
        }
    }
}

impl User {
    fn does(&self, (kind, count): (&String, &u64)) -> String {
        let who = match self.who.as_str() {
            "owner" => "the owner",
            "grantee" => "a grantee in the plan",
            _ => "not named in the plan",
        };
        let s = if *count == 1 { "" } else { "s" };
        let what = match kind.as_str() {
            "ec2:Instance" => format!("runs {count} instance{s} of it, which the plan does not stop"),
            "ec2:LaunchTemplate" => format!("names it in {count} launch template{s}"),
            other => format!("uses it in {count} of {other}"),
        };
        format!("account {} ({who}) {what}", self.account_id)
    }
}
