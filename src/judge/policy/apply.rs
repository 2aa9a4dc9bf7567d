//! What the policy says of a share, a finding, a gap.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Boundary, Entry, EntryKind, Policy, Tie};
use crate::model::coverage::Coverage;
use crate::model::exception::Exception;
use crate::model::finding::{Finding, Severity};
use crate::model::gap::Gap;
use crate::model::ids::AccountId;
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::rule::Basis;
use crate::model::share::{Relation, Share};
use crate::model::trace::Attribution;

/// How often each entry was used, by its id.
pub(crate) type Usage = BTreeMap<String, u64>;

/// An entry as the rules about the policy see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryView<'a>(&'a Entry);

impl Policy {
    /// Counts how often each entry covers a share at all: expired ones cover nothing.
    pub(crate) fn start_usage(&self) -> Usage {
        self.entries.iter().map(|entry| (entry.id.clone(), 0)).collect()
    }

    /// The entries that trust the grantee: only who is outside, or may be, needs one.
    pub(crate) fn trusts(&self, share: &Share, relation: Relation, now: Timestamp) -> Vec<&str> {
        let outside = matches!(
            relation,
            Relation::External | Relation::ForeignOrganization | Relation::FormerMember | Relation::Unknown
        );
        if !outside || share.grantee.is_unrecognized() {
            return Vec::new();
        }
        let trusting = self.standing(EntryKind::Trusted, now).filter(|entry| entry.scope.covers(share));
        trusting.map(|entry| entry.id.as_str()).collect()
    }

    /// The entries that approve a finding.
    pub(crate) fn approves(&self, finding: &Finding, share: Option<&Share>, now: Timestamp) -> Vec<&str> {
        let exceptions = self.standing(EntryKind::Exception, now);
        let entries = exceptions.chain(self.standing(EntryKind::IntendedPublic, now));
        let is_public = finding.grantee.as_ref().is_some_and(crate::model::grantee::Grantee::is_public);
        let covers = |entry: &&Entry| match &entry.tie {
            Some(Tie::Finding(id)) => *id == finding.id(),
            // A group holds whatever image is named like it, so it never lets everybody in.
            Some(Tie::Group(id)) => {
                // Without an image and a grantee it would hold whatever is still to come.
                let is_about_one = finding.image.is_some() && finding.grantee.is_some();
                is_about_one && !is_public && finding.group_id.as_ref() == Some(id)
            }
            // One call may let in others and everybody.
            Some(Tie::Event(id)) => !is_public && is_of_event(finding, id),
            None => share.is_some_and(|share| entry.scope.covers(share)),
        };
        entries.filter(covers).map(|entry| entry.id.as_str()).collect()
    }

    fn standing(&self, kind: EntryKind, now: Timestamp) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind && now < entry.approval.expires)
    }

    /// The boundary that a share inside our own organization crosses.
    pub(crate) fn crossed(&self, share: &Share, relation: Relation, org: &OrgView) -> Option<&str> {
        if !matches!(relation, Relation::Member | Relation::SuspendedMember | Relation::OwnOrganization) {
            return None;
        }
        let owner = share.place.account;
        let crosses =
            |boundary: &&Boundary| boundary.may_hold(owner, org) && !boundary.holds_grantee(share, org);
        self.boundaries.iter().find(crosses).map(|boundary| boundary.name.as_str())
    }

    /// The severity that the policy gives a rule.
    pub(crate) fn severity(&self, rule: &str) -> Option<Severity> {
        self.severities.get(rule).copied()
    }

    /// Who answers for a gap that is expected.
    pub(crate) fn expects(&self, gap: &Gap, now: Timestamp) -> Option<&str> {
        let expected = self.expected_gaps.iter().find(|expected| {
            now < expected.expires
                && gap.account.is_some_and(|account| expected.accounts.contains(&account))
                && expected
                    .regions
                    .as_ref()
                    .is_none_or(|set| gap.region.as_ref().is_some_and(|r| set.contains(r)))
                && expected.calls.as_ref().is_none_or(|calls| calls.contains(&gap.call))
        });
        expected.map(|expected| expected.owner.as_str())
    }

    /// The name that the policy gives an account it trusts.
    pub(crate) fn name_of(&self, account: AccountId) -> Option<&str> {
        let id = account.to_string();
        let trusting = self.entries.iter().filter(|entry| entry.kind == EntryKind::Trusted);
        let mut named = trusting.filter(|entry| entry.scope.names(&id));
        named.find_map(|entry| entry.name.as_deref())
    }

    /// The tag whose value is an image's family.
    pub(crate) fn family_tag(&self) -> Option<&str> {
        self.family_tag.as_deref()
    }

    /// How many entries let something pass.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Whether it needs to know which units each account is in.
    #[must_use]
    pub fn needs_units(&self) -> bool {
        self.boundaries.iter().any(|boundary| !boundary.units.is_empty())
    }

    /// The entries that have expired.
    pub(crate) fn expired(&self, now: Timestamp) -> impl Iterator<Item = EntryView<'_>> {
        self.entries.iter().filter(move |entry| entry.approval.expires <= now).map(EntryView)
    }

    /// The entries that stand, cover nothing, and whose whole scope was read.
    pub(crate) fn unused<'a>(
        &'a self,
        usage: &'a Usage,
        coverage: &'a [Coverage],
        org: &'a OrgView,
        now: Timestamp,
    ) -> impl Iterator<Item = EntryView<'a>> {
        self.idle(usage, now).filter(move |entry| entry.was_read(coverage, org)).map(EntryView)
    }

    /// The entries that stand, cover nothing as far as was read, and of which a part was not read.
    pub(crate) fn unread(
        &self,
        usage: &Usage,
        coverage: &[Coverage],
        org: &OrgView,
        now: Timestamp,
    ) -> BTreeSet<String> {
        let unread = self.idle(usage, now).filter(|entry| !entry.was_read(coverage, org));
        unread.map(|entry| entry.id.clone()).collect()
    }

    fn idle<'a>(&'a self, usage: &'a Usage, now: Timestamp) -> impl Iterator<Item = &'a Entry> {
        let idle = move |entry: &&Entry| {
            let used = usage.get(&entry.id).copied().unwrap_or_default() > 0;
            now < entry.approval.expires && entry.tie.is_none() && !used
        };
        self.entries.iter().filter(idle)
    }

    /// The rows of exceptions.csv.
    pub(crate) fn exceptions(&self, usage: &Usage) -> Vec<Exception> {
        let row = |entry: &Entry| Exception {
            id: entry.id.clone(),
            kind: entry.kind.word(),
            scope: entry.words.clone(),
            owner: entry.approval.owner.clone(),
            approver: entry.approval.approver.clone(),
            ticket: entry.approval.ticket.clone(),
            reason: entry.approval.reason.clone(),
            approved_at: entry.approval.approved_at,
            expires_at: entry.approval.expires,
            matches: usage.get(&entry.id).copied().unwrap_or_default(),
        };
        let mut rows: Vec<Exception> = self.entries.iter().map(row).collect();
        rows.sort_by(|a, b| (a.kind, &a.scope, &a.id).cmp(&(b.kind, &b.scope, &b.id)));
        rows
    }
}

impl EntryView<'_> {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// The account it speaks of, if it is one.
    pub(crate) fn account(&self) -> Option<AccountId> {
        let accounts = self.0.scope.accounts.as_ref().filter(|accounts| accounts.len() == 1)?;
        accounts.first().copied()
    }

    /// What it covers and who answers for it, in words.
    pub(crate) fn words(&self) -> String {
        format!("{} ({}; owner {})", self.0.words, self.0.kind.word(), self.0.approval.owner)
    }

    /// When it ends.
    pub(crate) fn expires(&self) -> Timestamp {
        self.0.approval.expires
    }
}

impl Entry {
    /// Whether every place that it could concern was read, wholly.
    fn was_read(&self, coverage: &[Coverage], org: &OrgView) -> bool {
        let concerns = |row: &&Coverage| {
            let region = match (&self.scope.regions, &row.region) {
                (Some(regions), Some(region)) => regions.contains(region),
                // A row without a Region stands for all of the account's.
                _ => true,
            };
            region && self.scope.accounts.as_ref().is_none_or(|accounts| accounts.contains(&row.account))
        };
        let has_row = |account: &AccountId| coverage.iter().any(|row| row.account == *account);
        let all_known = match &self.scope.accounts {
            Some(accounts) => accounts.iter().all(has_row),
            None => is_whole(org),
        };
        all_known && coverage.iter().filter(concerns).all(Coverage::is_settled)
    }
}

/// Whether all accounts that could hold an image are known.
fn is_whole(org: &OrgView) -> bool {
    match org.membership() {
        Membership::NotInOrganization => true,
        Membership::NotAsked => false,
        Membership::In { accounts, .. } => accounts.incomplete.is_none(),
    }
}

impl Boundary {
    fn holds(&self, account: AccountId, org: &OrgView) -> bool {
        let units = org.member(account).and_then(|member| member.units.as_ref());
        self.accounts.contains(&account)
            || units.is_some_and(|units| units.iter().any(|unit| self.units.contains(unit)))
    }

    /// Whether an owner is inside, or may be: where its units are not known, it is not taken for outside.
    fn may_hold(&self, account: AccountId, org: &OrgView) -> bool {
        let unknown = org.member(account).is_none_or(|member| member.units.is_none());
        self.holds(account, org) || (unknown && !self.units.is_empty())
    }

    /// Whether a grantee is inside: an account of it, a unit of it, or a unit nested in one. Our whole
    /// organization never is.
    fn holds_grantee(&self, share: &Share, org: &OrgView) -> bool {
        if let Some(account) = share.grantee.account() {
            return self.holds(account, org);
        }
        let Some(unit) = share.grantee.unit() else { return false };
        let lists = org.membership().accounts().into_iter().flat_map(|list| list.members.values());
        let mut paths = lists.filter_map(|member| member.units.as_ref());
        self.units.contains(unit)
            || paths.any(|path| {
                let above = path.iter().take_while(|found| *found != unit);
                path.contains(unit) && above.clone().any(|found| self.units.contains(found))
            })
    }
}

/// Whether a finding is about this event, or about a grant that certainly was made by it.
fn is_of_event(finding: &Finding, event: &str) -> bool {
    let origin = || {
        let trace = finding.trace.as_ref().filter(|trace| trace.attribution == Attribution::Exact)?;
        trace.origin.as_deref().map(|origin| origin.event_id.as_str())
    };
    match finding.rule.basis {
        Basis::Events => finding.subject.as_deref() == Some(event),
        Basis::Inventory => origin() == Some(event),
        Basis::Policy => false,
    }
}
