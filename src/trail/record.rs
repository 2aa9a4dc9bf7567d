//! One record of CloudTrail's → the event in it. Whatever a record holds where something else belongs, a call that
//! can make a share stays a row: what cannot be read of it is unknown, and said to be.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::elastic::{self, Fields};
use super::grants::{self, Grants};
use super::java;
use super::json::{member, parameters, path, text, text_of, time};
use crate::model::event::{Actor, Digest, EventName, Outcome, TrailEvent};

/// A record in CloudTrail's own form, and what its envelope says of it besides.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) value: &'a Value,
    /// The envelope's account.
    pub(super) account: String,
    /// The envelope's Region.
    pub(super) region: String,
    /// The envelope's time.
    pub(super) time: Option<&'a Value>,
    /// Whether the envelope says that the call failed.
    pub(super) failed: bool,
    /// Whether the envelope carries the parameters in part at most, so that what is absent says nothing.
    pub(super) lacks_parameters: bool,
    /// Whether it comes from a query or a rule, which leaves others out: then it proves nothing of its time and place.
    pub(super) is_selected: bool,
}

impl<'a> Record<'a> {
    /// A record without an envelope.
    pub(super) fn bare(value: &'a Value) -> Self {
        Self {
            value,
            account: String::new(),
            region: String::new(),
            time: None,
            failed: false,
            lacks_parameters: false,
            is_selected: false,
        }
    }

    /// The account whose trail it is in: recipientAccountId, else the envelope's, else the identity's.
    pub(super) fn account(&self) -> String {
        let own = text_of(self.value, "recipientAccountId");
        let identity = || text(path(self.value, &["userIdentity", "accountId"]));
        [own, self.account.clone()].into_iter().find(|id| !id.is_empty()).unwrap_or_else(identity)
    }

    /// The Region.
    pub(super) fn region(&self) -> String {
        let own = text_of(self.value, "awsRegion");
        if own.is_empty() { self.region.clone() } else { own }
    }

    /// When it happened.
    pub(super) fn time(&self) -> Option<jiff::Timestamp> {
        // Logstash leaves a record as it is but for its time.
        let own = ["eventTime", "@timestamp"].iter().find_map(|name| time(member(self.value, name)));
        own.or_else(|| time(self.time))
    }

    /// The event, if it is one of those that matter.
    pub(super) fn event(&self, file: &Arc<str>, raw: Option<Arc<str>>) -> Option<TrailEvent> {
        let value = self.value;
        let name = EventName::parse(member(value, "eventName")?.as_str()?)?;
        let source = text_of(value, "eventSource");
        if !is_of(&source, name) {
            return None;
        }
        let outcome = self.outcome();
        let request = member(value, "requestParameters");
        let java = request.map(java_text);
        let actor = actor(value);
        let (seed_rule_match, elastic_rule_match) = elastic::matches(&Fields {
            name,
            source: if source.is_empty() { "ec2.amazonaws.com" } else { &source },
            outcome,
            parameters: Some(java.as_deref().unwrap_or_default()).filter(|_| !self.lacks_parameters),
            invoked_by: &actor.invoked_by,
        });
        let inner = request.map(parameters);
        let Grants { changes, is_clear } = grants::read(name, inner, &self.account());
        Some(TrailEvent {
            time: self.time(),
            id: text_of(value, "eventID"),
            account: self.account(),
            region: self.region(),
            name,
            image: image(value, inner),
            resource: self.resource(name, inner),
            changes,
            is_clear,
            outcome,
            error_code: text_of(value, "errorCode"),
            actor,
            source_ip: text_of(value, "sourceIPAddress"),
            user_agent: text_of(value, "userAgent"),
            request_id: text_of(value, "requestID"),
            seed_rule_match,
            elastic_rule_match,
            parameters: digest(java.as_deref().unwrap_or_default()),
            raw,
            source_file: Arc::clone(file),
            integrity: None,
        })
    }

    fn outcome(&self) -> Outcome {
        let set = |name: &str| !text_of(self.value, name).is_empty();
        if self.failed || set("errorCode") || set("errorMessage") {
            Outcome::Failure
        } else {
            Outcome::Success
        }
    }

    /// What the event is about besides an image.
    fn resource(&self, name: EventName, request: Option<&Value>) -> String {
        let of_request = |names: &[&str]| text(request.and_then(|request| path(request, names)));
        let of_details = |names: &[&str]| {
            let details = member(self.value, "serviceEventDetails");
            text(details.and_then(|details| path(details, names)))
        };
        match name {
            EventName::ModifySnapshotAttribute => of_request(&["snapshotId"]),
            EventName::SharedSnapshotVolumeCreated | EventName::SharedSnapshotCopyInitiated => {
                of_details(&["snapshotId"])
            }
            EventName::CopyImage => of_request(&["sourceImageId"]),
            EventName::CreateImage | EventName::CreateInstanceExportTask => of_request(&["instanceId"]),
            EventName::CreateStoreImageTask => of_request(&["bucket"]),
            EventName::ExportImage => of_request(&["s3ExportLocation", "s3Bucket"]),
            EventName::RemoveAccountFromOrganization => of_request(&["accountId"]),
            EventName::LeaveOrganization => self.account(),
            EventName::AcceptHandshake => {
                let action = path(self.value, &["responseElements", "handshake", "action"]);
                // Other handshakes, such as the one that enables all features, let nobody in.
                if action.is_none_or(|action| action == "INVITE") { self.account() } else { String::new() }
            }
            EventName::CreateAccountResult => self.finished_account("createAccountStatus"),
            EventName::CloseAccountResult => self.finished_account("closeAccountStatus"),
            _ => String::new(),
        }
    }

    /// The account that was made or closed, where that is done.
    fn finished_account(&self, status: &str) -> String {
        let status = path(self.value, &["serviceEventDetails", status]);
        let done =
            status.and_then(|status| member(status, "state")).is_some_and(|state| state == "SUCCEEDED");
        if done { text(status.and_then(|status| member(status, "accountId"))) } else { String::new() }
    }
}

/// Whether a record of that source is the event of that name. One without a source may be.
fn is_of(source: &str, name: EventName) -> bool {
    source.is_empty() || source.split('.').next() == Some(name.service())
}

fn java_text(parameters: &Value) -> String {
    match parameters {
        Value::String(text) => text.clone(),
        other => java::sorted(other),
    }
}

fn digest(text: &str) -> Digest {
    let mut half = Digest::default();
    half.iter_mut().zip(Sha256::digest(text.as_bytes())).for_each(|(byte, of)| *byte = of);
    half
}

/// The image: the one that the request names, or the one that the call made.
fn image(value: &Value, request: Option<&Value>) -> String {
    let named = text(request.and_then(|request| member(request, "imageId")));
    if !named.is_empty() {
        return named;
    }
    text(path(value, &["responseElements", "imageId"]))
}

fn actor(value: &Value) -> Actor {
    let Some(identity) = member(value, "userIdentity") else {
        return Actor { console: console(value, ""), ..Actor::default() };
    };
    let arn = text_of(identity, "arn");
    let invoked_by = text_of(identity, "invokedBy");
    Actor {
        session_name: session_name(&arn),
        console: console(value, &invoked_by),
        kind: text_of(identity, "type"),
        account: text_of(identity, "accountId"),
        access_key_id: text_of(identity, "accessKeyId"),
        principal_id: text_of(identity, "principalId"),
        mfa: text(path(identity, &["sessionContext", "attributes", "mfaAuthenticated"])),
        invoked_by,
        arn,
    }
}

/// The last part of a role session's ARN, often an e-mail address.
fn session_name(arn: &str) -> String {
    let session = arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
    session.map(|(_, session)| session.to_owned()).unwrap_or_default()
}

/// Whether the call came from the console. A browser's session and the console's own agents say so; the old console
/// appears as an invoking service.
fn console(value: &Value, invoked_by: &str) -> Option<bool> {
    let credential = text_of(value, "sessionCredentialFromConsole");
    let agent = text_of(value, "userAgent");
    let is_console = credential == "true"
        || invoked_by == "signin.amazonaws.com"
        || agent == "signin.amazonaws.com"
        || agent.starts_with("console.")
        || agent.contains("[S3Console")
        || agent.contains("AWS-Console");
    // `AWS Internal` is what the console's calls carry too, so it tells nothing by itself.
    let tells_nothing = agent.is_empty() || agent == "AWS Internal" || agent.starts_with("Mozilla/");
    if is_console { Some(true) } else { Some(false).filter(|_| !tells_nothing) }
}
