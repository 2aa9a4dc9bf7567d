//! `amiaudit doctor`: what works, and what to fix.

use super::chosen::{organization, selection};
use super::console::Console;
use super::events::what_of;
use super::failed::{Failed, aws_settings};
use super::sources::{Sources, Whose};
use crate::aws::Aws;
use crate::cli::ScanSettings;
use crate::collect::{Health, Reach, SdkCloud, Stopper, check_up};
use crate::model::caller::Caller;
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::gap::Gap;
use crate::report::plain;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Works,
    /// It works, and there is something to know.
    Note,
    Fails,
}

/// What is said of one thing.
#[derive(Debug)]
struct Line {
    state: State,
    text: String,
}

impl Line {
    fn works(text: String) -> Self {
        Self { state: State::Works, text }
    }

    fn fails(text: String) -> Self {
        Self { state: State::Fails, text }
    }

    fn shown(&self) -> String {
        let word = match self.state {
            State::Works => "ok",
            State::Note => "note",
            State::Fails => "fails",
        };
        plain(&format!("{word:<7}{}", self.text)) + "\n"
    }
}

/// What ended the examination before its end: what was looked at, and what is wrong with it.
type Ended = (&'static str, Failed);

const SOURCES: &str = "event sources";

pub(super) async fn doctor(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    let mut lines = Vec::new();
    let ended = examine(settings, (console, clock), &mut lines).await.err();
    if let Some((what, failed)) = &ended {
        lines.push(Line::fails(format!("{what}: {failed}")));
    }
    let text: String = lines.iter().map(Line::shown).collect();
    if !console.result(text.as_bytes()) {
        return Exit::Failed;
    }
    match ended {
        Some((_, failed)) if failed.exit() == Exit::Usage => failed.tell(console),
        _ if lines.iter().any(|line| line.state == State::Fails) => Exit::Incomplete,
        _ => Exit::Clean,
    }
}

/// What was typed comes first: to see a slip in it nothing is asked of AWS.
async fn examine(
    settings: &ScanSettings,
    (console, clock): (&Console, &Clock),
    lines: &mut Vec<Line>,
) -> Result<(), Ended> {
    let sources = Sources::check(&settings.events, clock.now()).map_err(|failed| (SOURCES, failed))?;
    let (cloud, caller) = connect(settings, clock).await.map_err(|failed| ("credentials", failed))?;
    lines.push(Line::works(format!("credentials: {}", caller.arn)));
    let organization = organization(&settings.organization, &caller)
        .map_err(|error| ("organization", Failed::from(error)))?;
    let selection = selection(&settings.choice, &settings.aws);
    let health = check_up(&cloud, &caller, clock, &organization, &selection).await;
    let health = health.map_err(|error| ("accounts and Regions", Failed::from(error)))?;
    lines.extend(of_health(&health, settings.aws.role_name.is_some()));
    let whose = Whose { at_once: settings.aws.max_concurrency, ..Whose::of_places(health.places) };
    let reach = Reach { aws: cloud.aws(), caller: &caller };
    lines.extend(try_out(sources, reach, &whose, (console, clock)).await);
    Ok(())
}

async fn connect(settings: &ScanSettings, clock: &Clock) -> Result<(SdkCloud, Caller), Failed> {
    let aws = Aws::load(aws_settings(&settings.aws, settings.choice.regions.first()), clock.clone()).await?;
    Ok(SdkCloud::connect(aws).await?)
}

fn of_health(health: &Health, has_role: bool) -> Vec<Line> {
    let mut lines = vec![
        Line::works(format!("organization: {}", health.organization)),
        Line::works(format!("accounts that can be read: {}", health.accounts)),
    ];
    if !has_role {
        let text = "only the caller's account is read: name a role with --role-name".to_owned();
        lines.push(Line { state: State::Note, text });
    }
    lines.extend(health.gaps.iter().map(|gap| {
        let account = gap.account.map(|account| account.to_string()).unwrap_or_default();
        Line::fails(format!("{account} {}: {}", gap.call, gap.reason))
    }));
    lines
}

/// Reads the last two days of the sources of events, of one Region an account: a line for what fails, or one that all
/// works.
async fn try_out(
    sources: Sources,
    reach: Reach<'_>,
    whose: &Whose,
    (console, clock): (&Console, &Clock),
) -> Vec<Line> {
    let names = sources.names();
    let (_stopper, stop) = Stopper::new();
    let recent = sources.recent(clock.now());
    let Some(log) = recent.read(Some(reach), whose, clock, (&stop, console)).await else {
        return vec![Line::works(format!("{SOURCES}: none"))];
    };
    let holes = log.holes.iter().map(Gap::in_events);
    let gaps = log.unsearched.iter().cloned().chain(holes);
    let fails: Vec<Line> =
        gaps.map(|gap| Line::fails(format!("{SOURCES}: {}: {}", what_of(&gap), gap.reason))).collect();
    if fails.is_empty() { vec![Line::works(format!("{SOURCES}: {names}"))] } else { fails }
}
