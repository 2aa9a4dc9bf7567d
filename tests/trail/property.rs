//! What holds for any bytes, any record, any order.

use amiaudit::model::event::TrailEvent;
use amiaudit::trail::{Checked, Packing, Unpacker, Wanted, merge, read_document, read_stream};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::Config;
use serde_json::{Value, json};

use super::{MOST, call, gzip, launch_permission, read_packed, records, share_with, wanted, zstd};

/// Quick enough to run each time; nothing is written beside the sources.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Any JSON, as text: what no type of ours has room for too.
fn any_json() -> impl Strategy<Value = String> {
    let odd = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"\"".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
        Just("1e999".to_owned()),
        Just("-0.0".to_owned()),
        Just("99999999999999999999999999".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0000{=}\\\"[,\"".to_owned()),
        Just("\"{a=b, c=[d}\"".to_owned()),
        Just("{\"items\":[{\"userId\":\"222222222222\"}]}".to_owned()),
        Just("{\"\":{\"\":null}}".to_owned()),
        Just("{\"a\":1,\"a\":2}".to_owned()),
        Just("{\"eventName\":\"DescribeImages\",\"eventVersion\":\"1\",\"eventID\":\"2\"}".to_owned()),
        (1..300_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
        (1..300_usize).prop_map(|depth| "{\"x\":".repeat(depth) + "0" + &"}".repeat(depth)),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| json!(text).to_string()),
    ];
    odd.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((any::<String>(), inner), 0..4).prop_map(|members| {
                let members: Vec<String> =
                    members.into_iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// The places of all fields of a record, at any depth, but those that say which event it is.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (format!("{at}/{key}"), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(nth, value)| (format!("{at}/{nth}"), value)).collect()
        }
        _ => Vec::new(),
    };
    for (place, value) in inner {
        if !["/eventName", "/eventSource"].contains(&place.as_str()) {
            out.push(place.clone());
            places(value, &place, out);
        }
    }
}

/// A record with some of its fields replaced, as text.
fn replaced(record: &Value, changes: &[(usize, String)]) -> String {
    let mut all = Vec::new();
    places(record, "", &mut all);
    let mut record = record.clone();
    for (nth, (place, _)) in changes.iter().enumerate() {
        // One that lies within another that was replaced before is gone.
        if let Some(value) = record.pointer_mut(&all[place % all.len()]) {
            *value = json!(format!("@@{nth}@@"));
        }
    }
    let mut text = record.to_string();
    for (nth, (_, odd)) in changes.iter().enumerate() {
        text = text.replace(&format!("\"@@{nth}@@\""), odd);
    }
    text
}

proptest! {
    #![proptest_config(config(400))]

    /// Whatever stands in its fields, a call that can make a share has a row, by every way of reading.
    #[test]
    fn trail_property_any_field_may_be_anything(changes in vec((any::<usize>(), any_json()), 1..5), id in 0..3_usize) {
        let permission = json!({ "add": { "items": [{ "userId": "222222222222" }, { "group": "all" }] } });
        let request = launch_permission("ami-0aa1d83d0b0985c86", permission);
        let session = json!({ "attributes": { "mfaAuthenticated": "true" }, "sessionIssuer": { "arn": "x" } });
        let identity = json!({ "type": "AssumedRole", "arn": "a", "accountId": "1", "sessionContext": session });
        let share = call("ModifyImageAttribute", json!({ "requestParameters": request, "userIdentity": identity }));
        let odd = replaced(&share, &changes);
        let neighbour = call("DescribeImages", json!({})).to_string();
        let text = [
            format!("{{\"Records\":[{neighbour},{odd},{neighbour}]}}"),
            format!("{neighbour}\n{odd}\n"),
            odd,
        ][id].clone();
        let found = [
            read_document(text.as_bytes(), Checked::Wholly, &wanted()),
            read_packed(text.as_bytes()),
            read_packed(&gzip(text.as_bytes())),
        ];
        for found in found {
            prop_assert_eq!(found.events.len(), 1, "{}", &text);
            prop_assert!(!found.events[0].changes.is_empty());
            prop_assert_eq!(found.records, 3 - id as u64, "{}", &text);
        }
    }
}

/// An event of a small world, so that many are alike in part.
fn small_event() -> impl Strategy<Value = Value> {
    let request = prop_oneof![
        Just(json!({ "add": { "items": [{ "userId": "222222222222" }] } })),
        Just(json!({ "remove": { "items": [{ "userId": "222222222222" }] } })),
        Just(json!({ "add": { "items": [{ "group": "all" }, { "userId": "333333333333" }] } })),
    ];
    (0..4_u8, 0..3_u8, request, any::<bool>(), any::<bool>()).prop_map(
        |(second, id, request, failed, named)| {
            let mut record = share_with(
                "222222222222",
                json!({
                    "eventTime": format!("2023-07-10T12:11:0{second}Z"),
                    "eventID": format!("id-{id}"),
                    "requestParameters": launch_permission("ami-0aa1d83d0b0985c86", request),
                }),
            );
            if failed {
                record["errorCode"] = json!("Client.UnauthorizedOperation");
            }
            if !named {
                record.as_object_mut().unwrap().remove("userAgent");
            }
            record
        },
    )
}

/// Files of these records, in the envelope of this number.
fn file(records: &[Value], envelope: u8) -> Vec<u8> {
    let lines = |records: &[Value]| records.iter().map(|record| format!("{record}\n")).collect::<String>();
    let texts =
        |name: &str| records.iter().map(|record| json!({ name: record.to_string() })).collect::<Vec<_>>();
    match envelope {
        0 => super::records(records).into_bytes(),
        1 => gzip(super::records(records).as_bytes()),
        2 => lines(records).into_bytes(),
        3 => zstd(json!(records).to_string().as_bytes()),
        4 => json!({ "Events": texts("CloudTrailEvent") }).to_string().into_bytes(),
        5 => serde_json::to_vec_pretty(&json!({ "events": texts("message") })).unwrap(),
        6 => gzip(
            lines(&records.iter().map(|record| json!({ "detail": record })).collect::<Vec<_>>()).as_bytes(),
        ),
        _ => records
            .iter()
            .flat_map(|record| gzip(super::records(std::slice::from_ref(record)).as_bytes()))
            .collect(),
    }
}

/// What all files give together, without the names of files.
fn merged(files: &[Vec<u8>]) -> Vec<TrailEvent> {
    let read = |(nth, bytes): (usize, &Vec<u8>)| {
        let packing = Packing::of(bytes);
        let mut unpacker = Unpacker::default();
        let unpacked = unpacker.unpack(bytes, packing, MOST);
        let checked = if packing == Packing::Plain { Checked::Wholly } else { Checked::RoundMatches };
        let found =
            read_document(unpacked.bytes, checked, &Wanted { file: nth.to_string().into(), raw: false });
        assert_eq!(found.problems, []);
        found.events
    };
    let events = merge(files.iter().enumerate().flat_map(read).collect());
    events.into_iter().map(|event| TrailEvent { source_file: "".into(), ..event }).collect()
}

proptest! {
    #![proptest_config(config(200))]

    /// How the events came to us makes no difference: in what order, in how many files, how often, in what.
    #[test]
    fn trail_property_delivery_makes_no_difference(
        events in vec(small_event(), 1..8),
        order in vec((any::<prop::sample::Index>(), 0..8_u8, any::<bool>()), 8..20),
    ) {
        let once = merged(&[file(&events, 0)]);
        prop_assert!(!once.is_empty());
        // Each event at least once, some more often, in files of one or of all, in any order.
        let mut files: Vec<Vec<u8>> = Vec::new();
        for (place, envelope, all) in &order {
            let nth = place.index(events.len());
            let some = if *all { &events[nth..] } else { &events[nth..=nth] };
            files.push(file(some, *envelope));
        }
        files.extend(events.iter().zip(&order).map(|(event, (_, envelope, _))| file(std::slice::from_ref(event), *envelope)));
        let turned = order.len() % files.len();
        files.rotate_left(turned);
        let other = order[0].0.index(files.len());
        files.swap(0, other);
        prop_assert_eq!(merged(&files), once);
    }
}

/// Bytes that are nearly logs.
fn nearly_a_log() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"{\"Records\":[".to_vec()),
        Just(b"]}".to_vec()),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\\u0065".to_vec()),
        Just(b"\"eventName\":\"ModifyImageAttribute\"".to_vec()),
        Just(b"eventname,eventsource,requestparameters\n".to_vec()),
        Just(b"{\"CloudTrailEvent\":\"{\\\"eventName\\\":1}\"}".to_vec()),
        Just(b"{imageId=x, launchPermission={add=[".to_vec()),
        Just(share_with("222222222222", json!({})).to_string().into_bytes()),
        Just(call("DescribeImages", json!({})).to_string().into_bytes()),
        vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(600))]

    /// Nothing panics; nothing is passed over in silence; and what is read round its matches alone lacks no event.
    #[test]
    fn trail_property_any_bytes(bytes in prop_oneof![nearly_a_log(), vec(any::<u8>(), 0..400)], cut in any::<prop::sample::Index>()) {
        let wholly = read_document(&bytes, Checked::Wholly, &wanted());
        let round = read_document(&bytes, Checked::RoundMatches, &wanted());
        prop_assert!(wholly.is_trail || !wholly.problems.is_empty());
        prop_assert!(round.is_trail || !round.problems.is_empty());
        prop_assert_eq!(merge(wholly.events), merge(round.events));
        let stream = read_stream(&*bytes, MOST, &wanted());
        prop_assert!(stream.is_trail || !stream.problems.is_empty());
        for packed in [gzip(&bytes), zstd(&bytes)] {
            // Whole, cut, and taken for what they are not.
            for packed in [&packed[..], &packed[..cut.index(packed.len())], &bytes[..]] {
                for packing in [Packing::Gzip, Packing::Zstd, Packing::Plain] {
                    let mut unpacker = Unpacker::default();
                    let unpacked = unpacker.unpack(packed, packing, 300);
                    prop_assert!(unpacked.bytes.len() <= 300);
                }
                read_stream(packed, 300, &wanted());
            }
        }
    }
}

#[test]
fn trail_property_a_file_that_unpacks_to_more_than_is_read_is_refused() {
    let text = records(&[share_with("222222222222", json!({}))]);
    for (packed, packing) in [(gzip(text.as_bytes()), Packing::Gzip), (zstd(text.as_bytes()), Packing::Zstd)]
    {
        let mut unpacker = Unpacker::default();
        let whole = unpacker.unpack(&packed, packing, text.len());
        assert_eq!((whole.bytes, whole.problem), (text.as_bytes(), None));
        let refused = unpacker.unpack(&packed, packing, text.len() - 1);
        assert!(refused.bytes.is_empty());
        let why = refused.problem.unwrap().to_string();
        assert_eq!(why, format!("unpacked it is larger than {} bytes (--max-file-bytes)", text.len() - 1));
        let found = read_stream(&*packed, text.len() - 1, &wanted());
        assert!(found.events.is_empty() && found.problems[0].why.contains("--max-file-bytes"));
    }
}
