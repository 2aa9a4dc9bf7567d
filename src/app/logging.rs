//! Logs on standard error: our own only, for the SDK's would carry other people's text unescaped.

use tracing_subscriber::EnvFilter;

use crate::cli::{Chatter, LogFormat};

/// Starts logging; a second call in one process changes nothing.
pub(super) fn start(chatter: Chatter) {
    let level = match (chatter.quiet, chatter.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let filter = EnvFilter::new(format!("off,amiaudit={level}"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match chatter.log_format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // Only a second call fails, and then the first one's logging goes on.
    drop(started);
}
