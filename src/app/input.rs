//! Files that the user names: read whole, up to a bound, with an error that names the file.

use std::io::Read as _;
use std::path::Path;

use super::console::Console;
use super::failed::Failed;
use crate::judge::policy::{Policy, PolicyProblem, parse};
use crate::judge::rules;
use crate::report::{Earlier, read};

/// A policy of tens of thousands of entries is some MB.
const LARGEST_POLICY: u64 = 16 << 20;
/// A report of a million findings is some GB; this is of several hundred thousand.
const LARGEST_REPORT: u64 = 1 << 30;

/// Reads a file of at most `largest` bytes.
pub(super) fn bytes(path: &Path, largest: u64) -> Result<Vec<u8>, Failed> {
    let bad = |why: String| Failed::Input(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| bad(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes).map_err(|error| bad(error.to_string()))?;
    if bytes.len() as u64 > largest {
        return Err(bad(format!("it is larger than {} MiB", largest >> 20)));
    }
    Ok(bytes)
}

/// Reads and checks a policy. Every problem is shown on `console`.
pub(super) fn policy(path: &Path, console: &Console) -> Result<(Policy, Vec<u8>), Failed> {
    policy_text(&path.display().to_string(), bytes(path, LARGEST_POLICY)?, console)
}

/// Checks the text of a policy that is called `file`.
pub(super) fn policy_text(
    file: &str,
    bytes: Vec<u8>,
    console: &Console,
) -> Result<(Policy, Vec<u8>), Failed> {
    let text = std::str::from_utf8(&bytes).map_err(|error| Failed::Input(format!("{file}: {error}")))?;
    match parse(text) {
        Ok(policy) => Ok((policy, bytes)),
        Err(problems) => {
            for problem in &problems {
                console.raw(&shown(file, text, problem, console));
            }
            Err(Failed::Policy { file: file.to_owned(), count: problems.len() })
        }
    }
}

/// The text with nothing in it that a terminal would act on, each character as long as before.
fn harmless(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        _ if c.is_ascii_control() => '?',
        _ if c.is_control() => '¿',
        _ => c,
    };
    text.chars().map(shown).collect()
}

/// A problem with its line and a pointer to it.
fn shown(file: &str, text: &str, problem: &PolicyProblem, console: &Console) -> String {
    let at = miette::LabeledSpan::underline(problem.span.clone());
    let message = crate::report::plain(&problem.message);
    let mut diagnostic = miette::MietteDiagnostic::new(message).with_label(at);
    if !problem.help.is_empty() {
        diagnostic = diagnostic.with_help(&problem.help);
    }
    let source = miette::NamedSource::new(crate::report::plain(file), harmless(text));
    let report = miette::Report::new(diagnostic).with_source_code(source);
    let theme = match console.colors_messages() {
        true => miette::GraphicalTheme::unicode(),
        false => miette::GraphicalTheme::unicode_nocolor(),
    };
    let mut shown = String::new();
    let drawn = miette::GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .render_report(&mut shown, report.as_ref());
    match drawn {
        Ok(()) => shown,
        Err(_) => format!("{file}: {}\n", problem.message),
    }
}

/// Reads an earlier report.
pub(super) fn report(path: &Path) -> Result<Earlier, Failed> {
    report_and_bytes(path).map(|(report, _)| report)
}

/// The same with its bytes.
pub(super) fn report_and_bytes(path: &Path) -> Result<(Earlier, Vec<u8>), Failed> {
    let bytes = bytes(path, LARGEST_REPORT)?;
    let rule = |id: &str| rules::find(id).map(|rule| rule.meta());
    let report = read(&bytes, rule).map_err(|error| Failed::Input(format!("{}: {error}", path.display())))?;
    Ok((report, bytes))
}
