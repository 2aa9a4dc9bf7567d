//! What an entry speaks of: which shares it covers, and no others.

use std::collections::BTreeSet;

use wildmatch::WildMatch;

use crate::model::grantee::Grantee;
use crate::model::ids::{AccountId, ImageId, OrgId, Region};
use crate::model::share::Share;

/// Who an entry lets in.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Whom {
    /// Everybody: written literally.
    Public,
    /// These grantees, exactly.
    Grantees(BTreeSet<Grantee>),
    /// These grantees, and every unit of these organizations.
    Trusted(BTreeSet<Grantee>, BTreeSet<OrgId>),
}

/// Which shares an entry covers. A set that is `None` does not narrow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scope {
    pub(super) accounts: Option<BTreeSet<AccountId>>,
    pub(super) regions: Option<BTreeSet<Region>>,
    pub(super) images: Option<BTreeSet<ImageId>>,
    /// Matched against the whole name.
    pub(super) name: Option<WildMatch>,
    /// Tags, each matched against the whole value.
    pub(super) tags: Vec<(String, WildMatch)>,
    pub(super) whom: Whom,
}

impl Scope {
    /// Whether the entry covers the share, apart from its expiry.
    pub(super) fn covers(&self, share: &Share) -> bool {
        let image = &share.image;
        within(self.accounts.as_ref(), &share.place.account)
            && within(self.regions.as_ref(), &share.place.region)
            && within(self.images.as_ref(), &image.id)
            && self.name.as_ref().is_none_or(|pattern| pattern.matches(&image.name))
            && self.tags.iter().all(|(key, pattern)| {
                image.tags.iter().any(|(name, value)| name == key && pattern.matches(value))
            })
            && self.whom.includes(&share.grantee)
    }

    /// Whether it names this account among those it lets in.
    pub(super) fn names(&self, account: &str) -> bool {
        match &self.whom {
            Whom::Public => false,
            Whom::Grantees(grantees) | Whom::Trusted(grantees, _) => {
                grantees.iter().any(|grantee| grantee.label() == account)
            }
        }
    }

    /// The scope in words, for exceptions.csv and for the entry's id.
    pub(super) fn words(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                parts.push(format!("{name}={}", values.join(",")));
            }
        };
        part("account", texts(self.accounts.as_ref()));
        part("region", texts(self.regions.as_ref()));
        part("image", texts(self.images.as_ref()));
        part("image_name", self.name.iter().map(ToString::to_string).collect());
        part("tag", self.tags.iter().map(|(key, value)| format!("{key}:{value}")).collect());
        match &self.whom {
            Whom::Public => part("grantee", vec!["public".to_owned()]),
            Whom::Grantees(grantees) => part("grantee", texts(Some(grantees))),
            Whom::Trusted(grantees, organizations) => {
                part("grantee", texts(Some(grantees)));
                part("organization", texts(Some(organizations)));
            }
        }
        parts.join(" ")
    }
}

impl Whom {
    fn includes(&self, grantee: &Grantee) -> bool {
        match self {
            Self::Public => grantee.is_public(),
            Self::Grantees(grantees) => !grantee.is_public() && grantees.contains(grantee),
            Self::Trusted(grantees, organizations) => {
                !grantee.is_public()
                    && (grantees.contains(grantee)
                        || grantee
                            .organization()
                            .is_some_and(|organization| organizations.contains(organization)))
            }
        }
    }
}

fn within<T: Ord>(set: Option<&BTreeSet<T>>, value: &T) -> bool {
    set.is_none_or(|set| set.contains(value))
}

fn texts<T: ToString>(set: Option<&BTreeSet<T>>) -> Vec<String> {
    set.into_iter().flatten().map(ToString::to_string).collect()
}
