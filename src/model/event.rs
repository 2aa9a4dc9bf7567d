//! What CloudTrail says of images and their shares: who did what, when, from where.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use std::sync::Arc;

use jiff::Timestamp;

use super::grantee::Grantee;
use super::ids::{AccountId, ImageId, Region};
use super::place::Place;
use super::share::words;

/// The events that can make, end, refuse or explain a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventName {
    /// Grants added or taken back, among other attributes.
    ModifyImageAttribute,
    /// All grants taken back.
    ResetImageAttribute,
    /// An image disabled, which takes all its grants away.
    DisableImage,
    /// An image enabled again; its grants do not come back.
    EnableImage,
    /// An image removed.
    DeregisterImage,
    /// An image copied.
    CopyImage,
    /// An image made from an instance.
    CreateImage,
    /// An image made from a snapshot.
    RegisterImage,
    /// An image brought back.
    RestoreImageFromRecycleBin,
    /// An image written to S3.
    CreateStoreImageTask,
    /// An image exported to S3.
    ExportImage,
    /// An instance exported to S3.
    CreateInstanceExportTask,
    /// Public sharing refused from now on.
    EnableImageBlockPublicAccess,
    /// Public sharing allowed from now on.
    DisableImageBlockPublicAccess,
    /// Grants on a snapshot added or taken back.
    ModifySnapshotAttribute,
    /// Somebody made a volume of a shared snapshot.
    SharedSnapshotVolumeCreated,
    /// Somebody copied a shared snapshot.
    SharedSnapshotCopyInitiated,
    /// A grantee gave up its own grant.
    CancelImageLaunchPermission,
    /// An account left its organization.
    LeaveOrganization,
    /// An account was removed from the organization.
    RemoveAccountFromOrganization,
    /// An account accepted a handshake, such as the invitation into an organization.
    AcceptHandshake,
    /// An account was made in the organization.
    CreateAccountResult,
    /// An account of the organization was closed.
    CloseAccountResult,
}

words!(EventName {
    ModifyImageAttribute => "ModifyImageAttribute",
    ResetImageAttribute => "ResetImageAttribute",
    DisableImage => "DisableImage",
    EnableImage => "EnableImage",
    DeregisterImage => "DeregisterImage",
    CopyImage => "CopyImage",
    CreateImage => "CreateImage",
    RegisterImage => "RegisterImage",
    RestoreImageFromRecycleBin => "RestoreImageFromRecycleBin",
    CreateStoreImageTask => "CreateStoreImageTask",
    ExportImage => "ExportImage",
    CreateInstanceExportTask => "CreateInstanceExportTask",
    EnableImageBlockPublicAccess => "EnableImageBlockPublicAccess",
    DisableImageBlockPublicAccess => "DisableImageBlockPublicAccess",
    ModifySnapshotAttribute => "ModifySnapshotAttribute",
    SharedSnapshotVolumeCreated => "SharedSnapshotVolumeCreated",
    SharedSnapshotCopyInitiated => "SharedSnapshotCopyInitiated",
    CancelImageLaunchPermission => "CancelImageLaunchPermission",
    LeaveOrganization => "LeaveOrganization",
    RemoveAccountFromOrganization => "RemoveAccountFromOrganization",
    AcceptHandshake => "AcceptHandshake",
    CreateAccountResult => "CreateAccountResult",
    CloseAccountResult => "CloseAccountResult",
});

impl EventName {
    /// The service that logs it, as the first part of `eventSource`. Others have events of the same names:
    /// AppStream too has a CopyImage.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::LeaveOrganization
            | Self::RemoveAccountFromOrganization
            | Self::AcceptHandshake
            | Self::CreateAccountResult
            | Self::CloseAccountResult => "organizations",
            _ => "ec2",
        }
    }

    /// Whether it is about an account's membership in an organization.
    #[must_use]
    pub fn is_of_organization(self) -> bool {
        self.service() == "organizations"
    }

    /// Whether it takes an image or a copy of it out of EC2.
    #[must_use]
    pub fn is_export(self) -> bool {
        matches!(self, Self::CreateStoreImageTask | Self::ExportImage | Self::CreateInstanceExportTask)
    }
}

/// What a call does with a grantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// It lets somebody in.
    Add,
    /// It keeps somebody out.
    Remove,
    /// It names nobody: another attribute, parameters that are missing, a reset, another call.
    Other,
}

words!(Operation { Add => "add", Remove => "remove", Other => "other" });

/// Whether a call went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It did.
    Success,
    /// `errorCode` or `errorMessage` is set.
    Failure,
}

words!(Outcome { Success => "success", Failure => "failure" });

/// What CloudTrail's digests say of the file that an event was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Integrity {
    /// A digest with CloudTrail's signature lists the file, and it is as it was then.
    Verified,
    /// No digest that can be trusted lists it.
    Unverified,
    /// A digest with CloudTrail's signature lists it, and it was changed since.
    Tampered,
}

words!(Integrity { Verified => "verified", Unverified => "unverified", Tampered => "tampered" });

/// One grantee of a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantChange {
    /// What it does.
    pub operation: Operation,
    /// With whom; `None` where the call names nobody.
    pub grantee: Option<Grantee>,
}

/// Who called, as far as the record says. All of it is as written there.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The ARN: of a user, a role's session, root.
    pub arn: String,
    /// CloudTrail's word for what it is: `IAMUser`, `AssumedRole`, `Root`, `AWSService`, ….
    pub kind: String,
    /// The account it belongs to.
    pub account: String,
    /// The service that called on its behalf.
    pub invoked_by: String,
    /// Its access key's id.
    pub access_key_id: String,
    /// Its unique id.
    pub principal_id: String,
    /// The name of the role's session.
    pub session_name: String,
    /// Whether it had signed in with a second factor.
    pub mfa: String,
    /// Whether the call came from the console; `None` where nothing says so.
    pub console: Option<bool>,
}

impl Actor {
    /// Who that was: the ARN, else the service, else the account.
    #[must_use]
    pub fn name(&self) -> &str {
        let names = [&self.arn, &self.invoked_by, &self.account];
        names.into_iter().find(|name| !name.is_empty()).map_or("", String::as_str)
    }
}

/// One event. Texts are as the record has them; who needs ids parses them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrailEvent {
    /// When it happened; `None` where that does not read as a time.
    pub time: Option<Timestamp>,
    /// The event's id.
    pub id: String,
    /// The account whose trail it is in.
    pub account: String,
    /// The Region.
    pub region: String,
    /// What happened.
    pub name: EventName,
    /// The image.
    pub image: String,
    /// What else it is about: a snapshot, an instance, a source image, an account.
    pub resource: String,
    /// What it does with whom. Never empty.
    pub changes: Vec<GrantChange>,
    /// Whether `changes` is all it can have done: a record too large for CloudTrail loses its parameters.
    pub is_clear: bool,
    /// Whether it went through.
    pub outcome: Outcome,
    /// AWS's code where it did not, as written.
    pub error_code: String,
    /// Who called.
    pub actor: Actor,
    /// From where.
    pub source_ip: String,
    /// With what.
    pub user_agent: String,
    /// The request's id.
    pub request_id: String,
    /// Whether the seed rule's first version matches it; `None` where that cannot be known.
    pub seed_rule_match: Option<bool>,
    /// Whether its current version does.
    pub elastic_rule_match: Option<bool>,
    /// The request's parameters in one form for all envelopes, hashed: part of what makes two deliveries one.
    pub parameters: Digest,
    /// The record as it was delivered, where that is wanted.
    pub raw: Option<Arc<str>>,
    /// The file it was read from.
    pub source_file: Arc<str>,
    /// Whether that file is as CloudTrail wrote it; `None` where nobody asked.
    pub integrity: Option<Integrity>,
}

/// The first half of a SHA-256.
pub type Digest = [u8; 16];

impl TrailEvent {
    /// Where it happened, where both ids parse.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(Place { account: self.account.parse().ok()?, region: self.region.parse::<Region>().ok()? })
    }

    /// The image, where its id parses.
    #[must_use]
    pub fn image_id(&self) -> Option<ImageId> {
        self.image.parse().ok()
    }

    /// The account that an event about an organization is about, where its id parses.
    #[must_use]
    pub fn subject_account(&self) -> Option<AccountId> {
        self.resource.parse().ok()
    }

    /// Whether it went through.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success
    }

    /// What makes two deliveries one: they are of one event where all of this is the same.
    #[must_use]
    pub fn identity(&self) -> impl Ord + '_ {
        (self.time, &self.id, &self.account, &self.region, self.name, &self.parameters, &self.error_code)
    }
}
