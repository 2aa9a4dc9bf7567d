//! ARNs of AWS Organizations, in every partition.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html>

use std::fmt;
use std::str::FromStr;

use super::ids::{AccountId, BadId, OrgId, OuId, Partition};
use super::place::Place;

/// `arn:PARTITION:organizations::MANAGEMENT:organization/o-…`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationArn {
    /// The partition it lives in.
    pub partition: Partition,
    /// The organization's management account.
    pub management: AccountId,
    /// The organization.
    pub organization: OrgId,
}

impl OrganizationArn {
    /// Where CloudTrail records what happens to its accounts: in one Region of its management account.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>
    #[must_use]
    pub fn events_place(&self) -> Place {
        Place { account: self.management, region: self.partition.first_region() }
    }
}

/// `arn:PARTITION:organizations::MANAGEMENT:ou/o-…/ou-…-…`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OuArn {
    /// The organization it belongs to.
    pub of: OrganizationArn,
    /// The organizational unit.
    pub unit: OuId,
}

/// `arn:PARTITION:organizations::MANAGEMENT:account/o-…/ACCOUNT`: tells an account's organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberArn {
    /// The organization it belongs to.
    pub of: OrganizationArn,
    /// The account.
    pub account: AccountId,
}

/// The parts all three have: who, and the resource behind the last colon.
fn split(text: &str) -> Option<(Partition, AccountId, &str)> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, management, resource) = (parts.next()?, parts.next()?, parts.next()?);
    (arn == "arn" && service == "organizations" && region.is_empty()).then_some(())?;
    Some((partition.parse().ok()?, management.parse().ok()?, resource))
}

fn within<'a>(text: &'a str, kind: &str) -> Option<(OrganizationArn, &'a str)> {
    let (partition, management, resource) = split(text)?;
    let (organization, rest) = resource.strip_prefix(kind)?.split_once('/')?;
    let organization = organization.parse().ok()?;
    Some((OrganizationArn { partition, management, organization }, rest))
}

impl FromStr for OrganizationArn {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let parsed = split(text).and_then(|(partition, management, resource)| {
            let organization = resource.strip_prefix("organization/")?.parse().ok()?;
            Some(Self { partition, management, organization })
        });
        let form = "it is like arn:aws:organizations::111122223333:organization/o-abcdefghij";
        parsed.ok_or_else(|| BadId::new("an organization's ARN", form, text))
    }
}

impl FromStr for OuArn {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let parsed = within(text, "ou/").and_then(|(of, unit)| Some(Self { of, unit: unit.parse().ok()? }));
        let form = "it is like arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-ab12-cd34ef56";
        parsed.ok_or_else(|| BadId::new("an organizational unit's ARN", form, text))
    }
}

impl FromStr for MemberArn {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let parsed = within(text, "account/")
            .and_then(|(of, account)| Some(Self { of, account: account.parse().ok()? }));
        let form = "it is like arn:aws:organizations::111122223333:account/o-abcdefghij/444455556666";
        parsed.ok_or_else(|| BadId::new("a member account's ARN", form, text))
    }
}

impl fmt::Display for OrganizationArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, management, organization } = self;
        write!(f, "arn:{partition}:organizations::{management}:organization/{organization}")
    }
}

impl fmt::Display for OuArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OrganizationArn { partition, management, organization } = &self.of;
        write!(f, "arn:{partition}:organizations::{management}:ou/{organization}/{}", self.unit)
    }
}
