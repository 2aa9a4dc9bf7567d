//! The sources of events that a command was given.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::console::Console;
use super::failed::Failed;
use super::named;
use super::progress::Shown;
use crate::cli::{Choice, EventSources, SourceChoice, When};
use crate::collect::{
    Ask, EventSource, HISTORY, Quiet, Reach, Reading, SharedProgress, Stop, Stopper, cut, join,
};
use crate::model::arn::OrganizationArn;
use crate::model::clock::Clock;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::event_log::{EventLog, Window};
use crate::model::ids::{AccountId, Region};
use crate::model::place::Place;

/// Sources that are there, and the time that is wanted of them.
#[derive(Debug)]
pub(super) struct Sources {
    sources: Vec<Box<dyn EventSource>>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    choice: SourceChoice,
}

/// Whose events are wanted.
#[derive(Debug, Default)]
pub(super) struct Whose {
    /// The places that are read, for sources that are asked place by place.
    pub(super) places: Vec<Place>,
    /// The accounts that the user chose; all, if empty.
    pub(super) accounts: BTreeSet<AccountId>,
    /// The Regions that the user chose; all, if empty.
    pub(super) regions: BTreeSet<Region>,
    /// Where Organizations records its events, where that is known.
    pub(super) organization: Option<Place>,
    /// Whether the records themselves are kept.
    pub(super) keeps_records: bool,
    /// Requests under way at once.
    pub(super) at_once: usize,
}

impl Whose {
    /// These places, without a restriction.
    pub(super) fn of_places(places: Vec<Place>) -> Self {
        Self { places, ..Self::default() }
    }

    /// Those that a scan read, or tried to, and what its organization says of its accounts.
    pub(super) fn of(reading: &Reading, choice: &Choice, at_once: usize) -> Self {
        let coverage = &reading.coverage;
        let tried = |row: &&Coverage| {
            !matches!(row.status, CoverageStatus::NotApplicable | CoverageStatus::NotSelected)
        };
        let place = |row: &Coverage| Some(Place { account: row.account, region: row.region.clone()? });
        let places: Vec<Place> = coverage.iter().filter(tried).filter_map(place).collect();
        let chose = |is_region: bool| {
            let mut rows = coverage.iter().filter(|row| row.region.is_some() == is_region);
            rows.any(|row| row.status == CoverageStatus::NotSelected)
        };
        let accounts = coverage.iter().filter(tried).map(|row| row.account);
        // Without a list of all accounts, those that were left aside have no row.
        let chose_accounts = chose(false)
            || !(choice.accounts.is_empty() && choice.units.is_empty() && choice.excluded.is_empty());
        let regions = places.iter().map(|place| place.region.clone());
        Self {
            accounts: if chose_accounts { accounts.collect() } else { BTreeSet::new() },
            regions: if chose(true) { regions.collect() } else { BTreeSet::new() },
            places,
            organization: reading.org.membership().organization().map(OrganizationArn::events_place),
            keeps_records: false,
            at_once,
        }
    }
}

impl Sources {
    /// Looks at what the user named, before anything is asked of AWS.
    pub(super) fn check(settings: &EventSources, now: Timestamp) -> Result<Self, Failed> {
        let choice = settings.choice.clone();
        let sources = named::open(settings)?;
        let (since, until) = span(choice.since.as_ref(), choice.until.as_ref(), now)?;
        Ok(Self { sources, since, until, choice })
    }

    /// The same for the last two days, to see whether they can be read.
    pub(super) fn recent(self, now: Timestamp) -> Self {
        let since = now.saturating_sub(SignedDuration::from_hours(48)).ok();
        Self { since, until: None, ..self }
    }

    /// What they are called.
    pub(super) fn names(&self) -> String {
        self.sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ")
    }

    /// Whether none was named.
    pub(super) fn is_none(&self) -> bool {
        self.sources.is_empty()
    }

    /// The first that asks AWS.
    pub(super) fn of_aws(&self) -> Option<String> {
        self.sources.iter().find(|source| source.needs_aws()).map(|source| source.name())
    }

    /// Whether one is asked place by place.
    pub(super) fn needs_places(&self) -> bool {
        self.sources.iter().any(|source| source.needs_places())
    }

    /// Reads them all, up to now; nothing, where there are none. What could not be read is in the log.
    pub(super) async fn read(
        &self,
        reach: Option<Reach<'_>>,
        whose: &Whose,
        clock: &Clock,
        (stop, console): (&Stop, &Console),
    ) -> Option<EventLog> {
        if self.is_none() {
            return None;
        }
        let shown = Arc::new(Shown::new(console));
        let progress: SharedProgress = shown.clone();
        let ask = self.ask(whose, clock, (stop, &progress));
        let reading = self.sources.iter().map(|source| source.read(reach, &ask));
        let logs = futures::future::join_all(reading).await;
        shown.finish();
        let mut log = logs.into_iter().reduce(join).unwrap_or_default();
        log.reach_no_further_than(ask.now);
        Some(log)
    }

    /// The first and the last moment that is wanted.
    pub(super) fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.since, self.until)
    }

    /// The queries that would be run, where the user asked to see them; `None` where no source runs any.
    pub(super) async fn queries(
        &self,
        reach: Reach<'_>,
        whose: &Whose,
        clock: &Clock,
    ) -> Result<Option<String>, Failed> {
        let (_stopper, stop) = Stopper::new();
        let progress: SharedProgress = Arc::new(Quiet);
        let ask = self.ask(whose, clock, (&stop, &progress));
        let mut texts = Vec::new();
        for source in &self.sources {
            if let Some(query) = source.query(reach, &ask) {
                texts.push(query.await?);
            }
        }
        Ok((!texts.is_empty()).then(|| texts.join("\n")))
    }

    fn ask<'a>(
        &self,
        whose: &'a Whose,
        clock: &'a Clock,
        (stop, progress): (&'a Stop, &'a SharedProgress),
    ) -> Ask<'a> {
        let now = clock.now();
        Ask {
            now,
            clock,
            window: self.window(now),
            places: &whose.places,
            accounts: &whose.accounts,
            regions: &whose.regions,
            organization: whose.organization.as_ref(),
            max_file_bytes: self.choice.max_file_bytes,
            keeps_records: whose.keeps_records,
            at_once: whose.at_once.max(1),
            stop,
            progress,
        }
    }

    /// Whether the queries are to be shown and not run.
    pub(super) fn shows_queries(&self) -> bool {
        self.choice.print_sql
    }

    /// The time that AWS is asked of: as far back as CloudTrail's event history goes, unless the user says otherwise.
    fn window(&self, now: Timestamp) -> Window {
        let to = self.until.map_or(now, |until| until.min(now));
        let from = self.since.unwrap_or_else(|| now.saturating_sub(HISTORY).unwrap_or(now));
        Window { from: from.min(to), to }
    }

    /// The part of a log that is wanted.
    pub(super) fn part(&self, log: EventLog) -> EventLog {
        cut(log, self.since, self.until)
    }
}

/// The first and the last moment that is wanted.
fn span(
    since: Option<&When>,
    until: Option<&When>,
    now: Timestamp,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Failed> {
    let bad = |flag: &str, why: String| Failed::Input(format!("{flag}: {why}"));
    let since = since.map(|when| when.begin(now)).transpose().map_err(|why| bad("--since", why))?;
    let until = until.map(|when| when.end(now)).transpose().map_err(|why| bad("--until", why))?;
    match (since, until) {
        (Some(since), Some(until)) if since > until => Err(bad("--since", "it is after --until".to_owned())),
        _ => Ok((since, until)),
    }
}
