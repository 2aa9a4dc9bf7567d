//! A place: one account in one Region. Images, grants and request quotas all live in one.

use std::fmt;

use super::ids::{AccountId, Region};

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.account, self.region)
    }
}

/// Whether new public shares are refused in a place.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPublicAccess {
    /// AWS's word: `block-new-sharing` or `unblocked`.
    pub state: String,
    /// AWS's word for who decides: `account` or `declarative-policy`.
    pub managed_by: String,
}

impl BlockPublicAccess {
    /// Whether AWS said that public sharing is allowed. A word we do not know is not "off".
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.state == "unblocked"
    }
}
