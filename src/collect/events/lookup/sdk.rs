//! A place's event history through the AWS SDK.

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::sweep::{History, Listed};
use crate::aws::action::LOOKUP_EVENTS;
use crate::aws::{Sender, Target};
use crate::collect::cloud::Page;
use crate::collect::events::ask::Reach;
use crate::model::event::EventName;
use crate::model::event_log::Window;
use crate::model::failure::{Failure, FailureKind};
use crate::model::place::Place;

/// Events to a page, the most that AWS gives.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
const PAGE: i32 = 50;

/// The history of one place.
pub(super) struct SdkHistory<'a> {
    client: aws_sdk_cloudtrail::Client,
    sender: &'a Sender,
    place: &'a Place,
}

impl<'a> SdkHistory<'a> {
    /// Opens a place: a role that cannot be assumed fails here.
    pub(super) async fn open(reach: Reach<'a>, place: &'a Place) -> Result<Self, Failure> {
        let config = reach.aws.in_place(reach.caller, place).await?;
        let client = aws_sdk_cloudtrail::Client::new(&config);
        Ok(Self { client, sender: reach.aws.sender(), place })
    }
}

impl History for SdkHistory<'_> {
    async fn page(
        &self,
        name: EventName,
        window: Window,
        token: Option<String>,
    ) -> Result<Page<Listed>, Failure> {
        let wanted = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventName)
            .attribute_value(name.word())
            .build()
            .map_err(|error| Failure {
                call: LOOKUP_EVENTS.name,
                kind: FailureKind::Other,
                code: None,
                reason: error.to_string(),
            })?;
        let target = Target { place: self.place, action: LOOKUP_EVENTS };
        // Both ends are always sent, or pages would move while they are read.
        let send = || {
            self.client
                .lookup_events()
                .lookup_attributes(wanted.clone())
                .start_time(DateTime::from_secs(window.from.as_second()))
                .end_time(DateTime::from_secs(window.to.as_second()))
                .max_results(PAGE)
                .set_next_token(token.clone())
                .send()
        };
        let answer = self.sender.call(target, send).await?;
        let next = answer.next_token.filter(|token| !token.is_empty());
        let listed = |event: aws_sdk_cloudtrail::types::Event| Listed {
            time: event.event_time.and_then(|at| Timestamp::from_second(at.secs()).ok()),
            record: event.cloud_trail_event,
        };
        Ok(Page { items: answer.events.unwrap_or_default().into_iter().map(listed).collect(), next })
    }
}
