//! The user's terminal: results on standard output, everything else on standard error.

use std::io::{BufWriter, IsTerminal as _, Write};

use serde_json::json;

use crate::cli::{Chatter, LogFormat};
use crate::model::exit::Exit;
use crate::report::{Look, RenderError, Width};

/// Writes to the user.
#[derive(Debug)]
pub(super) struct Console {
    chatter: Chatter,
}

impl Console {
    pub(super) fn new(chatter: Chatter) -> Self {
        Self { chatter }
    }

    pub(super) fn chatter(&self) -> Chatter {
        self.chatter
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.chatter.quiet
    }

    /// Whether the user sees standard output.
    pub(super) fn shows_results(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// How a table on standard output is to look.
    pub(super) fn look(&self) -> Look {
        let terminal = self.shows_results();
        let width =
            if terminal { Width::Columns(usize::from(console_width().unwrap_or(120))) } else { Width::Plain };
        Look { width, color: self.chatter.color.unwrap_or_else(|| terminal && wants_color()) }
    }

    /// Whether messages are coloured.
    pub(super) fn colors_messages(&self) -> bool {
        self.chatter.color.unwrap_or_else(|| std::io::stderr().is_terminal() && wants_color())
    }

    /// A result, on standard output; whether it arrived. Whoever reads it may have read enough.
    pub(super) fn result(&self, bytes: &[u8]) -> bool {
        let mut out = std::io::stdout().lock();
        self.arrived(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// The same for a result that is rendered while it is shown.
    pub(super) fn rendered(
        &self,
        render: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>,
    ) -> Result<bool, RenderError> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        match render(&mut out) {
            Ok(()) => Ok(self.arrived(out.flush())),
            Err(RenderError::Write(error)) => Ok(self.arrived(Err(error))),
            Err(error) => Err(error),
        }
    }

    fn arrived(&self, written: std::io::Result<()>) -> bool {
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                self.error(&format!("standard output: {error}"), "");
                false
            }
            _ => true,
        }
    }

    /// How a command ends that only shows something.
    pub(super) fn show(&self, bytes: &[u8]) -> Exit {
        if self.result(bytes) { Exit::Clean } else { Exit::Failed }
    }

    /// Text that is formatted already, on standard error.
    pub(super) fn raw(&self, text: &str) {
        // Nothing can be said where standard error is gone.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// A message that a quiet run leaves out.
    pub(super) fn note(&self, text: &str) {
        if !self.chatter.quiet {
            self.line("info", text);
        }
    }

    /// How long work gets on, where that is wanted.
    pub(super) fn progress_line(&self, text: &str) {
        let is_wanted = self.chatter.progress.unwrap_or_else(|| std::io::stderr().is_terminal());
        if is_wanted && !self.chatter.quiet {
            self.line("info", text);
        }
    }

    /// A message that is always shown.
    pub(super) fn warn(&self, text: &str) {
        self.line("warning", text);
    }

    /// Why the command ends, and what to do about it.
    pub(super) fn error(&self, text: &str, hint: &str) {
        let hint = if hint.is_empty() { String::new() } else { format!("\n  {hint}") };
        match self.chatter.log_format {
            LogFormat::Text => self.raw(&format!("error: {text}{hint}\n")),
            LogFormat::Json => self.line("error", &format!("{text}{hint}")),
        }
    }

    fn line(&self, level: &str, text: &str) {
        match self.chatter.log_format {
            LogFormat::Text => self.raw(&format!("{text}\n")),
            LogFormat::Json => self.raw(&format!("{}\n", json!({ "level": level, "message": text }))),
        }
    }
}

/// <https://no-color.org>
fn wants_color() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn console_width() -> Option<u16> {
    match std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()) {
        Some(columns) => Some(columns),
        None => console::Term::stdout().size_checked().map(|(_, columns)| columns),
    }
}
