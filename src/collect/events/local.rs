//! Files, folders and standard input as a source.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::files::{BadSource, FileOptions, LocalSource, gather_files};
use super::gather::Gathered;
use super::integrity::{KeyRing, SavedKeys, Verdicts, mark, no_digest, there, verify};
use super::policy::{allow, document};
use super::source::{EventSource, INTERRUPTED, or_no_record, unread};
use crate::model::event_log::EventLog;
use crate::trail::digest::stem;

/// All files that the user named.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) sources: Vec<LocalSource>,
    /// The digests' public keys, where they were saved.
    pub(super) keys: Option<SavedKeys>,
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
        let (sources, progress, stop) = (self.sources.clone(), Arc::clone(ask.progress), ask.stop.clone());
        let options = FileOptions {
            most: ask.max_file_bytes,
            keeps_records: ask.keeps_records,
            verifies: self.verifies,
        };
        let waits = sources.contains(&LocalSource::StandardInput);
        let reading =
            tokio::task::spawn_blocking(move || gather_files(&sources, options, (&stop, &*progress)));
        let read = tokio::select! {
            biased;
            // Files end by themselves soon; who writes to standard input may not.
            () = ask.stop.asked(), if waits => return self.unread(INTERRUPTED),
            read = reading => read,
        };
        match read {
            Ok(Ok((gathered, is_whole))) => {
                let mut log = self.verified(gathered, reach, ask).await;
                if !is_whole {
                    log.holes.append(&mut self.unread(INTERRUPTED).holes);
                    return log;
                }
                or_no_record(log, self.names())
            }
            Ok(Err(error)) => self.unread(&error.to_string()),
            Err(error) => self.unread(&error.to_string()),
        }
    }

    /// The log, with what the digests among the files say of it.
    async fn verified(&self, gathered: Gathered, reach: Option<Reach<'_>>, ask: &Ask<'_>) -> EventLog {
        let mut gathered = gathered;
        if !self.verifies {
            return gathered.into_log();
        }
        if gathered.lacks_digests() {
            gathered.log.unsearched.push(no_digest(&self.name()));
        }
        let (mut keys, mut gaps) = KeyRing::new(self.keys.as_ref(), reach, &document(&self.statements()));
        tokio::select! {
            biased;
            () = ask.stop.asked() => {}
            mut unknown = keys.learn(&gathered.digests, ask) => gaps.append(&mut unknown),
        }
        let (there, mut verdicts) = (there(&gathered), Verdicts::new());
        let files = (&*gathered.digests, &*gathered.hashes);
        let holes = verify(files, keys.keys(), |key| !there.contains(stem(key)), &mut verdicts);
        gathered.log.holes.extend(holes);
        gathered.log.unsearched.append(&mut gaps);
        mark(&mut gathered, &verdicts);
        gathered.into_log()
    }
}

impl EventSource for Local {
    fn name(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    fn needs_aws(&self) -> bool {
        self.verifies && self.keys.is_none()
    }

    fn flags(&self) -> &'static [&'static str] {
        &["--verify-digests"]
    }

    fn statements(&self) -> Vec<Value> {
        vec![allow(&["cloudtrail:ListPublicKeys"], &["*"])]
    }

    fn check(&self) -> Result<(), BadSource> {
        self.keys.as_ref().map_or(Ok(()), |keys| keys.get().map(|_| ()))?;
        self.sources.iter().try_for_each(LocalSource::check)
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        self.read_all(reach, ask).boxed()
    }
}
