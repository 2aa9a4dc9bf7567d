//! `--organization FILE`.

use amiaudit::collect::read_organization_file;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::organization::Membership;
use serde_json::{Value, json};

use crate::support::build::{CLOSED, HOME, MEMBER, OUR_ORG, STRANGER, account, caller, grantee};

fn saved(accounts: &[(&str, &str)]) -> Value {
    let list: Vec<Value> = accounts
        .iter()
        .map(|(id, state)| {
            json!({
                "Id": id, "Name": format!("name {id}"), "Email": "x@example.com", "State": state,
                "Arn": format!("arn:aws:organizations::{HOME}:account/o-ourorg0001/{id}"),
                "JoinedMethod": "CREATED", "JoinedTimestamp": "2024-05-06T07:08:09.123000+00:00",
                "Paths": [format!("o-ourorg0001/r-ab12/ou-ab12-cd34ef56/{id}/")],
            })
        })
        .collect();
    json!({ "Accounts": list })
}

fn read(text: &str) -> Result<Membership, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.json");
    std::fs::write(&file, text).unwrap();
    read_organization_file(&file, Some(&caller())).map_err(|error| error.to_string())
}

fn relations(membership: Membership) -> [&'static str; 4] {
    let view = OrgView::new(account(HOME), membership);
    [MEMBER, CLOSED, STRANGER, OUR_ORG].map(|to| grantee(to).relation(account(HOME), &view).word())
}

const OURS: &[(&str, &str)] = &[(HOME, "ACTIVE"), (MEMBER, "ACTIVE"), (CLOSED, "CLOSED")];

#[test]
fn a_saved_list_stands_for_the_api() {
    let membership = read(&saved(OURS).to_string()).unwrap();
    let member = membership.member(account(MEMBER)).unwrap().clone();
    assert_eq!(member.name, format!("name {MEMBER}"));
    assert_eq!(member.joined_at, "2024-05-06T07:08:09.123Z".parse().ok());
    assert_eq!(member.units.unwrap()[0].as_str(), "ou-ab12-cd34ef56");
    assert_eq!(relations(membership), ["member", "suspended_member", "external", "own_organization"]);
}

#[test]
fn the_date_is_the_one_it_states() {
    let mut file = saved(OURS);
    file["AsOf"] = json!("2026-05-01T00:00:00Z");
    let Membership::In { as_of, .. } = read(&file.to_string()).unwrap() else { panic!("an organization") };
    assert_eq!(as_of, "2026-05-01T00:00:00Z".parse().ok());
}

#[test]
fn a_list_that_is_not_whole_calls_nobody_external() {
    let mut cut = saved(OURS);
    cut["NextToken"] = json!("more");
    let without_us = saved(&[(MEMBER, "ACTIVE"), (CLOSED, "CLOSED")]);
    for file in [cut, without_us] {
        assert_eq!(relations(read(&file.to_string()).unwrap())[2], "unknown");
    }
}

#[test]
fn old_files_say_status() {
    let text =
        saved(OURS).to_string().replace("\"State\"", "\"Status\"").replace("CLOSED\",", "SUSPENDED\",");
    assert_eq!(relations(read(&text).unwrap())[1], "suspended_member");
}

#[test]
fn every_slip_is_named_with_its_place() {
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut file = saved(OURS);
        change(&mut file);
        read(&file.to_string()).unwrap_err()
    };
    let id = bad(&|file| file["Accounts"][1]["Id"] = json!("22222"));
    assert!(id.contains("Accounts[1]: Id:") && id.contains("12 digits"), "{id}");
    let arn = bad(&|file| file["Accounts"][2]["Arn"] = file["Accounts"][0]["Arn"].clone());
    assert!(arn.contains("Accounts[2]: Arn:"), "{arn}");
    let state = bad(&|file| _ = file["Accounts"][0].as_object_mut().unwrap().remove("State"));
    assert!(state.contains("Accounts[0]: State"), "{state}");
    let shape = read("{\"accounts\": []}").unwrap_err();
    assert!(
        shape.contains("Accounts") && shape.contains("line 1") && shape.contains("list-accounts"),
        "{shape}"
    );
    let json = read("not json").unwrap_err();
    assert!(json.contains("accounts.json") && json.contains("line 1 column"), "{json}");
}
