//! Formats, each on one fixed report.

mod files;
mod full;
mod print;
mod snapshots;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use amiaudit::model::coverage::{Counts, Coverage, CoverageStatus};
use amiaudit::model::gap::Gap;
use amiaudit::model::image::Image;
use amiaudit::model::report::{Report, Run};
use amiaudit::model::share::Share;

use crate::support::build::{
    HOME, MEMBER, OUR_ORG, STRANGER, account, caller, image, judge, now, organization, share,
};

/// A name that a spreadsheet, a terminal and a table would each trip over.
pub(crate) const HOSTILE: &str = "=cmd|'/C calc'!A1\u{1b}[31m\n\"quoted\", | `code` \u{202e}gnp";

/// One report with something of everything.
pub(crate) fn report() -> Report {
    let hostile = Share {
        image: Arc::new(Image { name: HOSTILE.to_owned(), encrypted: None, ..image("ami-0000000a") }),
        ..share(HOME, "us-east-1", "ami-0000000a", "all")
    };
    let shares = vec![
        hostile,
        share(HOME, "us-east-1", "ami-0000000b", MEMBER),
        share(MEMBER, "eu-west-1", "ami-0000000c", STRANGER),
        share(MEMBER, "eu-west-1", "ami-0000000c", OUR_ORG),
    ];
    let org = organization();
    let judged = judge(shares, &[], &org);
    let row = |id: &str, region: &str, status, counts| Coverage {
        account: account(id),
        account_name: format!("account {id}"),
        account_state: "ACTIVE".to_owned(),
        partition: "aws".parse().unwrap(),
        region: region.parse().ok(),
        status,
        counts,
        events: None,
    };
    let counts = Counts { images_listed: 2, images_gone: 0, permissions_read: 2, grants: 2 };
    Report {
        run: Run {
            id: "run-test".to_owned(),
            arguments: vec!["scan".to_owned()],
            variables: BTreeMap::new(),
            policy_sha256: None,
            started_at: now(),
            ended_at: now(),
            caller: caller(),
            interrupted: false,
            api_calls: BTreeMap::from([("DescribeImages".to_owned(), 2)]),
        },
        org,
        findings: judged.findings,
        shares: judged.shares,
        coverage: vec![
            row(HOME, "us-east-1", CoverageStatus::Read, Some(counts)),
            row(MEMBER, "eu-west-1", CoverageStatus::Partial, Some(counts)),
        ],
        gaps: vec![Gap {
            account: Some(account(MEMBER)),
            region: "eu-west-1".parse().ok(),
            call: "DescribeImageAttribute".to_owned(),
            subject: "ami-0000000d".to_owned(),
            reason: "+denied".to_owned(),
            error_code: Some("UnauthorizedOperation".to_owned()),
            expected_by: None,
        }],
        exceptions: Vec::new(),
        images: None,
        events: None,
    }
}
