//! Pure: shares, the organization and the time in; relations, verdicts and findings out.

pub mod rules;

use jiff::Timestamp;

use crate::model::finding::Finding;
use crate::model::org_view::OrgView;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::share::{AssessedShare, Share, Verdict};
use rules::{Evidence, RULES};

/// What judging made of a reading.
#[derive(Debug)]
pub struct Judgement {
    /// Every share with its relation and verdict, in the order they came.
    pub shares: Vec<AssessedShare>,
    /// What somebody has to act on, by account, Region, image and grantee.
    pub findings: Vec<Finding>,
}

/// Judges what was read. `seen_at` is the run's time.
#[must_use]
pub fn judge(
    shares: Vec<Share>,
    blocks: &[(Place, BlockPublicAccess, u64)],
    org: &OrgView,
    seen_at: Timestamp,
) -> Judgement {
    let shares: Vec<AssessedShare> = shares.into_iter().map(|share| assess(share, org)).collect();
    let evidence = Evidence { shares: &shares, blocks, seen_at };
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule.judge(&evidence)).collect();
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    Judgement { shares, findings }
}

fn assess(share: Share, org: &OrgView) -> AssessedShare {
    let relation = share.grantee.relation(share.place.account, org);
    AssessedShare { share, relation, verdict: Verdict::of(relation) }
}

fn order(finding: &Finding) -> impl Ord + '_ {
    let image = finding.image.as_ref().map(|image| &image.id);
    (finding.account, finding.region.as_ref(), image, finding.grantee.as_ref(), finding.rule.id)
}
