//! Chooses the open findings that a plan takes back.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Entry, Stays};
use crate::model::finding::{Finding, Severity, Status};
use crate::model::grantee::Grantee;
use crate::model::ids::{AccountId, ImageId, Region};
use crate::model::place::Place;
use crate::model::remediation::Target;
use crate::model::rule::Basis;
use crate::model::share::Relation;

/// Which open findings are wanted; an empty set is no restriction.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only of these rules.
    pub rules: BTreeSet<String>,
    /// Only of these severities.
    pub severities: BTreeSet<Severity>,
    /// Only in these accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Only in these Regions.
    pub regions: BTreeSet<Region>,
    /// Only of these images.
    pub images: BTreeSet<ImageId>,
    /// Only of these grantees, as reports write them.
    pub grantees: BTreeSet<String>,
    /// Also what a pipeline seems to keep.
    pub include_managed: bool,
}

/// The grants that are to be taken back, and what is wanted and stays. One grant is taken back once, however many
/// findings it has: by the worst of them.
#[must_use]
pub fn select(findings: &[Finding], wanted: &Selection) -> (Vec<Entry>, Vec<Stays>) {
    let mut chosen: BTreeMap<(Target, Grantee), (Severity, Entry)> = BTreeMap::new();
    let mut stays = Vec::new();
    let open = findings.iter().filter(|finding| finding.status == Status::Open);
    for finding in open.filter(|finding| wanted.wants(finding)) {
        match entry(finding, wanted) {
            Err(reason) => stays.push(Stays { finding_id: finding.id(), about: about(finding), reason }),
            Ok(entry) => {
                let key = (entry.target.clone(), entry.grantee.clone());
                let worse = chosen.get(&key).is_none_or(|(severity, _)| *severity < finding.severity);
                if worse {
                    chosen.insert(key, (finding.severity, entry));
                }
            }
        }
    }
    let entries: Vec<Entry> = chosen.into_values().map(|(_, entry)| entry).collect();
    stays.extend(beside(findings, wanted, &entries));
    (entries, stays)
}

/// What is open on images of the plan, and was not asked for: it may let in whom the plan shuts out.
fn beside(findings: &[Finding], wanted: &Selection, entries: &[Entry]) -> Vec<Stays> {
    let images: BTreeSet<(AccountId, &Region, &ImageId)> = entries
        .iter()
        .map(|entry| (entry.target.place.account, &entry.target.place.region, &entry.target.image))
        .collect();
    let is_beside = |finding: &&Finding| {
        let image = finding.account.zip(finding.region.as_ref()).zip(finding.image.as_ref());
        let is_there =
            image.is_some_and(|((account, region), image)| images.contains(&(account, region, &image.id)));
        finding.status == Status::Open
            && finding.rule.basis == Basis::Inventory
            && is_there
            && !wanted.wants(finding)
    };
    let stays = |finding: &Finding| Stays {
        finding_id: finding.id(),
        about: about(finding),
        reason: "it was not asked for, and is of an image of the plan".to_owned(),
    };
    findings.iter().filter(is_beside).map(stays).collect()
}

impl Selection {
    fn wants(&self, finding: &Finding) -> bool {
        fn among<T: Ord>(set: &BTreeSet<T>, value: Option<&T>) -> bool {
            set.is_empty() || value.is_some_and(|value| set.contains(value))
        }
        let image = finding.image.as_ref().map(|image| &image.id);
        let grantee = finding.grantee.as_ref().map(Grantee::label);
        (self.rules.is_empty() || self.rules.contains(finding.rule.id))
            && among(&self.severities, Some(&finding.severity))
            && among(&self.accounts, finding.account.as_ref())
            && among(&self.regions, finding.region.as_ref())
            && among(&self.images, image)
            && among(&self.grantees, grantee.as_ref())
    }
}

/// The entry of a finding, or why it has none.
fn entry(finding: &Finding, wanted: &Selection) -> Result<Entry, String> {
    match finding.rule.basis {
        Basis::Inventory => {}
        Basis::Events => return Err("it tells of what has happened, not of what stands".to_owned()),
        Basis::Policy => return Err("it is about the policy".to_owned()),
    }
    let (Some(account), Some(region), Some(image), Some(grantee)) =
        (finding.account, finding.region.clone(), &finding.image, &finding.grantee)
    else {
        return Err("it is about no single grant".to_owned());
    };
    let removal = if finding.snapshot.is_some() { grantee.snapshot_removal() } else { grantee.removal() };
    if removal.is_none() {
        return Err("no call can name this grantee".to_owned());
    }
    if finding.relation.is_none_or(|relation| relation == Relation::Unknown) {
        let reason = "whether the grantee is outside is not known: scan with a complete list of accounts";
        return Err(reason.to_owned());
    }
    if !finding.managed_by.is_empty() && !wanted.include_managed {
        let by = &finding.managed_by;
        return Err(format!("{by} seems to keep it, and would set it again (--include-managed)"));
    }
    let place = Place { account, region };
    Ok(Entry {
        finding_id: finding.id(),
        rule_id: finding.rule.id.to_owned(),
        severity: finding.severity.word().to_owned(),
        target: Target { place, image: image.id.clone(), snapshot: finding.snapshot.clone() },
        image_name: image.name.clone(),
        grantee: grantee.clone(),
        relation: finding.relation.map(Relation::word).unwrap_or_default().to_owned(),
        grantee_name: finding.grantee_name.clone(),
        managed_by: finding.managed_by.clone(),
        last_launched_at: image.last_launched_at,
    })
}

/// What a finding is about, in words.
fn about(finding: &Finding) -> String {
    let account = finding.account.map(|account| account.to_string());
    let region = finding.region.as_ref().map(ToString::to_string);
    let image = finding.image.as_ref().map(|image| image.id.to_string());
    let grantee = finding.grantee.as_ref().map(Grantee::label);
    let snapshot = finding.snapshot.as_ref().map(ToString::to_string);
    let parts = [Some(finding.rule.id.to_owned()), account, region, image, snapshot, grantee];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
