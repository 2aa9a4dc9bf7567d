//! The images of a place, and what becomes of each: its launch permissions read, gone, or not readable.

use std::sync::Arc;

use super::cloud::{Cloud, ListedImage};
use super::context::Context;
use crate::model::failure::{Failure, FailureKind};
use crate::model::grantee::Grantee;
use crate::model::image::Image;
use crate::model::place::Place;

/// What became of one listed image.
pub(super) enum Settled {
    /// Its launch permissions are known.
    Known(Arc<Image>, Vec<Grantee>),
    /// It was deregistered in the meantime.
    Gone,
    /// They could not be read. What the listing said of it still counts.
    Unread(Arc<Image>, Failure),
    /// It has no id that can be read.
    Nameless(String),
}

pub(super) async fn settle<C: Cloud>(cx: &Context<'_, C>, place: &Place, listed: ListedImage) -> Settled {
    let image = match listed {
        Err(raw) => return Settled::Nameless(raw),
        Ok(image) => Arc::new(image),
    };
    match cx.cloud.grantees(cx.caller, place, &image.id).await {
        Ok(grantees) if image.listed_public && !grantees.iter().any(Grantee::is_public) => {
            contradiction(cx, place, image, grantees).await
        }
        Ok(grantees) => Settled::Known(image, grantees),
        Err(failure) if failure.kind == FailureKind::Gone => look_again(cx, place, image, failure).await,
        Err(failure) => Settled::Unread(image, failure),
    }
}

/// The list says that everybody may launch the image, and its permissions do not. Either they were just
/// changed, or one answer is wrong: both are asked once more.
async fn contradiction<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    image: Arc<Image>,
    grantees: Vec<Grantee>,
) -> Settled {
    match cx.cloud.look_up(cx.caller, place, &image.id).await {
        Ok(None) => Settled::Gone,
        Ok(Some(found)) if !found.listed_public => Settled::Known(Arc::new(found), grantees),
        Ok(Some(_)) => match cx.cloud.grantees(cx.caller, place, &image.id).await {
            Ok(again) if again.iter().any(Grantee::is_public) => Settled::Known(image, again),
            Ok(_) => Settled::Unread(image, disagreement()),
            Err(failure) => Settled::Unread(image, failure),
        },
        Err(failure) => Settled::Unread(image, failure),
    }
}

fn disagreement() -> Failure {
    Failure {
        call: "DescribeImageAttribute",
        kind: FailureKind::Other,
        code: None,
        reason: "the list of images says that it is public, and its launch permissions do not".to_owned(),
    }
}

/// States in which an image holds no grants: disabling takes them away, and the others are of images that
/// are not, or never will be, made.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html>
const WITHOUT_GRANTS: [&str; 6] = ["disabled", "failed", "error", "invalid", "pending", "transient"];

/// AWS said that a listed image is not there, or in no state to be asked. Deregistered images linger
/// in lists for a while and new ones are not known everywhere at once, so the image is looked up.
/// <https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>
async fn look_again<C: Cloud>(
    cx: &Context<'_, C>,
    place: &Place,
    image: Arc<Image>,
    failure: Failure,
) -> Settled {
    match cx.cloud.look_up(cx.caller, place, &image.id).await {
        Ok(None) => Settled::Gone,
        Ok(Some(found)) if found.state == "deregistered" => Settled::Gone,
        Ok(Some(found)) if WITHOUT_GRANTS.contains(&found.state.as_str()) => {
            Settled::Known(Arc::new(found), Vec::new())
        }
        Ok(Some(found)) => match cx.cloud.grantees(cx.caller, place, &found.id).await {
            Ok(grantees) => Settled::Known(Arc::new(found), grantees),
            Err(again) => Settled::Unread(Arc::new(found), again),
        },
        Err(second) => {
            let reason = format!("{}; looking it up again failed too: {}", failure.reason, second.reason);
            Settled::Unread(image, Failure { reason, ..failure })
        }
    }
}
