//! What the AWS SDK costs by itself: lists every image of one place and reads its launch permissions, 64
//! requests in flight, with no pacing, no judging and no report. `amiaudit scan` is measured beside it.
//!
//! ```sh
//! amiaudit sandbox --generate accounts=1,regions=1,images=20000,seed=1 --port 5000 &
//! export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_ACCESS_KEY_ID=AKIA0000100000000000 \
//!        AWS_SECRET_ACCESS_KEY=x AWS_REGION=us-east-1
//! cargo bench --bench bare_sdk_loop
//! ```
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement prints, and a failed one ends")]

use aws_config::BehaviorVersion;
use aws_sdk_ec2::types::ImageAttributeName;
use futures::stream::{self, StreamExt as _};

fn main() {
    // `cargo test --benches` and the like pass flags; without an endpoint there is nothing to measure.
    if std::env::var_os("AWS_ENDPOINT_URL").is_none() {
        println!("set AWS_ENDPOINT_URL to a sandbox; see the head of this file");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (images, grants) = runtime.block_on(read());
    println!("{images} images, {grants} grants");
}

async fn read() -> (usize, usize) {
    let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
    let client = aws_sdk_ec2::Client::new(&config);
    let mut ids = Vec::new();
    let mut pages = client
        .describe_images()
        .owners("self")
        .include_disabled(true)
        .max_results(1_000)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        ids.extend(
            page.expect("a page").images.unwrap_or_default().into_iter().filter_map(|image| image.image_id),
        );
    }
    let images = ids.len();
    let grants = stream::iter(ids)
        .map(|id| {
            let attribute = ImageAttributeName::LaunchPermission;
            let call = client.describe_image_attribute().image_id(id).attribute(attribute);
            async move { call.send().await.expect("permissions").launch_permissions.unwrap_or_default().len() }
        })
        .buffer_unordered(64)
        .fold(0, |sum, count| async move { sum + count })
        .await;
    (images, grants)
}
