//! `amiaudit sandbox` as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::common::ChatterArgs;
use super::rates::{parse_fault, parse_percent, parse_size};
use super::settings::{SandboxSettings, SandboxWorld};
use crate::model::fault::Fault;

pub(super) const SANDBOX_HELP: &str = "\
Examples:
  amiaudit sandbox                                      the demo's organization, on any free port
  amiaudit sandbox --generate accounts=6,regions=3,images=300,seed=1 --throttle aws --latency-ms 20
  amiaudit sandbox --scenario world.toml --port 5000 --fault kind=expired,call=DescribeImages,percent=5
  aws --endpoint-url http://127.0.0.1:5000 ec2 describe-images --owners self";

/// The sandbox.
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// The port on 127.0.0.1 [default: any that is free]
    #[arg(
        long,
        env = "AMIAUDIT_PORT",
        hide_env = true,
        value_name = "N",
        default_value = "0",
        hide_default_value = true
    )]
    port: u16,
    /// The world to serve, in TOML (docs/sandbox.md) [default: the demo's]
    #[arg(
        long,
        env = "AMIAUDIT_SCENARIO",
        hide_env = true,
        value_name = "FILE",
        conflicts_with = "generate"
    )]
    scenario: Option<PathBuf>,
    /// Make an organization of this size instead; images are of each account and Region, `shared` is the
    /// part of them with grants [default: 2]
    #[arg(
        long,
        env = "AMIAUDIT_GENERATE",
        hide_env = true,
        value_name = "accounts=N,regions=N,images=N,seed=N,shared=PCT",
        value_parser = parse_size
    )]
    generate: Option<SandboxWorld>,
    /// Wait this long before every answer
    #[arg(long, env = "AMIAUDIT_LATENCY_MS", hide_env = true, value_name = "N", default_value = "0")]
    latency_ms: u64,
    /// Limit requests as AWS does, or not
    #[arg(long, env = "AMIAUDIT_THROTTLE", hide_env = true, default_value = "off", value_parser = ["aws", "off"])]
    throttle: String,
    /// The part of requests, in percent, that go wrong at random
    #[arg(long, env = "AMIAUDIT_FAULT_PCT", hide_env = true, value_name = "N", default_value = "0", value_parser = parse_percent)]
    fault_pct: f64,
    /// Something that goes wrong (repeatable; kinds are in docs/sandbox.md). All but `kind` can be left out;
    /// `image`, `delay_ms`, `reads` and `times` can be added. The variable parts several by `;`
    #[arg(
        long,
        env = "AMIAUDIT_FAULT",
        hide_env = true,
        value_name = "kind=K,percent=N,call=C,account=A,region=R",
        value_delimiter = ';',
        value_parser = parse_fault
    )]
    fault: Vec<Fault>,
    #[command(flatten)]
    chatter: ChatterArgs,
}

impl SandboxArgs {
    pub(super) fn settle(self) -> SandboxSettings {
        SandboxSettings {
            port: self.port,
            world: match (self.scenario, self.generate) {
                (Some(file), _) => SandboxWorld::Scenario(file),
                (None, Some(size)) => size,
                (None, None) => SandboxWorld::Demo,
            },
            latency: Duration::from_millis(self.latency_ms),
            throttle: self.throttle == "aws",
            fault_percent: self.fault_pct,
            faults: self.fault,
            chatter: self.chatter.settle(),
        }
    }
}
