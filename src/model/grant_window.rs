//! From when to when somebody could launch an image, as the events tell it.

use std::sync::Arc;

use jiff::Timestamp;

use super::event::TrailEvent;
use super::grantee::Grantee;

/// One grant's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantWindow {
    /// The image's account, as the events have it.
    pub account: String,
    /// The image's Region.
    pub region: String,
    /// The image.
    pub image: String,
    /// Who could launch it; `None` where the event does not tell.
    pub grantee: Option<Grantee>,
    /// The call that began it; `None` where it began before the log.
    pub opened: Option<Arc<TrailEvent>>,
    /// The event that ended it; `None` where none did.
    pub closed: Option<Arc<TrailEvent>>,
    /// Whether it certainly did not stand before `opened`: the log has the image's making, or an earlier end of it.
    pub is_begun_then: bool,
    /// Whether another order of the same events is as likely: parameters that are missing, an add and a remove in
    /// one second.
    pub is_ambiguous: bool,
}

impl GrantWindow {
    /// When it began.
    #[must_use]
    pub fn from(&self) -> Option<Timestamp> {
        self.opened.as_ref().and_then(|event| event.time)
    }

    /// When it ended.
    #[must_use]
    pub fn to(&self) -> Option<Timestamp> {
        self.closed.as_ref().and_then(|event| event.time)
    }

    /// How long it was, in seconds.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        Some(self.to()?.as_second() - self.from()?.as_second())
    }
}
