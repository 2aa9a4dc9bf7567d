//! Runs a query: the table is looked at, the query started, asked after until it has ended, and its result fetched
//! page by page.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    QueryExecutionContext, QueryExecutionState, QueryExecutionStatus, ResultConfiguration, Row as AthenaRow,
};

use super::rows::{Results, Row};
use super::table::{Column, Table, TableName};
use crate::aws::Target;
use crate::aws::action::{
    Action, GET_QUERY_EXECUTION, GET_QUERY_RESULTS, GET_TABLE_METADATA, START_QUERY_EXECUTION,
    STOP_QUERY_EXECUTION,
};
use crate::collect::events::ask::{Ask, Reach};
use crate::collect::events::source::SourceOptions;
use crate::collect::pages::Pages;
use crate::model::failure::{Failure, FailureKind};

/// The wait before the query is asked after again; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The most rows that Athena gives to a page.
const PAGE: i32 = 1000;

/// Why something did not come to its end.
pub(super) enum Trouble {
    /// The run is to stop.
    Stopped,
    /// It failed for good.
    Failed(Failure),
}

/// How a query ended.
pub(super) struct Ended {
    /// Why it has no result, if it has none.
    pub(super) failure: Option<Failure>,
    /// The bytes that it read, where Athena says so.
    pub(super) scanned: Option<u64>,
}

/// One run.
pub(super) struct Run<'a> {
    pub(super) client: Client,
    pub(super) reach: Reach<'a>,
    pub(super) ask: &'a Ask<'a>,
    pub(super) options: &'a SourceOptions,
}

impl Run<'_> {
    /// Waits for something, unless the run is to stop before.
    pub(super) async fn unless_stopped<T>(
        &self,
        waiting: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Trouble> {
        tokio::select! {
            biased;
            () = self.ask.stop.asked() => Err(Trouble::Stopped),
            done = waiting => done.map_err(Trouble::Failed),
        }
    }

    /// What the catalog says of a table.
    pub(super) async fn table(&self, name: &TableName) -> Result<Table, Failure> {
        let place = self.reach.home();
        let target = Target { place: &place, action: GET_TABLE_METADATA };
        let send = || {
            let call = self.client.get_table_metadata().catalog_name(&name.catalog);
            let call = call.database_name(&name.database).table_name(&name.table);
            call.set_work_group(self.options.athena_workgroup.clone()).send()
        };
        let answer = self.reach.aws.sender().call(target, send).await?;
        let table =
            answer.table_metadata.ok_or_else(|| told(GET_TABLE_METADATA, "the answer has no table"))?;
        let column = |column: &aws_sdk_athena::types::Column| {
            Column::new(column.name(), column.r#type().unwrap_or_default())
        };
        Ok(Table {
            name: name.clone(),
            columns: table.columns().iter().map(column).collect(),
            keys: table.partition_keys().iter().map(column).collect(),
            parameters: table.parameters.unwrap_or_default().into_iter().collect::<BTreeMap<_, _>>(),
        })
    }

    /// Starts a query; its id. However often it is sent, it is one query.
    pub(super) async fn start(&self, name: &TableName, sql: &str) -> Result<String, Failure> {
        let place = self.reach.home();
        let target = Target { place: &place, action: START_QUERY_EXECUTION };
        let token = format!("amiaudit-{:032x}", fastrand::u128(..));
        let context =
            QueryExecutionContext::builder().catalog(&name.catalog).database(&name.database).build();
        let output = self.options.athena_output.as_ref();
        let output = output.map(|url| ResultConfiguration::builder().output_location(url).build());
        let send = || {
            let call = self.client.start_query_execution().query_string(sql).client_request_token(&token);
            let call = call.query_execution_context(context.clone());
            let call = call.set_work_group(self.options.athena_workgroup.clone());
            call.set_result_configuration(output.clone()).send()
        };
        let answer = self.reach.aws.sender().call(target, send).await.map_err(with_hint)?;
        answer.query_execution_id.ok_or_else(|| told(START_QUERY_EXECUTION, "the answer has no query's id"))
    }

    /// Waits until a query has ended. One that is not waited for any more is stopped.
    pub(super) async fn wait(&self, id: &str) -> Result<Ended, Trouble> {
        let mut wait = FIRST_WAIT;
        loop {
            match self.unless_stopped(self.ended(id)).await {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) => {}
                Err(trouble) => {
                    self.stop(id).await;
                    return Err(trouble);
                }
            }
            let pause = async {
                tokio::time::sleep(wait).await;
                Ok(())
            };
            if let Err(trouble) = self.unless_stopped(pause).await {
                self.stop(id).await;
                return Err(trouble);
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// How a query ended; `None` while it goes on.
    async fn ended(&self, id: &str) -> Result<Option<Ended>, Failure> {
        let place = self.reach.home();
        let target = Target { place: &place, action: GET_QUERY_EXECUTION };
        let send = || self.client.get_query_execution().query_execution_id(id).send();
        let answer = self.reach.aws.sender().call(target, send).await?;
        let query =
            answer.query_execution.ok_or_else(|| told(GET_QUERY_EXECUTION, "the answer has no query"))?;
        let scanned = query.statistics().and_then(|statistics| statistics.data_scanned_in_bytes());
        let scanned = scanned.and_then(|bytes| u64::try_from(bytes).ok());
        let state = query.status().and_then(QueryExecutionStatus::state);
        let without_result = |how: &str| {
            let reason = query.status().and_then(QueryExecutionStatus::state_change_reason);
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            Some(with_hint(told(GET_QUERY_EXECUTION, &format!("the query {how}{reason}"))))
        };
        let failure = match state {
            Some(QueryExecutionState::Succeeded) => None,
            Some(QueryExecutionState::Failed) => without_result("failed"),
            Some(QueryExecutionState::Cancelled) => without_result("was cancelled"),
            _ => return Ok(None),
        };
        Ok(Some(Ended { failure, scanned }))
    }

    /// Stops a query, so that it costs no more.
    async fn stop(&self, id: &str) {
        let place = self.reach.home();
        let target = Target { place: &place, action: STOP_QUERY_EXECUTION };
        let send = || self.client.stop_query_execution().query_execution_id(id).send();
        if let Err(failure) = self.reach.aws.sender().call(target, send).await {
            tracing::warn!(query = id, reason = failure.reason, "the query could not be stopped");
        }
    }

    /// Fetches a query's result.
    pub(super) async fn fetch(&self, id: &str, results: &mut Results<'_>) -> Result<(), Trouble> {
        let mut pages = Pages::default();
        loop {
            let (page, next) = self.unless_stopped(self.page(id, pages.token())).await?;
            let goes_on = pages.goes_on(GET_QUERY_RESULTS.name, &page, next);
            results.take(page);
            if !goes_on.map_err(Trouble::Failed)? {
                return Ok(());
            }
        }
    }

    async fn page(&self, id: &str, token: Option<String>) -> Result<(Vec<Row>, Option<String>), Failure> {
        let place = self.reach.home();
        let target = Target { place: &place, action: GET_QUERY_RESULTS };
        let send = || {
            let call = self.client.get_query_results().query_execution_id(id).max_results(PAGE);
            call.set_next_token(token.clone()).send()
        };
        let answer = self.reach.aws.sender().call(target, send).await?;
        let row = |row: AthenaRow| {
            let cells = row.data.unwrap_or_default();
            cells.into_iter().map(|cell| cell.var_char_value).collect()
        };
        let rows = answer.result_set.and_then(|set| set.rows).unwrap_or_default();
        let next = answer.next_token.filter(|token| !token.is_empty());
        Ok((rows.into_iter().map(row).collect(), next))
    }
}

fn told(action: Action, reason: &str) -> Failure {
    Failure { call: action.name, kind: FailureKind::Other, code: None, reason: reason.to_owned() }
}

/// Says what helps where Athena does not know where to write.
fn with_hint(mut failure: Failure) -> Failure {
    if failure.reason.to_ascii_lowercase().contains("output location") {
        failure.reason.push_str(
            "; give --athena-output s3://BUCKET/PREFIX/, or with --athena-workgroup a workgroup that has an output \
             location",
        );
    }
    failure
}
