//! What everything that reads shares: whom to ask, who asks, and when to stop.

use std::collections::{BTreeMap, BTreeSet};

use super::progress::Progress;
use super::replay::SnapshotWriter;
use super::stop::Stop;
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::gap::Gap;
use crate::model::ids::{ImageId, SnapshotId};
use crate::model::place::Place;

/// What an earlier report speaks of, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Images whose state is wanted.
    pub images: BTreeMap<Place, BTreeSet<ImageId>>,
    /// Snapshots that are asked after whatever became of the images that they back, each with those images' names: AWS
    /// keeps a snapshot's permissions when the image is shared no more, and when it is deregistered.
    pub snapshots: BTreeMap<Place, BTreeMap<SnapshotId, BTreeMap<ImageId, String>>>,
}

impl Watched {
    /// Nothing: there is no earlier report.
    #[must_use]
    pub const fn new() -> Self {
        Self { images: BTreeMap::new(), snapshots: BTreeMap::new() }
    }
}

/// What the readers of all places share.
pub(super) struct Context<'a, C> {
    pub(super) cloud: &'a C,
    pub(super) caller: &'a Caller,
    pub(super) clock: &'a Clock,
    pub(super) stop: &'a Stop,
    pub(super) progress: &'a dyn Progress,
    /// Whether every image is kept, not only those that are shared.
    pub(super) keeps_images: bool,
    /// What an earlier report speaks of.
    pub(super) watched: &'a Watched,
    /// Where pages and places are written down as they are done.
    pub(super) snapshot: Option<&'a SnapshotWriter>,
}

/// What `work` gives; `None` where the run is stopped first.
pub(super) async fn unless_stopped<C, T>(cx: &Context<'_, C>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = cx.stop.asked() => None,
        done = work => Some(done),
    }
}

/// Why something was not read that could have been.
pub(super) const INTERRUPTED: &str = "the run was interrupted before this was read";

/// The gap of a place, or a part of one, that the run was stopped before.
pub(super) fn interrupted(place: &Place, call: &str, subject: &str) -> Gap {
    let gap = Gap::new(Some(place.account), Some(&place.region), call, INTERRUPTED);
    Gap { subject: subject.to_owned(), ..gap }
}
