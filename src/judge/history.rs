//! What the events tell, made ready for the rules; and what a rule about events says of one.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::rules::Evidence;
use super::trace::{Comings, pipeline, windows};
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::event::TrailEvent;
use crate::model::event_log::{EventLog, Window};
use crate::model::finding::{Finding, hash_id};
use crate::model::grant_window::GrantWindow;
use crate::model::grantee::Grantee;
use crate::model::ids::{AccountId, Region};
use crate::model::image::Image;
use crate::model::place::Place;
use crate::model::rule::RuleMeta;
use crate::model::share::{Relation, Share};
use crate::model::trace::{Attribution, Origin, Trace};

/// The log, the grants that it tells of, who came and went, and which places that is about.
#[derive(Debug)]
pub(crate) struct History<'a> {
    pub(crate) log: &'a EventLog,
    pub(crate) comings: &'a Comings,
    windows: Vec<GrantWindow>,
    /// Accounts, and Regions of accounts, that the user left aside.
    left_aside: BTreeSet<(AccountId, Option<&'a Region>)>,
    /// Regions that the user left aside in every account, also in those that did not tell their Regions.
    regions_aside: BTreeSet<&'a Region>,
    /// Places whose images were all read.
    read: BTreeSet<(AccountId, &'a Region)>,
}

impl<'a> History<'a> {
    pub(super) fn new(log: &'a EventLog, comings: &'a Comings, coverage: &'a [Coverage]) -> Self {
        let (aside, others): (Vec<&Coverage>, Vec<&Coverage>) =
            coverage.iter().partition(|row| row.status == CoverageStatus::NotSelected);
        let regions = |rows: &[&'a Coverage]| -> BTreeSet<&'a Region> {
            rows.iter().filter_map(|row| row.region.as_ref()).collect()
        };
        let read = others.iter().filter(|row| row.status == CoverageStatus::Read);
        Self {
            log,
            comings,
            windows: windows(&log.events),
            left_aside: aside.iter().map(|row| (row.account, row.region.as_ref())).collect(),
            regions_aside: &regions(&aside) - &regions(&others),
            read: read.filter_map(|row| Some((row.account, row.region.as_ref()?))).collect(),
        }
    }

    /// Whether the user wants to know of a place. One of which nothing is known may be of an account that is not
    /// there any more.
    fn is_chosen(&self, place: &Place) -> bool {
        let keys = [(place.account, None), (place.account, Some(&place.region))];
        !keys.iter().any(|key| self.left_aside.contains(key)) && !self.regions_aside.contains(&place.region)
    }
}

impl Evidence<'_> {
    /// The events in accounts and Regions that were not left aside.
    pub(super) fn events(&self) -> impl Iterator<Item = &Arc<TrailEvent>> {
        let wanted =
            |event: &&Arc<TrailEvent>| event.place().is_none_or(|place| self.history.is_chosen(&place));
        self.history.log.events.iter().filter(wanted)
    }

    /// The grants in accounts and Regions that were not left aside.
    pub(super) fn grants(&self) -> impl Iterator<Item = &GrantWindow> {
        let wanted = |grant: &&GrantWindow| {
            let of = grant.opened.as_ref().or(grant.closed.as_ref());
            of.and_then(|event| event.place()).is_none_or(|place| self.history.is_chosen(&place))
        };
        self.history.windows.iter().filter(wanted)
    }

    /// What the grantee of a call is to the image's owner, where it is not one of ours: now, or when it was let in.
    pub(super) fn outsider(&self, event: &TrailEvent, grantee: &Grantee) -> Option<Relation> {
        let owner: Option<AccountId> = event.account.parse().ok();
        let now = match owner {
            Some(owner) => grantee.relation(owner, self.org),
            None if grantee.is_public() => Relation::Public,
            // Whoever the owner is, it is one of ours if its trail is.
            None => grantee.relation(self.org.home(), self.org),
        };
        let is_trusted = || {
            share(event, grantee).is_some_and(|share| !self.policy.trusts(&share, now, self.now).is_empty())
        };
        match now {
            Relation::Member => {
                let then = grantee
                    .account()
                    .zip(event.time)
                    .and_then(|(account, at)| self.history.comings.member_then(account, at, self.org));
                (then == Some(false)).then_some(Relation::External)
            }
            Relation::OwnAccount
            | Relation::SuspendedMember
            | Relation::OwnOrganization
            | Relation::Trusted => None,
            outside => Some(outside).filter(|_| !is_trusted()),
        }
    }

    /// Whether all the images of a place were read.
    pub(super) fn was_read(&self, place: &Place) -> bool {
        self.history.read.contains(&(place.account, &place.region))
    }
}

/// The image of an event, as far as an event tells.
fn image(event: &TrailEvent) -> Option<Arc<Image>> {
    Some(Arc::new(Image::named(event.image_id()?, String::new())))
}

/// The share that a call asks for, for a policy to be asked about it.
fn share(event: &TrailEvent, grantee: &Grantee) -> Option<Share> {
    let read_at = event.time.unwrap_or_default();
    Some(Share { place: event.place()?, image: image(event)?, grantee: grantee.clone(), read_at })
}

/// What a rule says of a grant that an event began.
pub(super) fn of_grant(
    meta: &'static RuleMeta,
    grant: &GrantWindow,
    opened: &TrailEvent,
    grantee: (&Grantee, Relation),
    evidence: &Evidence<'_>,
) -> Finding {
    let mut finding = of_event(meta, opened, Some(grantee), evidence);
    let from = if grant.is_begun_then { opened.time } else { None };
    let window = Window { from: from.unwrap_or(Timestamp::MIN), to: grant.to().unwrap_or(evidence.now) };
    let may_lack = |place: &Place| evidence.history.log.may_lack(place, &window);
    if let Some(trace) = &mut finding.trace {
        trace.attribution = match grant {
            GrantWindow { is_ambiguous: true, .. } => Attribution::Ambiguous,
            _ if opened.place().is_none_or(|place| may_lack(&place)) => Attribution::LogGap,
            GrantWindow { is_begun_then: false, .. } => Attribution::EarliestSeen,
            _ => Attribution::Exact,
        };
    }
    finding
}

/// What a rule says of an event, and of one grantee in it.
pub(super) fn of_event(
    meta: &'static RuleMeta,
    event: &TrailEvent,
    grantee: Option<(&Grantee, Relation)>,
    evidence: &Evidence<'_>,
) -> Finding {
    let place = event.place();
    let account = place.as_ref().map(|place| place.account);
    let named = grantee.and_then(|(grantee, _)| grantee.account());
    let member_then = || evidence.history.comings.member_then(named?, event.time?, evidence.org);
    let origin = Origin::of(event);
    let mut finding = Finding {
        account,
        region: place.map(|place| place.region),
        image: image(event),
        grantee: grantee.map(|(grantee, _)| grantee.clone()),
        relation: grantee.map(|(_, relation)| relation),
        subject: Some(subject(event)),
        grantee_name: named.map(|id| super::name(id, evidence.org, evidence.policy)).unwrap_or_default(),
        managed_by: pipeline::of_call(&origin).unwrap_or_default().to_owned(),
        trace: Some(Trace {
            attribution: Attribution::Exact,
            origin: Some(Arc::new(origin)),
            member_then: member_then(),
        }),
        ..Finding::new(meta, evidence.now)
    };
    finding.group_id = Some(group(&finding));
    if pipeline::is_ours(&event.user_agent) {
        // Anybody can say so, and so it hides nothing.
        finding
            .notes
            .push("Its user agent says that the call was amiaudit's own, to undo a revocation.".to_owned());
    }
    if account.is_none() || finding.image.is_none() && !event.image.is_empty() {
        finding
            .notes
            .push(format!("The event speaks of {} {} {}.", event.account, event.region, event.image));
    }
    finding
}

/// The event's id; where a record has none, what else tells it from others.
fn subject(event: &TrailEvent) -> String {
    if !event.id.is_empty() {
        return event.id.clone();
    }
    let at = event.time.map(|at| at.to_string()).unwrap_or_default();
    let parameters: String = event.parameters.iter().map(|byte| format!("{byte:02x}")).collect();
    hash_id("e-", &[&at, event.name.word(), &event.request_id, &parameters, &event.actor.arn])
}

/// Events have no image's name, so a group of theirs is an image.
fn group(finding: &Finding) -> String {
    let account = finding.account.map(|account| account.to_string()).unwrap_or_default();
    let region = finding.region.as_ref().map(ToString::to_string).unwrap_or_default();
    let (word, label) =
        finding.grantee.as_ref().map_or(("", String::new()), |grantee| (grantee.word(), grantee.label()));
    let image = finding.image.as_ref().map_or("", |image| image.id.as_str());
    hash_id("g-", &[finding.rule.id, &account, &region, word, &label, image])
}
