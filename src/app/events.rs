//! `amiaudit events`: CloudTrail alone.

use std::io::Write;

use jiff::Timestamp;

use super::console::Console;
use super::failed::Failed;
use super::progress::Shown;
use crate::cli::{EventFilter, EventPrint, EventsSettings};
use crate::collect::{LocalSource, local_source, read_files};
use crate::judge::trace::windows;
use crate::model::clock::Clock;
use crate::model::event::{GrantChange, TrailEvent};
use crate::model::event_log::EventLog;
use crate::model::exit::Exit;
use crate::model::grant_window::GrantWindow;
use crate::report::{RenderError, events_csv, plain, time, windows_csv};

pub(super) fn events(settings: &EventsSettings, console: &Console, clock: &Clock) -> Exit {
    run(settings, console, clock).unwrap_or_else(|failed| failed.tell(console))
}

fn run(settings: &EventsSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let chosen = Chosen::new(&settings.filter, clock.now()).map_err(Failed::Input)?;
    let sources: Vec<LocalSource> =
        settings.sources.iter().map(|source| local_source(source)).collect::<Result<_, _>>()?;
    let progress = Shown::new(console);
    let keeps_records = settings.print == EventPrint::Raw;
    let read = read_files(&sources, settings.max_file_bytes, keeps_records, &progress);
    progress.finish();
    let log = read?;
    let mut matches = 0;
    let arrived = console.rendered(|out| {
        matches = print(&log, &chosen, settings.print, out)?;
        Ok(())
    })?;
    close(&log, matches, console);
    if !arrived {
        return Ok(Exit::Failed);
    }
    Ok(if log.holes.is_empty() && log.records > 0 { Exit::Clean } else { Exit::Incomplete })
}

/// Prints what was chosen, and says how many events or grants that is.
fn print(
    log: &EventLog,
    chosen: &Chosen<'_>,
    form: EventPrint,
    out: &mut dyn Write,
) -> Result<usize, RenderError> {
    let is_chosen = |event: &&TrailEvent| {
        chosen.is_event(event) && event.changes.iter().any(|change| chosen.is_change(change))
    };
    let events: Vec<&TrailEvent> = log.events.iter().map(AsRef::as_ref).filter(is_chosen).collect();
    let changes = events.iter().flat_map(|event| event.changes.iter().map(move |change| (*event, change)));
    let rows = changes.filter(|(_, change)| chosen.is_change(change));
    match form {
        EventPrint::Csv => _ = events_csv::csv(rows, out)?,
        EventPrint::Ndjson => events_csv::ndjson(rows, out)?,
        EventPrint::WindowsCsv | EventPrint::WindowsNdjson => return print_windows(log, chosen, form, out),
        EventPrint::Raw => {
            for event in &events {
                writeln!(out, "{}", event.raw.as_deref().unwrap_or_default())?;
            }
        }
    }
    Ok(events.len())
}

fn print_windows(
    log: &EventLog,
    chosen: &Chosen<'_>,
    form: EventPrint,
    out: &mut dyn Write,
) -> Result<usize, RenderError> {
    let grants: Vec<GrantWindow> =
        windows(&log.events).into_iter().filter(|grant| chosen.is_grant(grant)).collect();
    let rows = grants.iter().map(|grant| (grant, None));
    match form {
        EventPrint::WindowsNdjson => windows_csv::ndjson(rows, out)?,
        _ => windows_csv::csv(rows, out)?,
    }
    Ok(grants.len())
}

/// What the user chose of the events.
struct Chosen<'a> {
    filter: &'a EventFilter,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl<'a> Chosen<'a> {
    fn new(filter: &'a EventFilter, now: Timestamp) -> Result<Self, String> {
        let since = filter.since.as_ref().map(|when| when.begin(now)).transpose();
        let until = filter.until.as_ref().map(|when| when.end(now)).transpose();
        let since = since.map_err(|why| format!("--since: {why}"))?;
        let until = until.map_err(|why| format!("--until: {why}"))?;
        match (since, until) {
            (Some(since), Some(until)) if since > until => Err("--since is after --until".to_owned()),
            _ => Ok(Self { filter, since, until }),
        }
    }

    /// An event whose time does not read as one is shown: it may be of any.
    fn is_event(&self, event: &TrailEvent) -> bool {
        let EventFilter { names, outcome, .. } = self.filter;
        let in_time =
            |at| self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until);
        event.time.is_none_or(in_time)
            && self.is_of(&event.account, &event.region, &event.image)
            && (names.is_empty() || names.contains(&event.name))
            && outcome.is_none_or(|outcome| outcome == event.outcome)
    }

    fn is_of(&self, account: &str, region: &str, image: &str) -> bool {
        let EventFilter { accounts, regions, images, .. } = self.filter;
        any(accounts, account) && any(regions, region) && any(images, image)
    }

    fn is_change(&self, change: &GrantChange) -> bool {
        let label = change.grantee.as_ref().map(ToString::to_string).unwrap_or_default();
        any(&self.filter.grantees, &label)
    }

    /// A grant that stood in the chosen time, if only for a while.
    fn is_grant(&self, grant: &GrantWindow) -> bool {
        let label = grant.grantee.as_ref().map(ToString::to_string).unwrap_or_default();
        self.is_of(&grant.account, &grant.region, &grant.image)
            && any(&self.filter.grantees, &label)
            && grant.to().zip(self.since).is_none_or(|(to, since)| to >= since)
            && grant.from().zip(self.until).is_none_or(|(from, until)| from <= until)
    }
}

fn any(wanted: &[String], text: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == text)
}

/// What was read, and what was not.
fn close(log: &EventLog, matches: usize, console: &Console) {
    for hole in &log.holes {
        console.warn(&plain(&format!("could not be read: {}: {}", hole.subject, hole.reason)));
    }
    let window = match &log.window {
        Some(window) => format!("{} to {}", time(window.from), time(window.to)),
        None => "none".to_owned(),
    };
    let line = format!(
        "files: {}; records: {}; matches: {matches}; window: {window}; could not be read: {}",
        log.files,
        log.records,
        log.holes.len()
    );
    let whole = log.holes.is_empty() && log.records > 0;
    if whole {
        console.note(&line)
    } else {
        console.warn(&line)
    }
    if log.records == 0 {
        console.warn("no record of CloudTrail's was found");
    }
}
