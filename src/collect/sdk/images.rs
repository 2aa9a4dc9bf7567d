//! Regions, images and block public access, from EC2.

use aws_sdk_ec2::types::{BlockDeviceMapping, Filter, Image as SdkImage};

use super::{SdkCloud, ec2, malformed};
use crate::aws::Target;
use crate::aws::action::{DESCRIBE_IMAGES, DESCRIBE_REGIONS, GET_BLOCK_PUBLIC_ACCESS};
use crate::collect::cloud::{ListedImage, Page, RegionState};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::ids::{AccountId, ImageId, SnapshotId};
use crate::model::image::Image;
use crate::model::place::{BlockPublicAccess, Place};

/// Images to a page; EC2 gives up to 1,000. Their permissions take two hundred calls to read, so one for the
/// list hardly counts, and a page is what stands in memory, and is read again when a killed run goes on.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-pagination.html>
const PAGE: i32 = 200;

impl SdkCloud {
    /// The Regions of an account, asked in the first Region. Where that is one the account has not enabled,
    /// the partition's own first Region answers.
    pub(super) async fn describe_regions(
        &self,
        caller: &Caller,
        account: AccountId,
    ) -> Result<Vec<RegionState>, Failure> {
        let place = self.aws.home_place(account);
        let main = Place { account, region: caller.partition.first_region() };
        match self.regions_at(caller, &place).await {
            Err(failure) if failure.code.as_deref() == Some("AuthFailure") && place != main => {
                self.regions_at(caller, &main).await.map_err(|_| failure)
            }
            answer => answer,
        }
    }

    async fn regions_at(&self, caller: &Caller, place: &Place) -> Result<Vec<RegionState>, Failure> {
        // Not kept: hundreds of accounts are asked long before their places are read.
        let client = ec2(&self.aws.in_place(caller, place).await?);
        let target = Target { place, action: DESCRIBE_REGIONS };
        let send = || client.describe_regions().all_regions(true).send();
        let answer = self.aws.sender().call(target, send).await?;
        let mut states = Vec::new();
        for found in answer.regions() {
            let name = found.region_name().unwrap_or_default();
            let region = name.parse().map_err(|error| malformed(DESCRIBE_REGIONS, &format!("{error}")))?;
            // `opt-in-not-required` or `opted-in`; an endpoint that says neither lists what can be used.
            let enabled = found.opt_in_status() != Some("not-opted-in");
            states.push(RegionState { region, enabled });
        }
        if states.is_empty() {
            return Err(malformed(DESCRIBE_REGIONS, "the answer has no Regions"));
        }
        Ok(states)
    }

    pub(super) async fn describe_images(
        &self,
        caller: &Caller,
        place: &Place,
        token: Option<String>,
    ) -> Result<Page<ListedImage>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_IMAGES };
        let send = || {
            client
                .describe_images()
                .owners("self")
                .include_disabled(true)
                .include_deprecated(true)
                .max_results(PAGE)
                .set_next_token(token.clone())
                .send()
        };
        let answer = self.aws.sender().call(target, send).await?;
        let next = answer.next_token.filter(|token| !token.is_empty());
        let images =
            answer.images.ok_or_else(|| malformed(DESCRIBE_IMAGES, "the answer has no list of images"))?;
        // Not `collect`, which would keep the SDK's images' room, three times what ours need.
        let mut items = Vec::with_capacity(images.len());
        items.extend(images.into_iter().map(|image| image_of(image, place)));
        Ok(Page { items, next })
    }

    pub(super) async fn describe_image(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Option<Image>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_IMAGES };
        // By filter: an id in ImageIds that is not there would be an error.
        let filter = Filter::builder().name("image-id").values(image.as_str()).build();
        let send =
            || client.describe_images().owners("self").include_disabled(true).filters(filter.clone()).send();
        let answer = self.aws.sender().call(target, send).await?;
        let images =
            answer.images.ok_or_else(|| malformed(DESCRIBE_IMAGES, "the answer has no list of images"))?;
        let mut found = images.into_iter().filter_map(|found| image_of(found, place).ok());
        Ok(found.find(|found| found.id == *image))
    }

    pub(super) async fn get_block_public_access(
        &self,
        caller: &Caller,
        place: &Place,
    ) -> Result<BlockPublicAccess, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: GET_BLOCK_PUBLIC_ACCESS };
        let send = || client.get_image_block_public_access_state().send();
        let answer = self.aws.sender().call(target, send).await?;
        let managed_by = answer.managed_by.map(|who| who.as_str().to_owned()).unwrap_or_default();
        match answer.image_block_public_access_state {
            Some(state) => Ok(BlockPublicAccess { state, managed_by }),
            None => Err(malformed(GET_BLOCK_PUBLIC_ACCESS, "the answer has no state")),
        }
    }
}

/// The image, or what was met in its place: an id that does not parse, or somebody else's image.
fn image_of(image: SdkImage, place: &Place) -> ListedImage {
    let raw = image.image_id.unwrap_or_default();
    let Ok(id) = raw.parse() else { return Err(raw) };
    if let Some(owner) = image.owner_id.filter(|owner| *owner != place.account.to_string()) {
        return Err(format!("{raw}, which is said to be {owner}'s"));
    }
    let volumes = image.block_device_mappings.unwrap_or_default();
    let mut told =
        volumes.iter().filter_map(|mapping| mapping.ebs.as_ref()).map(|ebs| ebs.encrypted).peekable();
    let encrypted = if told.peek().is_none() {
        None
    } else {
        told.try_fold(true, |all, one| one.map(|encrypted| all && encrypted))
    };
    let (snapshots, odd_snapshots) = snapshots_of(&volumes);
    Ok(Image {
        id,
        name: image.name.unwrap_or_default(),
        state: image.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        created_at: image.creation_date.and_then(|date| date.parse().ok()),
        encrypted,
        listed_public: image.public.unwrap_or(false),
        owner_alias: image.image_owner_alias,
        tags: image
            .tags
            .unwrap_or_default()
            .into_iter()
            .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
            .collect(),
        snapshots,
        odd_snapshots,
        last_launched_at: image.last_launched_time.and_then(|time| time.parse().ok()),
    })
}

/// The snapshots behind block devices, and what stands for one and is none.
fn snapshots_of(volumes: &[BlockDeviceMapping]) -> (Vec<SnapshotId>, Vec<String>) {
    let (mut snapshots, mut odd) = (Vec::new(), Vec::new());
    for raw in volumes.iter().filter_map(|mapping| mapping.ebs.as_ref()?.snapshot_id.as_ref()) {
        match raw.parse() {
            Ok(snapshot) => snapshots.push(snapshot),
            Err(_) => odd.push(raw.clone()),
        }
    }
    snapshots.sort();
    snapshots.dedup();
    (snapshots, odd)
}
