//! One sweep through a place's event history: all events of one name, page after page, the newest first.

use futures::FutureExt as _;
use jiff::Timestamp;

use crate::aws::action::LOOKUP_EVENTS;
use crate::collect::cloud::Page;
use crate::collect::pages::Pages;
use crate::collect::stop::Stop;
use crate::model::event::EventName;
use crate::model::event_log::Window;
use crate::model::failure::{Failure, FailureKind};

/// An event as the history lists it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listed {
    /// When it happened.
    pub time: Option<Timestamp>,
    /// The record, as JSON text.
    pub record: Option<String>,
}

/// The event history of one place.
pub trait History: Sync {
    /// One page of the events of a name, the newest first.
    fn page(
        &self,
        name: EventName,
        window: Window,
        token: Option<String>,
    ) -> impl Future<Output = Result<Page<Listed>, Failure>> + Send;
}

/// What a sweep gave.
#[derive(Debug, Default)]
pub struct Sweep {
    /// The events.
    pub events: Vec<Listed>,
    /// Why it did not come to the window's beginning.
    pub failure: Option<Failure>,
    /// The oldest event that was seen: what is younger was read.
    pub oldest: Option<Timestamp>,
}

/// Why a sweep was not made, or not to its end.
pub(super) const INTERRUPTED: &str = "the run was interrupted before this was read";

impl Sweep {
    /// Sweeps through the window.
    pub async fn make<H: History>(history: &H, name: EventName, window: Window, stop: &Stop) -> Self {
        let mut sweep = Self::default();
        let mut ask = Asking { window, pages: Pages::default() };
        loop {
            let page = history.page(name, ask.window, ask.pages.token()).boxed();
            let page = tokio::select! {
                biased;
                () = stop.asked() => Err(interrupted()),
                page = page => page,
            };
            match page {
                Ok(page) => {
                    let times = page.items.iter().filter_map(|event| event.time);
                    sweep.oldest = times.chain(sweep.oldest).min();
                    let goes_on = ask.pages.goes_on(LOOKUP_EVENTS.name, &page.items, page.next);
                    sweep.events.extend(page.items);
                    match goes_on {
                        Ok(true) => {}
                        Ok(false) => return sweep,
                        Err(failure) => return Self { failure: Some(failure), ..sweep },
                    }
                }
                Err(failure) if ask.begins_anew(&failure, sweep.oldest) => {}
                Err(failure) => return Self { failure: Some(failure), ..sweep },
            }
        }
    }

    /// Whether nothing at all was read.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.failure.is_some() && self.events.is_empty()
    }

    /// The part of the window that was not read.
    #[must_use]
    pub fn missing(&self, window: Window) -> Option<(Window, &Failure)> {
        let failure = self.failure.as_ref()?;
        Some((Window { to: self.oldest.unwrap_or(window.to), ..window }, failure))
    }
}

/// Where a sweep is.
struct Asking {
    window: Window,
    pages: Pages,
}

impl Asking {
    /// Goes on without a token that AWS does not know any more: from the oldest event on, which is then read twice.
    /// Whether that leads on.
    fn begins_anew(&mut self, failure: &Failure, oldest: Option<Timestamp>) -> bool {
        let is_lost = failure.code.as_deref().is_some_and(|code| code.starts_with("InvalidNextToken"));
        let Some(oldest) = oldest.filter(|oldest| is_lost && *oldest < self.window.to) else { return false };
        self.window.to = oldest;
        self.pages = Pages::default();
        true
    }
}

/// Nothing was read before the run was stopped.
pub(super) fn interrupted() -> Failure {
    let reason = INTERRUPTED.to_owned();
    Failure { call: LOOKUP_EVENTS.name, kind: FailureKind::Other, code: None, reason }
}
