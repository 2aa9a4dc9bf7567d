//! `remediate plan --usage-report`: who uses the images of a plan. Two accounts, two Regions.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use amiaudit::aws::{Aws, AwsSettings, Purpose};
use amiaudit::collect::SdkCloud;
use amiaudit::model::clock::Clock;
use amiaudit::remediate::{ask_usage, read_plan};
use amiaudit::sandbox::Scenario;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::binary::{amiaudit_at, stderr, stdout, told};
use crate::support::served::Served;

const HOME: &str = "111111111111";
const MEMBER: &str = "222222222222";
const OUTSIDE: &str = "999999999999";
const OTHER: &str = "888888888888";
/// Used by two accounts, one of which the plan names.
const TWO: &str = "ami-00000000000000001";
/// Used by nobody.
const NONE: &str = "ami-00000000000000002";
/// Shared with everybody; a member uses it too.
const PUBLIC: &str = "ami-00000000000000003";

fn scenario(more: &str) -> Scenario {
    let mut text = format!(
        "caller = {HOME:?}\nregions = [\"us-east-1\", \"eu-west-1\"]\n\
         [organization]\nid = \"o-usage00001\"\nmanagement = {HOME:?}\n\
         [[account]]\nid = {HOME:?}\n[[account]]\nid = {MEMBER:?}\n"
    );
    let uses = |account: &str, kind: &str, count: u32| {
        format!("{{ account = {account:?}, resource_type = \"ec2:{kind}\", count = {count} }}")
    };
    let two = [
        uses(OUTSIDE, "Instance", 2),
        uses(OUTSIDE, "Instance", 1),
        uses(OUTSIDE, "LaunchTemplate", 1),
        uses(OTHER, "Instance", 1),
    ];
    let public = [uses(HOME, "LaunchTemplate", 2), uses(MEMBER, "Instance", 4), uses(OTHER, "Instance", 0)];
    for (account, region, id, shared, used) in [
        (MEMBER, "eu-west-1", TWO, OUTSIDE, two.join(", ")),
        (HOME, "us-east-1", NONE, OUTSIDE, String::new()),
        (MEMBER, "us-east-1", PUBLIC, "all", public.join(", ")),
    ] {
        text.push_str(&format!(
            "[[image]]\naccount = {account:?}\nregion = {region:?}\nid = {id:?}\nname = \"web\"\n\
             created = \"2025-01-02T03:04:05Z\"\nshared_with = [{shared:?}]\nused_by = [{used}]\n"
        ));
    }
    Scenario::parse("usage.toml", &(text + more)).unwrap()
}

fn run(served: &Served, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(arguments).args(["--role-name", "R"]).output().unwrap()
}

/// A scan, and a plan of it in which AWS is asked who uses the images.
fn planned(served: &Served) -> (Output, Value, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let scan = run(served, folder.path(), &["scan", "--out", "report", "--exit-zero"]);
    assert_eq!(scan.status.code(), Some(0), "{}", told(&scan));
    let output = run(served, folder.path(), &["remediate", "plan", "report/report.json", "--usage-report"]);
    let plan = std::fs::read(folder.path().join("plan.json")).unwrap();
    (output, serde_json::from_slice(&plan).unwrap(), folder)
}

fn usage(account: &str, region: &str, image: &str, used_by: Value, error: Value) -> Value {
    json!({
        "account_id": account, "region": region, "image_id": image, "used_by": used_by, "error": error,
    })
}

fn user(account: &str, who: &str, counts: Value) -> Value {
    json!({ "account_id": account, "who": who, "counts": counts })
}

#[test]
fn it_tells_who_uses_each_image() {
    let served = Served::new(scenario(""));
    let (output, plan, folder) = planned(&served);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let two = json!([
        user(OTHER, "other", json!({ "ec2:Instance": 1 })),
        user(OUTSIDE, "grantee", json!({ "ec2:Instance": 3, "ec2:LaunchTemplate": 1 })),
    ]);
    // The plan takes everybody's grant, and so a member's way to the image.
    let public = json!([
        user(HOME, "grantee", json!({ "ec2:LaunchTemplate": 2 })),
        user(MEMBER, "owner", json!({ "ec2:Instance": 4 })),
    ]);
    assert_eq!(
        plan["usage"],
        json!([
            usage(HOME, "us-east-1", NONE, json!([]), Value::Null),
            usage(MEMBER, "eu-west-1", TWO, two, Value::Null),
            usage(MEMBER, "us-east-1", PUBLIC, public, Value::Null),
        ])
    );
    let text = stdout(&output);
    let told: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Who uses")).skip(1).collect();
    assert_eq!(
        told,
        [
            "  111111111111 us-east-1 ami-00000000000000002: no account uses it",
            "  222222222222 eu-west-1 ami-00000000000000001: account 888888888888 (not named in the plan) runs 1 \
             instance of it, which the plan does not stop",
            "  222222222222 eu-west-1 ami-00000000000000001: account 999999999999 (a grantee in the plan) runs 3 \
             instances of it, which the plan does not stop",
            "  222222222222 eu-west-1 ami-00000000000000001: account 999999999999 (a grantee in the plan) names it in 1 \
             launch template",
            "  222222222222 us-east-1 ami-00000000000000003: account 111111111111 (a grantee in the plan) names it in 2 \
             launch templates",
            "  222222222222 us-east-1 ami-00000000000000003: account 222222222222 (the owner) runs 4 instances of it, \
             which the plan does not stop",
        ]
    );
    assert!(!text.contains("--usage-report"), "{text}");
    // What is told decides nothing: a plan with it, without it or with another is applied alike.
    let dry = ["remediate", "apply", "plan.json", "--dry-run"];
    assert_eq!(run(&served, folder.path(), &dry).status.code(), Some(0));
    let mut without = plan.clone();
    without.as_object_mut().unwrap().remove("usage");
    std::fs::write(folder.path().join("plan.json"), without.to_string()).unwrap();
    let dry = run(&served, folder.path(), &dry);
    assert_eq!(dry.status.code(), Some(0), "{}", crate::support::binary::told(&dry));
}

#[test]
fn what_cannot_be_told_says_so_and_the_plan_is_written() {
    let fail = format!(
        "[[fail]]\ncall = \"CreateImageUsageReport\"\naccount = {MEMBER:?}\nimage = {TWO:?}\n\
         status = 403\ncode = \"UnauthorizedOperation\"\nmessage = \"You are not authorized \\u001b[31m\"\n\
         [[fault]]\nkind = \"cut\"\npercent = 100.0\ncall = \"DescribeImageUsageReportEntries\"\n\
         account = {MEMBER:?}\nregion = \"us-east-1\"\n"
    );
    let served = Served::new(scenario(&fail));
    let (output, plan, _folder) = planned(&served);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(plan["entries"].as_array().unwrap().len(), 3);
    let errors: Vec<(&str, bool)> = plan["usage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|usage| (usage["image_id"].as_str().unwrap(), usage["error"].is_null()))
        .collect();
    assert_eq!(errors, [(NONE, true), (TWO, false), (PUBLIC, false)]);
    let error = plan["usage"][1]["error"].as_str().unwrap();
    assert!(error.starts_with("CreateImageUsageReport: ") && error.contains("not authorized"), "{error}");
    // Half a list is no list of those who use an image.
    let cut = plan["usage"][2]["error"].as_str().unwrap();
    assert!(cut.starts_with("DescribeImageUsageReportEntries: "), "{cut}");
    assert_eq!(plan["usage"][2]["used_by"], json!([]));
    let line = stdout(&output);
    let line = line.lines().find(|line| line.contains("could not be told")).unwrap().to_owned();
    assert!(line.contains(TWO) && line.contains("not authorized") && !line.contains('\u{1b}'), "{line}");
    assert!(
        stderr(&output).contains("who uses 2 of the plan's images could not be told"),
        "{}",
        told(&output)
    );
}

#[test]
fn plan_asks_nothing_of_aws_unless_it_is_to_tell_who_uses_images() {
    let served = Served::new(scenario(""));
    let folder = tempfile::tempdir().unwrap();
    run(&served, folder.path(), &["scan", "--out", "report", "--exit-zero"]);
    let before = served.counts();
    let plan = run(&served, folder.path(), &["remediate", "plan", "report/report.json"]);
    assert_eq!(plan.status.code(), Some(0), "{}", told(&plan));
    assert_eq!(served.counts(), before);
    assert!(stdout(&plan).contains("`plan --usage-report` asks AWS"), "{}", told(&plan));
    // Nor where there is nothing to ask about.
    let none = ["remediate", "plan", "report/report.json", "--usage-report", "--account", "333333333333"];
    let none = run(&served, folder.path(), &none);
    assert_eq!(none.status.code(), Some(0), "{}", told(&none));
    assert_eq!(served.counts(), before);
}

#[test]
fn a_report_that_is_not_ready_in_time_says_so() {
    let served = Served::new(scenario(""));
    let (_, _, folder) = planned(&served);
    let mut plan = read_plan(&std::fs::read(folder.path().join("plan.json")).unwrap()).unwrap();
    plan.entries.truncate(2);
    // Another plan's reports are others, and pending at the first look.
    plan.sha256 = "another".to_owned();
    let settings = AwsSettings { purpose: Purpose::UsageReport, ..served.settings() };
    let usage = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let aws = Aws::load(settings, Clock::new(Timestamp::now)).await.unwrap();
        let (cloud, caller) = SdkCloud::connect(aws).await.unwrap();
        ask_usage(cloud.aws(), &caller, &plan, Duration::ZERO).await
    });
    let told: Vec<(&str, &str)> = usage
        .iter()
        .map(|usage| (usage.image_id.as_str(), usage.error.as_deref().unwrap_or_default()))
        .collect();
    let late = "DescribeImageUsageReports: the report was not ready within 0 s; make the plan again later";
    assert_eq!(told, [(NONE, late), (TWO, late)]);
}
