//! Files, folders and standard input as a source.

use std::path::PathBuf;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::files::{BadSource, FileOptions, LocalSource, gather_files};
use super::gather::Gathered;
use super::integrity::{keys_of, saved_keys, verify};
use super::policy::{allow, document};
use super::source::{EventSource, or_no_record, unread};
use crate::model::event_log::EventLog;
use crate::trail::digest::PublicKeys;

/// All files that the user named.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) sources: Vec<LocalSource>,
    /// The digests' public keys, where they were saved.
    pub(super) keys: Option<PathBuf>,
    /// Whether files are held against digests.
    pub(super) verifies: bool,
}

impl Local {
    fn names(&self) -> impl Iterator<Item = String> {
        self.sources.iter().map(|source| match source {
            LocalSource::Path(path) => path.display().to_string(),
            LocalSource::StandardInput => "-".to_owned(),
        })
    }

    fn unread(&self, reason: &str) -> EventLog {
        let holes = self.names().map(|name| unread(&name, reason)).collect();
        EventLog { holes, ..EventLog::default() }
    }

    async fn read_all(&self, reach: Option<Reach<'_>>, ask: &Ask<'_>) -> EventLog {
        let (sources, progress) = (self.sources.clone(), Arc::clone(ask.progress));
        let options = FileOptions {
            most: ask.max_file_bytes,
            keeps_records: ask.keeps_records,
            verifies: self.verifies,
        };
        let reading = tokio::task::spawn_blocking(move || gather_files(&sources, options, &*progress));
        let read = tokio::select! {
            biased;
            () = ask.stop.asked() => return self.unread("the run was interrupted"),
            read = reading => read,
        };
        match read {
            Ok(Ok(gathered)) => or_no_record(self.verified(gathered, reach, ask).await, self.names()),
            Ok(Err(error)) => self.unread(&error.to_string()),
            Err(error) => self.unread(&error.to_string()),
        }
    }

    /// The log, with what the digests among the files say of it.
    async fn verified(&self, gathered: Gathered, reach: Option<Reach<'_>>, ask: &Ask<'_>) -> EventLog {
        let Gathered { mut log, hashes, digests } = gathered;
        if !self.verifies {
            return log;
        }
        let keys = match (&self.keys, reach) {
            (Some(path), _) => saved_keys(path).map_err(|error| error.to_string()),
            (None, Some(reach)) => {
                let policy = document(&self.statements());
                keys_of(reach, &digests, &policy, ask).await.map_err(|failure| failure.to_string())
            }
            (None, None) => Ok(PublicKeys::default()),
        };
        let keys = keys.unwrap_or_else(|why| {
            log.holes.push(unread("the digests' public keys", &why));
            PublicKeys::default()
        });
        verify(&mut log, (&digests, &hashes), &keys, |_| true);
        log
    }
}

impl EventSource for Local {
    fn name(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    fn needs_aws(&self) -> bool {
        self.verifies && self.keys.is_none()
    }

    fn statements(&self) -> Vec<Value> {
        vec![allow(&["cloudtrail:ListPublicKeys"], &["*"])]
    }

    fn check(&self) -> Result<(), BadSource> {
        self.keys.as_deref().map_or(Ok(()), |path| saved_keys(path).map(|_| ()))?;
        self.sources.iter().try_for_each(LocalSource::check)
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        self.read_all(reach, ask).boxed()
    }
}
