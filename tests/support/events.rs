//! Makes CloudTrail's records in few words, and reads them as the program does.

use amiaudit::collect::{FileOptions, LocalSource, Quiet, read_files};
use amiaudit::judge::Judgement;
use amiaudit::judge::policy::Policy;
use amiaudit::judge::trace::SeenBefore;
use amiaudit::model::coverage::Coverage;
use amiaudit::model::event_log::EventLog;
use amiaudit::model::finding::Finding;
use amiaudit::model::org_view::OrgView;
use amiaudit::model::share::Share;
use serde_json::{Value, json};

use crate::support::build::{case, policy};

/// A call of EC2's.
pub(crate) fn call(at: &str, (account, region): (&str, &str), name: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": format!("arn:aws:iam::{account}:user/jan"),
            "accountId": account,
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "jan",
        },
        "eventTime": at,
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2.17",
        "requestParameters": parameters,
        "responseElements": { "_return": true },
        "requestID": format!("request of {name} at {at}"),
        "eventID": format!("{name} at {at}"),
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
    })
}

/// A member of a launch permission, as CloudTrail writes it.
fn item(to: &str) -> Value {
    let member = match to {
        "all" => "group",
        _ if to.contains(":organization/") => "organizationArn",
        _ if to.contains(":ou/") => "organizationalUnitArn",
        _ => "userId",
    };
    json!({ member: to })
}

/// `operation` is `add` or `remove`.
pub(crate) fn modify(at: &str, place: (&str, &str), image: &str, operation: &str, to: &str) -> Value {
    let permission = json!({ operation: { "items": [item(to)] } });
    let parameters =
        json!({ "imageId": image, "launchPermission": permission, "attributeType": "launchPermission" });
    call(at, place, "ModifyImageAttribute", parameters)
}

pub(crate) fn about(at: &str, place: (&str, &str), name: &str, image: &str) -> Value {
    call(at, place, name, json!({ "imageId": image }))
}

/// The same record with something else in it.
pub(crate) fn with(mut record: Value, member: &str, value: Value) -> Value {
    record[member] = value;
    record
}

/// An event of AWS Organizations about an account, in the trail of `trail`.
pub(crate) fn organizations(at: &str, trail: &str, name: &str, parameters: Value) -> Value {
    let record = call(at, (trail, "us-east-1"), name, parameters);
    with(record, "eventSource", json!("organizations.amazonaws.com"))
}

/// The log that these records are.
pub(crate) fn log(records: &[Value]) -> EventLog {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    std::fs::write(&file, json!({ "Records": records }).to_string()).unwrap();
    let options = FileOptions { most: 1 << 20, keeps_records: false, verifies: false };
    let log = read_files(&[LocalSource::Path(file)], options, &Quiet).unwrap();
    assert_eq!(log.holes, []);
    log
}

/// What is judged of shares and a log.
pub(crate) struct Judged<'a> {
    pub(crate) policy: &'a str,
    pub(crate) shares: Vec<Share>,
    pub(crate) coverage: &'a [Coverage],
    pub(crate) seen_before: SeenBefore,
    pub(crate) org: OrgView,
}

impl Judged<'_> {
    pub(crate) fn by(&self, log: &EventLog) -> Judgement {
        let policy: Policy = policy(self.policy);
        amiaudit::judge::judge(amiaudit::judge::Case {
            shares: self.shares.clone(),
            coverage: self.coverage,
            log: Some(log),
            seen_before: &self.seen_before,
            ..case(&self.org, &policy)
        })
    }

    /// The findings of one rule.
    pub(crate) fn found(&self, rule: &str, log: &EventLog) -> Vec<Finding> {
        self.by(log).findings.into_iter().filter(|finding| finding.rule.id == rule).collect()
    }

    /// Account, Region, image, grantee, severity, status and event of one rule's findings.
    pub(crate) fn rows(&self, rule: &str, log: &EventLog) -> Vec<[String; 7]> {
        fn text<T: ToString>(value: Option<&T>) -> String {
            value.map(ToString::to_string).unwrap_or_default()
        }
        let row = |finding: &Finding| {
            [
                text(finding.account.as_ref()),
                text(finding.region.as_ref()),
                text(finding.image.as_ref().map(|image| &image.id)),
                text(finding.grantee.as_ref()),
                finding.severity.to_string(),
                finding.status.to_string(),
                finding.subject.clone().unwrap_or_default(),
            ]
        };
        self.found(rule, log).iter().map(row).collect()
    }
}

/// Nothing stands, nothing is approved.
pub(crate) fn nothing_stands(org: OrgView) -> Judged<'static> {
    Judged { policy: "", shares: Vec::new(), coverage: &[], seen_before: SeenBefore::new(), org }
}
