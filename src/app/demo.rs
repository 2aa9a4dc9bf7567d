//! `amiaudit demo`: the scan, against an organization that the sandbox serves. Its report is the same in
//! every run: it takes place at the time that the scenario states. A scan of the day before comes first, as in any
//! organization that is scanned day after day: what it saw is older than CloudTrail's delay.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::audit::Audit;
use crate::app::console::Console;
use crate::app::failed::{Failed, aws_settings};
use crate::aws::AwsSettings;
use crate::cli::{AwsChoice, Chatter, Output, ScanSettings};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::model::finding::Finding;
use crate::model::quota::Quota;
use crate::sandbox::{Faults, Options, Sandbox, Scenario, World, demo};

pub(super) async fn demo(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    console.note("ACME's organization, made up and served by the built-in sandbox; no AWS account is used");
    match run(settings, console, clock).await {
        Ok(exit) => exit,
        Err(Ended::Failed(failed)) => failed.tell(console),
        Err(Ended::NoStage(why)) => {
            console.error(&format!("the sandbox cannot start: {why}"), "");
            Exit::Failed
        }
    }
}

/// Why there is no demo.
enum Ended {
    Failed(Failed),
    /// The sandbox cannot be served.
    NoStage(String),
}

impl From<String> for Ended {
    fn from(why: String) -> Self {
        Self::NoStage(why)
    }
}

async fn run(settings: &ScanSettings, console: &Console, clock: &Clock) -> Result<Exit, Ended> {
    let out = settings.output.out.clone().unwrap_or_else(|| PathBuf::from("reports/demo"));
    let mut settings = settings.clone();
    settings.aws = AwsChoice {
        role_name: Some("amiaudit".to_owned()),
        // The sandbox sets no limit here: nobody is to wait for AWS's two requests a second.
        api_rates: BTreeMap::from([("LookupEvents".to_owned(), Quota { bucket: 1e6, refill: 1e6 })]),
        // One place after the other, so that the snapshot is the same in every run.
        max_concurrency: 1,
        ..settings.aws
    };
    let earlier = match settings.against.baseline {
        Some(_) => Vec::new(),
        None => the_day_before(&settings, clock).await?,
    };
    settings.output = Output { out: Some(out), ..settings.output };
    let now = Stage::set(demo::organization().map_err(|error| error.to_string())?, clock).await?;
    let exit = now.audit(&settings, console, clock, earlier).run().await;
    if exit == Exit::Incomplete {
        console.note(
            "exit code 20 is right: one account refuses the auditor's role and others their event history, and that \
             is not \"clean\"",
        );
    }
    Ok(exit)
}

/// What a scan of the day before found.
async fn the_day_before(settings: &ScanSettings, clock: &Clock) -> Result<Vec<Finding>, Ended> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = Output { out: Some(folder.path().join("report")), ..Output::default() };
    let settings = ScanSettings { output, ..settings.clone() };
    let silent = Console::new(Chatter { quiet: true, progress: Some(false), ..settings.chatter });
    let scenario = demo::organization_as_of(demo::EARLIER).map_err(|error| error.to_string())?;
    let then = Stage::set(scenario, clock).await?;
    let audit = then.audit(&settings, &silent, clock, Vec::new());
    audit.findings().await.map_err(Ended::Failed)
}

/// An organization that is served, and the time at which it is.
struct Stage {
    sandbox: Sandbox,
    key: String,
    time: Clock,
}

impl Stage {
    async fn set(scenario: Scenario, clock: &Clock) -> Result<Self, String> {
        let options = Options {
            port: 0,
            latency: Duration::ZERO,
            throttle: false,
            faults: Faults::none(),
            keeps_calls: false,
            clock: clock.clone(),
        };
        let time = scenario.now.map_or_else(|| clock.clone(), Clock::fixed);
        let key = scenario.caller.parse().map(Sandbox::access_key).map_err(|error| format!("{error}"))?;
        let world = World::new(scenario).map_err(|error| error.to_string())?;
        let sandbox = Sandbox::start(world, options).await.map_err(|error| error.to_string())?;
        Ok(Self { sandbox, key, time })
    }

    fn audit<'a>(
        &'a self,
        settings: &'a ScanSettings,
        console: &'a Console,
        clock: &'a Clock,
        earlier: Vec<Finding>,
    ) -> Audit<'a> {
        let aws = AwsSettings {
            endpoint_url: Some(self.sandbox.url()),
            only_key: Some(self.key.clone()),
            ..aws_settings(&settings.aws, None)
        };
        Audit {
            settings,
            aws,
            console,
            machine_clock: clock,
            report_clock: &self.time,
            built_in_policy: Some(demo::POLICY),
            earlier,
        }
    }
}
