//! Request quotas: a bucket of tokens for each account, Region and API action.
//!
//! Defaults as documented; AWS changes them and raises them on request, so they are settings.
//! <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>

/// The size of a bucket, and how many tokens a second flow back into it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// Tokens it holds when full: the burst.
    pub bucket: f64,
    /// Tokens a second.
    pub refill: f64,
}

/// The actions that are called, and so have a bucket.
pub const ACTIONS: [&str; 29] = [
    "AssumeRole",
    "CreateImageUsageReport",
    "DescribeImageAttribute",
    "DescribeImageUsageReportEntries",
    "DescribeImageUsageReports",
    "DescribeImages",
    "DescribeOrganization",
    "DescribeRegions",
    "DescribeSnapshotAttribute",
    "DisableImageBlockPublicAccess",
    "EnableImageBlockPublicAccess",
    "FilterLogEvents",
    "GetCallerIdentity",
    "GetImageBlockPublicAccessState",
    "GetObject",
    "GetQueryExecution",
    "GetQueryResults",
    "GetTableMetadata",
    "ListAccounts",
    "ListAccountsForParent",
    "ListBucket",
    "ListOrganizationalUnitsForParent",
    "ListPublicKeys",
    "ListRoots",
    "LookupEvents",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "StartQueryExecution",
    "StopQueryExecution",
];

/// The documented quota of an action. Actions that are not listed are EC2's reads.
#[must_use]
pub fn documented(action: &str) -> Quota {
    let (bucket, refill) = match action {
        "ModifyImageAttribute" | "ModifySnapshotAttribute" => (100.0, 5.0),
        "CreateImageUsageReport" => (50.0, 5.0),
        "EnableImageBlockPublicAccess" | "DisableImageBlockPublicAccess" => (1.0, 0.1),
        "ListAccounts" => (12.0, 8.0),
        "ListAccountsForParent" | "ListOrganizationalUnitsForParent" | "ListParents" => (8.0, 5.0),
        "ListChildren" => (10.0, 6.0),
        "ListRoots" | "DescribeOrganization" => (2.0, 1.0),
        "DescribeAccount" => (30.0, 20.0),
        "LookupEvents" => (2.0, 2.0),
        "ListPublicKeys" => (10.0, 10.0),
        "FilterLogEvents" => (5.0, 5.0),
        "ListBucket" | "GetObject" => (5_500.0, 5_500.0),
        _ => (100.0, 20.0),
    };
    Quota { bucket, refill }
}
