//! `plan.json`: entries may be taken away, and nothing else.

use amiaudit::remediate::{Plan, ReportRef, Stays, read_plan, signed_text, write_plan};
use serde_json::Value;

use super::fake::{entry, person, target};
use crate::support::build::{HOME, MEMBER, STRANGER, THEIR_ORG, now};

fn plan() -> Plan {
    let entries = vec![
        entry(&target(HOME, "us-east-1", "ami-1"), STRANGER),
        entry(&target(HOME, "us-east-1", "ami-1"), "all"),
        entry(&target(MEMBER, "eu-west-1", "ami-2"), THEIR_ORG),
    ];
    let stays = Stays {
        finding_id: "f-9".to_owned(),
        about: "an \u{1b}[31mimage".to_owned(),
        reason: "no call can name this grantee".to_owned(),
    };
    let report = ReportRef {
        path: "/reports/report.json".to_owned(),
        sha256: "ab".repeat(32),
        run_id: "run-1".to_owned(),
        started_at: now(),
        by: person("planner"),
    };
    Plan::new(now(), Some("SEC-1".to_owned()), report, Some("cd".repeat(32)), (entries, vec![stays]))
}

fn edited(edit: impl Fn(&mut Value)) -> Result<Plan, String> {
    let mut value: Value = serde_json::from_slice(&write_plan(&plan())).unwrap();
    edit(&mut value);
    read_plan(value.to_string().as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn it_comes_back_as_it_was_written() {
    assert_eq!(read_plan(&write_plan(&plan())).unwrap(), plan());
}

#[test]
fn entries_may_be_taken_away() {
    let narrowed = edited(|plan| {
        plan["entries"].as_array_mut().unwrap().remove(1);
    })
    .unwrap();
    assert_eq!(narrowed.entries, [plan().entries[0].clone(), plan().entries[2].clone()]);
    assert_eq!(narrowed.sha256, plan().sha256);
    assert_eq!(read_plan(&write_plan(&narrowed)).unwrap(), narrowed);
}

#[test]
fn nothing_may_be_added_or_changed() {
    let refused = |edit: &dyn Fn(&mut Value)| edited(edit).unwrap_err();
    let widened = "it was added or changed: entries may only be taken away; make a new plan";
    for (field, value) in [
        ("account_id", "333333333333"),
        ("region", "us-west-2"),
        ("image_id", "ami-9"),
        ("grantee", "555555555555"),
        ("finding_id", "f-1"),
        ("image_name", "another"),
        ("snapshot_id", "snap-1"),
    ] {
        let why = refused(&|plan| plan["entries"][0][field] = value.into());
        assert!(why.starts_with("entries[0]") && why.ends_with(widened), "{field}: {why}");
    }
    let why = refused(&|plan| {
        let mut more = plan["entries"][0].clone();
        more["image_id"] = "ami-9".into();
        plan["entries"].as_array_mut().unwrap().push(more);
    });
    assert!(why.starts_with("entries[3]") && why.ends_with(widened), "{why}");
    let why = refused(&|plan| {
        let again = plan["entries"][0].clone();
        plan["entries"].as_array_mut().unwrap().push(again);
    });
    assert!(why.ends_with("it stands there twice"), "{why}");
    let head = "it is not as it was made: its head does not fit its sha256; make a new plan";
    assert_eq!(refused(&|plan| plan["head"]["created_at"] = "2026-06-02T08:00:00Z".into()), head);
    assert_eq!(refused(&|plan| plan["head"]["report"]["sha256"] = "00".into()), head);
    assert_eq!(refused(&|plan| plan["head"]["entries_sha256"][0] = "00".into()), head);
    let other = refused(&|plan| plan["more"] = 1.into());
    assert!(
        other.starts_with(
            "it is not a plan of amiaudit, as `amiaudit remediate plan` makes it: unknown field `more`"
        ),
        "{other}"
    );
}

#[test]
fn another_version_is_refused() {
    let why = edited(|plan| plan["head"]["plan_version"] = 2.into()).unwrap_err();
    assert_eq!(why, "it is of version 2, and this program reads 1");
}

#[test]
fn an_approval_covers_what_was_there_and_nothing_that_is_put_back() {
    let whole = plan();
    let narrowed = edited(|plan| {
        plan["entries"].as_array_mut().unwrap().remove(0);
    })
    .unwrap();
    let of_all = whole.to_approve(person("approver"), now());
    let of_some = narrowed.to_approve(person("approver"), now());
    assert_eq!(whole.is_approved_by(&of_all), Ok(()));
    assert_eq!(narrowed.is_approved_by(&of_all), Ok(()));
    assert_eq!(narrowed.is_approved_by(&of_some), Ok(()));
    let why = whole.is_approved_by(&of_some).unwrap_err();
    assert!(why.ends_with("was not in the plan that was approved"), "{why}");
    let own = whole.to_approve(person("planner"), now());
    let why = whole.is_approved_by(&own).unwrap_err();
    assert!(why.ends_with("planned it too: another person must approve"), "{why}");
}

#[test]
fn what_is_signed_tells_any_two_approvals_apart() {
    let plan = plan();
    let approval = plan.to_approve(person("approver"), now());
    let text = signed_text(&plan.sha256, &approval);
    assert_ne!(text, signed_text("other", &approval));
    let mut other = approval.clone();
    other.by.user_id.push('X');
    assert_ne!(text, signed_text(&plan.sha256, &other));
    let mut other = approval.clone();
    other.entries_sha256.pop();
    assert_ne!(text, signed_text(&plan.sha256, &other));
    let mut other = approval;
    other.by.arn.push_str("\nAIDAOTHER");
    assert_eq!(signed_text(&plan.sha256, &other).split(|byte| *byte == b'\n').count(), 9);
}
