//! The shapes of a call that Elastic's rule was tried on, and some more.

use serde_json::{Value, json};

use super::build::{HOME, MEMBER, OUR_ORG, STRANGER, THEIR_ORG, THEIR_OU};
use super::events::{call, modify, with};

const AT: &str = "2026-05-01T00:00:00Z";
const PLACE: (&str, &str) = (HOME, "us-east-1");

fn add(to: &str) -> Value {
    modify(AT, PLACE, "ami-1", "add", to)
}

fn with_parameters(parameters: Value) -> Value {
    call(AT, PLACE, "ModifyImageAttribute", parameters)
}

fn described(text: &str) -> Value {
    with_parameters(
        json!({ "imageId": "ami-1", "description": { "value": text }, "attributeType": "description" }),
    )
}

fn accounts(count: u64) -> Value {
    let items: Vec<Value> =
        (0..count).map(|nth| json!({ "userId": format!("{:012}", 900_000_000_000 + nth) })).collect();
    with_parameters(json!({
        "imageId": "ami-0123456789abcdef0",
        "launchPermission": { "add": { "items": items } },
        "attributeType": "launchPermission",
    }))
}

/// Each shape in words, and a record of it.
pub(crate) fn shapes() -> Vec<(&'static str, Value)> {
    let refused = with(add("all"), "errorCode", json!("Client.OperationNotPermitted"));
    let both = json!({ "add": { "items": [{ "userId": STRANGER }] }, "remove": { "items": [{ "userId": STRANGER }] } });
    let marketplace = json!({ "type": "AssumedRole", "invokedBy": "assets.marketplace.amazonaws.com" });
    vec![
        ("adds an account outside", add(STRANGER)),
        ("adds an account of ours", add(MEMBER)),
        ("adds everybody", add("all")),
        ("adds somebody else's organization", add(THEIR_ORG)),
        ("adds our own organization", add(OUR_ORG)),
        ("adds somebody else's unit", add(THEIR_OU)),
        ("removes an account", modify(AT, PLACE, "ami-1", "remove", STRANGER)),
        ("removes everybody", modify(AT, PLACE, "ami-1", "remove", "all")),
        (
            "adds and removes in one call",
            with_parameters(json!({ "imageId": "ami-1", "launchPermission": both })),
        ),
        ("sets the description `pre-add=1`", described("pre-add=1")),
        (
            "sets the description `address book for userId service`",
            described("address book for userId service"),
        ),
        (
            "adds an account in the legacy form",
            with_parameters(json!({
                "imageId": "ami-1",
                "attribute": "launchPermission",
                "operationType": "add",
                "userIds": [STRANGER],
            })),
        ),
        ("adds 351 accounts at once", accounts(351)),
        ("adds 352 accounts at once, which is too long for Elastic's index", accounts(352)),
        ("its parameters are left out, as those of 4,000 accounts", with_parameters(Value::Null)),
        ("adds everybody, and is refused", refused),
        (
            "adds an account outside, invoked by AWS Marketplace",
            with(add(STRANGER), "userIdentity", marketplace),
        ),
    ]
}
