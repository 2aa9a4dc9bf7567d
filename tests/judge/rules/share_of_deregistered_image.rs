use crate::support::build::{HOME, MEMBER, STRANGER, organization};
use crate::support::events::{about, log, modify, nothing_stands};

const HERE: (&str, &str) = (HOME, "us-east-1");
const THERE: (&str, &str) = (MEMBER, "eu-west-1");

#[test]
fn catches_and_leaves_alone() {
    let at = "2026-05-01T00:00:00Z";
    let records = [
        modify(at, HERE, "ami-1", "add", STRANGER),
        about("2026-05-01T01:00:00Z", HERE, "DeregisterImage", "ami-1"),
        modify(at, THERE, "ami-2", "add", "all"),
        about("2026-05-01T02:00:00Z", THERE, "DeregisterImage", "ami-2"),
        // Taken back before.
        modify(at, HERE, "ami-3", "add", STRANGER),
        modify("2026-05-01T00:30:00Z", HERE, "ami-3", "remove", STRANGER),
        about("2026-05-01T01:00:00Z", HERE, "DeregisterImage", "ami-3"),
        // One of ours.
        modify(at, HERE, "ami-4", "add", MEMBER),
        about("2026-05-01T01:00:00Z", HERE, "DeregisterImage", "ami-4"),
    ];
    let (rule, log) = ("share-of-deregistered-image", log(&records));
    let event = format!("ModifyImageAttribute at {at}");
    let row = |place: (&str, &str), image: &str, to: &str| {
        [place.0, place.1, image, to, "medium", "open", &event].map(str::to_owned)
    };
    let judged = nothing_stands(organization());
    assert_eq!(judged.rows(rule, &log), [row(HERE, "ami-1", STRANGER), row(THERE, "ami-2", "all")]);
    let found = judged.found(rule, &log);
    let end = "It was deregistered by arn:aws:iam::111111111111:user/jan after 3600 seconds.";
    assert!(found[0].remediation().ends_with(end), "{}", found[0].remediation());
}
