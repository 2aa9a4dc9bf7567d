//! Identifiers, parsed once where they enter. Nothing past `collect` handles an id as a plain string.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A text that is not the id it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: {form}")]
pub struct BadId {
    what: &'static str,
    form: &'static str,
    text: String,
}

impl BadId {
    pub(super) fn new(what: &'static str, form: &'static str, text: &str) -> Self {
        let text = text.chars().take(200).collect();
        Self { what, form, text }
    }
}

/// An AWS account id: exactly 12 digits, leading zeros kept.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl FromStr for AccountId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let bad = || BadId::new("an AWS account id", "it has 12 digits", text);
        if !digits {
            return Err(bad());
        }
        text.parse().map(Self).map_err(|_| bad())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// Generates an id that keeps its text as written behind a check.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(BadId::new($what, $form, text))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text_id!(
    /// An AMI id as written: `ami-` and letters or digits of any number and case. Old ones have 8
    /// hex digits, new ones 17, and anonymised logs have upper case.
    ImageId,
    "an AMI id",
    "it is `ami-` and letters or digits",
    |text| text.strip_prefix("ami-").is_some_and(|rest| of(rest, 1, 64, |b| b.is_ascii_alphanumeric()))
);

text_id!(
    /// The id of an EBS snapshot as written: `snap-` and letters or digits of any number and case, like [`ImageId`].
    SnapshotId,
    "a snapshot id",
    "it is `snap-` and letters or digits",
    |text| text.strip_prefix("snap-").is_some_and(|rest| of(rest, 1, 64, |b| b.is_ascii_alphanumeric()))
);

text_id!(
    /// The code of an AWS Region, such as `eu-west-1` or `us-gov-east-1`.
    Region,
    "an AWS Region",
    "it is like `eu-west-1`",
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        let (Some((last, words)), true) = (parts.split_last(), (3..=5).contains(&parts.len())) else {
            return false;
        };
        of(last, 1, 2, |b| b.is_ascii_digit())
            && words.iter().all(|word| of(word, 2, 16, |b| b.is_ascii_lowercase()))
    }
);

text_id!(
    /// An AWS partition, such as `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`.
    Partition,
    "an AWS partition",
    "it is `aws`, or `aws-` and a name",
    |text| text == "aws"
        || text.strip_prefix("aws-").is_some_and(|rest| {
            of(rest, 1, 24, |b| b.is_ascii_lowercase() || b == b'-')
        })
);

text_id!(
    /// The id of an organization in AWS Organizations: `o-` and 10 to 32 lower-case letters or digits.
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
    OrgId,
    "an organization id",
    "it is `o-` and 10 to 32 lower-case letters or digits",
    |text| text.strip_prefix("o-").is_some_and(|rest| of(rest, 10, 32, lower_or_digit))
);

text_id!(
    /// The id of an organizational unit, such as `ou-ab12-cd34ef56`.
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html>
    OuId,
    "an organizational unit id",
    "it is like `ou-ab12-cd34ef56`",
    |text| {
        let Some((root, unit)) = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')) else {
            return false;
        };
        of(root, 4, 32, lower_or_digit) && of(unit, 8, 32, lower_or_digit)
    }
);

impl Partition {
    /// The partition that holds nearly every account: `aws`.
    #[must_use]
    pub fn commercial() -> Self {
        Self("aws".into())
    }

    /// The Region to begin in when none was chosen.
    #[must_use]
    pub fn first_region(&self) -> Region {
        Region(match self.as_str() {
            "aws-cn" => "cn-northwest-1".into(),
            "aws-us-gov" => "us-gov-west-1".into(),
            "aws-eusc" => "eusc-de-east-1".into(),
            _ => "us-east-1".into(),
        })
    }
}

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn of(text: &str, least: usize, most: usize, allowed: fn(u8) -> bool) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(allowed)
}
