//! EC2's query protocol: which action, and the small answers.

use jiff::Timestamp;

use super::answer::{Answer, AwsError, ec2};
use super::auth::Asker;
use super::sts::Params;
use super::world::{Block, World};
use super::{image_list, permissions, snapshots, usage};

/// Answers an EC2 call that came at `now`, by the scenario's time.
pub(super) fn answer(
    world: &mut World,
    asker: &Asker,
    params: &Params,
    now: Timestamp,
) -> Result<Answer, AwsError> {
    if !world.is_enabled(&asker.place) {
        let message = "AWS was not able to validate the provided access credentials";
        return Err(AwsError::new(401, "AuthFailure", message));
    }
    match text(params, "Action") {
        "DescribeRegions" => Ok(regions(world, asker, params)),
        "DescribeImages" => image_list::describe(world, asker, params),
        "DescribeImageAttribute" => permissions::describe(world, asker, params),
        "ModifyImageAttribute" => permissions::modify(world, asker, params),
        "DescribeSnapshotAttribute" => snapshots::describe(world, asker, params),
        "ModifySnapshotAttribute" => snapshots::modify(world, asker, params),
        "CreateImageUsageReport" => usage::create(world, asker, params, now),
        "DescribeImageUsageReports" => usage::describe(world, asker, params),
        "DescribeImageUsageReportEntries" => usage::entries(world, asker, params),
        "GetImageBlockPublicAccessState" => Ok(block_state(world, asker)),
        "EnableImageBlockPublicAccess" => {
            let wanted = text(params, "ImageBlockPublicAccessState");
            if wanted != "block-new-sharing" {
                let message = format!("Invalid value '{wanted}' for ImageBlockPublicAccessState");
                return Err(AwsError::new(400, "InvalidParameterValue", message));
            }
            set_block(world, asker, params, "block-new-sharing")
        }
        "DisableImageBlockPublicAccess" => set_block(world, asker, params, "unblocked"),
        other => {
            let message = format!("The action {other} is not valid for this web service.");
            Err(AwsError::new(400, "InvalidAction", message))
        }
    }
}

/// A parameter's text; empty where there is none.
pub(super) fn text<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map_or("", String::as_str)
}

/// The values of `name.1`, `name.2`, ….
pub(super) fn list<'a>(params: &'a Params, name: &str) -> Vec<&'a str> {
    (1..).map_while(|n| params.get(&format!("{name}.{n}")).map(String::as_str)).collect()
}

/// What a call that only asked whether it may gets for an answer.
pub(super) fn refuse_dry_run(params: &Params) -> Result<(), AwsError> {
    if text(params, "DryRun") != "true" {
        return Ok(());
    }
    let message = "Request would have succeeded, but DryRun flag is set.";
    Err(AwsError::new(412, "DryRunOperation", message))
}

fn regions(world: &World, asker: &Asker, params: &Params) -> Answer {
    let enabled = world.enabled(asker.place.account);
    let all = text(params, "AllRegions") == "true";
    ec2("DescribeRegions", |xml| {
        xml.element("regionInfo", |xml| {
            for region in &world.regions {
                let is_enabled = enabled.contains(region.as_str());
                if !is_enabled && !all {
                    continue;
                }
                xml.element("item", |xml| {
                    xml.leaf("regionName", region.as_str());
                    xml.leaf("regionEndpoint", &format!("ec2.{region}.amazonaws.com"));
                    xml.leaf("optInStatus", if is_enabled { "opt-in-not-required" } else { "not-opted-in" });
                });
            }
        });
    })
}

fn block_state(world: &World, asker: &Asker) -> Answer {
    let block = world.blocks.get(&asker.place);
    ec2("GetImageBlockPublicAccessState", |xml| {
        let state = block.map_or("block-new-sharing", |block| &block.state);
        xml.leaf("imageBlockPublicAccessState", state);
        xml.leaf("managedBy", block.map_or("account", |block| &block.managed_by));
    })
}

fn set_block(world: &mut World, asker: &Asker, params: &Params, state: &str) -> Result<Answer, AwsError> {
    let by_policy =
        world.blocks.get(&asker.place).is_some_and(|block| block.managed_by == "declarative-policy");
    if by_policy {
        let message = "This operation is denied by a declarative policy.";
        return Err(AwsError::new(400, "DeclarativePolicyViolation", message));
    }
    refuse_dry_run(params)?;
    let block = Block { state: state.to_owned(), managed_by: "account".to_owned() };
    world.blocks.insert(asker.place.clone(), block);
    let action = text(params, "Action");
    Ok(ec2(action, |xml| {
        xml.leaf("imageBlockPublicAccessState", state);
    }))
}
