//! What a call adds to permissions and removes from them: of an image and of a snapshot, in the structured form and
//! in the older flat one.

use std::collections::BTreeSet;

use super::answer::AwsError;
use super::ec2::{list, text};
use super::sts::Params;
use super::world::Grant;

/// How the permissions of a resource are written in calls.
pub(super) struct Form {
    /// The attribute, in the flat form.
    attribute: &'static str,
    /// Its name in the structured form.
    structured: &'static str,
    /// Its members: in the structured form, in the flat form, on the wire.
    members: &'static [(&'static str, &'static str, &'static str)],
    /// Other attributes that the call can set instead.
    others: &'static [&'static str],
}

/// Who may launch an image.
pub(super) const LAUNCH: Form = Form {
    attribute: "launchPermission",
    structured: "LaunchPermission",
    members: &[
        ("UserId", "UserId", "userId"),
        ("Group", "UserGroup", "group"),
        ("OrganizationArn", "OrganizationArn", "organizationArn"),
        ("OrganizationalUnitArn", "OrganizationalUnitArn", "organizationalUnitArn"),
    ],
    others: &["Description", "ImdsSupport"],
};

/// Who may make volumes of a snapshot.
pub(super) const CREATE_VOLUME: Form = Form {
    attribute: "createVolumePermission",
    structured: "CreateVolumePermission",
    members: &[("UserId", "UserId", "userId"), ("Group", "UserGroup", "group")],
    others: &[],
};

/// Whom a call lets in, and whom it keeps out.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) added: BTreeSet<Grant>,
    pub(super) removed: BTreeSet<Grant>,
}

impl Form {
    /// Reads a call in either form.
    pub(super) fn read(&self, params: &Params) -> Result<Change, AwsError> {
        let mut added = self.items(params, "Add");
        let mut removed = self.items(params, "Remove");
        match (text(params, "OperationType"), text(params, "Attribute")) {
            ("add", attribute) if attribute == self.attribute => added.extend(self.flat(params)),
            ("remove", attribute) if attribute == self.attribute => removed.extend(self.flat(params)),
            ("", _) => {}
            _ => {
                let message = "The operation and the attribute do not go together.";
                return Err(AwsError::new(400, "InvalidParameterCombination", message));
            }
        }
        let other = params.keys().any(|key| self.others.iter().any(|name| key.starts_with(name)));
        if added.is_empty() && removed.is_empty() && !other {
            return Err(AwsError::new(400, "InvalidParameterCombination", "No attributes specified."));
        }
        Ok(Change { added, removed })
    }

    /// `UserId.1`, `UserGroup.1`, ….
    fn flat(&self, params: &Params) -> BTreeSet<Grant> {
        let of = |wire: &str, value: &str| Grant { member: wire.to_owned(), value: value.to_owned() };
        let members = self.members.iter();
        members
            .flat_map(|(_, flat, wire)| list(params, flat).into_iter().map(|value| of(wire, value)))
            .collect()
    }

    /// `LaunchPermission.Add.1.UserId`, ….
    fn items(&self, params: &Params, operation: &str) -> BTreeSet<Grant> {
        let mut grants = BTreeSet::new();
        for n in 1.. {
            let item = format!("{}.{operation}.{n}.", self.structured);
            let mut is_known = false;
            for (name, _, wire) in self.members {
                if let Some(value) = params.get(&format!("{item}{name}")) {
                    is_known = true;
                    grants.insert(Grant { member: (*wire).to_owned(), value: value.clone() });
                }
            }
            if !is_known && !params.keys().any(|key| key.starts_with(&item)) {
                break;
            }
        }
        grants
    }
}
