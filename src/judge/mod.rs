//! Pure: shares, the organization, the policy and the time in; relations, verdicts and findings out.

mod baseline;
mod complete;
mod family;
mod history;
pub mod policy;
pub mod rules;
mod snapshots;
pub mod trace;
mod well_known;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::coverage::Coverage;
use crate::model::event_log::EventLog;
use crate::model::exception::Exception;
use crate::model::finding::{Finding, Status};
use crate::model::gap::Gap;
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::rule::Basis;
use crate::model::share::{AssessedShare, Relation, Share, Verdict, find};
use crate::model::snapshot::SnapshotShare;
use crate::model::trace::Trace;
pub use baseline::{Now, since};
use complete::Completer;
use history::History;
use policy::{Policy, Usage};
use rules::{Evidence, RULES, Stage};
use snapshots::{AssessedSnapshot, Snapshots};
use trace::{Comings, SeenBefore, Tracer, pipeline};

/// What there is to judge.
#[derive(Debug)]
pub struct Case<'a> {
    /// Every grant.
    pub shares: Vec<Share>,
    /// Every grant of a snapshot behind an image that is shared outside.
    pub snapshots: &'a [SnapshotShare],
    /// Block public access where it was read, and how many images are there.
    pub blocks: &'a [(Place, BlockPublicAccess, Option<u64>)],
    /// How far each place was read.
    pub coverage: &'a [Coverage],
    /// The events, where any were looked for.
    pub log: Option<&'a EventLog>,
    /// Grants that an earlier run saw.
    pub seen_before: &'a SeenBefore,
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
    let Case { mut shares, snapshots, blocks, coverage, log, seen_before, org, policy, now } = case;
    shares.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    let nothing = EventLog::default();
    let comings = Comings::read(&log.unwrap_or(&nothing).events, org);
    let org = &org.clone().knowing_left(comings.were_members());
    let tracer = log.map(|log| Tracer::new(log, &comings, org, seen_before));
    let history = &History::new(log.unwrap_or(&nothing), &comings, coverage);
    let mut usage = policy.start_usage();
    let assessor = Assessor { org, policy, now, tracer: tracer.as_ref() };
    let mut shares: Vec<AssessedShare> =
        shares.into_iter().map(|share| assessor.assess(share, &mut usage)).collect();
    let of_snapshots = snapshots.iter().map(|share| assessor.assess_snapshot(share, &mut usage));
    let snapshots = Snapshots::new(of_snapshots);
    let stage = |stage, shares: &[AssessedShare], usage: &Usage| {
        let snapshots = snapshots.all();
        let evidence = Evidence { shares, snapshots, blocks, coverage, history, org, policy, usage, now };
        run_rules(&evidence, stage)
    };
    let completer = Completer { snapshots: &snapshots, policy, comings: &comings };
    let mut findings = stage(Stage::First, &shares, &usage);
    completer.complete_all(&mut findings, &shares);
    let approved = approve(&mut findings, &shares, policy, now, &mut usage);
    settle(&mut shares, approved);
    let mut further = stage(Stage::Approved, &shares, &usage);
    completer.complete_all(&mut further, &shares);
    approve(&mut further, &shares, policy, now, &mut usage);
    findings.append(&mut further);
    findings.extend(stage(Stage::Policy, &shares, &usage));
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

fn run_rules(evidence: &Evidence<'_>, stage: Stage) -> Vec<Finding> {
    let rules = RULES.iter().filter(|rule| rule.stage() == stage);
    // Most findings are about a share, and there are many only where many shares are open.
    let open = evidence.shares.iter().filter(|assessed| assessed.verdict != Verdict::Own).count();
    let mut findings: Vec<Finding> = Vec::with_capacity(open);
    rules.for_each(|rule| findings.append(&mut rule.judge(evidence)));
    for finding in &mut findings {
        finding.severity = evidence.policy.severity(finding.rule.id).unwrap_or(finding.severity);
    }
    findings
}

/// What a share is assessed by.
struct Assessor<'a> {
    org: &'a OrgView,
    policy: &'a Policy,
    now: Timestamp,
    tracer: Option<&'a Tracer<'a>>,
}

impl Assessor<'_> {
    /// What a grantee is to us, and the entry of the policy that trusts it.
    fn relate(&self, share: &Share, usage: &mut Usage) -> (Relation, Option<String>) {
        let relation = share.grantee.relation(share.place.account, self.org);
        let trusted_by = count(&self.policy.trusts(share, relation, self.now), usage);
        (if trusted_by.is_some() { Relation::Trusted } else { relation }, trusted_by)
    }

    fn assess_snapshot<'s>(&self, share: &'s SnapshotShare, usage: &mut Usage) -> AssessedSnapshot<'s> {
        let (relation, _) = self.relate(&share.as_of_image(), usage);
        let name = |id| name(id, self.org, self.policy);
        AssessedSnapshot {
            share,
            relation,
            grantee_name: share.grantee.account().map(name).unwrap_or_default(),
        }
    }

    fn assess(&self, share: Share, usage: &mut Usage) -> AssessedShare {
        let Self { org, policy, tracer, .. } = *self;
        let (relation, trusted_by) = self.relate(&share, usage);
        let crosses = policy.crossed(&share, relation, org).map(str::to_owned);
        let verdict = if crosses.is_some() { Verdict::Open } else { Verdict::of(relation) };
        let trace = tracer.map_or_else(Trace::not_searched, |tracer| tracer.trace(&share));
        AssessedShare {
            grantee_name: share.grantee.account().map(|id| name(id, org, policy)).unwrap_or_default(),
            managed_by: by_pipeline(&trace).unwrap_or_else(|| family::managed_by(&share.image)).to_owned(),
            exception_id: trusted_by,
            share,
            relation,
            verdict,
            crosses,
            trace,
        }
    }
}

/// The pipeline that made the grant, if one did.
fn by_pipeline(trace: &Trace) -> Option<&'static str> {
    pipeline::of_call(trace.origin.as_deref()?)
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

/// Of each share with findings: whether all of them are approved, and by which entry the first is.
type Approved = BTreeMap<usize, (bool, Option<String>)>;

/// Lets the policy approve findings.
fn approve(
    findings: &mut [Finding],
    shares: &[AssessedShare],
    policy: &Policy,
    now: Timestamp,
    usage: &mut Usage,
) -> Approved {
    let mut approved = Approved::new();
    for finding in findings.iter_mut() {
        let nth = share_of(finding, shares);
        let standing = nth.and_then(|nth| shares.get(nth)).map(|assessed| &assessed.share);
        let of_snapshot = snapshots::as_share(finding, now);
        let entry = count(&policy.approves(finding, standing.or(of_snapshot.as_ref()), now), usage);
        if entry.is_some() {
            finding.status = Status::Excepted;
        }
        finding.exception_id.clone_from(&entry);
        if let Some(nth) = nth {
            let (all, first) = approved.entry(nth).or_insert((true, None));
            *all &= entry.is_some();
            *first = first.take().or(entry);
        }
    }
    approved
}

/// A share whose findings are all approved is.
fn settle(shares: &mut [AssessedShare], approved: Approved) {
    for (nth, (all, first)) in approved {
        if let (Some(assessed), true) = (shares.get_mut(nth), all) {
            assessed.verdict = Verdict::Excepted;
            assessed.exception_id = first;
        }
    }
}

/// The standing share that a finding is about. Shares are in their order. What is said of a snapshot says nothing of
/// the image's share with the same grantee.
fn share_of(finding: &Finding, shares: &[AssessedShare]) -> Option<usize> {
    (finding.rule.basis == Basis::Inventory && finding.snapshot.is_none()).then_some(())?;
    let place = Place { account: finding.account?, region: finding.region.clone()? };
    find(shares, &place, &finding.image.as_ref()?.id, finding.grantee.as_ref()?)
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
