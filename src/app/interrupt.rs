//! Ctrl-C: the first one ends the run with what was read, the second one ends it at once.

use crate::app::console::Console;
use crate::collect::Stopper;

/// Waits for the first signal, tells `stopper`, and comes back at the second.
pub(super) async fn watch(stopper: &Stopper, console: &Console) {
    signal().await;
    console.warn("stopping: what was read is reported, the rest becomes gaps; Ctrl-C again ends at once");
    stopper.stop();
    signal().await;
}

/// The same for a run that changes something: what is begun is finished first.
pub(super) async fn watch_changes(stopper: &Stopper, console: &Console) {
    signal().await;
    console.warn(
        "stopping: what is begun is finished and verified, nothing more is begun; Ctrl-C again ends at once (the same \
         command then goes on)",
    );
    stopper.stop();
    signal().await;
}

/// The next Ctrl-C or termination signal. Where signals cannot be had, there is none.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                Ok(()) = tokio::signal::ctrl_c() => return,
                Some(()) = terminate.recv() => return,
                else => {}
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
