//! Forty images in each of three accounts and two Regions: what is asked of AWS is the plan, call by call, and what
//! stands afterwards is what the plan does not name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stage::{Grants, Stage};
use super::world::{GO, THIRD, VENDOR, large};
use super::writes::planned;
use crate::support::binary::{stdout, told};
use crate::support::build::{CLOSED, HOME, MEMBER};
use crate::support::rows::{pick, rows};

const POLICY: &str = "[[trusted]]\naccounts = [\"777777777777\"]\nowner = \"o\"\nreason = \"r\"\nexpires = 2099-12-31\n\
    [[exception]]\naccount = \"222222222222\"\nimage = \"ami-103\"\ngrantee = \"999999999999\"\nowner = \"o\"\n\
    reason = \"r\"\nexpires = 2099-12-31\n";

/// Account, Region, image, grantee in the short form, of what is to go.
fn wanted(state: &Grants) -> Vec<[String; 4]> {
    let goes = |[account, _, image, _, value]: &&[String; 5]| {
        let is_excepted =
            (account.as_str(), image.as_str(), value.as_str()) == (MEMBER, "ami-103", "999999999999");
        GO.contains(&value.as_str()) && !is_excepted
    };
    let goes = state.iter().filter(goes);
    let mut wanted: Vec<[String; 4]> = goes
        .map(|[account, region, image, _, value]| [account, region, image, value].map(String::clone))
        .collect();
    wanted.sort();
    wanted
}

fn entries(plan: &Value) -> Vec<[String; 4]> {
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = plan["entries"].as_array().unwrap().iter();
    let mut entries: Vec<[String; 4]> = entries
        .map(|entry| ["account_id", "region", "image_id", "grantee"].map(|name| text(entry, name)))
        .collect();
    entries.sort();
    entries
}

/// The findings of a report that are open, but for what tells what became of others.
fn open(stage: &Stage, report: &str) -> Vec<[String; 6]> {
    let columns = ["finding_id", "status", "account_id", "region", "image_id", "grantee"];
    pick(&rows(&stage.path(report).join("findings.csv")), columns)
}

#[test]
fn what_is_asked_of_aws_is_the_plan_and_undo_its_inverse() {
    let stage = Stage::new(large());
    let before = stage.state();
    stage.write("policy.toml", POLICY);
    stage.scan("before", &["--policy", "policy.toml"]);
    let output = stage.run(&["plan", "before/report.json", "--out", "plan.json", "--ticket", "SEC-1"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let plan = stage.plan();
    let goes = wanted(&before);
    assert_eq!(entries(&plan), goes);
    for grantee in GO {
        assert!(goes.iter().any(|entry| entry[3] == grantee), "{grantee} has no grant");
    }
    let reasons: BTreeSet<&str> =
        plan["stays"].as_array().unwrap().iter().map(|stays| stays["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, BTreeSet::from(["it is about no single grant", "no call can name this grantee"]));
    assert_eq!(stage.writes(), [], "neither scan nor plan writes");

    let begun = stage.sandbox().calls().len();
    let apply = ["--policy", "policy.toml", "--max-changes", "100000"];
    let output = stage.apply(&apply);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stdout(&output), format!("{} revoked\n", goes.len()));
    let calls = planned(&plan, "Remove");
    assert_eq!(stage.writes_after(begun), calls);
    sessions_may_just_do_this(&stage, begun);
    let after: Grants = before
        .iter()
        .filter(|[account, region, image, _, value]| {
            !goes.contains(&[account, region, image, value].map(String::clone))
        })
        .cloned()
        .collect();
    assert_eq!(stage.state(), after);
    assert!(
        after.iter().any(|grant| grant[4] == VENDOR) && after.iter().any(|grant| grant[3] == "groupName")
    );
    rows_say(&stage, &plan, "revoked");

    stage.scan("after", &["--policy", "policy.toml"]);
    let of_plan =
        |id: &String| plan["entries"].as_array().unwrap().iter().any(|entry| entry["finding_id"] == **id);
    let left: Vec<_> = open(&stage, "before").into_iter().filter(|finding| !of_plan(&finding[0])).collect();
    assert_eq!(open(&stage, "after"), left);

    let begun = stage.sandbox().calls().len();
    let output = stage.undo(&["--max-changes", "100000"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.writes_after(begun), planned(&plan, "Add"));
    sessions_may_just_do_this(&stage, begun);
    assert_eq!(stage.state(), before);
    rows_say(&stage, &plan, "restored");
    stage.scan("undone", &["--policy", "policy.toml"]);
    assert_eq!(open(&stage, "undone"), open(&stage, "before"));

    // What is done is done once.
    let begun = stage.sandbox().calls().len();
    let again = stage.undo(&[]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!((stage.writes_after(begun), stage.state()), (vec![], before));
}

/// The roles of the other accounts are assumed, once each, with what taking back needs and no more.
fn sessions_may_just_do_this(stage: &Stage, from: usize) {
    let calls = stage.sandbox().calls().split_off(from);
    let assumed: Vec<_> =
        calls.iter().filter(|call| call.action == "AssumeRole").map(|call| &call.params).collect();
    let mut roles: Vec<&str> = assumed.iter().map(|params| params["RoleArn"].as_str()).collect();
    roles.sort_unstable();
    let wanted = [MEMBER, THIRD].map(|account| format!("arn:aws:iam::{account}:role/Remediator"));
    assert_eq!(roles, wanted);
    for params in assumed {
        let policy: Value = serde_json::from_str(&params["Policy"]).unwrap();
        assert_eq!(policy.to_string(), amiaudit::aws::remediate_session_policy());
        let actions = policy["Statement"][0]["Action"].as_array().unwrap().iter();
        let writes: BTreeSet<&str> = actions
            .map(|action| action.as_str().unwrap())
            .filter(|action| !action.starts_with("ec2:Describe") && !action.starts_with("ec2:Get"))
            .collect();
        let wanted = [
            "ec2:DisableImageBlockPublicAccess",
            "ec2:EnableImageBlockPublicAccess",
            "ec2:ModifyImageAttribute",
            "ec2:ModifySnapshotAttribute",
        ];
        assert_eq!(writes, BTreeSet::from(wanted));
    }
    let owners: BTreeSet<String> =
        stage.writes_after(from).iter().map(|write| write.account.clone()).collect();
    assert_eq!(owners, BTreeSet::from([HOME, MEMBER, THIRD].map(str::to_owned)), "never {CLOSED}");
}

/// remediation.csv has a row for each entry, and nothing else.
fn rows_say(stage: &Stage, plan: &Value, result: &str) {
    let rows = stage.rows();
    let columns = ["finding_id", "account_id", "region", "image_id", "grantee_type", "grantee"];
    let mut wanted: Vec<[String; 6]> = plan["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| columns.map(|column| entry[column].as_str().unwrap().to_owned()))
        .collect();
    wanted.sort();
    assert_eq!(pick(&rows, columns), wanted);
    let arn = "arn:aws:iam::111111111111:user/auditor";
    let same = ["plan_sha256", "result", "verified", "by", "approved_by", "ticket", "reason", "snapshot_id"];
    let sha256 = plan["sha256"].as_str().unwrap();
    let said = BTreeSet::from([[sha256, result, "true", arn, "", "SEC-1", "", ""].map(str::to_owned)]);
    assert_eq!(pick(&rows, same).into_iter().collect::<BTreeSet<_>>(), said);
    let now = |row: &crate::support::rows::Row, grantee: &str| {
        row["after"].split(' ').any(|grant| grant.split_once(':').is_some_and(|(_, text)| text == grantee))
    };
    for row in &rows {
        assert_eq!(now(row, &row["grantee"]), result == "restored", "{row:?}");
    }
}
