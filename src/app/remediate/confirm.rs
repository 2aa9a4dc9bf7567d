//! Asks before anything is changed.

use std::io::{BufRead as _, IsTerminal as _};

use crate::app::console::Console;
use crate::app::failed::Failed;
use crate::cli::Yes;
use crate::collect::Stop;
use crate::report::plain;

/// Refuses what is too much, and what nobody said yes to where nobody can be asked.
pub(super) fn check(changes: usize, yes: Yes) -> Result<(), Failed> {
    if changes > yes.max_changes {
        let most = yes.max_changes;
        return Err(Failed::Refused(format!(
            "{changes} grants would change, and --max-changes allows {most}: take entries out of the plan, or raise it"
        )));
    }
    if !yes.yes && !can_ask() {
        let why = "nobody can be asked here: --yes says that it is to be done";
        return Err(Failed::Refused(why.to_owned()));
    }
    Ok(())
}

/// Shows what is to be done, and asks the user, unless they said yes already. Ctrl-C is a no.
pub(super) async fn ask(
    lines: &[String],
    what: &str,
    yes: Yes,
    (console, stop): (&Console, &Stop),
) -> Result<(), Failed> {
    if yes.yes {
        lines.iter().for_each(|line| console.note(&plain(line)));
        return Ok(());
    }
    // Also a quiet run shows what it asks about.
    lines.iter().for_each(|line| console.raw(&format!("{}\n", plain(line))));
    console.raw(&format!("{what} [y/N] "));
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    let answer = tokio::select! {
        read = read => read.ok().and_then(Result::ok).unwrap_or_default(),
        () = stop.asked() => String::new(),
    };
    let is_yes = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if is_yes { Ok(()) } else { Err(Failed::Refused("nothing was changed".to_owned())) }
}

fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
