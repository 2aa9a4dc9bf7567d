//! `amiaudit demo`: the scan, against an organization that the sandbox serves. Its report is the same in
//! every run: it takes place at the time that the scenario states.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::audit::Audit;
use crate::app::console::Console;
use crate::app::failed::aws_settings;
use crate::aws::AwsSettings;
use crate::cli::{AwsChoice, Output, ScanSettings};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::sandbox::{Faults, Options, Sandbox, World, demo};

pub(super) async fn demo(settings: &ScanSettings, console: &Console, clock: &Clock) -> Exit {
    let scenario = match demo::organization() {
        Ok(scenario) => scenario,
        Err(error) => {
            console.error(&error.to_string(), "");
            return Exit::Failed;
        }
    };
    let report_clock = scenario.now.map_or_else(|| clock.clone(), Clock::fixed);
    let options = Options {
        port: 0,
        latency: Duration::ZERO,
        throttle: true,
        faults: Faults::none(),
        keeps_calls: false,
        clock: clock.clone(),
    };
    let key = scenario.caller.parse().map(Sandbox::access_key);
    let started = match World::new(scenario) {
        Ok(world) => Sandbox::start(world, options).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let (sandbox, key) = match (started, key) {
        (Ok(sandbox), Ok(key)) => (sandbox, key),
        (Err(why), _) => return refuse(console, &why),
        (_, Err(why)) => return refuse(console, &why.to_string()),
    };
    console.note("ACME's organization, made up and served by the built-in sandbox; no AWS account is used");
    let out = settings.output.out.clone().unwrap_or_else(|| PathBuf::from("reports/demo"));
    let output = Output { out: Some(out), ..settings.output.clone() };
    // One place after the other, so that the snapshot is the same in every run.
    let settings = ScanSettings {
        aws: AwsChoice { role_name: Some("amiaudit".to_owned()), max_concurrency: 1, ..settings.aws.clone() },
        output,
        ..settings.clone()
    };
    let aws = AwsSettings {
        endpoint_url: Some(sandbox.url()),
        only_key: Some(key),
        ..aws_settings(&settings.aws, None)
    };
    let audit = Audit {
        settings: &settings,
        aws,
        console,
        machine_clock: clock,
        report_clock: &report_clock,
        built_in_policy: Some(demo::POLICY),
    };
    let exit = audit.run().await;
    if exit == Exit::Incomplete {
        console
            .note("exit code 20 is right: one account refuses the auditor's role, and that is not \"clean\"");
    }
    exit
}

fn refuse(console: &Console, why: &str) -> Exit {
    console.error(&format!("the sandbox cannot start: {why}"), "");
    Exit::Failed
}
