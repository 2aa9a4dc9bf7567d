//! Calls that the endpoint receives, as CloudTrail records them: those that change something, or try to.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answer::{Answer, AwsError};
use super::call::Call;
use super::change::{self, Change};
use super::forms::Said;
use super::history::Event;
use super::identity::Caller;
use super::world::{Grant, World};

/// The calls that are recorded.
const WRITES: [&str; 5] = [
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "ResetImageAttribute",
    "EnableImageBlockPublicAccess",
    "DisableImageBlockPublicAccess",
];

/// Records a call of `at`, if it is of those that are. Returns its request's id.
pub(super) fn record(
    world: &mut World,
    call: &Call,
    outcome: &Result<Answer, AwsError>,
    at: Timestamp,
) -> Option<String> {
    let error = outcome.as_ref().err();
    // What EC2 does not know is not logged either.
    if !WRITES.contains(&call.action.as_str()) || error.is_some_and(|error| error.code == "InvalidAction") {
        return None;
    }
    let arn = call.asker.arn();
    let caller = Caller { arn: &arn, key: Some(&call.asker.key), invoked_by: "", mfa: None, at };
    let (parameters, response) = contents(call, error);
    Some(world.history.record(Event {
        at,
        place: &call.asker.place,
        source: "ec2.amazonaws.com",
        name: &call.action,
        who: caller.identity()?,
        ip: "127.0.0.1",
        agent: &call.agent,
        parameters,
        response,
        error: error.map(|error| (logged_code(error), error.message.clone())),
        delivered_at: at + SignedDuration::from_secs(world.delivery_seconds),
    }))
}

/// What was asked for and answered. AWS does not tell parameters that it could not make sense of.
fn contents(call: &Call, error: Option<&AwsError>) -> (Value, Value) {
    let changes = match call.action.as_str() {
        "ModifyImageAttribute" => change::LAUNCH.read(&call.params),
        "ModifySnapshotAttribute" => change::CREATE_VOLUME.read(&call.params),
        _ => Ok(Default::default()),
    };
    let (add, remove): (Vec<Grant>, Vec<Grant>) = match changes {
        Ok(Change { added, removed }) => (added.into_iter().collect(), removed.into_iter().collect()),
        Err(_) => return (Value::Null, Value::Null),
    };
    let description = ["Description.Value", "Description"].iter().find_map(|key| call.params.get(*key));
    let imds = call.params.get("ImdsSupport.Value").map(|value| ("imdsSupport", value.as_str()));
    let attribute = description.map(|value| ("description", value.as_str())).or(imds);
    let said = Said {
        name: &call.action,
        image: call.named_image(),
        snapshot: call.named_snapshot(),
        image_name: "",
        add: &add,
        remove: &remove,
        attribute,
    };
    (said.parameters(), if error.is_some() { Value::Null } else { said.response() })
}

/// EC2's codes are logged with whose fault it was.
fn logged_code(error: &AwsError) -> String {
    let is_ours = error.status < 500 || error.code == "RequestLimitExceeded";
    format!("{}.{}", if is_ours { "Client" } else { "Server" }, error.code)
}
