//! Launch permissions, from EC2's DescribeImageAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html>

use aws_sdk_ec2::types::{ImageAttributeName, LaunchPermission};

use super::permissions::{entries, settled};
use super::{SdkCloud, malformed};
use crate::aws::action::DESCRIBE_IMAGE_ATTRIBUTE;
use crate::aws::{Entries, OddEntry, Target, cause};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::place::Place;

/// The answer on the wire. The members of an entry are those that the SDK knows: AWS writes exactly one of them.
pub(super) const ENTRIES: Entries = Entries {
    answer: "DescribeImageAttributeResponse",
    list: "launchPermission",
    members: &["userId", "group", "organizationArn", "organizationalUnitArn"],
};

impl SdkCloud {
    pub(super) async fn describe_launch_permissions(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Vec<Grantee>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_IMAGE_ATTRIBUTE };
        let send = || {
            let call = client.describe_image_attribute().image_id(image.as_str());
            let call = call.attribute(ImageAttributeName::LaunchPermission);
            async move {
                match call.send().await {
                    Ok(answer) => Ok(answer.launch_permissions.map(|list| known(&list))),
                    Err(error) => match cause::<OddEntry>(&error) {
                        // Read from the raw answer: the SDK skips the members of an entry that it does not know.
                        Some(odd) => Ok(entries(&odd.body, ENTRIES.list).map(|entries| raw(&entries))),
                        None => Err(error),
                    },
                }
            }
        };
        let listed = self.aws.sender().call(target, send).await?;
        let unreadable = "the answer has no launch permissions that can be read";
        listed.map(settled).ok_or_else(|| malformed(DESCRIBE_IMAGE_ATTRIBUTE, unreadable))
    }
}

/// The grantees of entries that hold one known member each.
fn known(list: &[LaunchPermission]) -> Vec<Grantee> {
    let of = |entry: &LaunchPermission| {
        let members = [
            ("userId", entry.user_id()),
            ("group", entry.group().map(|group| group.as_str())),
            ("organizationArn", entry.organization_arn()),
            ("organizationalUnitArn", entry.organizational_unit_arn()),
        ];
        let member = members.into_iter().find_map(|(name, value)| Some((name, value?)));
        // The SDK was given one; where it lost it, the entry is not dropped either.
        member.map_or_else(|| Grantee::unreadable(""), |(name, value)| Grantee::from_member(name, value))
    };
    list.iter().map(of).collect()
}

fn raw(entries: &[Vec<(String, String)>]) -> Vec<Grantee> {
    entries.iter().flat_map(|entry| grantees_of(entry)).collect()
}

/// The grantees of an entry. AWS writes exactly one member; an entry with none is not dropped either.
fn grantees_of(entry: &[(String, String)]) -> Vec<Grantee> {
    if entry.is_empty() {
        return vec![Grantee::unreadable("")];
    }
    entry.iter().map(|(name, value)| Grantee::from_member(name, value)).collect()
}
