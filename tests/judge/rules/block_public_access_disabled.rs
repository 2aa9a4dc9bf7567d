use serde_json::{Value, json};

use crate::support::build::{HOME, MEMBER, organization};
use crate::support::events::{call, log, nothing_stands, with};

fn turned(at: &str, place: (&str, &str), name: &str) -> Value {
    call(at, place, name, json!({}))
}

#[test]
fn catches_and_leaves_alone() {
    let (off, on) = ("DisableImageBlockPublicAccess", "EnableImageBlockPublicAccess");
    let (here, there) = ((HOME, "us-east-1"), (MEMBER, "eu-west-1"));
    let records = [
        turned("2026-05-01T00:00:00Z", here, on),
        turned("2026-05-02T00:00:00Z", here, off),
        turned("2026-05-03T00:00:00Z", here, on),
        turned("2026-05-02T00:00:00Z", there, off),
        with(turned("2026-05-04T00:00:00Z", there, off), "errorCode", json!("Client.UnauthorizedOperation")),
    ];
    let log = log(&records);
    let judged = nothing_stands(organization());
    let row = |place: (&str, &str)| {
        [place.0, place.1, "", "", "medium", "open", "DisableImageBlockPublicAccess at 2026-05-02T00:00:00Z"]
            .map(str::to_owned)
    };
    assert_eq!(judged.rows("block-public-access-disabled", &log), [row(here), row(there)]);
    let notes: Vec<String> = judged
        .found("block-public-access-disabled", &log)
        .iter()
        .map(|finding| finding.notes.join(" "))
        .collect();
    assert_eq!(notes, ["It was turned on again at 2026-05-03T00:00:00Z.", ""]);
}
