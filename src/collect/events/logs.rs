//! A log group of CloudWatch's that a trail writes into. AWS searches it by a pattern; what it gives of a place reaches
//! from its first event to its last.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::Client;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::policy::{allow, document};
use super::selected::read_selected;
use super::source::{EventSource, INTERRUPTED, SourceOptions, or_no_record, unsearched};
use crate::aws::Target;
use crate::aws::action::FILTER_LOG_EVENTS;
use crate::collect::cloud::Page;
use crate::collect::pages::Pages;
use crate::model::event::EventName;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::Region;
use crate::trail::{Wanted, merge};

/// The longest pattern that AWS takes, in characters.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const LONGEST_PATTERN: usize = 1_024;

/// A record comes into the group minutes after its event; this is more than was ever seen.
const LATE: SignedDuration = SignedDuration::from_hours(24);

fn failure(reason: &str) -> Failure {
    let reason = reason.to_owned();
    Failure { call: FILTER_LOG_EVENTS.name, kind: FailureKind::Other, code: None, reason }
}

/// A log group.
#[derive(Debug)]
struct Logs {
    /// Its name or, of another account, its ARN.
    group: String,
    region: Option<Region>,
}

pub(super) fn open(rest: &str, _: &SourceOptions) -> Result<Box<dyn EventSource>, String> {
    let group = rest.strip_suffix(":*").unwrap_or(rest);
    let region = match group.strip_prefix("arn:") {
        Some(arn) => {
            let region = arn.split(':').nth(2).unwrap_or_default().parse();
            Some(region.map_err(|error| format!("{group}: {error}"))?)
        }
        None => None,
    };
    // <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
    let name = if region.is_some() { group.splitn(7, ':').nth(6).unwrap_or_default() } else { group };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._/#".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
        return Err(format!("{name:?} is not the name of a log group"));
    }
    Ok(Box::new(Logs { group: group.to_owned(), region }))
}

/// The patterns that together find every event that matters: more than one where AWS would not take one.
#[must_use]
pub fn filter_patterns() -> Vec<String> {
    let mut patterns: Vec<String> = Vec::new();
    for name in EventName::ALL {
        let term = format!("($.eventName = \"{name}\")");
        match patterns.last_mut() {
            // A bracket closes it.
            Some(last) if last.len() + term.len() + " || ".len() + " }".len() <= LONGEST_PATTERN => {
                last.push_str(" || ");
                last.push_str(&term);
            }
            _ => patterns.push(format!("{{ {term}")),
        }
    }
    patterns.iter_mut().for_each(|pattern| pattern.push_str(" }"));
    patterns
}

impl EventSource for Logs {
    fn name(&self) -> String {
        format!("logs:{}", self.group)
    }

    fn statements(&self) -> Vec<Value> {
        let group = if self.region.is_some() {
            self.group.clone()
        } else {
            format!("arn:*:logs:*:*:log-group:{}", self.group)
        };
        vec![allow(&["logs:FilterLogEvents"], &[&group, &format!("{group}:*")])]
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        async move {
            let Some(reach) = reach else { return EventLog::default() };
            or_no_record(self.read_group(reach, ask).await, std::iter::once(self.name()))
        }
        .boxed()
    }
}

impl Logs {
    async fn read_group(&self, reach: Reach<'_>, ask: &Ask<'_>) -> EventLog {
        let mut messages = Vec::new();
        let failed = tokio::select! {
            biased;
            () = ask.stop.asked() => Some(failure(INTERRUPTED)),
            searched = self.search_all(reach, ask, &mut messages) => searched.err(),
        };
        match failed {
            Some(failure) if messages.is_empty() => unsearched(&self.name(), &failure),
            failed => self.log(&messages, failed, ask),
        }
    }

    async fn search_all(
        &self,
        reach: Reach<'_>,
        ask: &Ask<'_>,
        messages: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let policy = document(&self.statements());
        let client = Client::new(&reach.aws.for_events(reach.caller, self.region.as_ref(), policy).await?);
        for pattern in filter_patterns() {
            self.search(reach, (&client, Some(&pattern)), ask, messages).await?;
        }
        if messages.is_empty() {
            // Whether nothing happened, or this is no trail's group, is told by any message.
            let page = self.page(reach, (&client, None), ask.window, None).await?;
            messages.extend(page.items);
        }
        Ok(())
    }

    /// All messages that a pattern finds.
    async fn search(
        &self,
        reach: Reach<'_>,
        (client, pattern): (&Client, Option<&str>),
        ask: &Ask<'_>,
        messages: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let mut pages = Pages::default();
        loop {
            let page = self.page(reach, (client, pattern), ask.window, pages.token()).await?;
            let goes_on = pages.goes_on(FILTER_LOG_EVENTS.name, &page.items, page.next);
            messages.extend(page.items);
            if !goes_on? {
                return Ok(());
            }
        }
    }

    /// One page; it may be empty and yet not the last.
    async fn page(
        &self,
        reach: Reach<'_>,
        (client, pattern): (&Client, Option<&str>),
        window: Window,
        token: Option<String>,
    ) -> Result<Page<String>, Failure> {
        let target = Target { place: &reach.home(), action: FILTER_LOG_EVENTS };
        let end = window.to.checked_add(LATE).unwrap_or(window.to);
        let of_other = self.region.is_some();
        let send = || {
            client
                .filter_log_events()
                .set_log_group_name((!of_other).then(|| self.group.clone()))
                .set_log_group_identifier(of_other.then(|| self.group.clone()))
                .set_filter_pattern(pattern.map(str::to_owned))
                .set_limit(pattern.is_none().then_some(1))
                .start_time(window.from.as_millisecond())
                .end_time(end.as_millisecond())
                .set_next_token(token.clone())
                .send()
        };
        let answer = reach.aws.sender().call(target, send).await?;
        let messages = answer.events.unwrap_or_default().into_iter().filter_map(|event| event.message);
        Ok(Page { items: messages.collect(), next: answer.next_token.filter(|token| !token.is_empty()) })
    }

    fn log(&self, messages: &[String], failed: Option<Failure>, ask: &Ask<'_>) -> EventLog {
        let hole =
            |reason: String| Hole { place: None, window: Some(ask.window), subject: self.name(), reason };
        let wanted = Wanted { file: self.name().into(), raw: ask.keeps_records };
        let found = read_selected("message", messages, &wanted);
        let mut log = EventLog { records: found.records, ..EventLog::default() };
        log.holes.extend(failed.into_iter().map(|failure| hole(failure.reason)));
        log.holes.extend(found.problems.into_iter().map(|problem| hole(problem.why)));
        let mut events = merge(found.events);
        let (from, to) = (ask.window.from, ask.window.to);
        events.retain(|event| event.time.is_none_or(|at: Timestamp| from <= at && at <= to));
        events.retain(|event| event.place().is_none_or(|place| ask.wants(place.account, &place.region)));
        for event in &events {
            if let Some((place, at)) = event.place().zip(event.time) {
                log.cover(place, Window { from: at, to: at });
            }
        }
        log.events = events.into_iter().map(Arc::new).collect();
        log
    }
}
