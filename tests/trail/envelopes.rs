//! One event in every envelope of the contract gives one and the same row, packed in every way.

use std::io::Write as _;

use amiaudit::trail::{Checked, read_document, read_stream};
use serde_json::{Value, json};

use super::{MOST, call, gzip, launch_permission, read_packed, rows, share_with, wanted, zstd};
use crate::support::binary::{amiaudit, stderr, told};
use crate::support::rows::{Row, parse};

const ACCOUNT: &str = "222222222222";
const AGENT: &str = "aws-cli/2.17.60 md/prompt#off, \"quoted\"";

/// The event, in CloudTrail's own form.
fn event() -> Value {
    share_with(
        ACCOUNT,
        json!({
            "userIdentity": identity(),
            "userAgent": AGENT,
            "responseElements": { "_return": true, "requestId": "9a32473d-0000-0000-0000-000000000000" },
        }),
    )
}

fn identity() -> Value {
    json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:jane@example.com",
        "arn": "arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com",
        "accountId": "111111111111",
        "accessKeyId": "ASIAEXAMPLE",
        "invokedBy": "imagebuilder.amazonaws.com",
        "sessionContext": {
            "sessionIssuer": { "type": "Role", "userName": "Admin" },
            "attributes": { "creationDate": "2023-07-10T11:00:00Z", "mfaAuthenticated": "true" },
        },
    })
}

/// What every envelope must give, but for the file's name.
fn row() -> Row {
    let cells = [
        ("event_id", "8fe3095f-0000-0000-0000-000000000000"),
        ("event_time", "2023-07-10T12:11:01Z"),
        ("account_id", "111111111111"),
        ("region", "us-east-1"),
        ("event_name", "ModifyImageAttribute"),
        ("image_id", "ami-0aa1d83d0b0985c86"),
        ("operation", "add"),
        ("grantee_type", "account"),
        ("grantee", ACCOUNT),
        ("outcome", "success"),
        ("error_code", ""),
        ("actor_arn", "arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com"),
        ("actor_type", "AssumedRole"),
        ("invoked_by", "imagebuilder.amazonaws.com"),
        ("source_ip", "192.0.2.7"),
        ("user_agent", AGENT),
        ("mfa", "true"),
        ("seed_rule_match", "true"),
        ("elastic_rule_match", "true"),
        ("access_key_id", "ASIAEXAMPLE"),
        ("principal_id", "AROAEXAMPLE:jane@example.com"),
        ("session_name", "jane@example.com"),
        ("request_id", "9a32473d-0000-0000-0000-000000000000"),
        ("resource_id", ""),
        ("source_file", "file"),
        ("console", "false"),
        ("integrity", ""),
    ];
    cells.into_iter().map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
}

/// A file in an envelope: JSON values behind each other, or a text.
enum File {
    Json(Vec<Value>),
    Text(String),
}

fn lookup_event() -> Value {
    json!({
        "EventId": "8fe3095f-0000-0000-0000-000000000000",
        "EventName": "ModifyImageAttribute",
        "ReadOnly": "false",
        "AccessKeyId": "ASIAEXAMPLE",
        "EventTime": "2023-07-10 14:11:01+02:00",
        "EventSource": "ec2.amazonaws.com",
        "Username": "jane@example.com",
        "Resources": [{ "ResourceType": "AWS::EC2::Ami", "ResourceName": "ami-0aa1d83d0b0985c86" }],
        "CloudTrailEvent": event().to_string(),
    })
}

/// EventBridge names account, Region and time outside; the record inside may lack its own.
fn event_bridge() -> Value {
    let mut detail = event();
    detail.as_object_mut().unwrap().remove("recipientAccountId");
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
        "account": "111111111111", "time": "2023-07-10T12:11:01Z", "region": "us-east-1",
        "resources": [], "detail": detail,
    })
}

/// The parameters as Elastic's pipeline prints them.
const JAVA: &str = "{imageId=ami-0aa1d83d0b0985c86, launchPermission={add={items=[{userId=222222222222}]}}, \
                    attributeType=launchPermission}";

fn parameters() -> Value {
    launch_permission("ami-0aa1d83d0b0985c86", json!({ "add": { "items": [{ "userId": ACCOUNT }] } }))
}

/// A document of Elastic's integration; the parameters are kept as text and, perhaps, as they were.
fn ecs(is_flattened: bool) -> Value {
    let mut document = json!({
        "@timestamp": "2023-07-10T12:11:01.000Z",
        "aws": { "cloudtrail": {
            "event_type": "AwsApiCall", "event_version": "1.08", "recipient_account_id": "111111111111",
            "request_id": "9a32473d-0000-0000-0000-000000000000",
            "request_parameters": JAVA,
            "response_elements": "{_return=true, requestId=9a32473d-0000-0000-0000-000000000000}",
            "user_identity": {
                "access_key_id": "ASIAEXAMPLE", "type": "AssumedRole",
                "arn": "arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com",
                "invoked_by": "imagebuilder.amazonaws.com",
                "session_context": { "mfa_authenticated": "true" },
            },
        } },
        "cloud": { "account": { "id": "111111111111" }, "region": "us-east-1" },
        "data_stream": { "dataset": "aws.cloudtrail" },
        "event": {
            "action": "ModifyImageAttribute", "id": "8fe3095f-0000-0000-0000-000000000000",
            "outcome": "success", "provider": "ec2.amazonaws.com",
        },
        "source": { "address": "192.0.2.7", "ip": "192.0.2.7" },
        "user": { "id": "AROAEXAMPLE:jane@example.com", "name": "Admin" },
        "user_agent": { "name": "aws-cli", "original": AGENT },
    });
    if is_flattened {
        document["aws"]["cloudtrail"]["flattened"] = json!({ "request_parameters": parameters() });
    }
    document
}

/// The same with dots in its keys, each value in a list: what a search answers with under `fields`.
fn dotted(value: &Value) -> Value {
    fn spread(prefix: &str, value: &Value, out: &mut serde_json::Map<String, Value>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, inner)| spread(&format!("{prefix}.{key}"), inner, out))
            }
            other => _ = out.insert(prefix.trim_start_matches('.').to_owned(), json!([other])),
        }
    }
    let mut out = serde_json::Map::new();
    spread("", value, &mut out);
    out.into()
}

fn ecs_with_original() -> Value {
    json!({ "@timestamp": "2023-07-10T12:15:00Z", "event": { "original": event().to_string() } })
}

/// A row of cells, quoted as Athena does.
fn csv_line(cells: &[&str]) -> String {
    let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    format!("{}\n", quoted.join(","))
}

const LEADING: [(&str, &str); 12] = [
    ("eventVersion", "1.08"),
    ("eventTime", "2023-07-10T12:11:01Z"),
    ("eventSource", "ec2.amazonaws.com"),
    ("eventName", "ModifyImageAttribute"),
    ("awsRegion", "us-east-1"),
    ("sourceIPAddress", "192.0.2.7"),
    ("userAgent", AGENT),
    ("errorCode", ""),
    ("errorMessage", ""),
    ("requestID", "9a32473d-0000-0000-0000-000000000000"),
    ("eventID", "8fe3095f-0000-0000-0000-000000000000"),
    ("recipientAccountId", "111111111111"),
];

/// CSV with these columns behind those that every form has.
fn csv(in_lower_case: bool, columns: &[(&str, &str)]) -> String {
    let all: Vec<(&str, &str)> = LEADING.iter().chain(columns).copied().collect();
    let names: Vec<String> = all
        .iter()
        .map(|(name, _)| if in_lower_case { name.to_ascii_lowercase() } else { (*name).to_owned() })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let cells: Vec<&str> = all.iter().map(|(_, cell)| *cell).collect();
    csv_line(&names) + &csv_line(&cells)
}

/// An identity as Presto prints a row.
const PRESTO: &str = "{type=AssumedRole, principalid=AROAEXAMPLE:jane@example.com, \
    arn=arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com, accountid=111111111111, \
    invokedby=imagebuilder.amazonaws.com, accesskeyid=ASIAEXAMPLE, username=null, onbehalfof=null, \
    sessioncontext={attributes={mfaauthenticated=true, creationdate=2023-07-10T11:00:00Z}, \
    sessionissuer={type=Role, principalid=null, arn=null, accountid=null, username=Admin}, \
    ec2roledelivery=null, webidfederationdata=null}}";

/// The same as CloudTrail Lake prints it.
const LAKE: &str = "{type=AssumedRole, principalId=AROAEXAMPLE:jane@example.com, \
    arn=arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com, accountId=111111111111, \
    accessKeyId=ASIAEXAMPLE, userName=null, sessionContext={attributes={creationDate=2023-07-10 11:00:00.000, \
    mfaAuthenticated=true}, sessionIssuer={type=Role, userName=Admin}}, \
    invokedBy=imagebuilder.amazonaws.com, identityProvider=null}";

/// The same as Python prints a dict.
const PYTHON: &str = "{'type': 'AssumedRole', 'principalId': 'AROAEXAMPLE:jane@example.com', \
    'arn': 'arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com', 'accountId': '111111111111', \
    'accessKeyId': 'ASIAEXAMPLE', 'userName': None, 'invokedBy': 'imagebuilder.amazonaws.com', \
    'sessionContext': {'attributes': {'mfaAuthenticated': 'true'}, 'webIdFederationData': {}}}";

const PYTHON_PARAMETERS: &str = "{'imageId': 'ami-0aa1d83d0b0985c86', 'launchPermission': {'add': {'items': \
    [{'userId': '222222222222'}]}}, 'attributeType': 'launchPermission'}";

fn lake_parameters() -> String {
    let permission = json!({ "add": { "items": [{ "userId": ACCOUNT }] } });
    format!(
        "{{imageId=ami-0aa1d83d0b0985c86, launchPermission={permission}, attributeType=launchPermission}}"
    )
}

/// Every envelope.
fn envelopes() -> Vec<(&'static str, File)> {
    let parameters = parameters().to_string();
    let cloudwatch = json!({
        "events": [{ "logStreamName": "s", "timestamp": 1688991061000_i64, "message": event().to_string() }],
        "searchedLogStreams": [],
    });
    let subscription = json!({
        "messageType": "DATA_MESSAGE", "logGroup": "g",
        "logEvents": [{ "id": "1", "timestamp": 1688991061000_i64, "message": event_bridge().to_string() }],
    });
    let hits = json!({ "hits": { "total": { "value": 1 }, "hits": [{ "_id": "1", "_source": ecs(true) }] } });
    let fields = json!({ "_index": "i", "fields": dotted(&ecs(false)) });
    let json = |value: Value| File::Json(vec![value]);
    vec![
        ("Records", json(json!({ "Records": [event()] }))),
        ("Records behind another key", json(json!({ "version": 1, "Records": [event()] }))),
        ("one record", json(event())),
        ("array", json(json!([event()]))),
        ("NDJSON", File::Json(vec![event(), event()])),
        ("lookup-events", json(json!({ "Events": [lookup_event()] }))),
        ("lookup-events, one a line", File::Json(vec![lookup_event(), lookup_event()])),
        ("EventBridge", json(event_bridge())),
        ("EventBridge in a list", json(json!([event_bridge(), event_bridge()]))),
        ("CloudWatch Logs", json(cloudwatch)),
        ("CloudWatch Logs subscription with EventBridge", json(subscription)),
        ("SNS", json(json!({ "Type": "Notification", "Message": event_bridge().to_string() }))),
        ("ECS flattened", json(ecs(true))),
        ("ECS text", json(ecs(false))),
        ("ECS original", json(ecs_with_original())),
        ("ECS dotted", json(dotted(&ecs(false)))),
        ("ECS hits", json(hits)),
        ("ECS fields", json(fields)),
        ("ECS NDJSON", File::Json(vec![ecs(true), ecs(false), ecs_with_original()])),
        (
            "Athena",
            File::Text(csv(
                true,
                &[("userIdentity", PRESTO), ("requestParameters", &parameters), ("day", "10")],
            )),
        ),
        (
            "Athena with identity in columns",
            File::Text(csv(
                true,
                &[
                    ("userIdentity_type", "AssumedRole"),
                    ("userIdentity_principalId", "AROAEXAMPLE:jane@example.com"),
                    ("userIdentity.arn", "arn:aws:sts::111111111111:assumed-role/Admin/jane@example.com"),
                    ("userIdentity.accountId", "111111111111"),
                    ("userIdentity_accessKeyId", "ASIAEXAMPLE"),
                    ("userIdentity.invokedBy", "imagebuilder.amazonaws.com"),
                    ("userIdentity.sessionContext.attributes.mfaAuthenticated", "true"),
                    ("requestParameters", &parameters),
                ],
            )),
        ),
        (
            "CloudTrail Lake",
            File::Text(csv(false, &[("userIdentity", LAKE), ("requestParameters", &lake_parameters())])),
        ),
        (
            "Python dicts",
            File::Text(csv(false, &[("userIdentity", PYTHON), ("requestParameters", PYTHON_PARAMETERS)])),
        ),
    ]
}

/// A file in all the forms that its text can have.
fn texts(file: &File) -> Vec<(&'static str, String)> {
    let joined = |write: fn(&Value) -> String, values: &[Value]| {
        values.iter().map(write).collect::<Vec<_>>().join("\n") + "\n"
    };
    let mut texts = match file {
        File::Text(text) => vec![("plain", text.clone())],
        File::Json(values) => {
            let pretty = joined(|value| serde_json::to_string_pretty(value).unwrap(), values);
            let line = joined(Value::to_string, values);
            vec![
                ("plain", line.clone()),
                ("without an end of line", line.trim_end().to_owned()),
                ("behind each other", line.replace('\n', "")),
                ("with space around", format!(" \n\t{line}\n \n")),
                ("pretty", pretty),
            ]
        }
    };
    for nth in 0..texts.len() {
        let text = texts[nth].1.clone();
        texts.push(("with BOM", format!("\u{feff}{text}")));
        texts.push(("with CRLF", text.replace('\n', "\r\n")));
        texts.push(("with BOM and CRLF", format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    }
    texts
}

/// A text packed in all ways.
fn packed(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let half = bytes.len() / 2;
    vec![
        ("not packed", bytes.to_vec()),
        ("gz", gzip(bytes)),
        ("gz of two members", [gzip(&bytes[..half]), gzip(&bytes[half..])].concat()),
        ("gz of many members", bytes.chunks(100).flat_map(gzip).collect()),
        ("zst", zstd(bytes)),
        ("zst of two frames", [zstd(&bytes[..half]), zstd(&bytes[half..])].concat()),
    ]
}

#[test]
fn trail_envelopes_all_give_the_same_row() {
    for (envelope, file) in envelopes() {
        for (form, text) in texts(&file) {
            for (packing, bytes) in packed(&text) {
                let found = read_packed(&bytes);
                let from_stream = read_stream(&*bytes, MOST, &wanted());
                for found in [found, from_stream] {
                    assert_eq!(found.problems, [], "{envelope}, {form}, {packing}");
                    assert_eq!(rows(found.events), [row()], "{envelope}, {form}, {packing}");
                }
            }
        }
    }
}

#[test]
fn trail_envelopes_two_identical_members_are_one_event() {
    for (envelope, file) in envelopes() {
        for (form, text) in texts(&file) {
            if form.contains("BOM") {
                continue;
            }
            for pack in [gzip, zstd] {
                let found = read_packed(&[pack(text.as_bytes()), pack(text.as_bytes())].concat());
                assert_eq!(found.problems, [], "{envelope}, {form}");
                assert_eq!(rows(found.events), [row()], "{envelope}, {form}");
            }
        }
    }
}

#[test]
fn trail_envelopes_parameters_in_columns_leave_the_rules_answer_open() {
    let permission = json!({ "add": { "items": [{ "userId": ACCOUNT }] } }).to_string();
    for dot in [".", "_"] {
        let columns = ["imageId", "launchPermission", "attributeType"]
            .map(|name| format!("requestParameters{dot}{name}"));
        let text = csv(
            true,
            &[
                ("userIdentity", PRESTO),
                (&columns[0], "ami-0aa1d83d0b0985c86"),
                (&columns[1], &permission),
                (&columns[2], "launchPermission"),
            ],
        );
        let found = read_packed(text.as_bytes());
        assert_eq!(found.problems, []);
        // Columns that were not chosen may hold what the rules look at.
        let mut wanted = row();
        for column in ["seed_rule_match", "elastic_rule_match"] {
            wanted.insert(column.to_owned(), String::new());
        }
        assert_eq!(rows(found.events), [wanted], "{dot}");
        // It is the event that the other envelopes have, whose answer is then known.
        let both = [read_packed(text.as_bytes()), read_packed(event().to_string().as_bytes())];
        assert_eq!(rows(both.into_iter().flat_map(|found| found.events).collect()), [row()], "{dot}");
    }
}

#[test]
fn trail_envelopes_event_without_a_column_for_its_parameters_may_be_a_share() {
    let text = csv(true, &[("userIdentity", PRESTO)]);
    let found = read_packed(text.as_bytes());
    assert!(!found.events[0].is_clear);
    let rows = rows(found.events);
    assert_eq!(rows.len(), 1);
    let cells = ["operation", "grantee", "image_id", "seed_rule_match", "elastic_rule_match", "outcome"];
    assert_eq!(cells.map(|cell| rows[0][cell].as_str()), ["other", "", "", "", "", "success"]);
}

/// Files of CloudTrail's that hold no event.
fn empty_files() -> Vec<(&'static str, String)> {
    let digest = json!({
        "awsAccountId": "111111111111", "digestStartTime": "2023-07-10T11:00:00Z",
        "digestEndTime": "2023-07-10T12:00:00Z", "digestS3Bucket": "b", "digestS3Object": "AWSLogs/x.json.gz",
        "newestEventTime": null, "previousDigestS3Object": null,
        "logFiles": [{ "s3Bucket": "b", "s3Object": "AWSLogs/y.json.gz", "hashValue": "00", "oldestEventTime": null }],
    });
    let header: String = csv(true, &[("requestParameters", "")]).lines().take(1).collect();
    vec![
        ("digest", digest.to_string()),
        ("pretty digest", serde_json::to_string_pretty(&digest).unwrap()),
        ("no records", r#"{"Records":[]}"#.to_owned()),
        ("no records, pretty", "{\n  \"Records\": [\n  ]\n}\n".to_owned()),
        ("an empty list", "[]".to_owned()),
        ("no events", r#"{"Events":[]}"#.to_owned()),
        ("no messages", r#"{"events":[],"searchedLogStreams":[]}"#.to_owned()),
        ("a header", header + "\n"),
    ]
}

#[test]
fn trail_envelopes_files_without_events_are_fine() {
    for (name, text) in empty_files() {
        for (packing, bytes) in packed(&text) {
            for found in [read_packed(&bytes), read_stream(&*bytes, MOST, &wanted())] {
                assert_eq!(found.problems, [], "{name}, {packing}");
                assert!(found.is_trail && found.records == 0 && found.events.is_empty(), "{name}, {packing}");
            }
        }
    }
}

/// Files that are none of CloudTrail's, and what is said of them.
fn other_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let answer =
        json!({ "Images": [{ "ImageId": "ami-0aa1d83d0b0985c86", "Name": "eventName", "Public": true }] });
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    vec![
        ("0-bytes", Vec::new(), "it is empty"),
        ("spaces", b" \n\n".to_vec(), "it is empty"),
        ("text", b"hello, world\n".to_vec(), "it is no JSON"),
        ("png", png.to_vec(), "it is no JSON"),
        ("describe-images.json", answer.to_string().into_bytes(), "it holds no record of CloudTrail's"),
        ("describe-images-pretty.json", serde_json::to_vec_pretty(&answer).unwrap(), "it holds no record"),
        ("other.csv", b"a,b\n1,2\n".to_vec(), "it is no JSON"),
        ("number", b"1".to_vec(), "it holds no record of CloudTrail's"),
        ("cut.json", event().to_string().into_bytes()[..200].to_vec(), "it is no JSON"),
    ]
}

#[test]
fn trail_envelopes_what_is_not_cloudtrail_is_named() {
    for (name, bytes, why) in other_files() {
        for bytes in [bytes.clone(), gzip(&bytes), zstd(&bytes)] {
            for found in [read_packed(&bytes), read_stream(&*bytes, MOST, &wanted())] {
                assert!(found.events.is_empty());
                let problem = &found.problems.first().unwrap_or_else(|| panic!("{name} was passed over"));
                let is_utf8 = problem.why.contains("UTF-8");
                let problem = if is_utf8 { &found.problems[1] } else { problem };
                assert!(problem.why.contains(why), "{name}: {problem:?}");
            }
        }
        let found = read_document(&bytes, Checked::RoundMatches, &wanted());
        assert_ne!(found.problems, [], "{name}");
    }
}

#[test]
fn trail_envelopes_in_a_folder_are_one_event_and_strangers_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::File::create(folder.path().join(name)).unwrap().write_all(bytes).unwrap();
    };
    let mut files = 0;
    for (nth, (_, file)) in envelopes().iter().enumerate() {
        for (form, text) in texts(file).into_iter().take(2).enumerate() {
            for (packing, bytes) in packed(&text.1).into_iter().enumerate() {
                // What is in a file says what it is, not its name.
                write(&format!("{nth}-{form}-{packing}.txt"), &bytes.1);
                files += 1;
            }
        }
    }
    for (nth, (_, text)) in empty_files().iter().enumerate() {
        write(&format!("empty-{nth}"), text.as_bytes());
        files += 1;
    }
    let run = || amiaudit(folder.path()).args(["events", "."]).output().unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let mut found = parse(&output.stdout);
    found.iter_mut().for_each(|row| _ = row.insert("source_file".to_owned(), "file".to_owned()));
    assert_eq!(found, [row()]);
    assert!(stderr(&output).contains(&format!("files: {files};")), "{}", told(&output));

    for (name, bytes, _) in other_files() {
        write(name, &bytes);
    }
    let output = run();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    for (name, _, why) in other_files() {
        let named = stderr(&output);
        let named = named.lines().any(|line| line.contains(&format!("/{name}")) && line.contains(why));
        assert!(named || name == "png", "{name}: {}", told(&output));
    }
    assert_eq!(parse(&output.stdout).len(), 1);
}

#[test]
fn trail_envelopes_come_from_standard_input_too() {
    let folder = tempfile::tempdir().unwrap();
    for (envelope, file) in envelopes() {
        let text = &texts(&file)[0].1;
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let output = amiaudit(folder.path()).args(["events", "-"]).write_stdin(bytes).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{envelope}: {}", told(&output));
            let mut found = parse(&output.stdout);
            // A spreadsheet would take a bare sign for a formula.
            assert_eq!(found[0].insert("source_file".to_owned(), "file".to_owned()).unwrap(), "'-");
            assert_eq!(found, [row()], "{envelope}");
        }
    }
    let output = amiaudit(folder.path()).args(["events", "-"]).write_stdin("").output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert!(stderr(&output).contains("could not be read: -: it is empty"), "{}", told(&output));
}

#[test]
fn trail_envelope_files_that_were_written_anew_are_looked_through_too() {
    // Spaces, another order of members, several accounts, records of months: each counted and covered as the parser
    // would, and the event found.
    let other = |nth: usize| {
        let account = if nth.is_multiple_of(3) { "333333333333" } else { "444444444444" };
        call(
            "DescribeInstances",
            json!({ "eventTime": format!("2023-0{}-10T12:00:00Z", 1 + nth % 9), "recipientAccountId": account }),
        )
    };
    let mut all: Vec<Value> = (0..200).map(other).collect();
    all.insert(100, event());
    let sorted = |record: &Value| {
        let map: std::collections::BTreeMap<_, _> = record.as_object().unwrap().iter().collect();
        serde_json::to_string(&map).unwrap()
    };
    let texts = [
        json!({ "Records": all }).to_string(),
        serde_json::to_string_pretty(&json!({ "Records": all })).unwrap(),
        format!("{{ \"Records\" : [ {} ] }}\n", all.iter().map(sorted).collect::<Vec<_>>().join(" , ")),
    ];
    for text in texts {
        let wholly = read_document(text.as_bytes(), Checked::Wholly, &wanted());
        let found = read_packed(&gzip(text.as_bytes()));
        assert_eq!((found.records, found.problems.len()), (201, 0));
        assert_eq!(found.windows, wholly.windows);
        assert_eq!(rows(found.events), rows(wholly.events));
    }
}
