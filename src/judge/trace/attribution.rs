//! Who made a grant that stands, and how sure that is: never surer than the log allows.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::comings::Comings;
use crate::model::event::{EventName, Operation, TrailEvent};
use crate::model::event_log::{EventLog, Window};
use crate::model::grantee::Grantee;
use crate::model::ids::{ImageId, Region};
use crate::model::org_view::OrgView;
use crate::model::place::Place;
use crate::model::share::Share;
use crate::model::trace::{Attribution, Origin, Trace};

/// CloudTrail delivers within some 5 minutes on average; what is older than this is not late any more.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// Grants that an earlier run saw, and when.
pub type SeenBefore = BTreeMap<(Place, ImageId, Grantee), Timestamp>;

/// Traces grants back to events.
#[derive(Debug)]
pub struct Tracer<'a> {
    log: &'a EventLog,
    comings: &'a Comings,
    org: &'a OrgView,
    seen_before: &'a SeenBefore,
    /// The calls about each Region's images that went through, in the order of time.
    of_image: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a Arc<TrailEvent>>>>,
    /// Calls that went through and do not even tell their image, by place if they tell that, in the order of time.
    of_no_image: BTreeMap<Option<Place>, Vec<&'a Arc<TrailEvent>>>,
}

/// What the events of an image say of one grant.
struct Story<'a> {
    /// When it certainly ended the last time.
    last_end: Option<Timestamp>,
    /// Whether the image's making is in the log.
    is_born: Option<Timestamp>,
    /// The adds since.
    adds: Vec<&'a Arc<TrailEvent>>,
    /// Calls since that may have begun it too.
    unclear: Vec<&'a Arc<TrailEvent>>,
}

impl<'a> Tracer<'a> {
    /// Traces by these events.
    #[must_use]
    pub fn new(
        log: &'a EventLog,
        comings: &'a Comings,
        org: &'a OrgView,
        seen_before: &'a SeenBefore,
    ) -> Self {
        let mut of_image: BTreeMap<&str, BTreeMap<&str, Vec<_>>> = BTreeMap::new();
        for event in log.events.iter().filter(|event| event.succeeded() && !event.image.is_empty()) {
            of_image.entry(&event.region).or_default().entry(&event.image).or_default().push(event);
        }
        let shares_something = |event: &&Arc<TrailEvent>| {
            event.succeeded() && event.image.is_empty() && event.name == EventName::ModifyImageAttribute
        };
        let mut of_no_image: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in log.events.iter().filter(shares_something) {
            of_no_image.entry(event.place()).or_default().push(event);
        }
        Self { log, comings, org, seen_before, of_image, of_no_image }
    }

    /// Where a grant comes from.
    #[must_use]
    pub fn trace(&self, share: &Share) -> Trace {
        let story = self.story(share);
        let first = story.adds.first().or(story.unclear.first()).copied();
        let at = first.and_then(|event| event.time);
        Trace {
            attribution: self.attribution(share, &story),
            origin: first.map(|event| Arc::new(Origin::of(event))),
            member_then: share
                .grantee
                .account()
                .zip(at)
                .and_then(|(account, at)| self.comings.member_then(account, at, self.org)),
        }
    }

    /// The calls about an image: of its Region, and those that tell none.
    fn events(&self, region: &Region, image: &ImageId) -> impl Iterator<Item = &'a Arc<TrailEvent>> + Clone {
        let of_region = |region: &str| {
            let images = self.of_image.get(region).and_then(|images| images.get(image.as_str()));
            images.map_or(&[][..], Vec::as_slice).iter().copied()
        };
        of_region(region.as_str()).chain(of_region(""))
    }

    fn story(&self, share: &Share) -> Story<'a> {
        let events = self.events(&share.place.region, &share.image.id);
        // What happened after the grant was read did not begin it.
        let before = || events.clone().filter(|event| event.time.is_none_or(|at| at <= share.read_at));
        let last_end =
            before().filter(|event| ends(event, &share.grantee)).filter_map(|event| event.time).max();
        let since =
            |event: &&Arc<TrailEvent>| event.time.is_none_or(|at| last_end.is_none_or(|end| at >= end));
        let adds: Vec<_> = before().filter(|event| adds(event, &share.grantee)).filter(since).collect();
        let mut unclear: Vec<_> = before().filter(|event| may_begin(event)).filter(since).collect();
        // An end without a time may have been after any add.
        unclear.extend(before().filter(|event| event.time.is_none() && ends(event, &share.grantee)));
        unclear.extend(self.may_be_of(share, adds.first().and_then(|add| add.time)).filter(since));
        Story {
            last_end,
            is_born: before().filter(|event| is_birth(event)).filter_map(|event| event.time).min(),
            adds,
            unclear,
        }
    }

    /// Calls in the share's place that may be of its image, and may have begun its grant before the first add.
    fn may_be_of(
        &self,
        share: &Share,
        first_add: Option<Timestamp>,
    ) -> impl Iterator<Item = &'a Arc<TrailEvent>> {
        let last = first_add.unwrap_or(share.read_at);
        let born = share.image.created_at;
        let in_time = move |at: Timestamp| at <= last && born.is_none_or(|born| at >= born);
        let of_place = [Some(share.place.clone()), None].map(|place| self.of_no_image.get(&place));
        let events = of_place.into_iter().flatten().flat_map(|events| events.iter().copied());
        events.filter(move |event| event.time.is_none_or(in_time))
    }

    fn attribution(&self, share: &Share, story: &Story<'_>) -> Attribution {
        let window = self.log.windows.get(&share.place);
        let begin = self.beginning(share, story, window);
        let since =
            |from: Option<Timestamp>| Window { from: from.unwrap_or(Timestamp::MIN), to: share.read_at };
        let broken = |from| self.log.may_lack(&share.place, &since(from));
        let tie = story.adds.iter().any(|add| add.time.is_none() || add.time == story.last_end);
        if !story.unclear.is_empty() || tie {
            return Attribution::Ambiguous;
        }
        if !story.adds.is_empty() {
            return match begin {
                _ if broken(begin.or(window.map(|window| window.from))) => Attribution::LogGap,
                Some(_) => Attribution::Exact,
                None => Attribution::EarliestSeen,
            };
        }
        let Some(window) = window else {
            let is_hidden = self.log.holes.iter().any(|hole| hole.may_hide(&share.place, &since(None)));
            return if is_hidden { Attribution::LogGap } else { Attribution::NotSearched };
        };
        if broken(begin.or(Some(window.from))) {
            Attribution::LogGap
        } else if !self.is_older_than_delay(share, story, window) {
            Attribution::Pending
        } else if begin.is_none() {
            Attribution::PredatesLog
        } else {
            Attribution::Missing
        }
    }

    /// The time since which the grant must have begun, where the log reaches back to it: its last end, the image's
    /// making in the log, or the image's age.
    fn beginning(&self, share: &Share, story: &Story<'_>, window: Option<&Window>) -> Option<Timestamp> {
        let created = share.image.created_at.filter(|at| window.is_some_and(|window| window.from <= *at));
        // What was read of a time before the window does not tell what happened between the two.
        let is_in = |at: &Timestamp| window.is_none_or(|window| window.from <= *at);
        story.last_end.filter(is_in).or(story.is_born.filter(is_in)).or(created)
    }

    /// Whether the grant is so old that its event would be there: the log goes on for long enough after the grant
    /// was read, or an earlier run saw it, since it last ended and while there was a log.
    fn is_older_than_delay(&self, share: &Share, story: &Story<'_>, window: &Window) -> bool {
        let Ok(late) = share.read_at.checked_add(DELAY) else { return false };
        let key = (share.place.clone(), share.image.id.clone(), share.grantee.clone());
        let was_told = |seen: Timestamp| {
            let in_time = seen.checked_add(DELAY).is_ok_and(|told| told <= share.read_at);
            in_time && window.to >= seen && story.last_end.is_none_or(|end| seen > end)
        };
        window.to >= late || self.seen_before.get(&key).is_some_and(|seen| was_told(*seen))
    }
}

fn has(event: &TrailEvent, operation: Operation, grantee: &Grantee) -> bool {
    event
        .changes
        .iter()
        .any(|change| change.operation == operation && change.grantee.as_ref() == Some(grantee))
}

fn adds(event: &TrailEvent, grantee: &Grantee) -> bool {
    event.name == EventName::ModifyImageAttribute && has(event, Operation::Add, grantee)
}

/// Whether an event certainly ends a grant. A call that adds and removes the same grantee is no certain end.
fn ends(event: &TrailEvent, grantee: &Grantee) -> bool {
    match event.name {
        EventName::ModifyImageAttribute | EventName::CancelImageLaunchPermission => {
            has(event, Operation::Remove, grantee)
        }
        EventName::ResetImageAttribute | EventName::DisableImage | EventName::DeregisterImage => true,
        _ => false,
    }
}

/// Whether an event made the image.
fn is_birth(event: &TrailEvent) -> bool {
    matches!(event.name, EventName::CreateImage | EventName::RegisterImage | EventName::CopyImage)
}

/// Whether an event may have begun any grant of the image: its parameters are missing, or it brought the image back.
/// Whether grants come back with an image from the Recycle Bin AWS does not say.
fn may_begin(event: &TrailEvent) -> bool {
    event.name == EventName::RestoreImageFromRecycleBin
        || event.name == EventName::ModifyImageAttribute && !event.is_clear
}
