//! `amiaudit doctor`: what works, and what to fix.

use super::chosen::{organization, selection};
use super::console::Console;
use super::failed::{Failed, aws_settings};
use super::sources::{Sources, Whose};
use crate::aws::Aws;
use crate::cli::ScanSettings;
use crate::collect::{Reach, SdkCloud, Stopper, check_up};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::gap::Gap;
use crate::report::plain;

pub(super) async fn doctor(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    match run(settings, console, clock).await {
        Ok(exit) => exit,
        Err(failed) => {
            let _ =
                console.result(format!("fails  credentials: {}\n", plain(&failed.to_string())).as_bytes());
            if failed.exit() == Exit::Usage { failed.tell(console) } else { Exit::Incomplete }
        }
    }
}

async fn run(settings: &ScanSettings, console: &Console, clock: &Clock) -> Result<Exit, Failed> {
    let aws = Aws::load(aws_settings(&settings.aws, settings.choice.regions.first()), clock.clone()).await?;
    let (cloud, caller) = SdkCloud::connect(aws).await?;
    let mut lines = vec![format!("ok     credentials: {}", caller.arn)];
    let organization = organization(&settings.organization, &caller)?;
    let sources = Sources::check(&settings.events, clock.now())?;
    let health =
        check_up(&cloud, &caller, clock, &organization, &selection(&settings.choice, &settings.aws)).await?;
    lines.push(format!("ok     organization: {}", health.organization));
    lines.push(format!("ok     accounts that can be read: {}", health.accounts));
    if settings.aws.role_name.is_none() {
        lines.push("note   only the caller's account is read: name a role with --role-name".to_owned());
    }
    for gap in &health.gaps {
        let account = gap.account.map(|account| account.to_string()).unwrap_or_default();
        lines.push(format!("fails  {account} {}: {}", gap.call, gap.reason));
    }
    let whose = Whose { at_once: settings.aws.max_concurrency, ..Whose::of_places(health.places) };
    let reach = Reach { aws: cloud.aws(), caller: &caller };
    let fails = try_out(sources, reach, &whose, (console, clock)).await;
    lines.extend(fails.iter().cloned());
    let text: String = lines.iter().map(|line| plain(line) + "\n").collect();
    if !console.result(text.as_bytes()) {
        return Ok(Exit::Failed);
    }
    let works = health.gaps.is_empty() && fails.iter().all(|line| line.starts_with("ok"));
    Ok(if works { Exit::Clean } else { Exit::Incomplete })
}

/// Reads the last two days of the sources of events, of one Region an account: a line for what fails, or one that all
/// works.
async fn try_out(
    sources: Sources,
    reach: Reach<'_>,
    whose: &Whose,
    (console, clock): (&Console, &Clock),
) -> Vec<String> {
    let now = clock.now();
    let names = sources.names();
    let (_stopper, stop) = Stopper::new();
    let Some(log) = sources.recent(now).read(Some(reach), whose, clock, (&stop, console)).await else {
        return vec!["ok     event sources: none".to_owned()];
    };
    let place = |gap: &Gap| {
        let region = gap.region.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {region}", gap.account.map(|account| account.to_string()).unwrap_or_default())
    };
    let blind = log.unsearched.iter();
    let blind =
        blind.map(|gap| format!("fails  {} {} {}: {}", place(gap), gap.subject, gap.call, gap.reason));
    let holes = log.holes.iter().map(|hole| format!("fails  events {}: {}", hole.subject, hole.reason));
    let fails: Vec<String> = blind.chain(holes).collect();
    if fails.is_empty() { vec![format!("ok     event sources: {names}")] } else { fails }
}
