//! Pure: shares, the organization, the policy and the time in; relations, verdicts and findings out.

mod baseline;
mod family;
pub mod policy;
pub mod rules;
pub mod trace;
mod well_known;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::coverage::Coverage;
use crate::model::exception::Exception;
use crate::model::finding::{Finding, Status, hash_id};
use crate::model::gap::Gap;
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::share::{AssessedShare, Relation, Share, Verdict};
pub use baseline::{Now, since};
use policy::{Policy, Usage};
use rules::{Evidence, RULES};

/// What there is to judge.
#[derive(Debug)]
pub struct Case<'a> {
    /// Every grant.
    pub shares: Vec<Share>,
    /// Block public access where it was read, and how many images are there.
    pub blocks: &'a [(Place, BlockPublicAccess, Option<u64>)],
    /// How far each place was read.
    pub coverage: &'a [Coverage],
    /// The organization.
    pub org: &'a OrgView,
    /// What is meant.
    pub policy: &'a Policy,
    /// The run's time.
    pub now: Timestamp,
}

/// What judging made of a case.
#[derive(Debug)]
pub struct Judgement {
    /// Every share with its relation and verdict, by account, Region, image and grantee.
    pub shares: Vec<AssessedShare>,
    /// What somebody has to act on, by account, Region, image and grantee.
    pub findings: Vec<Finding>,
    /// What the policy approves, and how much of it there is.
    pub exceptions: Vec<Exception>,
    /// The entries of the policy that cover nothing as far as was read, and of which a part was not.
    pub unread_entries: BTreeSet<String>,
}

/// Judges a case.
#[must_use]
pub fn judge(case: Case<'_>) -> Judgement {
    let Case { mut shares, blocks, coverage, org, policy, now } = case;
    shares.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    let mut usage = policy.start_usage();
    let mut shares: Vec<AssessedShare> =
        shares.into_iter().map(|share| assess(share, org, policy, now, &mut usage)).collect();
    let evidence = Evidence { shares: &shares, blocks, coverage, org, policy, usage: &usage, now };
    let mut findings = run_rules(&evidence, false);
    approve(&mut findings, &mut shares, policy, now, &mut usage);
    let evidence = Evidence { shares: &shares, blocks, coverage, org, policy, usage: &usage, now };
    findings.extend(run_rules(&evidence, true));
    sort(&mut findings);
    let unread_entries = policy.unread(&usage, coverage, org, now);
    Judgement { shares, findings, exceptions: policy.exceptions(&usage), unread_entries }
}

/// Marks the gaps that the policy expects.
pub fn expect_gaps(gaps: &mut [Gap], policy: &Policy, now: Timestamp) {
    for gap in gaps {
        gap.expected_by = policy.expects(gap, now).map(str::to_owned);
    }
}

fn run_rules(evidence: &Evidence<'_>, about_policy: bool) -> Vec<Finding> {
    let rules = RULES.iter().filter(|rule| rule.is_about_policy() == about_policy);
    // Most findings are about a share, and there are many only where many shares are open.
    let open = evidence.shares.iter().filter(|assessed| assessed.verdict != Verdict::Own).count();
    let mut findings: Vec<Finding> = Vec::with_capacity(open);
    rules.for_each(|rule| findings.append(&mut rule.judge(evidence)));
    for finding in &mut findings {
        finding.severity = evidence.policy.severity(finding.rule.id).unwrap_or(finding.severity);
    }
    findings
}

fn assess(share: Share, org: &OrgView, policy: &Policy, now: Timestamp, usage: &mut Usage) -> AssessedShare {
    let mut relation = share.grantee.relation(share.place.account, org);
    let trusted_by = count(&policy.trusts(&share, relation, now), usage);
    if trusted_by.is_some() {
        relation = Relation::Trusted;
    }
    let crosses = policy.crossed(&share, relation, org).map(str::to_owned);
    let verdict = if crosses.is_some() { Verdict::Open } else { Verdict::of(relation) };
    AssessedShare {
        grantee_name: share.grantee.account().map(|id| name(id, org, policy)).unwrap_or_default(),
        managed_by: family::managed_by(&share.image).to_owned(),
        exception_id: trusted_by,
        share,
        relation,
        verdict,
        crosses,
    }
}

/// Counts every entry that covers a share or finding, so that none of two that overlap seems unused. Gives the
/// first.
fn count(entries: &[&str], usage: &mut Usage) -> Option<String> {
    for entry in entries {
        *usage.entry((*entry).to_owned()).or_default() += 1;
    }
    entries.first().map(|entry| (*entry).to_owned())
}

/// Who an account is: from the organization, from the policy, or one of AWS's own.
fn name(account: AccountId, org: &OrgView, policy: &Policy) -> String {
    let in_policy = || policy.name_of(account).or_else(|| well_known::name(account)).unwrap_or_default();
    let ours = org.name(account);
    if ours.is_empty() { in_policy().to_owned() } else { ours.to_owned() }
}

/// Lets the policy approve findings, and the shares whose findings are all approved.
fn approve(
    findings: &mut [Finding],
    shares: &mut [AssessedShare],
    policy: &Policy,
    now: Timestamp,
    usage: &mut Usage,
) {
    // Of each share with findings: whether all of them are approved, and by which entry the first is.
    let mut verdicts: BTreeMap<usize, (bool, Option<String>)> = BTreeMap::new();
    for finding in findings.iter_mut() {
        let nth = share_of(finding, shares);
        let assessed = nth.and_then(|nth| shares.get(nth));
        if let Some(assessed) = assessed {
            complete(finding, assessed, policy);
        }
        let entry = count(&policy.approves(finding, assessed.map(|a| &a.share), now), usage);
        if entry.is_some() {
            finding.status = Status::Excepted;
        }
        finding.exception_id.clone_from(&entry);
        if let Some(nth) = nth {
            let (all, first) = verdicts.entry(nth).or_insert((true, None));
            *all &= entry.is_some();
            *first = first.take().or(entry);
        }
    }
    for (nth, (all, first)) in verdicts {
        if let (Some(assessed), true) = (shares.get_mut(nth), all) {
            assessed.verdict = Verdict::Excepted;
            assessed.exception_id = first;
        }
    }
}

/// The share that a finding is about. Shares are in their order.
fn share_of(finding: &Finding, shares: &[AssessedShare]) -> Option<usize> {
    let place = Place { account: finding.account?, region: finding.region.clone()? };
    let wanted = (&place, &finding.image.as_ref()?.id, finding.grantee.as_ref()?);
    shares.binary_search_by(|assessed| assessed.share.order().cmp(&wanted)).ok()
}

/// Fills in what a finding takes from its share.
fn complete(finding: &mut Finding, assessed: &AssessedShare, policy: &Policy) {
    let share = &assessed.share;
    let family = family::family(&share.image, policy.family_tag());
    let (account, region) = (share.place.account.to_string(), share.place.region.as_str());
    let parts = [finding.rule.id, &account, region, share.grantee.word(), &share.grantee.label(), &family];
    finding.group_id = Some(hash_id("g-", &parts));
    finding.grantee_name.clone_from(&assessed.grantee_name);
    finding.managed_by.clone_from(&assessed.managed_by);
}

/// The contract's order: account, Region, image, grantee.
fn sort(findings: &mut [Finding]) {
    findings.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
}

fn order(finding: &Finding) -> impl Ord + '_ {
    let image = finding.image.as_ref().map(|image| &image.id);
    let subject = finding.subject.as_deref();
    (finding.account, finding.region.as_ref(), image, finding.grantee.as_ref(), finding.rule.id, subject)
}
