//! What `--events` and `amiaudit events` take: a trait, and the slice of its kinds.

use std::collections::BTreeSet;
use std::fmt;

use futures::future::BoxFuture;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::files::{BadSource, LocalSource};
use super::integrity::SavedKeys;
use super::local::Local;
use super::{athena, logs, lookup, s3};
use crate::model::event_log::{EventLog, Hole};
use crate::model::failure::Failure;
use crate::model::gap::Gap;

/// What the user says of sources besides their names.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// The workgroup in which Athena's queries run.
    pub athena_workgroup: Option<String>,
    /// Where Athena writes its results.
    pub athena_output: Option<String>,
    /// Whether the caller pays for reading a bucket.
    pub request_payer: bool,
    /// Whether files are held against CloudTrail's digests.
    pub verifies: bool,
    /// The public keys of CloudTrail's digests, where they come from a file.
    pub digest_keys: Option<std::path::PathBuf>,
}

/// Where events come from. It fetches; `trail` understands.
pub trait EventSource: fmt::Debug + Send + Sync {
    /// What it is called, as the user named it.
    fn name(&self) -> String;

    /// Whether it asks AWS.
    fn needs_aws(&self) -> bool {
        true
    }

    /// Whether it is asked place by place.
    fn needs_places(&self) -> bool {
        false
    }

    /// The statements of an IAM policy that reading it needs, of whichever role reads it.
    fn statements(&self) -> Vec<Value>;

    /// The flags that it goes by and others may not.
    fn flags(&self) -> &'static [&'static str] {
        &[]
    }

    /// Looks whether it can be of use, before anything is asked of AWS.
    ///
    /// # Errors
    /// It is not there.
    fn check(&self) -> Result<(), BadSource> {
        Ok(())
    }

    /// The query that it would run, where it runs one; the table is looked at, and nothing is run.
    fn query<'a>(
        &'a self,
        reach: Reach<'a>,
        ask: &'a Ask<'a>,
    ) -> Option<BoxFuture<'a, Result<String, Failure>>> {
        let _ = (reach, ask);
        None
    }

    /// Reads it. `reach` is there if it asks AWS. Never fails: what could not be read is in the log.
    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog>;
}

/// Makes a source of what follows in a name.
type Open = fn(&str, &SourceOptions) -> Result<Box<dyn EventSource>, String>;

/// A kind of source: what its names begin with, and what makes a source of one.
pub struct Kind {
    /// What follows in a name is its own.
    pub start: &'static str,
    /// How its names are written.
    pub form: &'static str,
    open: Open,
}

/// All kinds that ask AWS. Whatever begins like none of them is a file or a folder.
pub static SOURCES: &[Kind] = &[
    Kind { start: "lookup", form: "lookup", open: lookup::open },
    Kind { start: athena::START, form: "athena:DATABASE.TABLE", open: athena::open },
    Kind { start: "logs:", form: "logs:LOG_GROUP", open: logs::open },
    Kind { start: "s3://", form: "s3://bucket/prefix", open: s3::open },
];

impl Kind {
    /// What follows in a name of this kind. Where nothing is to follow, the name is just its start: a file may be
    /// called lookup-events.json.
    fn rest<'a>(&self, name: &'a str) -> Option<&'a str> {
        let takes_more = self.start.ends_with([':', '/']);
        name.strip_prefix(self.start).filter(|rest| takes_more || rest.is_empty())
    }
}

/// The name that is meant by one that is written like a kind's but for the case of its letters.
pub(super) fn meant(name: &str) -> Option<String> {
    SOURCES.iter().find_map(|kind| {
        let start = name.get(..kind.start.len()).filter(|start| start.eq_ignore_ascii_case(kind.start))?;
        let meant = format!("{}{}", kind.start, &name[start.len()..]);
        kind.rest(&meant).is_some().then_some(meant)
    })
}

/// Reads the names of sources. Files are read together, side by side. What is named twice is read once.
///
/// # Errors
/// A name is no name of its kind.
pub fn sources(names: &[String], options: &SourceOptions) -> Result<Vec<Box<dyn EventSource>>, BadSource> {
    let mut sources = Vec::new();
    let mut local = Vec::new();
    let mut named = BTreeSet::new();
    for name in names.iter().filter(|name| named.insert(name.as_str())) {
        match SOURCES.iter().find_map(|kind| kind.rest(name).map(|rest| (kind, rest))) {
            Some((kind, rest)) => {
                let form = |why: String| BadSource::new(name, format!("{why}; it is written {}", kind.form));
                sources.push((kind.open)(rest, options).map_err(form)?);
            }
            None if name == "-" => local.push(LocalSource::StandardInput),
            None => local.push(LocalSource::Path(name.into())),
        }
    }
    if !local.is_empty() {
        let (keys, verifies) = (options.digest_keys.clone().map(SavedKeys::new), options.verifies);
        sources.push(Box::new(Local { sources: local, keys, verifies }));
    }
    Ok(sources)
}

/// What a source that could not be read at all leaves: it says nothing of any place.
pub(super) fn unsearched(name: &str, failure: &Failure) -> EventLog {
    let gap = Gap::new(None, None, failure.call, &failure.reason);
    let gap = Gap { subject: name.to_owned(), error_code: failure.code.clone(), ..gap };
    EventLog { unsearched: vec![gap], ..EventLog::default() }
}

/// Why a source was not read to its end.
pub(super) const INTERRUPTED: &str = "the run was interrupted";

/// What nothing was read of, though it is there.
pub(super) fn unread(name: &str, reason: &str) -> Hole {
    Hole { place: None, window: None, subject: name.to_owned(), reason: reason.to_owned() }
}

/// Notes that a source that should hold records holds none, unless a hole tells already why nothing of it was read.
pub(super) fn or_no_record(mut log: EventLog, names: impl Iterator<Item = String>) -> EventLog {
    if log.records == 0 && log.unsearched.is_empty() {
        let silent = |name: &String| !log.holes.iter().any(|hole| is_of(&hole.subject, name));
        let holes: Vec<Hole> =
            names.filter(silent).map(|name| unread(&name, "no record of CloudTrail's was found")).collect();
        log.holes.extend(holes);
    }
    log
}

/// Whether something is a source's, or a part of one: a file of a folder, a line of a file.
fn is_of(subject: &str, source: &str) -> bool {
    let rest = subject.strip_prefix(source.trim_end_matches('/'));
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)))
}
