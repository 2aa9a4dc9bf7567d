//! Somebody else who reads launch permissions in the same account and Region, with the bare SDK.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ec2::config::Credentials;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::types::ImageAttributeName;
use tokio::time::MissedTickBehavior;

use crate::served::Served;

/// What the other client was answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) sent: AtomicU64,
    pub(crate) throttled: AtomicU64,
    done: AtomicBool,
}

impl Answers {
    pub(crate) fn stop(&self) -> (u64, u64) {
        self.done.store(true, Ordering::Relaxed);
        (self.sent.load(Ordering::Relaxed), self.throttled.load(Ordering::Relaxed))
    }
}

/// Sends `burst` reads at once and then `rate` a second until it is stopped, without retries.
pub(crate) fn start(served: &Served, burst: u64, rate: u64) -> Arc<Answers> {
    let answers = Arc::new(Answers::default());
    let config = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(served.sandbox.url())
        .credentials_provider(Credentials::new(&served.key, "x", None, None, "bench"))
        .retry_config(RetryConfig::disabled())
        .build();
    let client = aws_sdk_ec2::Client::from_conf(config);
    served.runtime.spawn(run(client, burst, rate, Arc::clone(&answers)));
    answers
}

async fn run(client: aws_sdk_ec2::Client, burst: u64, rate: u64, answers: Arc<Answers>) {
    let listed = client.describe_images().owners("self").max_results(5).send().await.expect("images");
    let id = listed.images().first().and_then(|image| image.image_id()).expect("an image").to_owned();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / u32::try_from(rate).unwrap_or(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left = burst;
    while !answers.done.load(Ordering::Relaxed) {
        if left > 0 {
            left -= 1;
        } else {
            ticks.tick().await;
        }
        let read =
            client.describe_image_attribute().image_id(&id).attribute(ImageAttributeName::LaunchPermission);
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            answers.sent.fetch_add(1, Ordering::Relaxed);
            if read.send().await.is_err() {
                answers.throttled.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
}
