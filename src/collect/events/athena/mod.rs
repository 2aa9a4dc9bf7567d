//! A table of CloudTrail's records in Athena as a source: one query that Athena runs, over the records that the
//! table's owner keeps in S3.

mod calendar;
mod dates;
mod fields;
mod partition;
mod policy;
mod predicate;
mod rebuilt;
mod rows;
mod run;
mod sql;
mod table;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::policy::document;
use super::source::{EventSource, INTERRUPTED, SourceOptions, or_no_record, unsearched};
use crate::model::event_log::{EventLog, Hole};
use crate::model::failure::Failure;
pub use partition::{Pruning, prune};
pub use policy::statements;
pub use predicate::{Literal, Predicate};
pub use rows::{Results, Row};
use run::{Run, Trouble};
pub use sql::{Question, sql};
pub use table::{Column, DEFAULT_CATALOG, Table, TableName, Type};

/// What the names of such sources begin with.
pub(super) const START: &str = "athena:";

/// One table.
#[derive(Debug)]
struct Athena {
    /// As the user wrote it.
    written: String,
    table: TableName,
    options: SourceOptions,
}

/// Makes a source of what follows in its name.
pub(super) fn open(rest: &str, options: &SourceOptions) -> Result<Box<dyn EventSource>, String> {
    let table = TableName::parse(rest)?;
    Ok(Box::new(Athena { written: rest.to_owned(), table, options: options.clone() }))
}

impl<'a> Question<'a> {
    fn of(ask: &Ask<'a>) -> Self {
        Self { window: ask.window, accounts: ask.accounts, regions: ask.regions }
    }
}

impl Athena {
    async fn run<'a>(&'a self, reach: Reach<'a>, ask: &'a Ask<'a>) -> Result<Run<'a>, Failure> {
        let policy = document(&self.statements());
        let config = reach.aws.for_events(reach.caller, None, policy).await?;
        let client = aws_sdk_athena::Client::new(&config);
        Ok(Run { client, reach, ask, options: &self.options })
    }

    async fn text(&self, reach: Reach<'_>, ask: &Ask<'_>) -> Result<String, Failure> {
        let run = self.run(reach, ask).await?;
        sql(&run.table(&self.table).await?, &Question::of(ask))
    }

    async fn read_all(&self, reach: Reach<'_>, ask: &Ask<'_>) -> EventLog {
        match self.started(reach, ask).await {
            Ok(log) => log,
            Err(Trouble::Failed(failure)) => unsearched(&self.name(), &failure),
            Err(Trouble::Stopped) => self.broken_off(ask, INTERRUPTED),
        }
    }

    /// The log of a query that could be started, and gave something.
    async fn started(&self, reach: Reach<'_>, ask: &Ask<'_>) -> Result<EventLog, Trouble> {
        if ask.stop.is_asked() {
            return Err(Trouble::Stopped);
        }
        let run = self.run(reach, ask).await.map_err(Trouble::Failed)?;
        let table = run.unless_stopped(run.table(&self.table)).await?;
        let question = Question::of(ask);
        let text = sql(&table, &question).map_err(Trouble::Failed)?;
        tracing::debug!(source = self.name(), sql = text, "Athena is asked");
        // Not given up half-way: a query whose id is not known could not be stopped.
        let id = run.start(&self.table, &text).await.map_err(Trouble::Failed)?;
        let ended = match run.wait(&id).await {
            Ok(ended) => ended,
            Err(trouble) => return Ok(self.broken_off(ask, &why(trouble))),
        };
        ask.progress.query_scanned(&self.name(), ended.scanned);
        if let Some(failure) = ended.failure {
            return Err(Trouble::Failed(failure));
        }
        let mut results = Results::new(&self.name(), &table, question, ask.keeps_records);
        if let Err(trouble) = run.fetch(&id, &mut results).await {
            results.hole(None, &why(trouble));
            return Ok(results.finish());
        }
        Ok(or_no_record(results.finish(), std::iter::once(self.name())))
    }

    /// What a query leaves that was begun and whose result is not known.
    fn broken_off(&self, ask: &Ask<'_>, why: &str) -> EventLog {
        let hole =
            Hole { place: None, window: Some(ask.window), subject: self.name(), reason: why.to_owned() };
        EventLog { holes: vec![hole], ..EventLog::default() }
    }
}

fn why(trouble: Trouble) -> String {
    match trouble {
        Trouble::Stopped => INTERRUPTED.to_owned(),
        Trouble::Failed(failure) => failure.to_string(),
    }
}

impl EventSource for Athena {
    fn flags(&self) -> &'static [&'static str] {
        &["--athena-workgroup", "--athena-output"]
    }

    fn statements(&self) -> Vec<Value> {
        statements(&self.table, &self.options)
    }

    fn name(&self) -> String {
        format!("{START}{}", self.written)
    }

    fn query<'a>(
        &'a self,
        reach: Reach<'a>,
        ask: &'a Ask<'a>,
    ) -> Option<BoxFuture<'a, Result<String, Failure>>> {
        Some(self.text(reach, ask).boxed())
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        match reach {
            Some(reach) => self.read_all(reach, ask).boxed(),
            None => {
                let failure = Failure {
                    call: crate::aws::action::GET_TABLE_METADATA.name,
                    kind: crate::model::failure::FailureKind::Credentials,
                    code: None,
                    reason: "there is no way into AWS".to_owned(),
                };
                std::future::ready(unsearched(&self.name(), &failure)).boxed()
            }
        }
    }
}
