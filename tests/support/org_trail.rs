//! What an organization's trail delivered of some days: two accounts in two Regions.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::events::{about, modify, organizations, with};

pub(crate) const ORG: &str = "o-exampleorg1";
pub(crate) const ONE: &str = "111111111111";
pub(crate) const TWO: &str = "222222222222";
pub(crate) const OUTSIDER: &str = "999999999999";
pub(crate) const PLACES: [(&str, &str); 4] =
    [(ONE, "eu-west-1"), (ONE, "us-east-1"), (TWO, "eu-west-1"), (TWO, "us-east-1")];

/// A log file that CloudTrail delivered.
pub(crate) struct LogFile {
    /// Its account and Region.
    pub(crate) place: (&'static str, &'static str),
    /// The day of its delivery.
    pub(crate) day: Date,
    pub(crate) records: Vec<Value>,
}

impl LogFile {
    /// Its key below `AWSLogs/` or, in an organization's trail, below `AWSLogs/o-…/`.
    pub(crate) fn key(&self) -> String {
        log_key(self.place, self.day, "log")
    }
}

/// `ACCOUNT/CloudTrail/REGION/Y/M/D/NAME`
pub(crate) fn log_key((account, region): (&str, &str), day: Date, unique: &str) -> String {
    let folder = day.strftime("%Y/%m/%d").to_string();
    let at = day.strftime("%Y%m%dT1200Z").to_string();
    format!("{account}/CloudTrail/{region}/{folder}/{account}_CloudTrail_{region}_{at}_{unique}.json.gz")
}

/// A moment of a day.
pub(crate) fn at(day: Date, clock: &str) -> String {
    format!("{day}T{clock}Z")
}

/// The image that is shared in a place on a day.
pub(crate) fn image((account, region): (&str, &str), day: Date) -> String {
    format!("ami-{}{}{:02}", &account[..4], if region == "us-east-1" { "aa" } else { "bb" }, day.day())
}

/// A share of a place's, and a call that is of no interest.
pub(crate) fn day_of(place: (&'static str, &'static str), day: Date) -> Vec<Value> {
    vec![
        modify(&at(day, "10:00:00"), place, &image(place, day), "add", OUTSIDER),
        about(&at(day, "10:30:00"), place, "DescribeInstances", ""),
    ]
}

/// What was delivered of three days: a file a day in each place, with shares of every kind, refused ones, a text that
/// CSV must quote, and one event that two files have.
pub(crate) fn delivered(first: Date) -> Vec<LogFile> {
    let mut files = Vec::new();
    for place in PLACES {
        for nth in 0..3 {
            let day = first.checked_add(jiff::Span::new().days(nth)).unwrap();
            files.push(LogFile { place, day, records: day_of(place, day) });
        }
    }
    let home = PLACES[1];
    let agent = json!("a \"quoted\", agent\nof two lines ü 名前");
    let refused = modify(&at(first, "11:00:00"), home, "ami-refused", "add", "all");
    files[3].records.extend([
        with(refused, "errorCode", json!("Client.OperationNotPermitted")),
        with(modify(&at(first, "11:01:00"), home, "ami-quoted", "add", "all"), "userAgent", agent),
        modify(&at(first, "11:02:00"), home, "ami-quoted", "remove", "all"),
        about(&at(first, "11:03:00"), home, "DeregisterImage", "ami-quoted"),
        about(&at(first, "11:04:00"), home, "ModifyImageAttribute", "ami-nothing"),
        organizations(&at(first, "11:05:00"), TWO, "LeaveOrganization", Value::Null),
    ]);
    let twice = modify(&at(first, "11:06:00"), home, "ami-twice", "add", OUTSIDER);
    files[3].records.push(twice.clone());
    files[4].records.push(twice);
    files
}
