//! `amiaudit sandbox`: the endpoint alone, until Ctrl-C.

use std::path::Path;

use crate::app::console::Console;
use crate::cli::{SandboxSettings, SandboxWorld};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::sandbox::generate::{self, Size};
use crate::sandbox::scenario::BadScenario;
use crate::sandbox::{Faults, Options, Sandbox, Scenario, World, demo};

/// The largest scenario file that is read.
const LARGEST: u64 = 256 << 20;

pub(super) async fn serve(settings: &SandboxSettings, console: &Console, clock: &Clock) -> Exit {
    let scenario = match scenario(&settings.world, clock) {
        Ok(scenario) => scenario,
        Err(error) => {
            console.error(&error.to_string(), "docs/sandbox.md describes scenario files");
            return Exit::Usage;
        }
    };
    let world = match World::new(scenario) {
        Ok(world) => world,
        Err(error) => {
            console.error(&error.to_string(), "docs/sandbox.md describes scenario files");
            return Exit::Usage;
        }
    };
    let key = Sandbox::access_key(world.caller());
    let region = world.regions().first().map(ToString::to_string).unwrap_or_default();
    let options = Options {
        port: settings.port,
        latency: settings.latency,
        throttle: settings.throttle,
        faults: Faults::new(settings.fault_percent, 1).and(settings.faults.iter().cloned()),
        keeps_calls: false,
        clock: clock.clone(),
    };
    let sandbox = match Sandbox::start(world, options).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            console.error(&format!("port {}: {error}", settings.port), "choose another with --port");
            return Exit::Failed;
        }
    };
    let text = format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY=sandbox\n\
         export AWS_REGION={region}\nexport AWS_DEFAULT_REGION={region}\n",
        sandbox.url()
    );
    console.result(text.as_bytes());
    console.note("serving until Ctrl-C; put the lines above into another shell");
    tokio::select! {
        () = sandbox.serve() => Exit::Failed,
        _ = tokio::signal::ctrl_c() => Exit::Clean,
    }
}

fn scenario(world: &SandboxWorld, clock: &Clock) -> Result<Scenario, BadScenario> {
    match world {
        // Who scans it goes by today's clock, and finds the history that the demo has at its own time.
        SandboxWorld::Demo => demo::organization_moved_to(clock.now()),
        SandboxWorld::Scenario(path) => read(path),
        &SandboxWorld::Generated { accounts, regions, images, seed, shared_percent } => {
            Ok(generate::organization(Size { accounts, regions, images, seed, shared_percent }))
        }
    }
}

fn read(path: &Path) -> Result<Scenario, BadScenario> {
    use std::io::Read as _;
    let name = path.display().to_string();
    let broken = |error: std::io::Error| BadScenario(format!("{name}: {error}"));
    let mut text = String::new();
    std::fs::File::open(path).map_err(broken)?.take(LARGEST).read_to_string(&mut text).map_err(broken)?;
    Scenario::parse(&name, &text)
}
