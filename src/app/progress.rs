//! Shows how a scan gets on: a bar on a terminal, lines elsewhere where they were asked for.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::console::Console;
use crate::collect::Progress;
use crate::model::place::Place;
use crate::report::plain;

/// Tells the user.
pub(super) struct Shown {
    bar: ProgressBar,
    console: Console,
    lines: Option<Console>,
    accounts: AtomicUsize,
    accounts_done: AtomicUsize,
    places: AtomicUsize,
    places_done: AtomicUsize,
    listed: AtomicUsize,
    images_done: AtomicUsize,
    histories: AtomicUsize,
    histories_done: AtomicUsize,
    files: AtomicUsize,
    files_done: AtomicUsize,
}

impl Shown {
    pub(super) fn new(console: &Console) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let wanted = console.chatter().progress.unwrap_or(terminal && !console.is_quiet());
        let target =
            if wanted && terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant that a test draws with; were it wrong, the default would do.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        bar.set_message("beginning");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar,
            console: Console::new(console.chatter()),
            lines: (wanted && !terminal).then(|| Console::new(console.chatter())),
            accounts: AtomicUsize::new(0),
            accounts_done: AtomicUsize::new(0),
            places: AtomicUsize::new(0),
            places_done: AtomicUsize::new(0),
            listed: AtomicUsize::new(0),
            images_done: AtomicUsize::new(0),
            histories: AtomicUsize::new(0),
            histories_done: AtomicUsize::new(0),
            files: AtomicUsize::new(0),
            files_done: AtomicUsize::new(0),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn text(&self) -> String {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        format!(
            "places {}/{}, permissions read of {}/{} images",
            of(&self.places_done),
            of(&self.places),
            of(&self.images_done),
            of(&self.listed)
        )
    }
}

impl Progress for Shown {
    fn accounts_found(&self, count: usize) {
        self.accounts.fetch_add(count, Ordering::Relaxed);
    }
    fn account_done(&self) {
        let done = self.accounts_done.fetch_add(1, Ordering::Relaxed) + 1;
        let accounts = self.accounts.load(Ordering::Relaxed);
        self.bar.set_message(format!("accounts asked for their Regions {done}/{accounts}"));
        if let Some(console) = self.lines.as_ref().filter(|_| done == accounts) {
            console.warn(&format!("accounts asked for their Regions: {done}"));
        }
    }
    fn places_found(&self, count: usize) {
        self.places.fetch_add(count, Ordering::Relaxed);
        self.bar.set_message(self.text());
    }
    fn images_listed(&self, count: usize) {
        self.listed.fetch_add(count, Ordering::Relaxed);
    }
    fn image_done(&self) {
        let done = self.images_done.fetch_add(1, Ordering::Relaxed);
        if done.is_multiple_of(64) {
            self.bar.set_message(self.text());
        }
    }
    fn histories_found(&self, count: usize) {
        self.histories.fetch_add(count, Ordering::Relaxed);
    }
    fn history_done(&self, place: &Place) {
        let done = self.histories_done.fetch_add(1, Ordering::Relaxed) + 1;
        let text = format!("event histories read {done}/{}", self.histories.load(Ordering::Relaxed));
        if let Some(console) = &self.lines {
            console.warn(&format!("{place}: {text}"));
        }
        self.bar.set_message(text);
    }
    fn files_found(&self, count: usize) {
        self.files.fetch_add(count, Ordering::Relaxed);
    }
    fn file_done(&self) {
        let (done, files) =
            (self.files_done.fetch_add(1, Ordering::Relaxed) + 1, self.files.load(Ordering::Relaxed));
        if done.is_multiple_of(64) || done == files {
            self.bar.set_message(format!("files of events {done}/{files}"));
        }
    }
    fn query_scanned(&self, source: &str, bytes: Option<u64>) {
        let bytes = bytes.map_or_else(|| "an unknown number of bytes".to_owned(), size);
        let text = format!("{source} scanned {bytes}");
        self.bar.suspend(|| self.console.note(&plain(&text)));
    }
    fn place_done(&self, place: &Place) {
        self.places_done.fetch_add(1, Ordering::Relaxed);
        let text = self.text();
        if let Some(console) = &self.lines {
            console.warn(&format!("{place} done: {text}"));
        }
        self.bar.set_message(text);
    }
}

/// A number of bytes as Athena's bill counts them.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let exact = bytes as f64;
    let unit = UNITS.into_iter().find(|(_, size)| exact >= *size);
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, size)| format!("{:.1} {unit}", exact / size))
}
