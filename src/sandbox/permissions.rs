//! DescribeImageAttribute and ModifyImageAttribute, with AWS's checks.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html>

use std::borrow::Cow;

use super::answer::{Answer, AwsError, ec2};
use super::auth::Asker;
use super::change::{Change, LAUNCH};
use super::ec2::{refuse_dry_run, text};
use super::sts::Params;
use super::world::{Grant, StoredImage, World};
use crate::model::arn::{OrganizationArn, OuArn};
use crate::model::ids::{AccountId, ImageId};

/// Accounts, organizations and units that one image can be shared with, by AWS's default quota.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html>
const MOST_GRANTS: usize = 1_000;

pub(super) fn describe(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    let id = text(params, "ImageId");
    let image = owned(world, asker, id)?;
    let image = world.images.shown(asker.place.account, &asker.place.region, image).image;
    let attribute = text(params, "Attribute");
    if attribute != "launchPermission" && attribute != "description" {
        let message = format!("Value ({attribute}) for parameter attribute is invalid. Unknown attribute.");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    refuse_dry_run(params)?;
    let answer = ec2("DescribeImageAttribute", |xml| {
        xml.leaf("imageId", id);
        xml.element(attribute, |xml| {
            if attribute == "launchPermission" {
                for Grant { member, value } in &image.grants {
                    xml.element("item", |xml| {
                        xml.leaf(member, value);
                    });
                }
            }
        });
    });
    world.images.was_read(&asker.place, id);
    Ok(answer)
}

/// The image, if it is there and the asker's own: only the owner may read or change permissions.
pub(super) fn owned<'a>(world: &'a World, asker: &Asker, id: &str) -> Result<Cow<'a, StoredImage>, AwsError> {
    if id.parse::<ImageId>().is_err() {
        let message = format!("Invalid id: \"{id}\" (expecting \"ami-...\")");
        return Err(AwsError::new(400, "InvalidAMIID.Malformed", message));
    }
    if let Some(image) = world.images.get(&asker.place, id) {
        return Ok(image);
    }
    if world.images.find(&asker.place.region, id).is_some() {
        return Err(AwsError::new(403, "AuthFailure", format!("Not authorized for image:{id}")));
    }
    Err(AwsError::new(400, "InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")))
}

pub(super) fn modify(world: &mut World, asker: &Asker, params: &Params) -> Result<Answer, AwsError> {
    let id = text(params, "ImageId");
    let image = owned(world, asker, id)?;
    if image.state() == "disabled" {
        let message = format!("The image ID '{id}' is in a state from which it cannot be modified.");
        return Err(AwsError::new(400, "InvalidAMIID.Unavailable", message));
    }
    let Change { added, removed } = LAUNCH.read(params)?;
    for grant in added.iter().chain(&removed) {
        check(grant)?;
    }
    let all = Grant::parse("all");
    if added.contains(&all) {
        check_public(world, asker, &image)?;
    }
    let (mut after, adds) = (image.grants.clone(), !added.is_empty());
    after.extend(added);
    // Who has more already can still take some back.
    if adds && after.iter().filter(|grant| **grant != all).count() > MOST_GRANTS {
        let message = format!("The image can be shared with at most {MOST_GRANTS} entities");
        return Err(AwsError::new(400, "ResourceLimitExceeded", message));
    }
    refuse_dry_run(params)?;
    after.retain(|grant| !removed.contains(grant));
    world.images.change(&asker.place, id, after);
    Ok(ec2("ModifyImageAttribute", |xml| {
        xml.leaf("return", "true");
    }))
}

fn check(grant: &Grant) -> Result<(), AwsError> {
    let Grant { member, value } = grant;
    let good = match member.as_str() {
        "userId" => value.parse::<AccountId>().is_ok(),
        "group" => value == "all",
        "organizationArn" => value.parse::<OrganizationArn>().is_ok(),
        _ => value.parse::<OuArn>().is_ok(),
    };
    if good {
        return Ok(());
    }
    let message = format!("Invalid attribute item value \"{value}\" for {member} item type.");
    Err(AwsError::new(400, "InvalidAMIAttributeItemValue", message))
}

fn check_public(world: &World, asker: &Asker, image: &StoredImage) -> Result<(), AwsError> {
    if world.blocks.get(&asker.place).is_none_or(|block| block.state != "unblocked") {
        let message = "You can't publicly share this image because block public access for AMIs is enabled for this \
                       account.";
        return Err(AwsError::new(400, "OperationNotPermitted", message));
    }
    if image.spec.encrypted {
        let message = "Snapshots that are encrypted can't be shared publicly";
        return Err(AwsError::new(400, "InvalidParameter", message));
    }
    if !image.spec.product_codes.is_empty() {
        let message = "Images with product codes can't be made public";
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    Ok(())
}
