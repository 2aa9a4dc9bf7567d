//! One file a rule; here what holds for all.

pub(super) mod backing_snapshot_shared;
mod block_public_access_disabled;
mod block_public_access_off;
mod expired_exception;
mod image_exported;
mod public_ami;
mod refused_share_attempt;
mod share_of_deregistered_image;
mod shared_across_boundary;
mod shared_outside_organization;
mod shared_with_foreign_organization;
mod shared_with_suspended_account;
mod transient_share;
mod unattributed_share;
mod undetermined_grantee;
mod unrecognized_grantee;
mod unused_exception;

use std::collections::BTreeSet;

use amiaudit::judge::Judgement;
use amiaudit::judge::rules::{RULES, find};
use amiaudit::model::org_view::OrgView;
use amiaudit::model::share::Share;

use crate::support::build::{HOME, MEMBER, judge};

/// Judges grants of two images of two accounts in two Regions to the same grantee, and gives what the rule
/// makes of them: account, Region, image, grantee, severity.
pub(super) fn found(rule: &str, org: &OrgView, to: &str) -> Vec<[String; 5]> {
    let shares: Vec<Share> = [(HOME, "us-east-1", "ami-1"), (MEMBER, "eu-west-1", "ami-2")]
        .map(|(owner, region, image)| crate::support::build::share(owner, region, image, to))
        .to_vec();
    of_rule(rule, &judge(shares, &[], org))
}

fn of_rule(rule: &str, judged: &Judgement) -> Vec<[String; 5]> {
    let ours = judged.findings.iter().filter(|finding| finding.rule.id == rule);
    ours.map(|finding| {
        [
            finding.account.unwrap().to_string(),
            finding.region.as_ref().unwrap().to_string(),
            finding.image.as_ref().unwrap().id.to_string(),
            finding.grantee.as_ref().unwrap().to_string(),
            finding.severity.to_string(),
        ]
    })
    .collect()
}

/// What [`found`] gives when the rule concerns the grantee.
pub(super) fn both(to: &str, severity: &str) -> Vec<[String; 5]> {
    [[HOME, "us-east-1", "ami-1", to, severity], [MEMBER, "eu-west-1", "ami-2", to, severity]]
        .map(|row| row.map(str::to_owned))
        .to_vec()
}

#[test]
fn rules_say_all_there_is_to_say() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.meta().id).collect();
    assert_eq!(ids.len(), RULES.len());
    for meta in RULES.iter().map(|rule| rule.meta()) {
        for text in [meta.title, meta.risk, meta.misses, meta.remediation] {
            assert!(text.len() > 10, "{}: {text:?}", meta.id);
        }
        assert!(!meta.references.is_empty(), "{}", meta.id);
        assert!(meta.references.iter().all(|page| page.starts_with("https://")), "{}", meta.id);
        assert!(meta.controls.iter().all(|control| control.source.starts_with("https://")), "{}", meta.id);
        assert_eq!(find(meta.id).map(|rule| rule.meta()), Some(meta));
    }
}

#[test]
fn the_rule_it_grew_from_is_named() {
    let meta = find("shared-outside-organization").unwrap().meta();
    assert!(meta.covers.iter().any(|id| id.contains("6a309864-fc3f-11ee-b8cc-f661ea17fbce")));
    let mitre = meta.mitre.unwrap();
    assert_eq!((mitre.technique, mitre.tactic), ("T1537", "TA0010"));
}
