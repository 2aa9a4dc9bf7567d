//! The API actions we call. README.md lists them as IAM permissions, and a test compares the two.

/// One API action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    /// Its IAM prefix, such as `ec2`.
    pub service: &'static str,
    /// Its name, such as `DescribeImages`.
    pub name: &'static str,
}

macro_rules! actions {
    ($($const:ident = $service:literal : $name:literal),+ $(,)?) => {
        $(
            #[doc = concat!("`", $service, ":", $name, "`")]
            pub const $const: Action = Action { service: $service, name: $name };
        )+
    };
}

actions! {
    GET_CALLER_IDENTITY = "sts":"GetCallerIdentity",
    ASSUME_ROLE = "sts":"AssumeRole",
    DESCRIBE_ORGANIZATION = "organizations":"DescribeOrganization",
    LIST_ACCOUNTS = "organizations":"ListAccounts",
    LIST_ROOTS = "organizations":"ListRoots",
    LIST_UNITS = "organizations":"ListOrganizationalUnitsForParent",
    LIST_ACCOUNTS_FOR_PARENT = "organizations":"ListAccountsForParent",
    DESCRIBE_REGIONS = "ec2":"DescribeRegions",
    DESCRIBE_IMAGES = "ec2":"DescribeImages",
    DESCRIBE_IMAGE_ATTRIBUTE = "ec2":"DescribeImageAttribute",
    DESCRIBE_SNAPSHOT_ATTRIBUTE = "ec2":"DescribeSnapshotAttribute",
    GET_BLOCK_PUBLIC_ACCESS = "ec2":"GetImageBlockPublicAccessState",
    MODIFY_IMAGE_ATTRIBUTE = "ec2":"ModifyImageAttribute",
    MODIFY_SNAPSHOT_ATTRIBUTE = "ec2":"ModifySnapshotAttribute",
    ENABLE_BLOCK_PUBLIC_ACCESS = "ec2":"EnableImageBlockPublicAccess",
    DISABLE_BLOCK_PUBLIC_ACCESS = "ec2":"DisableImageBlockPublicAccess",
    CREATE_IMAGE_USAGE_REPORT = "ec2":"CreateImageUsageReport",
    DESCRIBE_IMAGE_USAGE_REPORTS = "ec2":"DescribeImageUsageReports",
    DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES = "ec2":"DescribeImageUsageReportEntries",
    LOOKUP_EVENTS = "cloudtrail":"LookupEvents",
    LIST_PUBLIC_KEYS = "cloudtrail":"ListPublicKeys",
    LIST_BUCKET = "s3":"ListBucket",
    GET_OBJECT = "s3":"GetObject",
    GET_TABLE_METADATA = "athena":"GetTableMetadata",
    START_QUERY_EXECUTION = "athena":"StartQueryExecution",
    GET_QUERY_EXECUTION = "athena":"GetQueryExecution",
    GET_QUERY_RESULTS = "athena":"GetQueryResults",
    STOP_QUERY_EXECUTION = "athena":"StopQueryExecution",
    FILTER_LOG_EVENTS = "logs":"FilterLogEvents",
}

/// What a scan calls with the caller's own credentials besides [`READS`].
pub const CALLER: &[Action] = &[
    GET_CALLER_IDENTITY,
    ASSUME_ROLE,
    DESCRIBE_ORGANIZATION,
    LIST_ACCOUNTS,
    LIST_ROOTS,
    LIST_UNITS,
    LIST_ACCOUNTS_FOR_PARENT,
];

/// What a scan calls in every account. The session policy of an assumed role allows exactly these.
pub const READS: &[Action] = &[
    DESCRIBE_REGIONS,
    DESCRIBE_IMAGES,
    DESCRIBE_IMAGE_ATTRIBUTE,
    DESCRIBE_SNAPSHOT_ATTRIBUTE,
    GET_BLOCK_PUBLIC_ACCESS,
    LOOKUP_EVENTS,
];

/// What taking back and undoing call in every account besides reads.
pub const WRITES: &[Action] = &[
    MODIFY_IMAGE_ATTRIBUTE,
    MODIFY_SNAPSHOT_ATTRIBUTE,
    ENABLE_BLOCK_PUBLIC_ACCESS,
    DISABLE_BLOCK_PUBLIC_ACCESS,
];

/// What they read there before and after each change.
pub const REMEDIATE_READS: &[Action] =
    &[DESCRIBE_IMAGES, DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_SNAPSHOT_ATTRIBUTE, GET_BLOCK_PUBLIC_ACCESS];

/// What a plan calls that is to tell who uses the images. The first makes a report, which AWS keeps for 30 days.
pub const USAGE_REPORT: &[Action] =
    &[CREATE_IMAGE_USAGE_REPORT, DESCRIBE_IMAGE_USAGE_REPORTS, DESCRIBE_IMAGE_USAGE_REPORT_ENTRIES];
