//! A report on its way out: files, standard output, closing lines, exit code.

use std::collections::BTreeSet;

use super::console::Console;
use super::failed::Failed;
use super::publish::{Folder, Kept};
use super::signing::Signer;
use crate::cli::Output;
use crate::model::exit::Exit;
use crate::model::report::Report;
use crate::report::{PRINTS, closing_lines, open_lines};

/// Writes the report, shows it, and says how the run ends. `snapshot` is the one that is in the folder already.
pub(super) fn publish(
    report: &Report,
    folder: Folder,
    snapshot: Option<&Kept>,
    known: &BTreeSet<String>,
    (output, signer, console): (&Output, Option<&Signer>, &Console),
) -> Result<Exit, Failed> {
    let path = folder.path().to_owned();
    folder.write(report, &output.formats, snapshot, signer)?;
    let wanted = PRINTS.iter().find(|print| print.name() == output.print);
    let print = wanted.or(if console.is_quiet() { None } else { PRINTS.first() });
    if let Some(print) = print
        && !console.rendered(|out| print.render(report, console.look(), out))?
    {
        return Ok(Exit::Failed);
    }
    let exit = report.exit(output.fail_on, known);
    if exit == Exit::Incomplete && !(print.is_some() && console.shows_results()) {
        for line in open_lines(report) {
            console.warn(&line);
        }
    }
    for line in closing_lines(report) {
        if exit == Exit::Incomplete { console.warn(&line) } else { console.note(&line) }
    }
    console.note(&format!("report: {}", path.display()));
    Ok(if output.exit_zero { Exit::Clean } else { exit })
}
