//! From events to grants: when each began and ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::event::{EventName, Operation, TrailEvent};
use crate::model::grant_window::GrantWindow;
use crate::model::grantee::Grantee;

/// Ids of images are unique, so that a grantee's own trail speaks of the same image as the owner's.
type ImageKey<'a> = (&'a str, &'a str);

/// The grants of one image.
#[derive(Default)]
struct Grants {
    /// Whether the image's making, or an end of all its grants, is in the log.
    is_clean: bool,
    /// Whose grants ended before, and when the last time.
    ended: BTreeMap<Grantee, Option<Timestamp>>,
    open: BTreeMap<Grantee, GrantWindow>,
    done: Vec<GrantWindow>,
}

/// Every grant that the events tell of, by account, Region, image, grantee and time. Only calls that went through
/// count. `events` are in the order of time.
#[must_use]
pub fn windows(events: &[Arc<TrailEvent>]) -> Vec<GrantWindow> {
    let mut images: BTreeMap<ImageKey<'_>, Grants> = BTreeMap::new();
    // A call without parameters does not even tell its image.
    let may_share = |event: &&Arc<TrailEvent>| {
        event.succeeded() && (!event.image.is_empty() || event.name == EventName::ModifyImageAttribute)
    };
    for event in events.iter().filter(may_share) {
        images.entry((&event.region, &event.image)).or_default().take(event);
    }
    let mut windows: Vec<GrantWindow> = images.into_values().flat_map(Grants::finish).collect();
    windows.sort_by(|a, b| order(a).cmp(&order(b)));
    windows
}

fn order(window: &GrantWindow) -> impl Ord + '_ {
    (
        (&window.account, &window.region, &window.image, &window.grantee),
        (window.from(), window.to()),
        (window.opened.as_ref().map(|event| &event.id), window.closed.as_ref().map(|event| &event.id)),
    )
}

impl Grants {
    fn take(&mut self, event: &Arc<TrailEvent>) {
        match event.name {
            EventName::ModifyImageAttribute | EventName::CancelImageLaunchPermission => self.modify(event),
            EventName::CreateImage | EventName::RegisterImage | EventName::CopyImage => self.is_clean = true,
            EventName::ResetImageAttribute | EventName::DisableImage | EventName::DeregisterImage => {
                self.is_clean = true;
                for (_, window) in std::mem::take(&mut self.open) {
                    self.done.push(GrantWindow { closed: Some(Arc::clone(event)), ..window });
                }
            }
            _ => {}
        }
    }

    fn modify(&mut self, event: &Arc<TrailEvent>) {
        if !event.is_clear {
            // It may have let anybody in: a grant to somebody who is not told.
            self.done.push(GrantWindow { is_ambiguous: true, ..opened(event, None) });
        }
        let of = |operation| event.changes.iter().filter(move |change| change.operation == operation);
        let both =
            |grantee: &Grantee, other| of(other).any(|change| change.grantee.as_ref() == Some(grantee));
        for grantee in of(Operation::Add).filter_map(|change| change.grantee.as_ref()) {
            let is_ambiguous = both(grantee, Operation::Remove);
            let last_end = self.ended.get(grantee);
            let is_begun_then = self.is_clean || last_end.is_some();
            // The other order of the two is as likely.
            let at_once = last_end.is_some_and(|end| end.is_some() && *end == event.time);
            let begin = || GrantWindow { is_begun_then, ..opened(event, Some(grantee.clone())) };
            let window = self.open.entry(grantee.clone()).or_insert_with(begin);
            window.is_ambiguous |= is_ambiguous || at_once;
            if at_once {
                let of_grantee = |done: &&mut GrantWindow| {
                    done.grantee.as_ref() == Some(grantee) && done.to() == event.time
                };
                self.done.iter_mut().filter(of_grantee).for_each(|done| done.is_ambiguous = true);
            }
        }
        for grantee in of(Operation::Remove).filter_map(|change| change.grantee.as_ref()) {
            self.close(grantee, event);
        }
    }

    fn close(&mut self, grantee: &Grantee, event: &Arc<TrailEvent>) {
        let before_the_log = || GrantWindow { opened: None, ..opened(event, Some(grantee.clone())) };
        let window = self.open.remove(grantee).unwrap_or_else(before_the_log);
        self.ended.insert(grantee.clone(), event.time);
        let one_second = window.from().is_some() && window.from() == event.time;
        self.done.push(GrantWindow {
            closed: Some(Arc::clone(event)),
            is_ambiguous: window.is_ambiguous || one_second,
            ..window
        });
    }

    fn finish(mut self) -> Vec<GrantWindow> {
        self.done.extend(self.open.into_values());
        self.done
    }
}

fn opened(event: &Arc<TrailEvent>, grantee: Option<Grantee>) -> GrantWindow {
    GrantWindow {
        account: event.account.clone(),
        region: event.region.clone(),
        image: event.image.clone(),
        grantee,
        opened: Some(Arc::clone(event)),
        closed: None,
        is_begun_then: false,
        is_ambiguous: false,
    }
}
