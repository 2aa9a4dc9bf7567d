use serde_json::Value;

use crate::support::build::{HOME, MEMBER, SIGNED, STRANGER, organization, share};
use crate::support::events::{Judged, about, log, modify, nothing_stands};

const HERE: (&str, &str) = (HOME, "us-east-1");
const THERE: (&str, &str) = (MEMBER, "eu-west-1");

/// Both places' logs reach from before the images to long after they were read.
fn whole() -> Vec<Value> {
    let reach = |at, place| about(at, place, "DescribeInstances", "");
    [HERE, THERE]
        .into_iter()
        .flat_map(|place| [reach("2026-01-01T00:00:00Z", place), reach("2026-06-01T09:00:00Z", place)])
        .collect()
}

fn rows(policy: &str, to: &str, records: &[Value]) -> Vec<[String; 7]> {
    let shares = vec![share(HERE.0, HERE.1, "ami-1", to), share(THERE.0, THERE.1, "ami-2", to)];
    Judged { policy, shares, ..nothing_stands(organization()) }.rows("unattributed-share", &log(records))
}

fn row(place: (&str, &str), image: &str) -> [String; 7] {
    [place.0, place.1, image, STRANGER, "low", "open", ""].map(str::to_owned)
}

#[test]
fn catches() {
    assert_eq!(rows("", STRANGER, &whole()), [row(HERE, "ami-1"), row(THERE, "ami-2")]);
}

#[test]
fn leaves_alone() {
    let mut told = whole();
    told.push(modify("2026-05-01T00:00:00Z", HERE, "ami-1", "add", STRANGER));
    assert_eq!(rows("", STRANGER, &told), [row(THERE, "ami-2")], "one has an event");
    assert_eq!(rows("", "group=x", &whole()).len(), 2, "an undetermined one needs one too");
    assert_eq!(rows("", "all", &[]), Vec::<[String; 7]>::new(), "there is no log");
    let approved =
        format!("[[exception]]\naccount = \"{HOME}\"\nimage = \"ami-1\"\ngrantee = \"{STRANGER}\"\n{SIGNED}");
    assert_eq!(rows(&approved, STRANGER, &whole()), [row(THERE, "ami-2")], "one is approved");
}
