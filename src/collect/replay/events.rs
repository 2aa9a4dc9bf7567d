//! The lines of a snapshot that hold what was read of event logs.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::convert::{BadLine, place_of};
use super::lines::{GapLine, Line};
use crate::model::event::{Actor, EventName, GrantChange, Integrity, Operation, Outcome, TrailEvent};
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::grantee::Grantee;

/// That events were looked for, and how much there was.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LogLine {
    files: u64,
    records: u64,
    window: Option<(Timestamp, Timestamp)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

/// The window of a place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WindowLine {
    account: String,
    region: String,
    from: Timestamp,
    to: Timestamp,
}

/// What could not be read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HoleLine {
    place: Option<(String, String)>,
    window: Option<(Timestamp, Timestamp)>,
    subject: String,
    reason: String,
}

/// One event.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventLine {
    time: Option<Timestamp>,
    id: String,
    account: String,
    region: String,
    name: String,
    image: String,
    resource: String,
    /// Operation, and kind and text of the grantee.
    changes: Vec<(String, Option<(String, String)>)>,
    is_clear: bool,
    outcome: String,
    error_code: String,
    actor: ActorLine,
    source_ip: String,
    user_agent: String,
    request_id: String,
    seed_rule_match: Option<bool>,
    elastic_rule_match: Option<bool>,
    parameters: String,
    source_file: String,
    /// Absent where nobody asked, as in snapshots of before it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integrity: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ActorLine {
    arn: String,
    kind: String,
    account: String,
    invoked_by: String,
    access_key_id: String,
    principal_id: String,
    session_name: String,
    mfa: String,
    console: Option<bool>,
}

fn pair(window: Window) -> (Timestamp, Timestamp) {
    (window.from, window.to)
}

fn window((from, to): (Timestamp, Timestamp)) -> Window {
    Window { from, to }
}

/// The lines of a log.
pub(super) fn lines(log: &EventLog) -> Vec<Line> {
    let (files, records) = (log.files, log.records);
    let head = LogLine { files, records, window: log.window.map(pair), until: log.until };
    let mut lines = vec![Line::Log(head)];
    lines.extend(log.windows.iter().map(|(place, window)| {
        let (account, region) = (place.account.to_string(), place.region.to_string());
        Line::Window(WindowLine { account, region, from: window.from, to: window.to })
    }));
    lines.extend(log.holes.iter().map(|hole| {
        Line::Hole(HoleLine {
            place: hole.place.as_ref().map(|place| (place.account.to_string(), place.region.to_string())),
            window: hole.window.map(pair),
            subject: hole.subject.clone(),
            reason: hole.reason.clone(),
        })
    }));
    lines.extend(log.unsearched.iter().map(|gap| Line::Unsearched(GapLine::new(gap))));
    lines.extend(log.events.iter().map(|event| Line::Event(Box::new(EventLine::new(event)))));
    lines
}

/// The log that the lines of a snapshot make, if they have one.
pub(super) fn begun(log: &mut Option<EventLog>) -> Result<&mut EventLog, BadLine> {
    log.as_mut().ok_or_else(|| BadLine("no log was begun before it".to_owned()))
}

impl LogLine {
    pub(super) fn log(self) -> EventLog {
        EventLog {
            files: self.files,
            records: self.records,
            window: self.window.map(window),
            until: self.until,
            ..EventLog::default()
        }
    }
}

impl WindowLine {
    pub(super) fn add_to(self, log: &mut EventLog) -> Result<(), BadLine> {
        let place = place_of(&self.account, &self.region)?;
        log.windows.insert(place, window((self.from, self.to)));
        Ok(())
    }
}

impl HoleLine {
    pub(super) fn hole(self) -> Result<Hole, BadLine> {
        let place = self.place.map(|(account, region)| place_of(&account, &region)).transpose()?;
        Ok(Hole { place, window: self.window.map(window), subject: self.subject, reason: self.reason })
    }
}

impl EventLine {
    fn new(event: &TrailEvent) -> Self {
        let change = |change: &GrantChange| {
            let grantee = change.grantee.as_ref().map(|grantee| (grantee.word().to_owned(), grantee.label()));
            (change.operation.to_string(), grantee)
        };
        Self {
            time: event.time,
            id: event.id.clone(),
            account: event.account.clone(),
            region: event.region.clone(),
            name: event.name.to_string(),
            image: event.image.clone(),
            resource: event.resource.clone(),
            changes: event.changes.iter().map(change).collect(),
            is_clear: event.is_clear,
            outcome: event.outcome.to_string(),
            error_code: event.error_code.clone(),
            actor: ActorLine::new(&event.actor),
            source_ip: event.source_ip.clone(),
            user_agent: event.user_agent.clone(),
            request_id: event.request_id.clone(),
            seed_rule_match: event.seed_rule_match,
            elastic_rule_match: event.elastic_rule_match,
            parameters: event.parameters.iter().map(|byte| format!("{byte:02x}")).collect(),
            source_file: event.source_file.to_string(),
            integrity: event.integrity.map(|integrity| integrity.to_string()),
        }
    }

    pub(super) fn event(self) -> Result<Arc<TrailEvent>, BadLine> {
        fn word<T>(found: Option<T>, text: &str) -> Result<T, BadLine> {
            found.ok_or_else(|| BadLine(format!("{text:?} is no word of an event's")))
        }
        let mut changes = Vec::with_capacity(self.changes.len());
        for (operation, grantee) in self.changes {
            let operation = word(Operation::parse(&operation), &operation)?;
            let read = |(kind, label): (String, String)| word(Grantee::from_report(&kind, &label), &label);
            changes.push(GrantChange { operation, grantee: grantee.map(read).transpose()? });
        }
        let integrity = |text: String| word(Integrity::parse(&text), &text);
        Ok(Arc::new(TrailEvent {
            time: self.time,
            id: self.id,
            account: self.account,
            region: self.region,
            name: word(EventName::parse(&self.name), &self.name)?,
            image: self.image,
            resource: self.resource,
            changes,
            is_clear: self.is_clear,
            outcome: word(Outcome::parse(&self.outcome), &self.outcome)?,
            error_code: self.error_code,
            actor: self.actor.actor(),
            source_ip: self.source_ip,
            user_agent: self.user_agent,
            request_id: self.request_id,
            seed_rule_match: self.seed_rule_match,
            elastic_rule_match: self.elastic_rule_match,
            parameters: word(digest(&self.parameters), &self.parameters)?,
            raw: None,
            source_file: self.source_file.into(),
            integrity: self.integrity.map(integrity).transpose()?,
        }))
    }
}

impl ActorLine {
    fn new(actor: &Actor) -> Self {
        Self {
            arn: actor.arn.clone(),
            kind: actor.kind.clone(),
            account: actor.account.clone(),
            invoked_by: actor.invoked_by.clone(),
            access_key_id: actor.access_key_id.clone(),
            principal_id: actor.principal_id.clone(),
            session_name: actor.session_name.clone(),
            mfa: actor.mfa.clone(),
            console: actor.console,
        }
    }

    fn actor(self) -> Actor {
        Actor {
            arn: self.arn,
            kind: self.kind,
            account: self.account,
            invoked_by: self.invoked_by,
            access_key_id: self.access_key_id,
            principal_id: self.principal_id,
            session_name: self.session_name,
            mfa: self.mfa,
            console: self.console,
        }
    }
}

fn digest(hex: &str) -> Option<crate::model::event::Digest> {
    u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32).map(u128::to_be_bytes)
}
