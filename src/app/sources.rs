//! The sources of events that a scan or a judgement was given.

use jiff::Timestamp;

use super::console::Console;
use super::failed::Failed;
use super::progress::Shown;
use crate::cli::{EventSources, When};
use crate::collect::{BadSource, LocalSource, cut, local_source, read_files};
use crate::model::event_log::{EventLog, Hole};

/// Sources that are there, and the time that is wanted of them.
#[derive(Debug)]
pub(super) struct Sources {
    sources: Vec<LocalSource>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    now: Timestamp,
    max_file_bytes: usize,
}

impl Sources {
    /// Looks at what the user named, before anything is asked of AWS.
    pub(super) fn check(settings: &EventSources, now: Timestamp) -> Result<Self, Failed> {
        let local = |source: &String| {
            let source = local_source(source)?;
            source.check().map(|()| source)
        };
        let sources: Result<Vec<LocalSource>, BadSource> = settings.sources.iter().map(local).collect();
        let sources = sources.map_err(|error| Failed::Input(format!("--events {error}")))?;
        let (since, until) = span(settings.since.as_ref(), settings.until.as_ref(), now)?;
        Ok(Self { sources, since, until, now, max_file_bytes: settings.max_file_bytes })
    }

    /// Whether none was named.
    pub(super) fn is_none(&self) -> bool {
        self.sources.is_empty()
    }

    /// Reads them; nothing, where there are none.
    pub(super) fn read(&self, console: &Console) -> Result<Option<EventLog>, Failed> {
        if self.is_none() {
            return Ok(None);
        }
        let progress = Shown::new(console);
        let read = read_files(&self.sources, self.max_file_bytes, false, &progress);
        progress.finish();
        let mut log = read?;
        if log.records == 0 {
            log.holes.extend(
                self.sources.iter().map(|source| hole(source, "no record of CloudTrail's was found")),
            );
        }
        log.reach_no_further_than(self.now);
        Ok(Some(self.part(log)))
    }

    /// The part of a log that is wanted.
    pub(super) fn part(&self, log: EventLog) -> EventLog {
        cut(log, self.since, self.until)
    }

    /// What a run has of them that was stopped before it had read them.
    pub(super) fn interrupted(&self) -> EventLog {
        let holes = self.sources.iter().map(|source| hole(source, "the run was interrupted"));
        EventLog { holes: holes.collect(), ..EventLog::default() }
    }
}

/// What nothing was read of.
fn hole(source: &LocalSource, reason: &str) -> Hole {
    let subject = match source {
        LocalSource::Path(path) => path.display().to_string(),
        LocalSource::StandardInput => "-".to_owned(),
    };
    Hole { place: None, window: None, subject, reason: reason.to_owned() }
}

/// The first and the last moment that is wanted.
pub(super) fn span(
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
