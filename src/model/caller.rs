//! Who runs the audit.

use super::ids::{AccountId, Partition};

/// What `sts:GetCallerIdentity` says of us.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Our account.
    pub account: AccountId,
    /// Our ARN.
    pub arn: String,
    /// Our unique id.
    pub user_id: String,
    /// The partition we are in, read from the ARN.
    pub partition: Partition,
}
