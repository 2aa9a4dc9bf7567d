//! `block-public-access-off`: nothing stops an account's images from being made public.
//!
//! Catches Regions where the state is `unblocked`: one finding an account, naming them. Misses shares
//! with accounts and organizations, which that setting does not limit, and Regions where it could not
//! be read (those are gaps).
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html>

use std::collections::BTreeMap;

use super::{BLOCK_PAGE, Evidence, Rule};
use crate::model::finding::{Finding, Severity};
use crate::model::ids::{AccountId, Region};
use crate::model::rule::{Basis, RuleMeta};

pub(super) struct BlockPublicAccessOff;

static META: RuleMeta = RuleMeta {
    id: "block-public-access-off",
    title: "Block public access for AMIs is off",
    basis: Basis::Inventory,
    severity: Severity::Low,
    risk: "One call can make any image of the account public in these Regions.",
    misses: "Shares with accounts, organizations and units, which the setting does not limit; images that are public \
             already, which it does not change.",
    remediation: "Turn it on in each Region, or for the whole organization with a declarative policy.",
    mitre: None,
    covers: &[],
    references: &[
        BLOCK_PAGE,
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html",
    ],
    controls: &[],
};

impl Rule for BlockPublicAccessOff {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let mut off: BTreeMap<AccountId, (Vec<Region>, bool)> = BTreeMap::new();
        for (place, state, images) in evidence.blocks {
            if state.is_off() {
                let (regions, may_have_images) = off.entry(place.account).or_default();
                regions.push(place.region.clone());
                *may_have_images |= *images != Some(0);
            }
        }
        off.into_iter()
            .map(|(account, (regions, images))| finding(evidence, account, regions, images))
            .collect()
    }
}

fn finding(evidence: &Evidence<'_>, account: AccountId, mut regions: Vec<Region>, images: bool) -> Finding {
    regions.sort();
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let remediation = format!(
        "{} for region in {}; do aws ec2 enable-image-block-public-access --region $region \
         --image-block-public-access-state block-new-sharing; done",
        META.remediation,
        names.join(" ")
    );
    Finding {
        severity: if images { META.severity } else { Severity::Info },
        account: Some(account),
        regions,
        advice: Some(remediation),
        ..Finding::new(&META, evidence.now)
    }
}
