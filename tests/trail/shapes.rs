//! What calls look like in the log, as far as is known: each gives its rows, and the answer of Elastic's rule.

use serde_json::{Value, json};

use super::{GRANT, call, launch_permission, records, rows_of, share_row, share_with};
use crate::support::binary::{amiaudit, told};
use crate::support::rows::{Row, parse, pick};

const IMAGE: &str = "ami-0aa1d83d0b0985c86";
const ORG: &str = "arn:aws:organizations::999999999999:organization/o-theirorg01";
const OU: &str = "arn:aws:organizations::999999999999:ou/o-theirorg01/ou-ab12-cd34ef56";

/// The rows of one record in an array, as every way of reading it gives them.
fn of(record: &Value) -> Vec<Row> {
    rows_of(&records(std::slice::from_ref(record)))
}

fn cell<'a>(rows: &'a [Row], column: &str) -> &'a str {
    let first = rows[0][column].as_str();
    assert!(rows.iter().all(|row| row[column] == first), "{column} differs between the rows of one call");
    first
}

fn modify(request: Value) -> Value {
    call("ModifyImageAttribute", json!({ "requestParameters": request }))
}

fn items(items: Value) -> Value {
    json!({ "items": items })
}

/// Operation, type and grantee of each row; and what the rule's first and current version say.
fn told_of(record: &Value) -> (Vec<[String; 3]>, [String; 2]) {
    let rows = of(record);
    let rules = ["seed_rule_match", "elastic_rule_match"].map(|rule| cell(&rows, rule).to_owned());
    (pick(&rows, ["operation", "grantee_type", "grantee"]), rules)
}

/// Parameters, the changes in them, and whether the rule's first and current version match them.
type Case = (Value, &'static [[&'static str; 3]], bool, bool);

const ADD_USER: [&str; 3] = ["add", "account", "222222222222"];
const NOBODY: [&str; 3] = ["other", "", ""];

fn cases_of_the_rule() -> Vec<Case> {
    let user = json!([{ "userId": "222222222222" }]);
    let all = json!([{ "group": "all" }]);
    let permission = |permission| launch_permission(IMAGE, permission);
    let text = |text: &str| json!({ "imageId": IMAGE, "attributeType": "description", "description": { "value": text } });
    vec![
        (permission(json!({ "add": items(user.clone()) })), &[ADD_USER], true, true),
        (permission(json!({ "add": items(all.clone()) })), &[["add", "public", "all"]], false, true),
        (
            permission(json!({ "add": items(json!([{ "organizationArn": ORG }])) })),
            &[["add", "organization", ORG]],
            false,
            true,
        ),
        (
            permission(json!({ "add": items(json!([{ "organizationalUnitArn": OU }])) })),
            &[["add", "organizational_unit", OU]],
            false,
            true,
        ),
        (
            permission(json!({ "remove": items(user.clone()) })),
            &[["remove", "account", "222222222222"]],
            false,
            false,
        ),
        (permission(json!({ "remove": items(all) })), &[["remove", "public", "all"]], false, false),
        (
            permission(
                json!({ "add": items(user.clone()), "remove": items(json!([{ "userId": "333333333333" }])) }),
            ),
            &[ADD_USER, ["remove", "account", "333333333333"]],
            true,
            true,
        ),
        (text("pre-add=1"), &[NOBODY], false, true),
        (text("address book for userId service"), &[NOBODY], true, false),
        (text("{launchPermission={add={items=[{userId=222222222222}]}}}"), &[NOBODY], true, true),
        (
            json!({ "imageId": IMAGE, "attribute": "launchPermission", "operationType": "add",
                    "userIds": ["222222222222"] }),
            &[ADD_USER],
            true,
            false,
        ),
        (
            json!({ "imageId": IMAGE, "operationType": "add", "userId": { "items": [{ "userId": "222222222222" }] },
                    "userGroups": ["all"], "organizationArns": [ORG] }),
            &[ADD_USER, ["add", "organization", ORG], ["add", "public", "all"]],
            true,
            false,
        ),
        (
            json!({ "imageId": IMAGE, "operationType": "remove", "userGroup": "all" }),
            &[["remove", "public", "all"]],
            false,
            false,
        ),
        (json!({ "imageId": IMAGE, "imdsSupport": { "value": "v2.0" } }), &[NOBODY], false, false),
        (
            permission(
                json!({ "add": items(json!([{ "userId": "000000000" }, { "groupName": "x" }, { "userId": 7 }])) }),
            ),
            &[
                ["add", "unrecognized", "groupName=x"],
                ["add", "unrecognized", "userId=000000000"],
                ["add", "unrecognized", "userId=7"],
            ],
            true,
            true,
        ),
    ]
}

#[test]
fn trail_shapes_of_the_rule_and_what_it_says() {
    for (request, changes, seed, current) in cases_of_the_rule() {
        let (found, rules) = told_of(&modify(request.clone()));
        assert_eq!(
            found,
            changes.iter().map(|change| change.map(str::to_owned)).collect::<Vec<_>>(),
            "{request}"
        );
        assert_eq!(rules, [seed, current].map(|yes| yes.to_string()), "{request}");
    }
}

/// What is not indexed matches nothing, and is a share all the same.
#[test]
fn trail_shapes_of_more_accounts_than_elastic_indexes() {
    for (count, is_indexed) in [(351, true), (352, false), (4000, false)] {
        let ids: Vec<String> = (0..count).map(|nth| format!("{:012}", 200_000_000_000_u64 + nth)).collect();
        let users: Vec<Value> = ids.iter().map(|id| json!({ "userId": id })).collect();
        let rows = of(&modify(launch_permission(IMAGE, json!({ "add": items(users.into()) }))));
        let wanted: Vec<[String; 5]> = ids.iter().map(|id| share_row(id)).collect();
        assert_eq!(pick(&rows, GRANT), wanted);
        assert_eq!(cell(&rows, "seed_rule_match"), is_indexed.to_string(), "{count}");
        assert_eq!(cell(&rows, "elastic_rule_match"), is_indexed.to_string(), "{count}");
    }
}

/// The limit counts in UTF-16 units, as Java does: bytes would be three times as many, characters half.
#[test]
fn trail_shapes_length_is_java_s() {
    let length = "{attributeType=description, description={value=add=}, imageId=}".len() + IMAGE.len();
    for (units, is_indexed) in [(8191, true), (8192, false)] {
        let room = units - length;
        let text = format!("add={}{}", "\u{1f600}".repeat(room / 2), "ä".repeat(room % 2));
        let request =
            json!({ "imageId": IMAGE, "attributeType": "description", "description": { "value": text } });
        let (_, rules) = told_of(&modify(request));
        assert_eq!(rules, ["false".to_owned(), is_indexed.to_string()], "{units}");
    }
}

#[test]
fn trail_shapes_without_parameters_may_be_a_share() {
    for request in [Value::Null, json!({}), json!("x"), json!([]), json!({ "imageId": IMAGE })] {
        let text = records(&[modify(request.clone())]);
        let found = super::read_packed(text.as_bytes());
        assert!(!found.events[0].is_clear, "{request}");
        let rows = rows_of(&text);
        assert_eq!(pick(&rows, ["operation", "grantee_type", "grantee"]), [["other", "", ""]], "{request}");
        assert_eq!(cell(&rows, "outcome"), "success");
        assert_eq!([cell(&rows, "seed_rule_match"), cell(&rows, "elastic_rule_match")], ["false", "false"]);
    }
    // What certainly is none is not taken for one.
    for request in [
        json!({ "imageId": IMAGE, "attributeType": "description", "description": { "value": "" } }),
        json!({ "imageId": IMAGE, "imdsSupport": { "value": "v2.0" } }),
    ] {
        let found = super::read_packed(records(&[modify(request.clone())]).as_bytes());
        assert!(found.events[0].is_clear, "{request}");
    }
}

#[test]
fn trail_shapes_outcomes() {
    let unclear = "Client.UnauthorizedOperation";
    for (fields, outcome, code) in [
        (json!({}), "success", ""),
        (json!({ "errorCode": unclear, "errorMessage": "You are not authorized" }), "failure", unclear),
        (json!({ "errorCode": "Client.DryRunOperation" }), "failure", "Client.DryRunOperation"),
        (json!({ "errorCode": "Client.OperationNotPermitted" }), "failure", "Client.OperationNotPermitted"),
        (json!({ "errorCode": "AccessDenied" }), "failure", "AccessDenied"),
        (json!({ "errorMessage": "Failed authentication" }), "failure", ""),
        (json!({ "errorCode": "", "errorMessage": "" }), "success", ""),
    ] {
        let rows = of(&share_with("222222222222", fields.clone()));
        assert_eq!(pick(&rows, GRANT), [share_row("222222222222")], "{fields}");
        assert_eq!([cell(&rows, "outcome"), cell(&rows, "error_code")], [outcome, code], "{fields}");
        let says = (outcome == "success").to_string();
        assert_eq!(
            [cell(&rows, "seed_rule_match"), cell(&rows, "elastic_rule_match")],
            [&says, &says],
            "{fields}"
        );
    }
    // Null parameters and an error: a real record has both.
    let fields = json!({ "errorCode": "Client.InvalidParameterCombination", "errorMessage": "No attributes specified." });
    let rows = of(&call("ModifyImageAttribute", fields));
    assert_eq!([cell(&rows, "operation"), cell(&rows, "outcome")], ["other", "failure"]);
}

#[test]
fn trail_shapes_ids_stay_as_written() {
    let request = launch_permission(
        "ami-de1fbCab6ccB03e6D",
        json!({ "add": items(json!([{ "userId": "000000000" }])) }),
    );
    let fields = json!({
        "requestParameters": request, "awsRegion": "me-south-1r", "recipientAccountId": "000000000",
        "eventID": "...", "sourceIPAddress": "ec2.amazonaws.com",
    });
    let rows = of(&call("ModifyImageAttribute", fields));
    let columns = ["image_id", "grantee", "region", "account_id", "event_id", "source_ip"];
    assert_eq!(
        columns.map(|column| cell(&rows, column)),
        ["ami-de1fbCab6ccB03e6D", "userId=000000000", "me-south-1r", "000000000", "...", "ec2.amazonaws.com"]
    );
}

#[test]
fn trail_shapes_account_is_the_recipient_s_else_the_envelope_s_else_the_caller_s() {
    let other = json!({ "recipientAccountId": "333333333333" });
    assert_eq!(cell(&of(&share_with("222222222222", other)), "account_id"), "333333333333");
    let none = json!({ "recipientAccountId": null });
    assert_eq!(cell(&of(&share_with("222222222222", none.clone())), "account_id"), "111111111111");
    let bridge = json!({ "account": "444444444444", "region": "eu-west-1", "detail": share_with("222222222222", none) });
    assert_eq!(cell(&rows_of(&bridge.to_string()), "account_id"), "444444444444");
    let bridge = json!({ "account": "444444444444", "detail": share_with("222222222222", json!({})) });
    assert_eq!(cell(&rows_of(&bridge.to_string()), "account_id"), "111111111111");
}

#[test]
fn trail_shapes_times() {
    for (text, wanted) in [
        ("2023-07-10T12:11:01Z", "2023-07-10T12:11:01Z"),
        ("2023-07-10T14:11:01+02:00", "2023-07-10T12:11:01Z"),
        ("2022-02-08 09:23:37+11:00", "2022-02-07T22:23:37Z"),
        ("2025-01-20 15:59:33.000000000", "2025-01-20T15:59:33Z"),
        ("2023-07-10 12:11:01", "2023-07-10T12:11:01Z"),
        (" 2023-07-10T12:11:01.000Z ", "2023-07-10T12:11:01Z"),
        ("yesterday", ""),
        ("", ""),
    ] {
        let rows = of(&share_with("222222222222", json!({ "eventTime": text })));
        assert_eq!(cell(&rows, "event_time"), wanted, "{text:?}");
        assert_eq!(pick(&rows, GRANT), [share_row("222222222222")], "{text:?}");
    }
    for (number, wanted) in [
        (json!(1688991061), "2023-07-10T12:11:01Z"),
        (json!(1688991061000_i64), "2023-07-10T12:11:01Z"),
        (json!(1e300), ""),
    ] {
        let rows = of(&share_with("222222222222", json!({ "eventTime": number })));
        assert_eq!(cell(&rows, "event_time"), wanted, "{number}");
    }
}

#[test]
fn trail_shapes_of_identities() {
    let sso = json!({ "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_1/jane, jr=1",
            "sessionContext": { "attributes": { "mfaAuthenticated": "false" } } },
        "userAgent": "AWS Internal", "sessionCredentialFromConsole": "true" });
    let old_console = json!({ "userIdentity": { "type": "Root", "invokedBy": "signin.amazonaws.com",
        "arn": "arn:aws:iam::111111111111:root" }, "userAgent": "signin.amazonaws.com" });
    let builder = json!({ "userIdentity": { "type": "AssumedRole", "invokedBy": "imagebuilder.amazonaws.com" },
        "sourceIPAddress": "imagebuilder.amazonaws.com", "userAgent": "imagebuilder.amazonaws.com" });
    let marketplace =
        json!({ "userIdentity": { "type": "AWSService", "invokedBy": "assets.marketplace.amazonaws.com" } });
    let center = json!({ "userIdentity": { "type": "IdentityCenterUser", "onBehalfOf": { "userId": "u" } } });
    let nobody = json!({ "userIdentity": null, "userAgent": "Mozilla/5.0" });
    let columns =
        ["actor_type", "actor_arn", "invoked_by", "session_name", "mfa", "console", "elastic_rule_match"];
    for (fields, wanted) in [
        (
            sso,
            [
                "AssumedRole",
                "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_1/jane, jr=1",
                "",
                "jane, jr=1",
                "false",
                "true",
                "true",
            ],
        ),
        (
            old_console,
            ["Root", "arn:aws:iam::111111111111:root", "signin.amazonaws.com", "", "", "true", "true"],
        ),
        (builder, ["AssumedRole", "", "imagebuilder.amazonaws.com", "", "", "false", "true"]),
        (marketplace, ["AWSService", "", "assets.marketplace.amazonaws.com", "", "", "false", "false"]),
        (center, ["IdentityCenterUser", "", "", "", "", "false", "true"]),
        (nobody, ["", "", "", "", "", "", "true"]),
    ] {
        let rows = of(&share_with("222222222222", fields));
        assert_eq!(columns.map(|column| cell(&rows, column)), wanted);
        assert_eq!(cell(&rows, "seed_rule_match"), "true", "its first version leaves no service out");
    }
}

/// Fields of a call with these parameters.
fn request(request: Value) -> Value {
    json!({ "requestParameters": request })
}

/// Fields of a call of the service Organizations.
fn organizations(fields: Value) -> Value {
    let mut with = json!({ "eventSource": "organizations.amazonaws.com" });
    fields.as_object().unwrap().iter().for_each(|(name, value)| with[name] = value.clone());
    with
}

fn handshake(action: &str) -> Value {
    organizations(json!({ "responseElements": { "handshake": { "action": action } } }))
}

/// Fields of an event that a service writes by itself.
fn service(details: Value) -> Value {
    organizations(
        json!({ "eventType": "AwsServiceEvent", "responseElements": null, "serviceEventDetails": details }),
    )
}

/// An event and its fields; the image, the resource and the change in it.
type Other = (&'static str, Value, &'static str, &'static str, [&'static str; 3]);

fn events_about_images() -> Vec<Other> {
    let made = json!({ "requestId": "r", "imageId": "ami-new" });
    vec![
        (
            "ResetImageAttribute",
            request(json!({ "imageId": IMAGE, "attribute": "launchPermission" })),
            IMAGE,
            "",
            NOBODY,
        ),
        ("DisableImage", request(json!({ "DisableImageRequest": { "ImageId": IMAGE } })), IMAGE, "", NOBODY),
        ("EnableImage", request(json!({ "EnableImageRequest": { "ImageId": IMAGE } })), IMAGE, "", NOBODY),
        ("DeregisterImage", request(json!({ "imageId": IMAGE })), IMAGE, "", NOBODY),
        (
            "CopyImage",
            json!({ "requestParameters": { "sourceImageId": "ami-old", "sourceRegion": "us-east-1" }, "responseElements": made }),
            "ami-new",
            "ami-old",
            NOBODY,
        ),
        (
            "CreateImage",
            json!({ "requestParameters": { "instanceId": "i-1" }, "responseElements": made }),
            "ami-new",
            "i-1",
            NOBODY,
        ),
        (
            "RegisterImage",
            json!({ "requestParameters": { "name": "n" }, "responseElements": made }),
            "ami-new",
            "",
            NOBODY,
        ),
        (
            "RestoreImageFromRecycleBin",
            request(json!({ "RestoreImageFromRecycleBinRequest": { "ImageId": IMAGE } })),
            IMAGE,
            "",
            NOBODY,
        ),
        (
            "CreateStoreImageTask",
            request(json!({ "CreateStoreImageTaskRequest": { "ImageId": IMAGE, "Bucket": "b" } })),
            IMAGE,
            "b",
            NOBODY,
        ),
        (
            "ExportImage",
            request(
                json!({ "ExportImageRequest": { "ImageId": IMAGE, "S3ExportLocation": { "S3Bucket": "b" } } }),
            ),
            IMAGE,
            "b",
            NOBODY,
        ),
    ]
}

fn events_about_the_rest() -> Vec<Other> {
    let user = json!({ "items": [{ "userId": "222222222222" }] });
    let snapshot = json!({ "snapshotId": "snap-1", "createVolumePermission": { "add": user },
                           "attributeType": "CREATE_VOLUME_PERMISSION" });
    let shared = json!({ "userIdentity": { "accountId": "222222222222", "invokedBy": "ec2.amazonaws.com" },
        "eventType": "AwsServiceEvent", "responseElements": null, "serviceEventDetails": { "snapshotId": "snap-2" } });
    vec![
        ("CreateInstanceExportTask", request(json!({ "instanceId": "i-1" })), "", "i-1", NOBODY),
        (
            "EnableImageBlockPublicAccess",
            request(
                json!({ "EnableImageBlockPublicAccessRequest": { "ImageBlockPublicAccessState": "block-new-sharing" } }),
            ),
            "",
            "",
            NOBODY,
        ),
        (
            "DisableImageBlockPublicAccess",
            request(json!({ "DisableImageBlockPublicAccessRequest": {} })),
            "",
            "",
            NOBODY,
        ),
        ("ModifySnapshotAttribute", request(snapshot), "", "snap-1", ["add", "account", "222222222222"]),
        ("SharedSnapshotVolumeCreated", shared.clone(), "", "snap-2", NOBODY),
        ("SharedSnapshotCopyInitiated", shared, "", "snap-2", NOBODY),
        (
            "CancelImageLaunchPermission",
            request(json!({ "CancelImageLaunchPermissionRequest": { "ImageId": IMAGE } })),
            IMAGE,
            "",
            ["remove", "account", "111111111111"],
        ),
        ("LeaveOrganization", organizations(json!({})), "", "111111111111", NOBODY),
        (
            "RemoveAccountFromOrganization",
            organizations(request(json!({ "accountId": "222222222222" }))),
            "",
            "222222222222",
            NOBODY,
        ),
        ("AcceptHandshake", handshake("INVITE"), "", "111111111111", NOBODY),
        ("AcceptHandshake", handshake("ENABLE_ALL_FEATURES"), "", "", NOBODY),
        (
            "CreateAccountResult",
            service(json!({ "createAccountStatus": { "state": "SUCCEEDED", "accountId": "222222222222" } })),
            "",
            "222222222222",
            NOBODY,
        ),
        (
            "CreateAccountResult",
            service(json!({ "createAccountStatus": { "state": "FAILED" } })),
            "",
            "",
            NOBODY,
        ),
        (
            "CloseAccountResult",
            service(json!({ "closeAccountStatus": { "state": "SUCCEEDED", "accountId": "222222222222" } })),
            "",
            "222222222222",
            NOBODY,
        ),
    ]
}

/// Each event, with what of it is the image, the resource, the operation and the grantee.
#[test]
fn trail_shapes_of_the_other_events() {
    let all = events_about_images().into_iter().chain(events_about_the_rest());
    for (name, fields, image, resource, change) in all {
        let rows = of(&call(name, fields));
        let columns = ["event_name", "image_id", "resource_id", "operation", "grantee_type", "grantee"];
        let wanted = [name, image, resource, change[0], change[1], change[2]];
        assert_eq!(pick(&rows, columns), [wanted], "{name}");
        assert_eq!(
            [cell(&rows, "seed_rule_match"), cell(&rows, "elastic_rule_match")],
            ["false", "false"],
            "{name}"
        );
    }
}

/// Other services have events of the same names, and other events have grants in their parameters.
#[test]
fn trail_shapes_of_others_are_not_ours() {
    for (name, source) in [
        ("CopyImage", "appstream.amazonaws.com"),
        ("CreateImage", "imagebuilder.amazonaws.com"),
        ("LeaveOrganization", "ec2.amazonaws.com"),
        ("ModifyImageAttribute", "ec2-instance-connect.amazonaws.com"),
        ("ModifyDBSnapshotAttribute", "rds.amazonaws.com"),
        ("DescribeImageAttribute", "ec2.amazonaws.com"),
    ] {
        let found = super::read_packed(records(&[call(name, json!({ "eventSource": source }))]).as_bytes());
        assert_eq!((found.events, found.records, found.problems), (vec![], 1, vec![]), "{name} of {source}");
    }
}

/// Two real seconds of 2023: shared, taken back, gone. No look at the account afterwards finds a trace.
#[test]
fn trail_shapes_share_of_56_seconds() {
    let event = |id: &str, time: &str, name: &str, user: &str, request: Value| {
        let arn = format!("arn:aws:iam::111111111111:user/{user}");
        let identity = json!({ "type": "IAMUser", "arn": arn, "accountId": "111111111111" });
        let fields = json!({ "eventID": id, "eventTime": format!("2023-07-10T{time}Z"), "userIdentity": identity,
            "requestParameters": request });
        call(name, fields)
    };
    let grant = |operation: &str| {
        launch_permission(IMAGE, json!({ operation: { "items": [{ "userId": "012345678901" }] } }))
    };
    let folder = tempfile::tempdir().unwrap();
    let later = records(&[
        event("3", "12:12:03", "DeregisterImage", "bert-jan", json!({ "imageId": IMAGE })),
        event("2", "12:11:57", "ModifyImageAttribute", "cleaner", grant("remove")),
    ]);
    std::fs::write(folder.path().join("a.json"), later).unwrap();
    let earlier = records(&[event("1", "12:11:01", "ModifyImageAttribute", "bert-jan", grant("add"))]);
    std::fs::write(folder.path().join("b.json.gz"), super::gzip(earlier.as_bytes())).unwrap();

    let output = amiaudit(folder.path()).args(["events", ".", "--windows"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let columns = [
        "image_id",
        "grantee",
        "from",
        "to",
        "duration",
        "granter",
        "revoker",
        "from_event_id",
        "to_event_id",
        "ambiguous",
    ];
    let wanted = [
        IMAGE,
        "012345678901",
        "2023-07-10T12:11:01Z",
        "2023-07-10T12:11:57Z",
        "56",
        "arn:aws:iam::111111111111:user/bert-jan",
        "arn:aws:iam::111111111111:user/cleaner",
        "1",
        "2",
        "false",
    ];
    assert_eq!(pick(&parse(&output.stdout), columns), [wanted]);
}
