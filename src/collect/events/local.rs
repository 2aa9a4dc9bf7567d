//! Files, folders and standard input as a source.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::ask::{Ask, Reach};
use super::files::{BadSource, LocalSource, read_files};
use super::source::{EventSource, or_no_record, unread};
use crate::model::event_log::EventLog;

/// All files that the user named.
#[derive(Debug)]
pub(super) struct Local(pub(super) Vec<LocalSource>);

impl Local {
    fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|source| match source {
            LocalSource::Path(path) => path.display().to_string(),
            LocalSource::StandardInput => "-".to_owned(),
        })
    }

    fn unread(&self, reason: &str) -> EventLog {
        let holes = self.names().map(|name| unread(&name, reason)).collect();
        EventLog { holes, ..EventLog::default() }
    }

    async fn read_all(&self, ask: &Ask<'_>) -> EventLog {
        let (sources, progress) = (self.0.clone(), Arc::clone(ask.progress));
        let (most, keeps_records) = (ask.max_file_bytes, ask.keeps_records);
        let reading =
            tokio::task::spawn_blocking(move || read_files(&sources, most, keeps_records, &*progress));
        tokio::select! {
            biased;
            () = ask.stop.asked() => self.unread("the run was interrupted"),
            read = reading => match read {
                Ok(Ok(log)) => or_no_record(log, self.names()),
                Ok(Err(error)) => self.unread(&error.to_string()),
                Err(error) => self.unread(&error.to_string()),
            }
        }
    }
}

impl EventSource for Local {
    fn name(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    fn needs_aws(&self) -> bool {
        false
    }

    fn check(&self) -> Result<(), BadSource> {
        self.0.iter().try_for_each(LocalSource::check)
    }

    fn read<'a>(&'a self, _: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        self.read_all(ask).boxed()
    }
}
