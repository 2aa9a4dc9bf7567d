//! Calls that change something, as the sandbox received them.

use std::collections::{BTreeMap, BTreeSet};

use amiaudit::sandbox::Recorded;
use serde_json::Value;

/// A call that changes something, or tries to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Write {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) action: String,
    /// The image; empty where there is none.
    pub(super) image: String,
    /// `Remove` and the grantees, as `Member=value`.
    pub(super) grantees: BTreeSet<(String, String)>,
    /// What else it said, but for action and version.
    pub(super) others: BTreeMap<String, String>,
}

/// Whether a call is none of those that only read.
pub(super) fn is_write(call: &Recorded) -> bool {
    let reads = ["Describe", "Get", "List", "Lookup", "AssumeRole"];
    !reads.iter().any(|read| call.action.starts_with(read))
}

/// A call's parts. Grantees count only in the structured form, numbered from 1 on without a gap.
pub(super) fn write_of(call: &Recorded) -> Write {
    let mut others = call.params.clone();
    for key in ["Action", "Version"] {
        others.remove(key);
    }
    let mut grantees = BTreeSet::new();
    for operation in ["Add", "Remove"] {
        for n in 1.. {
            let item = format!("LaunchPermission.{operation}.{n}.");
            let Some(key) = others.keys().find(|key| key.starts_with(&item)).cloned() else { break };
            let value = others.remove(&key).unwrap();
            grantees.insert((operation.to_owned(), format!("{}={value}", &key[item.len()..])));
        }
    }
    Write {
        account: call.place.account.to_string(),
        region: call.place.region.to_string(),
        action: call.action.clone(),
        image: others.remove("ImageId").unwrap_or_default(),
        grantees,
        others,
    }
}

/// The call that adds or removes these grantees of an image, in the short form.
pub(super) fn modify((account, region): (&str, &str), image: &str, operation: &str, to: &[&str]) -> Write {
    let member = |to: &str| match to {
        "all" => "Group",
        _ if to.contains(":organization/") => "OrganizationArn",
        _ if to.contains(":ou/") => "OrganizationalUnitArn",
        _ => "UserId",
    };
    Write {
        account: account.to_owned(),
        region: region.to_owned(),
        action: "ModifyImageAttribute".to_owned(),
        image: image.to_owned(),
        grantees: to.iter().map(|to| (operation.to_owned(), format!("{}={to}", member(to)))).collect(),
        others: BTreeMap::new(),
    }
}

/// A call that switches block public access.
pub(super) fn switch((account, region): (&str, &str), on: bool) -> Write {
    let state = ("ImageBlockPublicAccessState".to_owned(), "block-new-sharing".to_owned());
    Write {
        action: if on { "EnableImageBlockPublicAccess" } else { "DisableImageBlockPublicAccess" }.to_owned(),
        others: if on { BTreeMap::from([state]) } else { BTreeMap::new() },
        ..modify((account, region), "", "", &[])
    }
}

/// The calls that a plan stands for: one an image, sorted.
pub(super) fn planned(plan: &Value, operation: &str) -> Vec<Write> {
    let mut calls: BTreeMap<[String; 3], Vec<String>> = BTreeMap::new();
    for entry in plan["entries"].as_array().unwrap() {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let image = ["account_id", "region", "image_id"].map(text);
        calls.entry(image).or_default().push(text("grantee"));
    }
    let call = |([account, region, image], to): (&[String; 3], &Vec<String>)| {
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        modify((account, region), image, operation, &to)
    };
    let mut calls: Vec<Write> = calls.iter().map(call).collect();
    calls.sort();
    calls
}
