//! Reads the sources of `amiaudit events`, from AWS where they are there.

use super::chosen::{organization, selection};
use super::console::Console;
use super::failed::{Failed, aws_settings};
use super::interrupt;
use super::progress::Shown;
use super::sources::{Sources, Whose};
use crate::aws::Aws;
use crate::cli::{EventPrint, EventsSettings};
use crate::collect::{Reach, SdkCloud, Stop, Stopper, find_places};
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::event_log::EventLog;
use crate::model::gap::Gap;
use crate::model::place::Place;

/// What was fetched.
pub(super) enum Fetched {
    /// The events.
    Log(EventLog),
    /// The query that would have fetched them.
    Sql(String),
}

/// Reads them.
pub(super) async fn fetch(
    settings: &EventsSettings,
    sources: &Sources,
    console: &Console,
    clock: &Clock,
) -> Result<Fetched, Failed> {
    let (stopper, stop) = Stopper::new();
    let Some(name) = sources.of_aws() else {
        if sources.shows_queries() {
            return Err(no_query());
        }
        // Nothing is under way at AWS: the first Ctrl-C ends it.
        let whose = whose(settings, None);
        let log = sources.read(None, &whose, clock, (&stop, console)).await;
        return Ok(Fetched::Log(log.unwrap_or_default()));
    };
    if settings.choice.is_none() {
        return Err(Failed::Input(format!("{name}: --account takes account ids, and --region Regions")));
    }
    tokio::select! {
        done = from_aws(settings, sources, (console, clock), &stop) => done,
        () = interrupt::watch(&stopper, console) => Err(Failed::Killed),
    }
}

fn no_query() -> Failed {
    Failed::Input("--print-sql: no source is a table of Athena's (athena:…)".to_owned())
}

async fn from_aws(
    settings: &EventsSettings,
    sources: &Sources,
    (console, clock): (&Console, &Clock),
    stop: &Stop,
) -> Result<Fetched, Failed> {
    let regions = settings.choice.as_ref().map(|choice| &choice.regions);
    let aws =
        Aws::load(aws_settings(&settings.aws, regions.and_then(|regions| regions.first())), clock.clone());
    let (cloud, caller) = SdkCloud::connect(aws.await?).await?;
    let reach = Reach { aws: cloud.aws(), caller: &caller };
    if sources.shows_queries() {
        let text = sources.queries(reach, &whose(settings, None), clock).await?;
        return text.map(Fetched::Sql).ok_or_else(no_query);
    }
    let (mut places, mut gaps) = (Vec::new(), Vec::new());
    if sources.needs_places() {
        (places, gaps) = places_of(settings, &cloud, (&caller, clock), (stop, console)).await?;
    }
    let whose = whose(settings, Some(places));
    let log = sources.read(Some(reach), &whose, clock, (stop, console)).await;
    let mut log = log.unwrap_or_default();
    log.unsearched.append(&mut gaps);
    Ok(Fetched::Log(log))
}

/// The places whose history is wanted.
async fn places_of(
    settings: &EventsSettings,
    cloud: &SdkCloud,
    (caller, clock): (&Caller, &Clock),
    (stop, console): (&Stop, &Console),
) -> Result<(Vec<Place>, Vec<Gap>), Failed> {
    let organization = organization(&settings.organization, caller)?;
    let selection = selection(&settings.choice.clone().unwrap_or_default(), &settings.aws);
    let progress = Shown::new(console);
    let found = find_places(cloud, (caller, clock), (&organization, &selection), (stop, &progress)).await;
    progress.finish();
    Ok(found?)
}

fn whose(settings: &EventsSettings, places: Option<Vec<Place>>) -> Whose {
    let choice = settings.choice.clone().unwrap_or_default();
    Whose {
        places: places.unwrap_or_default(),
        accounts: choice.accounts,
        regions: choice.regions,
        organization: None,
        keeps_records: settings.print == EventPrint::Raw,
        at_once: settings.aws.max_concurrency,
    }
}
