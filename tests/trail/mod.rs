//! CloudTrail's records in, share events out.

mod adversarial;
mod corpus;
mod digest;
mod envelopes;
mod property;
mod shapes;

use std::io::Write as _;

use amiaudit::model::event::TrailEvent;
use amiaudit::report::events_csv;
use amiaudit::trail::{Checked, Found, Packing, Unpacker, Wanted, merge, read_document, read_stream};
use serde_json::{Value, json};

use crate::support::rows::{Row, parse};

/// More than any test unpacks.
pub(crate) const MOST: usize = 64 << 20;

pub(crate) fn wanted() -> Wanted {
    Wanted { file: "file".into(), raw: false }
}

/// Reads a file's bytes, packed or not, as a folder's files are read.
pub(crate) fn read_packed(bytes: &[u8]) -> Found {
    let packing = Packing::of(bytes);
    if packing == Packing::Plain {
        return read_stream(bytes, MOST, &wanted());
    }
    let mut unpacker = Unpacker::default();
    let unpacked = unpacker.unpack(bytes, packing, MOST);
    assert_eq!(unpacked.problem, None, "the file should be whole");
    read_document(unpacked.bytes, Checked::RoundMatches, &wanted())
}

/// The rows of events, as `events` prints them, each event once.
pub(crate) fn rows(events: Vec<TrailEvent>) -> Vec<Row> {
    let events = merge(events);
    let rows = events.iter().flat_map(|event| event.changes.iter().map(move |change| (event, change)));
    let mut out = Vec::new();
    events_csv::csv(rows, &mut out).unwrap();
    parse(&out)
}

/// The rows of a text of JSON that has no problem, the same by every way it can be read.
pub(crate) fn rows_of(text: &str) -> Vec<Row> {
    let wholly = read_document(text.as_bytes(), Checked::Wholly, &wanted());
    assert_eq!(wholly.problems, [], "{text}");
    let rows = rows(wholly.events);
    for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes()), zstd(text.as_bytes())] {
        let found = read_packed(&bytes);
        assert_eq!(found.problems, [], "{text}");
        assert_eq!(self::rows(found.events), rows, "{text}");
    }
    rows
}

/// Files as AWS delivers them.
pub(crate) fn records(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A call as EC2 logs it, with some of its fields replaced; those replaced by null are left out.
pub(crate) fn call(name: &str, fields: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111111111111:user/bert",
            "accountId": "111111111111", "accessKeyId": "AKIAEXAMPLE", "userName": "bert",
        },
        "eventTime": "2023-07-10T12:11:01Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2.17",
        "requestParameters": null,
        "responseElements": { "_return": true },
        "requestID": "9a32473d-0000-0000-0000-000000000000",
        "eventID": "8fe3095f-0000-0000-0000-000000000000",
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111111111111",
        "eventCategory": "Management",
    });
    for (field, value) in fields.as_object().unwrap() {
        record[field] = value.clone();
    }
    record.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    record
}

/// The parameters of a ModifyImageAttribute that adds or removes grants.
pub(crate) fn launch_permission(image: &str, permission: Value) -> Value {
    json!({ "imageId": image, "launchPermission": permission, "attributeType": "launchPermission" })
}

/// A share with an account, with some fields replaced.
pub(crate) fn share_with(account: &str, fields: Value) -> Value {
    let permission = json!({ "add": { "items": [{ "userId": account }] } });
    let mut with = json!({ "requestParameters": launch_permission("ami-0aa1d83d0b0985c86", permission) });
    for (field, value) in fields.as_object().unwrap() {
        with[field] = value.clone();
    }
    call("ModifyImageAttribute", with)
}

/// The columns that tell which grant of which image a row is about.
pub(crate) const GRANT: [&str; 5] = ["event_name", "image_id", "operation", "grantee_type", "grantee"];

/// The row of a share that must not get lost.
pub(crate) fn share_row(account: &str) -> [String; 5] {
    ["ModifyImageAttribute", "ami-0aa1d83d0b0985c86", "add", "account", account].map(str::to_owned)
}
