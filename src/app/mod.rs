//! Wiring: one file a command. The only room that sees all the others.

mod audit;
mod chosen;
mod console;
mod demo;
mod diff;
mod doctor;
mod events;
mod failed;
mod fetch;
mod harmless;
mod iam;
mod input;
mod interrupt;
mod judge;
mod judging;
mod logging;
mod named;
mod outcome;
mod policy;
mod progress;
mod publish;
mod remediate;
mod rules;
mod sandbox;
mod scan;
mod signing;
mod sources;
mod verify;

use std::ffi::OsString;

use crate::cli::{self, Chatter, Choices, Command, Parsed};
use crate::model::clock::Clock;
use crate::model::exit::Exit;
use crate::report;
use console::Console;

/// Runs a command line, the program's name first. A defect of ours ends it with exit code 1.
#[must_use]
pub fn run(line: Vec<OsString>, clock: &Clock) -> Exit {
    let work = std::panic::AssertUnwindSafe(|| dispatch(line, clock));
    std::panic::catch_unwind(work).unwrap_or_else(|_| {
        let console = Console::new(Chatter::default());
        console.error(
            "amiaudit met a defect of its own; trust no output",
            "the message above says where: please report it",
        );
        Exit::Failed
    })
}

fn dispatch(line: Vec<OsString>, clock: &Clock) -> Exit {
    let choices = Choices {
        formats: report::kinds(),
        prints: report::PRINTS.iter().map(|print| print.name()).collect(),
    };
    let command = match cli::parse(line, &choices) {
        Parsed::Run(command) => *command,
        Parsed::Show(text) => return Console::new(Chatter::default()).show(&text),
        Parsed::Wrong(message) => {
            Console::new(Chatter::default()).raw(&message);
            return Exit::Usage;
        }
    };
    match command {
        Command::Rules(id) => rules::show(id.as_deref(), &Console::new(Chatter::default())),
        Command::Events(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, events::events(&settings, &console, clock))
        }
        Command::Judge(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, judge::judge(&settings, &console, clock))
        }
        Command::Diff { old, new } => diff::diff(&old, &new, &Console::new(Chatter::default())),
        Command::Verify { folder, public_key } => {
            verify::verify(&folder, public_key.as_deref(), &Console::new(Chatter::default()))
        }
        Command::Remediate(command) => {
            let console = Console::new(command.chatter());
            on_runtime(&console, remediate::run(&command, &console, clock))
        }
        Command::Policy(command) => policy::run(&command, &Console::new(Chatter::default())),
        Command::IamPolicy(document) => iam::print(&document, &Console::new(Chatter::default())),
        Command::Doctor(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, doctor::doctor(&settings, &console, clock))
        }
        Command::Scan(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, scan::scan(&settings, &console, clock))
        }
        Command::Demo(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, demo::demo(&settings, &console, clock))
        }
        Command::Sandbox(settings) => {
            let console = Console::new(settings.chatter);
            on_runtime(&console, sandbox::serve(&settings, &console, clock))
        }
    }
}

/// Runs to its end what needs the network.
fn on_runtime(console: &Console, work: impl Future<Output = Exit>) -> Exit {
    logging::start(console.chatter());
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(work);
            // What still runs after a second Ctrl-C is not waited for.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            console.error(&format!("the runtime cannot start: {error}"), "");
            Exit::Failed
        }
    }
}
