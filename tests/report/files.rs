//! The files of the contract, column by column.

use amiaudit::model::coverage::Coverage;
use amiaudit::model::gap::Gap;
use amiaudit::model::report::Report;
use amiaudit::report::FORMATS;
use serde_json::Value;

use super::{HOSTILE, report};
use crate::support::build::{HOME, MEMBER, STRANGER, account};
use crate::support::rows::{Row, parse};

const HEADERS: &[(&str, &str)] = &[
    (
        "findings.csv",
        "finding_id,rule_id,severity,status,account_id,account_name,region,image_id,image_name,grantee_type,grantee,grantee_relation,shared_at,shared_by,shared_by_type,source_ip,user_agent,event_id,attribution,first_seen,exception_id,mitre_technique,controls,remediation,group_id,grantee_name,managed_by,resolved_at,resolution,snapshot_id,last_launched_at",
    ),
    (
        "shares.csv",
        "account_id,account_name,region,image_id,image_name,image_state,created_at,encrypted,grantee_type,grantee,grantee_relation,verdict,exception_id,shared_at,shared_by,attribution,read_at,grantee_name,managed_by",
    ),
    (
        "coverage.csv",
        "account_id,account_name,account_state,partition,region,status,images_listed,images_gone,permissions_read,grants,events_from,events_to,gaps",
    ),
    ("exceptions.csv", "exception_id,kind,scope,owner,approver,ticket,reason,approved_at,expires_at,matches"),
    ("gaps.csv", "account_id,region,call,subject,reason,error_code,expected,owner"),
];

fn bytes(file: &str, report: &Report) -> Vec<u8> {
    let format = FORMATS.iter().find(|format| format.file() == file).unwrap();
    let mut bytes = Vec::new();
    format.render(report, &mut bytes).unwrap();
    bytes
}

fn rendered(file: &str) -> Vec<u8> {
    bytes(file, &report())
}

fn rows(file: &str) -> Vec<Row> {
    parse(&rendered(file))
}

#[test]
fn columns_are_the_contracts() {
    for (file, header) in HEADERS {
        let text = String::from_utf8(rendered(file)).unwrap();
        assert_eq!(text.lines().next(), Some(*header), "{file}");
        assert!(!text.contains('\r') && text.ends_with('\n'), "{file}");
    }
}

#[test]
fn findings() {
    let rows = rows("findings.csv");
    assert_eq!(rows.len(), 2);
    let expected = [
        [("rule_id", "public-ami"), ("severity", "critical"), ("account_id", HOME), ("region", "us-east-1")],
        [
            ("rule_id", "shared-outside-organization"),
            ("severity", "high"),
            ("account_id", MEMBER),
            ("region", "eu-west-1"),
        ],
    ];
    for (row, cells) in rows.iter().zip(expected) {
        for (column, value) in cells {
            assert_eq!(row[column], value);
        }
        assert_eq!(row["status"], "open");
        assert_eq!(row["attribution"], "not_searched");
        assert_eq!(row["mitre_technique"], "T1537");
        assert_eq!(row["first_seen"], "2026-06-01T08:00:00Z");
    }
    assert_eq!(rows[0]["image_name"], format!("'{HOSTILE}"));
    assert_eq!(rows[1]["grantee"], STRANGER);
    assert_eq!(
        rows[1]["remediation"].split_once(" aws ").unwrap().1,
        format!(
            "ec2 modify-image-attribute --region eu-west-1 --image-id ami-0000000c --launch-permission \
             'Remove=[{{UserId={STRANGER}}}]'"
        )
    );
}

#[test]
fn shares_are_the_whole_population() {
    let rows = rows("shares.csv");
    let cells: Vec<[&str; 5]> = rows
        .iter()
        .map(|row| {
            ["image_id", "grantee_type", "grantee_relation", "verdict", "encrypted"].map(|c| row[c].as_str())
        })
        .collect();
    assert_eq!(
        cells,
        [
            ["ami-0000000a", "public", "public", "open", ""],
            ["ami-0000000b", "account", "member", "own", "false"],
            ["ami-0000000c", "account", "external", "open", "false"],
            ["ami-0000000c", "organization", "own_organization", "own", "false"],
        ]
    );
    assert_eq!(rows[1]["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(rows[1]["grantee_name"], format!("account {MEMBER}"));
}

#[test]
fn coverage_counts_each_places_gaps() {
    let rows = rows("coverage.csv");
    assert_eq!((rows[0]["status"].as_str(), rows[0]["gaps"].as_str()), ("read", "0"));
    assert_eq!((rows[1]["status"].as_str(), rows[1]["gaps"].as_str()), ("partial", "1"));
    assert_eq!(rows[1]["permissions_read"], "2");
}

#[test]
fn an_accounts_own_gaps_are_not_its_places() {
    let mut report = report();
    let gap = |id: Option<&str>, region: &str| Gap {
        account: id.map(account),
        region: region.parse().ok(),
        ..report.gaps[0].clone()
    };
    report.gaps = vec![
        gap(Some(MEMBER), "eu-west-1"),
        gap(Some(MEMBER), ""),
        gap(Some(MEMBER), "eu-west-1"),
        gap(Some(MEMBER), "us-east-1"),
        gap(Some(HOME), "eu-west-1"),
        gap(None, ""),
    ];
    report.coverage.push(Coverage { region: None, ..report.coverage[1].clone() });
    let rows = parse(&bytes("coverage.csv", &report));
    assert_eq!(rows.iter().map(|row| row["gaps"].as_str()).collect::<Vec<_>>(), ["0", "2", "1"]);
    let value: Value = serde_json::from_slice(&bytes("report.json", &report)).unwrap();
    let in_json: Vec<&Value> = value["coverage"].as_array().unwrap().iter().map(|row| &row["gaps"]).collect();
    assert_eq!(in_json, [0, 2, 1]);
}

#[test]
fn gaps_are_neutralised_too() {
    let rows = rows("gaps.csv");
    assert_eq!(rows[0]["reason"], "'+denied");
    assert_eq!(rows[0]["expected"], "false");
    assert_eq!(rows[0]["error_code"], "UnauthorizedOperation");
}

#[test]
fn json_holds_the_same_and_ids_as_text() {
    let value: Value = serde_json::from_slice(&rendered("report.json")).unwrap();
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["findings"][0]["image_name"], HOSTILE);
    assert_eq!(value["findings"][0]["finding_id"], rows("findings.csv")[0]["finding_id"].as_str());
    assert_eq!(value["shares"].as_array().unwrap().len(), 4);
    assert_eq!(value["shares"][0]["encrypted"], Value::Null);
    assert_eq!(value["organization"]["account_list"], "complete");
    assert_eq!(value["organization"]["accounts"], 3);
    assert_eq!(value["gaps"][0]["account_id"], MEMBER);
    assert_eq!(value["rules"].as_array().unwrap().len(), 2);
}

/// Its lists are written entry by entry, an empty one too: the bytes are those of the whole written at once.
#[test]
fn json_in_pieces_is_json_as_a_whole() {
    let bytes = rendered("report.json");
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let lists = ["findings", "shares", "coverage", "gaps", "exceptions"];
    assert_eq!(lists.map(|list| value[list].as_array().unwrap().len()), [2, 4, 2, 1, 0]);
    assert_eq!(String::from_utf8(bytes).unwrap(), serde_json::to_string_pretty(&value).unwrap() + "\n");
}
