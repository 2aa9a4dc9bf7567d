//! What was typed, turned into settings. The only room with clap in it.

mod args;
mod aws_args;
mod aws_settings;
mod common;
mod events_args;
mod events_settings;
mod offline;
mod rates;
mod record;
mod remediate_args;
mod remediate_help;
mod remediate_settings;
mod sandbox_args;
mod scan_args;
mod settings;
mod source_args;
mod when;

use std::ffi::OsString;

use clap::builder::PossibleValuesParser;
use clap::{CommandFactory as _, FromArgMatches as _};

pub use aws_settings::AwsChoice;
pub use events_settings::{EventFilter, EventPrint, EventSources, EventsSettings, SourceChoice};
pub use remediate_settings::{ApplySettings, ApproveSettings, PlanSettings, Remediation, UndoSettings, Yes};
pub use settings::{
    Against, Chatter, Choice, Command, IamDocument, JudgeSettings, LogFormat, OrganizationChoice, Output,
    PolicyCommand, RoleFor, SandboxSettings, SandboxWorld, ScanSettings,
};
pub use when::When;

/// The values that flags take from the slices of other rooms.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Kinds of file for `--format`.
    pub formats: Vec<&'static str>,
    /// Forms for `--print`; the first is the default.
    pub prints: Vec<&'static str>,
}

/// What to do with a command line.
#[derive(Debug)]
pub enum Parsed {
    /// Run this.
    Run(Box<Command>),
    /// Show this on standard output and end well: help, version, completions, the manual.
    Show(Vec<u8>),
    /// Wrong use: show this on standard error.
    Wrong(String),
}

/// Reads a command line, the program's name first. Whatever is not on it comes from `AMIAUDIT_*`
/// variables, then from defaults.
#[must_use]
pub fn parse(line: Vec<OsString>, choices: &Choices) -> Parsed {
    let arguments = line.iter().skip(1).map(|text| text.to_string_lossy().into_owned()).collect();
    let mut command = command(choices);
    let parsed =
        command.try_get_matches_from_mut(line).and_then(|matches| args::Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        // Help and version are errors to clap, with the exit code of success.
        Err(error) if error.exit_code() == 0 => return Parsed::Show(error.render().to_string().into_bytes()),
        Err(error) => return Parsed::Wrong(error.render().to_string()),
    };
    match cli.command {
        args::Subcommand::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "amiaudit", &mut script);
            Parsed::Show(script)
        }
        args::Subcommand::Man => manual(command),
        other => match other.settle(arguments) {
            Ok(command) => Parsed::Run(Box::new(command)),
            Err(message) => Parsed::Wrong(format!("error: {message}\n")),
        },
    }
}

fn command(choices: &Choices) -> clap::Command {
    let of = |values: &[&'static str]| PossibleValuesParser::new(values.to_vec());
    let (formats, prints) = (of(&choices.formats), of(&choices.prints));
    let mut command = args::Cli::command();
    for name in ["scan", "demo", "judge", "doctor"] {
        let (formats, prints) = (formats.clone(), prints.clone());
        command = command.mut_subcommand(name, |sub| {
            sub.mut_arg("format", |arg| arg.value_parser(formats))
                .mut_arg("print", |arg| arg.value_parser(prints))
        });
    }
    command = command.mut_subcommand("demo", |sub| {
        sub.mut_arg("out", |arg| arg.help("The folder for the report [default: reports/demo]"))
    });
    command = command.mut_subcommand("judge", |sub| {
        sub.mut_arg("events", |arg| {
            arg.help("Join these events to those in the snapshots: a file or folder of CloudTrail logs (repeatable)")
        })
    });
    command = command.mut_subcommand("remediate", |remediate| {
        ["plan", "approve", "apply", "undo"].into_iter().fold(remediate, |remediate, name| {
            // No events are read there.
            remediate.mut_subcommand(name, |sub| sub.mut_arg("events_role_arn", |arg| arg.hide(true)))
        })
    });
    ignore_empty_variables(command)
}

/// A variable that is set to nothing is not set: build systems leave such behind.
fn ignore_empty_variables(mut command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let empty = command.get_arguments().filter(|arg| arg.get_env().is_some_and(is_empty));
    let empty: Vec<clap::Id> = empty.map(|arg| arg.get_id().clone()).collect();
    for id in empty {
        let reset = |arg: clap::Arg| arg.env(clap::builder::Resettable::<clap::builder::OsStr>::Reset);
        command = command.mut_arg(id, reset);
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, ignore_empty_variables))
}

/// One manual for the program and its commands.
fn manual(command: clap::Command) -> Parsed {
    let mut page = Vec::new();
    let mut whole = command.clone();
    whole.build();
    let mut rendered = clap_mangen::Man::new(whole.clone()).render(&mut page);
    for (name, sub) in all_under("amiaudit", &whole) {
        rendered = rendered.and_then(|()| clap_mangen::Man::new(sub.clone().name(name)).render(&mut page));
    }
    match rendered {
        Ok(()) => Parsed::Show(page),
        Err(error) => Parsed::Wrong(format!("error: the manual could not be made: {error}\n")),
    }
}

/// Every command below one, with its whole name.
fn all_under<'a>(above: &str, command: &'a clap::Command) -> Vec<(String, &'a clap::Command)> {
    let subs = command.get_subcommands().filter(|sub| sub.get_name() != "help");
    let named = subs.map(|sub| (format!("{above}-{}", sub.get_name()), sub));
    named
        .flat_map(|(name, sub)| {
            let below = all_under(&name, sub);
            std::iter::once((name, sub)).chain(below)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Choices {
        Choices { formats: vec!["csv", "json"], prints: vec!["table", "json"] }
    }

    #[test]
    fn clap_finds_no_contradiction() {
        command(&choices()).debug_assert();
    }

    #[test]
    fn every_flag_has_its_variable() {
        let command = command(&choices());
        for (name, sub) in all_under("amiaudit", &command) {
            for arg in sub.get_arguments().filter(|arg| arg.get_long().is_some()) {
                let long = arg.get_long().unwrap();
                if long == "help" {
                    continue;
                }
                let wanted = format!("AMIAUDIT_{}", long.to_uppercase().replace('-', "_"));
                let found = arg.get_env().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(found.as_deref(), Some(wanted.as_str()), "{name} --{long}");
            }
        }
    }
}
