//! Who may make volumes of a snapshot, from EC2's DescribeSnapshotAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshotAttribute.html>

use aws_sdk_ec2::types::{CreateVolumePermission, SnapshotAttributeName};

use super::permissions::{entries, settled};
use super::{SdkCloud, malformed};
use crate::aws::action::DESCRIBE_SNAPSHOT_ATTRIBUTE;
use crate::aws::{Entries, OddEntry, Target, cause};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::grantee::Grantee;
use crate::model::ids::SnapshotId;
use crate::model::place::Place;

/// The answer on the wire. Snapshots are shared with accounts and with everybody, and with nobody else.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolumePermission.html>
pub(super) const ENTRIES: Entries = Entries {
    answer: "DescribeSnapshotAttributeResponse",
    list: "createVolumePermission",
    members: &["userId", "group"],
};

impl SdkCloud {
    pub(super) async fn describe_volume_permissions(
        &self,
        caller: &Caller,
        place: &Place,
        snapshot: &SnapshotId,
    ) -> Result<Vec<Grantee>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_SNAPSHOT_ATTRIBUTE };
        let send = || {
            let call = client.describe_snapshot_attribute().snapshot_id(snapshot.as_str());
            let call = call.attribute(SnapshotAttributeName::CreateVolumePermission);
            async move {
                match call.send().await {
                    Ok(answer) => Ok(answer.create_volume_permissions.map(|list| known(&list))),
                    Err(error) => match cause::<OddEntry>(&error) {
                        Some(odd) => Ok(entries(&odd.body, ENTRIES.list).map(|entries| raw(&entries))),
                        None => Err(error),
                    },
                }
            }
        };
        let listed = self.aws.sender().call(target, send).await?;
        let unreadable = "the answer has no permissions to make volumes that can be read";
        listed.map(settled).ok_or_else(|| malformed(DESCRIBE_SNAPSHOT_ATTRIBUTE, unreadable))
    }
}

/// The grantees of entries that hold one known member each.
fn known(list: &[CreateVolumePermission]) -> Vec<Grantee> {
    let of = |entry: &CreateVolumePermission| {
        let account = entry.user_id().map(|id| ("userId", id));
        let member = account.or_else(|| Some(("group", entry.group()?.as_str())));
        member.map_or_else(nothing, |(name, value)| Grantee::from_member(name, value))
    };
    list.iter().map(of).collect()
}

/// The grantees of entries as met.
fn raw(list: &[Vec<(String, String)>]) -> Vec<Grantee> {
    let of = |entry: &Vec<(String, String)>| match entry.as_slice() {
        [] => vec![nothing()],
        members => members.iter().map(|(name, value)| of_member(name, value)).collect(),
    };
    list.iter().flat_map(of).collect()
}

fn of_member(name: &str, value: &str) -> Grantee {
    if ENTRIES.members.contains(&name) {
        Grantee::from_member(name, value)
    } else {
        Grantee::unrecognized(name, value)
    }
}

/// The grantee of an entry in which nothing could be read: it is not dropped either.
fn nothing() -> Grantee {
    Grantee::unrecognized(ENTRIES.list, "")
}
