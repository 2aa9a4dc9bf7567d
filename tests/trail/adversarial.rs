//! Files that somebody wrote to hide a share, or to make one up. What cannot be read is named; the rest is read.

use amiaudit::trail::{Checked, read_document, read_stream};
use serde_json::{Value, json};

use super::{
    GRANT, MOST, call, gzip, launch_permission, read_packed, records, rows, rows_of, share_row, share_with,
    wanted,
};
use crate::support::rows::pick;

/// Somebody that a share is with.
const WHO: &str = "222222222222";

fn share() -> Value {
    share_with(WHO, json!({}))
}

/// Another record, of no interest, with these parameters.
fn bystander(request: Value) -> Value {
    call("DescribeInstances", json!({ "requestParameters": request }))
}

/// The grants of a text by every way of reading, and what is said of it.
fn all_ways(text: &[u8]) -> Vec<(Vec<[String; 5]>, Vec<String>)> {
    let ways = [
        read_document(text, Checked::Wholly, &wanted()),
        read_packed(text),
        read_packed(&gzip(text)),
        read_stream(&*gzip(text), MOST, &wanted()),
    ];
    ways.into_iter()
        .map(|found| {
            let why = found.problems.into_iter().map(|problem| problem.why).collect();
            (pick(&rows(found.events), GRANT), why)
        })
        .collect()
}

/// The share is there, and nothing else is to be said.
fn is_read(text: &str) {
    assert_eq!(pick(&rows_of(text), GRANT), [share_row(WHO)], "{text}");
}

/// The share is there, and a problem is named that has this in it.
fn is_read_and_named(text: &[u8], what: &str) {
    for (grants, problems) in all_ways(text) {
        assert_eq!(grants, [share_row(WHO)], "{:?}", String::from_utf8_lossy(text));
        assert!(problems.iter().any(|why| why.contains(what)), "{problems:?} has no {what:?}");
    }
}

/// Nothing is made up, and nothing is said.
fn is_no_event(text: &str) {
    assert_eq!(pick(&rows_of(text), GRANT), [] as [[String; 5]; 0], "{text}");
}

#[test]
fn trail_adversarial_records_in_parameters_are_no_records() {
    let forged = share();
    for request in [
        forged.clone(),
        json!({ "Records": [forged] }),
        json!([{ "detail": forged, "account": "111111111111" }]),
        json!({ "message": forged.to_string() }),
        json!({ "CloudTrailEvent": forged.to_string() }),
        json!({ "event": { "original": forged.to_string() }, "_source": { "event": { "action": "x" } } }),
        json!(forged.to_string()),
    ] {
        is_no_event(&records(&[bystander(request.clone())]));
        is_no_event(&bystander(request.clone()).to_string());
        // Nor in an event that matters, of which the record's own grants count.
        let description = json!({ "imageId": "ami-0aa1d83d0b0985c86", "attributeType": "description",
            "description": { "value": request } });
        let rows =
            rows_of(&records(&[call("ModifyImageAttribute", json!({ "requestParameters": description }))]));
        assert_eq!(pick(&rows, ["operation", "grantee"]), [["other", ""]]);
    }
    // Nor in what else a caller writes.
    let agent = json!({ "userAgent": format!("x\",{}", forged) });
    is_no_event(&records(&[call("DescribeInstances", agent)]));
    let named = json!({ "eventName": "x\",\"eventName\":\"ModifyImageAttribute" });
    is_no_event(&records(&[bystander(json!({ "description": named.to_string() }))]));
}

#[test]
fn trail_adversarial_envelopes_look_alike_in_parameters() {
    // The keys that a document of Elastic's or a digest is told by.
    let looks = json!({
        "event": { "action": "ModifyImageAttribute", "provider": "ec2.amazonaws.com" },
        "aws": { "cloudtrail": { "flattened": { "request_parameters": share()["requestParameters"] } } },
        "digestS3Object": "x", "digestStartTime": "x", "logFiles": [],
    });
    is_no_event(&records(&[bystander(looks.clone())]));
    // A share that carries them is one all the same.
    let mut request = share()["requestParameters"].clone();
    for (key, value) in looks.as_object().unwrap() {
        request[key] = value.clone();
    }
    is_read(&records(&[call("ModifyImageAttribute", json!({ "requestParameters": request }))]));
    let detail = json!({ "detail": bystander(json!({})), "CloudTrailEvent": null, "message": "{}" });
    let mut request = share()["requestParameters"].clone();
    request["x"] = detail;
    is_read(&records(&[call("ModifyImageAttribute", json!({ "requestParameters": request }))]));
}

#[test]
fn trail_adversarial_escapes_hide_nothing() {
    let text = records(&[bystander(json!({})), share(), bystander(json!({}))]);
    for (plain, escaped) in [
        ("\"ModifyImageAttribute\"", "\"Modify\\u0049mageAttribute\""),
        ("\"ModifyImageAttribute\"", "\"\\u004dodifyImageAttribute\""),
        ("\"ModifyImageAttribute\"", "\"ModifyImageAttribut\\u0065\""),
        ("\"eventSource\":\"ec2.", "\"eventSource\":\"\\u0065c2."),
        ("\"launchPermission\":{", "\"launchPermissio\\u006e\":{"),
        ("\"222222222222\"", "\"22222222222\\u0032\""),
        ("ami-0aa1d83d0b0985c86", "ami\\u002d0aa1d83d0b0985c86"),
    ] {
        assert!(text.contains(plain));
        is_read(&text.replace(plain, escaped));
        is_read(&text.replace(plain, escaped).replace("{\"Records\"", "{\"Record\\u0073\""));
    }
    // A key is looked for where files are parsed. A packed one that else is as AWS writes it is not: who can rewrite
    // such a file can leave the record out as well.
    let (plain, wanted) = ("\"eventName\":\"Modify", rows_of(&text));
    for escaped in ["\"event\\u004eame\":\"Modify", "\"\\u0065\\u0076entName\":\"Modify"] {
        let found = read_document(text.replace(plain, escaped).as_bytes(), Checked::Wholly, &super::wanted());
        assert_eq!(found.problems, []);
        assert_eq!(super::rows(found.events), wanted);
    }
}

#[test]
fn trail_adversarial_members_that_stand_twice_are_named() {
    let share = share().to_string();
    let twice = "an object has a member twice";
    for (once, hidden) in [
        ("{\"eventVersion\"", "{\"eventName\":\"DescribeInstances\",\"eventVersion\""),
        ("{\"eventVersion\"", "{\"recipientAccountId\":\"333333333333\",\"eventVersion\""),
        ("{\"imageId\"", "{\"launchPermission\":{},\"imageId\""),
        ("\"add\":{", "\"add\":{\"items\":[]},\"add\":{"),
    ] {
        assert!(share.contains(once));
        let text = format!("{{\"Records\":[{}]}}", share.replace(once, hidden));
        is_read_and_named(text.as_bytes(), twice);
    }
    // Where the last one hides the share, the file is still not clean.
    let hidden =
        share.replace("\"eventName\":\"ModifyImageAttribute\"", "$&,\"eventName\":\"DescribeInstances\"");
    let hidden = hidden.replace("$&", "\"eventName\":\"ModifyImageAttribute\"");
    for text in [format!("{{\"Records\":[{hidden}]}}"), hidden.clone(), format!("{hidden}\n{hidden}\n")] {
        for (_, problems) in all_ways(text.as_bytes()) {
            assert!(problems.iter().any(|why| why.contains(twice)), "{problems:?}");
        }
    }
    // The same value twice says nothing else than once.
    is_read(&share.replace("{\"eventVersion\"", "{\"awsRegion\":\"us-east-1\",\"eventVersion\""));
    // Two lists of records are both read.
    is_read(&format!("{{\"Records\":[{}],\"Records\":[{share}]}}", bystander(json!({}))));
    is_read(&format!("{{\"Records\":[{share}],\"Records\":[]}}"));
}

#[test]
fn trail_adversarial_bytes_that_are_no_text() {
    let text = records(&[bystander(json!({})), share(), bystander(json!({ "x": 1 }))]);
    let lines = format!("{}\n{}\n{}\n", bystander(json!({})), share(), bystander(json!({ "x": 1 })));
    for (text, agent) in [(&text, "aws-cli/2.17"), (&lines, "aws-cli/2.17")] {
        let mut bytes = text.clone().into_bytes();
        let places: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), agent).collect();
        assert!(places.len() >= 2, "{text}");
        // In the share itself, and in its neighbour.
        bytes[places[1]] = 0xff;
        is_read_and_named(&bytes, "not all UTF-8");
        bytes[places[0]] = 0xc3;
        is_read_and_named(&bytes, "not all UTF-8");
    }
    let header = "eventname,eventsource,useragent,requestparameters\n";
    let request = share()["requestParameters"].to_string().replace('"', "\"\"");
    let mut bytes = format!("{header}ModifyImageAttribute,ec2.amazonaws.com,Y,\"{request}\"\n").into_bytes();
    let agent = memchr::memmem::find(&bytes, b",Y,").unwrap();
    bytes[agent + 1] = 0xff;
    is_read_and_named(&bytes, "not all UTF-8");
}

/// What a type of ours has no room for takes neither its record nor the next one with it.
#[test]
fn trail_adversarial_values_beyond_measure() {
    let long = format!("\"{}\"", "x".repeat(300 << 10));
    let hundred = "[".repeat(100) + &"]".repeat(100);
    for odd in
        ["1e999", "-1e999", "123456789012345678901234567890", "\"\\ud800\"", "\"\\udc00x\"", &hundred, &long]
    {
        files_with(odd).iter().for_each(|text| is_read(text));
    }
    is_read(&share().to_string().replace("\"readOnly\"", "\"\\ud800\""));
}

/// Of nesting without end, what is below a certain depth is not looked into, and that is told.
#[test]
fn trail_adversarial_nesting_without_end() {
    for odd in ["[".repeat(200) + &"]".repeat(200), "{\"a\":".repeat(3000) + "1" + &"}".repeat(3000)] {
        for text in files_with(&odd) {
            for (grants, problems) in all_ways(text.as_bytes()) {
                assert_eq!(grants, [share_row(WHO)]);
                assert!(problems.iter().all(|why| why.contains("nested too deeply")), "{problems:?}");
            }
        }
    }
    let text = format!("{}{}{}", "[".repeat(110), share(), "]".repeat(110));
    for (_, problems) in all_ways(text.as_bytes()) {
        assert_eq!(problems, ["it is nested too deeply to be read wholly"]);
    }
    let text = format!("{}{}{}", "{\"a\":".repeat(5000), share(), "}".repeat(5000));
    for (_, problems) in all_ways(text.as_bytes()) {
        assert!(problems.iter().any(|why| why.contains("nested too deeply")), "{problems:?}");
    }
}

/// Files with a share, and this value somewhere in it or beside it.
fn files_with(odd: &str) -> Vec<String> {
    let place = |record: Value| record.to_string().replace("\"@@\"", odd);
    let elsewhere = [
        json!({ "userAgent": "@@" }),
        json!({ "responseElements": { "x": ["@@"] } }),
        json!({ "eventID": "@@" }),
    ];
    let mut files: Vec<String> = elsewhere
        .into_iter()
        .map(|fields| {
            format!("{{\"Records\":[{},{}]}}", bystander(json!({})), place(share_with(WHO, fields)))
        })
        .collect();
    let mut request = share()["requestParameters"].clone();
    request["more"] = json!({ "x": "@@" });
    let odd_share = place(call("ModifyImageAttribute", json!({ "requestParameters": request })));
    let odd_neighbour = place(bystander(json!({ "more": "@@" })));
    let lookup =
        json!({ "Events": [{ "CloudTrailEvent": odd_neighbour }, { "CloudTrailEvent": odd_share }] });
    files.extend([
        format!("[{odd_share}]"),
        format!("{odd_share}\n{odd_share}\n"),
        format!("{{\"Records\":[{odd_neighbour},{},{odd_neighbour}]}}", share()),
        lookup.to_string(),
    ]);
    files
}

#[test]
fn trail_adversarial_names_that_are_no_texts_are_named() {
    for name in ["null", "7", "[\"ModifyImageAttribute\"]", "{\"x\":\"ModifyImageAttribute\"}"] {
        let odd = share().to_string().replace("\"ModifyImageAttribute\"", name);
        let text = format!("{{\"Records\":[{},{odd},{}]}}", bystander(json!({})), share());
        for (grants, problems) in all_ways(text.as_bytes()) {
            assert_eq!(grants, [share_row(WHO)], "{name}");
            // Null is none at all: insights have none.
            assert_eq!(
                problems.iter().any(|why| why == "a record's eventName is no text"),
                name != "null",
                "{name}"
            );
        }
        let alone = format!("{{\"Records\":[{},{odd}]}}", bystander(json!({})));
        for (grants, problems) in all_ways(alone.as_bytes()) {
            assert_eq!(grants, [] as [[String; 5]; 0], "{name}");
            assert_eq!(problems.is_empty(), name == "null", "{name}");
        }
    }
}

#[test]
fn trail_adversarial_names_in_another_case_are_read_in_plain_files() {
    for (name, other) in
        [("eventName", "EventName"), ("eventName", "eventname"), ("requestParameters", "RequestParameters")]
    {
        let odd = share().to_string().replace(&format!("\"{name}\""), &format!("\"{other}\""));
        for text in [odd.clone(), format!("{{\"Records\":[{odd}]}}"), format!("{odd}\n{odd}")] {
            is_read(&text);
        }
    }
}

#[test]
fn trail_adversarial_files_laid_out_oddly() {
    let (share, other) = (share(), bystander(json!({})));
    let list = records(std::slice::from_ref(&share));
    for text in [
        format!(" \n\t{list}"),
        format!("\u{feff}\n{list}"),
        json!({ "version": 1, "Records": [share] }).to_string(),
        json!({ "a": { "b": [[[[[[[[{ "Records": [share] }]]]]]]]] } }).to_string(),
        format!("{{ \"Records\" : [ {other} , {share} ] }}"),
        format!("{}{list}", records(std::slice::from_ref(&other))),
        format!("{other}{share}"),
        format!("{other} [{share}]\n[]"),
        format!("{other}\n{}\n", records(std::slice::from_ref(&share))),
        format!("{other}\n{other}{share}\n"),
        format!("{}\n{}\n", other, json!([[share]])),
        format!("{other}\n\n \n{share}"),
        serde_json::to_string_pretty(&json!({ "Records": [other, share] })).unwrap(),
        serde_json::to_string_pretty(&share).unwrap() + &serde_json::to_string_pretty(&other).unwrap(),
        // A record larger than CloudTrail writes one.
        records(&[share_with(WHO, json!({ "userAgent": "x".repeat(600 << 10) }))]),
    ] {
        is_read(&text);
    }
}

#[test]
fn trail_adversarial_damage_is_named_and_its_neighbours_are_read() {
    let (share, other) = (share().to_string(), bystander(json!({})).to_string());
    let cut = &other[..other.len() / 2];
    let nul = "\0".repeat(512);
    for text in [
        format!("{other}\n{cut}\n{share}\n"),
        format!("{cut}\n{share}\n"),
        format!("{share}\n{cut}"),
        format!("{other}\nnonsense\n{share}\n"),
        format!("nonsense\n{share}\n"),
        format!("{{\"Records\":[{share}]}}{nul}"),
        format!("{{\"Records\":[{share}]}}{nul}\n{share}"),
        format!("{share}\n{nul}\n{share}\n"),
        format!("{{\"Records\":[{share},{cut}"),
        format!("{{\"Records\":[{share},{other}]"),
        format!("{{\"Records\":[{share} {other}]}}"),
        format!("{{\"Records\":[{other}]}}x\n{share}\n"),
        format!("[{share},{other}"),
        format!("2023-07-10T12:11:01Z {other}\n{share}\n"),
        format!("{other}\n'{other}'\n{share}"),
    ] {
        is_read_and_named(text.as_bytes(), "it is no JSON");
    }
}

#[test]
fn trail_adversarial_damage_is_named_by_its_line() {
    let (share, other) = (share().to_string(), bystander(json!({})).to_string());
    let lines = |text: String| {
        let found = read_packed(text.as_bytes());
        found.problems.into_iter().map(|problem| problem.line).collect::<Vec<_>>()
    };
    assert_eq!(lines(format!("{other}\n{{x\n{share}\n{{y\n")), [Some(2), Some(4)]);
    assert_eq!(lines(format!("x\n{other}\n{{\n  \"y\": x\n}}\n{share}\n\nz")), [Some(1), Some(4), Some(8)]);
    assert_eq!(lines(format!("[\n{other},\n{share},\n{{\"x\": }}]")), [Some(4)]);
}

/// A great many damages take no longer than their bytes do, and are not all told.
#[test]
fn trail_adversarial_a_great_many_damages() {
    let text = format!("x\n{}{}\n", "{y}\n".repeat(100_000), share());
    let found = read_packed(text.as_bytes());
    assert_eq!(pick(&rows(found.events), GRANT), [share_row(WHO)]);
    assert_eq!(found.problems.len(), 20);
    assert_eq!(found.problems[19].why, "there are more than 20 problems in this file");
}

#[test]
fn trail_adversarial_records_that_are_texts_and_cannot_be_read_are_named() {
    let text = share().to_string();
    let cut = &text[..text.len() - 40];
    let whole = json!({ "CloudTrailEvent": text });
    for envelope in [
        json!({ "Events": [whole, { "EventName": "ModifyImageAttribute", "CloudTrailEvent": cut }] }),
        json!({ "events": [{ "message": text }, { "message": cut }] }),
        json!([{ "message": text }, { "logGroup": "g", "message": format!(" {cut}") }]),
    ] {
        is_read_and_named(envelope.to_string().as_bytes(), "a record in it is a text that is no JSON");
    }
    // A log group holds other messages too.
    is_read(
        &json!({ "events": [{ "message": text }, { "message": "{started" }, { "message": "{}" }] })
            .to_string(),
    );
}

/// Elastic's text has no quotes: what a caller writes can look like parameters.
#[test]
fn trail_adversarial_texts_with_braces() {
    let document = |parameters: &str| {
        json!({
            "@timestamp": "2023-07-10T12:11:01Z",
            "event": { "action": "ModifyImageAttribute", "provider": "ec2.amazonaws.com", "outcome": "success" },
            "aws": { "cloudtrail": { "request_parameters": parameters } },
        })
    };
    let read = |parameters: &str| {
        let found = read_packed(document(parameters).to_string().as_bytes());
        assert_eq!(found.problems, [], "{parameters}");
        assert_eq!(found.events.len(), 1, "{parameters}");
        (found.events[0].is_clear, pick(&rows(found.events), ["operation", "grantee"]))
    };
    let nobody = vec![["other".to_owned(), String::new()]];
    let somebody = vec![["add".to_owned(), WHO.to_owned()]];
    let grant = format!("launchPermission={{add={{items=[{{userId={WHO}}}]}}}}");
    // Braces that spoil the text make it unknown, not clean.
    for text in [
        "{imageId=ami-1, description={value={{{}, attributeType=description}",
        "{imageId=ami-1, description={value=a",
        "{",
        "x",
    ] {
        let (is_clear, rows) = read(text);
        assert_eq!((is_clear, rows), (false, nobody.clone()), "{text}");
    }
    // A description that looks like a grant is not believed without doubt.
    let (is_clear, rows) =
        read(&format!("{{imageId=ami-1, attributeType=description, description={{value=x}}, {grant}}}"));
    assert_eq!((is_clear, rows), (false, somebody.clone()));
    // A grant is, even beside other text.
    let (is_clear, rows) =
        read(&format!("{{imageId=ami-1, attributeType=launchPermission, {grant}, x={{y=a}}}}"));
    assert_eq!((is_clear, rows), (true, somebody));
    // The same text quoted as JSON is a description, and nothing else.
    let request = json!({ "imageId": "ami-1", "attributeType": "description", "description": { "value": format!("x}}, {grant}") } });
    let rows = rows_of(&records(&[call("ModifyImageAttribute", json!({ "requestParameters": request }))]));
    assert_eq!(pick(&rows, ["operation", "grantee"]), nobody);
}

const HEADER: &str = "eventid,eventname,eventsource,eventtime,useragent,requestparameters\n";

fn csv_row(agent: &str) -> String {
    let request = share()["requestParameters"].to_string().replace('"', "\"\"");
    format!("1,ModifyImageAttribute,ec2.amazonaws.com,2023-07-10T12:11:01Z,{agent},\"{request}\"\n")
}

#[test]
fn trail_adversarial_csv() {
    let row = csv_row("x");
    is_read(&format!("{HEADER}{row}"));
    is_read(&format!("{HEADER}{}", csv_row("\"a, \"\"b\"\"\n c\"")));
    is_read(&format!("{HEADER}{}", csv_row(&"x".repeat(1 << 20))));
    is_read(&format!("{HEADER}{}", row.trim_end()));
    let few = "it has 5 cells, and the header 6";
    is_read_and_named(format!("{HEADER}1,2,3,4,5\n{row}").as_bytes(), few);
    is_read_and_named(format!("{HEADER}{row}1,2,3,4,5").as_bytes(), few);
    // A quote that is never closed makes one cell of all rows behind it, and perhaps of the right number.
    let open = "is not closed";
    is_read_and_named(format!("{HEADER}{row}2,DescribeImages,e,t,u,\"{{}}\n{row}").as_bytes(), open);
    is_read_and_named(format!("{HEADER}{row}2,DescribeImages,e,t,\"u,{{}}\n").as_bytes(), open);
    // A row without end is not held in memory.
    let text = format!("{HEADER}{row}2,DescribeImages,e,t,\"{}", "x,\n".repeat(100_000));
    let found = read_stream(text.as_bytes(), 100_000, &wanted());
    assert_eq!(pick(&rows(found.events), GRANT), [share_row(WHO)]);
    assert_eq!(found.problems.len(), 1);
    assert!(found.problems[0].why.contains("longer than 100000 bytes"), "{:?}", found.problems);
}

#[test]
fn trail_adversarial_csv_cells_that_cannot_be_read_are_unknown() {
    for cell in [
        "\"{launchPermission\"",
        "\"{{{{\"",
        "x",
        "\"{\"\"imageId\"\": \"",
        &format!("\"{}\"", "[".repeat(1000)),
    ] {
        let text =
            format!("{HEADER}1,ModifyImageAttribute,ec2.amazonaws.com,2023-07-10T12:11:01Z,u,{cell}\n");
        let found = read_packed(text.as_bytes());
        assert!(!found.events[0].is_clear, "{cell}");
        assert_eq!(pick(&rows(found.events), ["operation", "grantee"]), [["other", ""]], "{cell}");
    }
}

#[test]
fn trail_adversarial_grants_that_cannot_be_read_are_unknown() {
    let image = "ami-0aa1d83d0b0985c86";
    for (permission, grantees, is_clear) in [
        (json!("add"), vec![], false),
        (json!(7), vec![], false),
        (json!({ "add": "x" }), vec!["launchPermission=\"x\""], true),
        (json!({ "add": { "items": [7] } }), vec!["launchPermission=7"], true),
        (json!({ "add": { "items": [{ "userId": { "x": 1 } }] } }), vec!["userId={\"x\":1}"], true),
        (json!({ "add": { "items": [{}] } }), vec!["launchPermission={}"], true),
        (json!({ "add": { "items": [] } }), vec![], false),
        (json!({ "grant": { "items": [{ "userId": WHO }] } }), vec![], false),
        (json!({ "grant": {}, "add": { "items": [{ "userId": WHO }] } }), vec![WHO], false),
        (json!({ "ADD": { "Items": [{ "UserId": WHO }] } }), vec![WHO], true),
    ] {
        let request = launch_permission(image, permission.clone());
        let text = records(&[call("ModifyImageAttribute", json!({ "requestParameters": request }))]);
        let found = read_packed(text.as_bytes());
        assert_eq!(found.events[0].is_clear, is_clear, "{permission}");
        let rows = rows(found.events);
        let found: Vec<&str> =
            rows.iter().filter(|row| row["operation"] == "add").map(|row| row["grantee"].as_str()).collect();
        let unquoted: Vec<&str> = found.iter().map(|text| text.trim_start_matches('\'')).collect();
        assert_eq!(unquoted, grantees, "{permission}");
    }
}
