//! `amiaudit events`: CloudTrail alone.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use super::console::Console;
use super::failed::Failed;
use super::fetch::{self, Fetched};
use super::harmless::Harmless;
use super::sources::Sources;
use crate::cli::{EventFilter, EventPrint, EventsSettings, OrganizationChoice};
use crate::collect::read_organization_file;
use crate::judge::trace::{Comings, windows};
use crate::model::clock::Clock;
use crate::model::event::{GrantChange, TrailEvent};
use crate::model::event_log::EventLog;
use crate::model::exit::Exit;
use crate::model::gap::Gap;
use crate::model::grant_window::GrantWindow;
use crate::model::grantee::Grantee;
use crate::model::org_view::OrgView;
use crate::report::{RenderError, events_csv, plain, time, windows_csv};

pub(super) async fn events(settings: &EventsSettings, console: &Console, clock: &Clock) -> Exit {
    run(settings, console, clock).await.unwrap_or_else(|failed| failed.tell(console))
}

async fn run(settings: &EventsSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let sources = Sources::check(&settings.sources, clock.now())?;
    let chosen = Chosen { filter: &settings.filter, span: sources.span() };
    let org = match &settings.organization {
        OrganizationChoice::File(path) => Some(saved_organization(path)?),
        OrganizationChoice::Api | OrganizationChoice::None => None,
    };
    let log = match fetch::fetch(settings, &sources, console, clock).await? {
        Fetched::Log(log) => log,
        Fetched::Sql(text) => return Ok(console.show(text.as_bytes())),
    };
    let mut matches = 0;
    let is_terminal = console.shows_results();
    let arrived = console.rendered(|out| {
        let mut harmless = Harmless::new(&mut *out);
        let out: &mut dyn Write = if is_terminal { &mut harmless } else { out };
        match settings.print {
            EventPrint::WindowsCsv | EventPrint::WindowsNdjson => {
                print_windows(&log, &chosen, (settings.print, org.as_ref()), (out, &mut matches))
            }
            form => print(&log, &chosen, form, (out, &mut matches)),
        }
    })?;
    close(&log, matches, console);
    if !arrived {
        return Ok(Exit::Failed);
    }
    Ok(if is_whole(&log) { Exit::Clean } else { Exit::Incomplete })
}

/// Whether all was read, and there was something to read: a history without such events is one too.
fn is_whole(log: &EventLog) -> bool {
    !log.lacks_something() && (log.records > 0 || !log.windows.is_empty())
}

/// Prints what was chosen, and says how many events or grants that is, even where nobody reads to the end.
fn print(
    log: &EventLog,
    chosen: &Chosen<'_>,
    form: EventPrint,
    (out, matches): (&mut dyn Write, &mut usize),
) -> Result<(), RenderError> {
    let is_chosen = |event: &&TrailEvent| {
        chosen.is_event(event) && event.changes.iter().any(|change| chosen.is_change(change))
    };
    let events: Vec<&TrailEvent> = log.events.iter().map(AsRef::as_ref).filter(is_chosen).collect();
    *matches = events.len();
    let rows = events.iter().flat_map(|event| events_csv::rows(event));
    let rows = rows.filter(|(_, change)| chosen.is_change(change));
    match form {
        EventPrint::Csv => _ = events_csv::csv(rows, out)?,
        EventPrint::Ndjson => events_csv::ndjson(rows, out)?,
        // These are of grants, and printed apart.
        EventPrint::WindowsCsv | EventPrint::WindowsNdjson => {}
        EventPrint::Raw => {
            for event in &events {
                writeln!(out, "{}", event.raw.as_deref().unwrap_or_default())?;
            }
        }
    }
    Ok(())
}

fn print_windows(
    log: &EventLog,
    chosen: &Chosen<'_>,
    (form, org): (EventPrint, Option<&OrgView>),
    (out, matches): (&mut dyn Write, &mut usize),
) -> Result<(), RenderError> {
    let grants: Vec<GrantWindow> =
        windows(&log.events).into_iter().filter(|grant| chosen.is_grant(grant)).collect();
    *matches = grants.len();
    let comings = org.map(|org| (org, Comings::read(&log.events, org)));
    let member_then = |grant: &GrantWindow| {
        let (org, comings) = comings.as_ref()?;
        comings.member_then(grant.grantee.as_ref()?.account()?, grant.from()?, org)
    };
    let rows = grants.iter().map(|grant| (grant, member_then(grant)));
    match form {
        EventPrint::WindowsNdjson => windows_csv::ndjson(rows, out),
        _ => windows_csv::csv(rows, out),
    }
}

/// The organization as a saved list has it, seen from its management account.
fn saved_organization(path: &Path) -> Result<OrgView, Failed> {
    let membership = read_organization_file(path, None)?;
    let home = match membership.organization() {
        Some(organization) => organization.management,
        None => {
            let why = "its accounts have no Arn that tells their organization";
            return Err(Failed::Input(format!("{}: {why}", path.display())));
        }
    };
    Ok(OrgView::new(home, membership))
}

/// What the user chose of the events.
struct Chosen<'a> {
    filter: &'a EventFilter,
    /// The first and the last moment.
    span: (Option<Timestamp>, Option<Timestamp>),
}

impl Chosen<'_> {
    /// An event whose time does not read as one is shown: it may be of any.
    fn is_event(&self, event: &TrailEvent) -> bool {
        let EventFilter { names, outcome, .. } = self.filter;
        let (since, until) = self.span;
        let in_time = |at| since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until);
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
        self.is_with(change.grantee.as_ref())
    }

    /// Everybody is written `all` in a log, and `public` where people speak of it.
    fn is_with(&self, grantee: Option<&Grantee>) -> bool {
        let label = grantee.map(Grantee::label).unwrap_or_default();
        let is_public = grantee.is_some_and(Grantee::is_public);
        any(&self.filter.grantees, &label)
            || is_public && self.filter.grantees.iter().any(|wanted| wanted == "public")
    }

    /// A grant that stood in the chosen time, if only for a while.
    fn is_grant(&self, grant: &GrantWindow) -> bool {
        let (since, until) = self.span;
        self.is_of(&grant.account, &grant.region, &grant.image)
            && self.is_with(grant.grantee.as_ref())
            && grant.to().zip(since).is_none_or(|(to, since)| to >= since)
            && grant.from().zip(until).is_none_or(|(from, until)| from <= until)
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
    for gap in &log.unsearched {
        console.warn(&plain(&format!("could not be looked into: {}: {}", what_of(gap), gap.reason)));
    }
    let window = match &log.window {
        Some(window) => format!("{} to {}", time(window.from), time(window.to)),
        None => "none".to_owned(),
    };
    let line = format!(
        "files: {}; records: {}; matches: {matches}; window: {window}; could not be read: {}",
        log.files,
        log.records,
        log.holes.len() + log.unsearched.len()
    );
    if is_whole(log) {
        console.note(&line)
    } else {
        console.warn(&line)
    }
    if log.records == 0 && log.windows.is_empty() {
        console.warn("no record of CloudTrail's was found");
    }
}

/// What a gap is of.
pub(super) fn what_of(gap: &Gap) -> String {
    let account = gap.account.map(|account| account.to_string());
    let region = gap.region.as_ref().map(ToString::to_string);
    let parts = [account, region, Some(gap.subject.clone()), Some(gap.call.clone())];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
