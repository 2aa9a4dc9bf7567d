//! `remediate`'s hands: reads through `collect`, writes through its own calls.

use crate::collect::{Cloud as _, SdkCloud};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::remediation::Target;
use crate::remediate::{Change, Hands, SdkWrites, Trial, Unchanged};

/// AWS itself.
pub(super) struct AwsHands<'a> {
    cloud: &'a SdkCloud,
    caller: &'a Caller,
    writes: SdkWrites<'a>,
}

impl<'a> AwsHands<'a> {
    pub(super) fn new(cloud: &'a SdkCloud, caller: &'a Caller) -> Self {
        Self { cloud, caller, writes: SdkWrites::new(cloud.aws(), caller) }
    }
}

impl Hands for AwsHands<'_> {
    async fn image(&self, target: &Target) -> Result<Option<Image>, Failure> {
        self.cloud.look_up(self.caller, &target.place, &target.image).await
    }

    async fn grants(&self, target: &Target) -> Result<Vec<Grantee>, Failure> {
        match &target.snapshot {
            None => self.cloud.grantees(self.caller, &target.place, &target.image).await,
            Some(snapshot) => self.cloud.snapshot_grantees(self.caller, &target.place, snapshot).await,
        }
    }

    async fn change(&self, target: &Target, change: Change, grantees: &[Grantee]) -> Result<(), Unchanged> {
        self.writes.change(target, change, grantees).await
    }

    async fn try_out(&self, target: &Target, harmless: &Grantee) -> Result<Trial, Failure> {
        self.writes.try_out(target, harmless).await
    }

    async fn block(&self, place: &Place) -> Result<BlockPublicAccess, Failure> {
        self.cloud.block_public_access(self.caller, place).await
    }

    async fn switch(&self, place: &Place, on: bool) -> Result<(), Failure> {
        self.writes.switch(place, on).await
    }

    fn done_with(&self, place: &Place) {
        self.writes.done_with(place);
        self.cloud.done_with(place);
    }
}
