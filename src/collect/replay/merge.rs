//! One scan of several shards: each place from the shard that read it best.

use std::collections::BTreeMap;
use std::mem::discriminant;

use jiff::Timestamp;

use super::convert::BadLine;
use super::lines::EndLine;
use super::log::Log;
use super::read::Replayed;
use crate::collect::context::Watched;
use crate::collect::events::join;
use crate::collect::inventory::{Reading, backing_of, blocks_of, finish_shares, sorted_images};
use crate::collect::place::PlaceReading;
use crate::model::caller::Caller;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::event_log::EventLog;
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, Region};
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::place::Place;

/// What one file holds, or several merged.
pub(super) struct Parts {
    caller: Caller,
    started_at: Timestamp,
    ended_at: Timestamp,
    interrupted: bool,
    every_image: bool,
    api_calls: BTreeMap<String, u64>,
    membership: Membership,
    places: BTreeMap<Place, PlaceReading>,
    coverage: BTreeMap<(AccountId, Option<Region>), Coverage>,
    /// Gaps of accounts as a whole.
    gaps: Vec<Gap>,
    log: Option<EventLog>,
}

impl Parts {
    pub(super) fn new(mut log: Log<'_>, end: &EndLine, watched: &Watched) -> Result<Self, BadLine> {
        let mut places = BTreeMap::new();
        for (place, of_place) in log.places {
            let mut reading = of_place.reading(&place, watched, true);
            if let Some(lines) = log.backing.remove(&place) {
                reading.backing = lines.backing(&reading.shares)?;
            }
            places.insert(place, reading);
        }
        if let Some(place) = log.backing.keys().next() {
            return Err(BadLine(format!("{place} has snapshots and no images")));
        }
        Ok(Self {
            caller: log.caller,
            started_at: log.started_at,
            ended_at: end.ended_at,
            interrupted: end.interrupted,
            every_image: log.every_image,
            api_calls: log.api_calls,
            membership: log.membership,
            places,
            coverage: log.coverage,
            gaps: log.gaps,
            log: log.events,
        })
    }

    /// One scan of two shards.
    pub(super) fn merge(mut self, mut other: Self) -> Result<Self, String> {
        if self.membership.organization() != other.membership.organization()
            || discriminant(&self.membership) != discriminant(&other.membership)
            || self.caller.partition != other.caller.partition
        {
            return Err("it is of another organization than the first snapshot".to_owned());
        }
        for (key, row) in other.coverage {
            let better = self.coverage.get(&key).is_none_or(|held| rank(row.status) < rank(held.status));
            if !better {
                continue;
            }
            if let (account, Some(region)) = &key {
                let place = Place { account: *account, region: region.clone() };
                match other.places.remove(&place) {
                    Some(reading) => _ = self.places.insert(place, reading),
                    None => _ = self.places.remove(&place),
                }
            }
            self.coverage.insert(key, row);
        }
        self.forget_left_aside();
        self.gaps.extend(other.gaps);
        self.log = match (self.log.take(), other.log) {
            (Some(one), Some(other)) => Some(join(one, other)),
            (one, other) => one.or(other),
        };
        // The newer list of accounts knows better who belongs.
        if other.ended_at > self.ended_at {
            self.membership = other.membership;
        }
        self.started_at = self.started_at.max(other.started_at);
        self.ended_at = self.ended_at.max(other.ended_at);
        self.interrupted |= other.interrupted;
        self.every_image &= other.every_image;
        for (action, count) in other.api_calls {
            *self.api_calls.entry(action).or_default() += count;
        }
        Ok(self)
    }

    /// An account that one shard left aside and another read is not left aside.
    fn forget_left_aside(&mut self) {
        let of_places = self.coverage.keys().filter(|(_, region)| region.is_some());
        let read: Vec<AccountId> = of_places.map(|(account, _)| *account).collect();
        self.coverage.retain(|(account, region), row| {
            region.is_some() || row.status != CoverageStatus::NotSelected || !read.contains(account)
        });
    }

    pub(super) fn replayed(self) -> Replayed {
        let (mut places, mut gaps) = (self.places, self.gaps);
        let (mut shares, mut states) = (Vec::new(), BTreeMap::new());
        let mut images = Vec::new();
        for (place, reading) in &mut places {
            shares.append(&mut reading.shares);
            gaps.extend(reading.all_gaps().cloned());
            images.append(&mut reading.images);
            states.extend(reading.states.drain(..).map(|(id, state)| ((place.clone(), id), state)));
        }
        gaps.sort();
        gaps.dedup();
        let backing = backing_of(&mut places);
        let reading = Reading {
            org: OrgView::new(self.caller.account, self.membership),
            shares: finish_shares(shares),
            snapshots: backing.shares,
            snapshots_read: backing.read,
            snapshots_gone: backing.gone,
            snapshot_gaps: backing.gaps,
            blocks: blocks_of(places),
            coverage: self.coverage.into_values().collect(),
            gaps,
            states,
            images: self.every_image.then(|| sorted_images(images)),
            interrupted: self.interrupted,
            log: self.log,
        };
        Replayed {
            reading,
            caller: self.caller,
            started_at: self.started_at,
            ended_at: self.ended_at,
            api_calls: self.api_calls,
        }
    }
}

fn rank(status: CoverageStatus) -> u8 {
    match status {
        CoverageStatus::Read => 0,
        CoverageStatus::Partial => 1,
        CoverageStatus::Unread => 2,
        CoverageStatus::NotApplicable => 3,
        CoverageStatus::NotSelected => 4,
    }
}
