//! The calls that change something, through the AWS SDK.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ec2::types::{
    CreateVolumePermission, CreateVolumePermissionModifications, ImageBlockPublicAccessEnabledState,
    LaunchPermission, LaunchPermissionModifications, PermissionGroup,
};

use super::hands::{Change, Trial, Unchanged};
use crate::aws::action::{
    DISABLE_BLOCK_PUBLIC_ACCESS, ENABLE_BLOCK_PUBLIC_ACCESS, MODIFY_IMAGE_ATTRIBUTE,
    MODIFY_SNAPSHOT_ATTRIBUTE,
};
use crate::aws::{Aws, Target as Bucket};
use crate::model::caller::Caller;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::place::Place;
use crate::model::remediation::Target;

/// AWS's answer to a dry run that it would have done.
const WOULD_DO: &str = "DryRunOperation";

/// The calls that change something.
#[derive(Debug)]
pub struct SdkWrites<'a> {
    aws: &'a Aws,
    caller: &'a Caller,
    clients: Mutex<HashMap<Place, Arc<aws_sdk_ec2::Client>>>,
}

impl<'a> SdkWrites<'a> {
    /// Through this session.
    #[must_use]
    pub fn new(aws: &'a Aws, caller: &'a Caller) -> Self {
        Self { aws, caller, clients: Mutex::default() }
    }

    async fn client(&self, place: &Place) -> Result<Arc<aws_sdk_ec2::Client>, Failure> {
        let held = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned();
        if let Some(client) = held {
            return Ok(client);
        }
        let config = self.aws.in_place(self.caller, place).await?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client =
            clients.entry(place.clone()).or_insert_with(|| Arc::new(aws_sdk_ec2::Client::new(&config)));
        Ok(Arc::clone(client))
    }

    /// A place will not be asked again.
    pub fn done_with(&self, place: &Place) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
    }

    /// Changes grants of a target: of these grantees and of no others.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn change(
        &self,
        target: &Target,
        change: Change,
        grantees: &[Grantee],
    ) -> Result<(), Unchanged> {
        let sends = AtomicU32::new(0);
        let sent = self.send(target, (change, grantees), false, &sends).await;
        sent.map_err(|failure| Unchanged::after(sends.load(Ordering::Relaxed), failure))
    }

    /// Asks whether a removal would be allowed.
    ///
    /// # Errors
    /// It would not, or that could not be told.
    pub async fn try_out(&self, target: &Target, harmless: &Grantee) -> Result<Trial, Failure> {
        match self
            .send(target, (Change::Remove, std::slice::from_ref(harmless)), true, &AtomicU32::new(0))
            .await
        {
            Ok(()) => Ok(Trial::Ignored),
            Err(failure) if failure.code.as_deref() == Some(WOULD_DO) => Ok(Trial::Allowed),
            Err(failure) => Err(failure),
        }
    }

    async fn send(
        &self,
        target: &Target,
        (change, grantees): (Change, &[Grantee]),
        dry_run: bool,
        sends: &AtomicU32,
    ) -> Result<(), Failure> {
        match &target.snapshot {
            None => self.modify_image(target, launch_permissions(change, grantees)?, (dry_run, sends)).await,
            Some(snapshot) => {
                let permissions = volume_permissions(change, grantees)?;
                self.modify_snapshot((target, snapshot.as_str()), permissions, (dry_run, sends)).await
            }
        }
    }

    async fn modify_image(
        &self,
        target: &Target,
        permissions: LaunchPermissionModifications,
        (dry_run, sends): (bool, &AtomicU32),
    ) -> Result<(), Failure> {
        let client = self.client(&target.place).await?;
        let bucket = Bucket { place: &target.place, action: MODIFY_IMAGE_ATTRIBUTE };
        let send = || {
            sends.fetch_add(1, Ordering::Relaxed);
            client
                .modify_image_attribute()
                .image_id(target.image.as_str())
                .launch_permission(permissions.clone())
                .set_dry_run(dry_run.then_some(true))
                .send()
        };
        self.aws.sender().call(bucket, send).await.map(|_| ())
    }

    async fn modify_snapshot(
        &self,
        (target, snapshot): (&Target, &str),
        permissions: CreateVolumePermissionModifications,
        (dry_run, sends): (bool, &AtomicU32),
    ) -> Result<(), Failure> {
        let client = self.client(&target.place).await?;
        let bucket = Bucket { place: &target.place, action: MODIFY_SNAPSHOT_ATTRIBUTE };
        let send = || {
            sends.fetch_add(1, Ordering::Relaxed);
            client
                .modify_snapshot_attribute()
                .snapshot_id(snapshot)
                .create_volume_permission(permissions.clone())
                .set_dry_run(dry_run.then_some(true))
                .send()
        };
        self.aws.sender().call(bucket, send).await.map(|_| ())
    }

    /// Switches block public access.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn switch(&self, place: &Place, on: bool) -> Result<(), Failure> {
        let client = self.client(place).await?;
        let sender = self.aws.sender();
        if on {
            let bucket = Bucket { place, action: ENABLE_BLOCK_PUBLIC_ACCESS };
            let state = ImageBlockPublicAccessEnabledState::BlockNewSharing;
            let send = || {
                let call = client.enable_image_block_public_access();
                call.image_block_public_access_state(state.clone()).send()
            };
            return sender.call(bucket, send).await.map(|_| ());
        }
        let bucket = Bucket { place, action: DISABLE_BLOCK_PUBLIC_ACCESS };
        sender.call(bucket, || client.disable_image_block_public_access().send()).await.map(|_| ())
    }
}

/// A grantee that cannot be named in a call is never left out of one.
fn unnamed(call: &'static str, grantee: &Grantee) -> Failure {
    let reason = format!("no call can name the grantee {grantee}");
    Failure { call, kind: FailureKind::Other, code: None, reason }
}

fn launch_permissions(
    change: Change,
    grantees: &[Grantee],
) -> Result<LaunchPermissionModifications, Failure> {
    let mut list = Vec::with_capacity(grantees.len());
    for grantee in grantees {
        let (name, value) = grantee.member().ok_or_else(|| unnamed(MODIFY_IMAGE_ATTRIBUTE.name, grantee))?;
        let one = LaunchPermission::builder();
        list.push(match name {
            "userId" => one.user_id(value).build(),
            "group" => one.group(PermissionGroup::from(value.as_str())).build(),
            "organizationArn" => one.organization_arn(value).build(),
            "organizationalUnitArn" => one.organizational_unit_arn(value).build(),
            _ => return Err(unnamed(MODIFY_IMAGE_ATTRIBUTE.name, grantee)),
        });
    }
    let modifications = LaunchPermissionModifications::builder();
    Ok(match change {
        Change::Remove => modifications.set_remove(Some(list)).build(),
        Change::Add => modifications.set_add(Some(list)).build(),
    })
}

fn volume_permissions(
    change: Change,
    grantees: &[Grantee],
) -> Result<CreateVolumePermissionModifications, Failure> {
    let mut list = Vec::with_capacity(grantees.len());
    for grantee in grantees {
        let (name, value) =
            grantee.member().ok_or_else(|| unnamed(MODIFY_SNAPSHOT_ATTRIBUTE.name, grantee))?;
        let one = CreateVolumePermission::builder();
        list.push(match name {
            "userId" => one.user_id(value).build(),
            "group" => one.group(PermissionGroup::from(value.as_str())).build(),
            _ => return Err(unnamed(MODIFY_SNAPSHOT_ATTRIBUTE.name, grantee)),
        });
    }
    let modifications = CreateVolumePermissionModifications::builder();
    Ok(match change {
        Change::Remove => modifications.set_remove(Some(list)).build(),
        Change::Add => modifications.set_add(Some(list)).build(),
    })
}
