//! A bucket through the AWS SDK.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{Object, RequestPayer};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;

use crate::aws::action::{GET_OBJECT, LIST_BUCKET};
use crate::aws::{Sender, Target};
use crate::collect::cloud::Page;
use crate::collect::events::ask::Reach;
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::Region;
use crate::model::place::Place;

/// A bucket, and what reads it.
pub(super) struct Bucket<'a> {
    client: Client,
    sender: &'a Sender,
    home: Place,
    name: &'a str,
    payer: Option<RequestPayer>,
}

/// One level of a listing: objects, and prefixes below.
#[derive(Debug, Default, Hash)]
pub(super) struct Listing {
    pub(super) objects: Vec<Found>,
    pub(super) below: Vec<String>,
}

/// An object.
#[derive(Debug, Clone, Hash)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) size: i64,
}

/// An object's content.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// The signature that CloudTrail gives its digests.
    pub(super) signature: Option<String>,
}

impl<'a> Bucket<'a> {
    /// Opens a bucket in its own Region.
    pub(super) async fn open(
        reach: Reach<'a>,
        name: &'a str,
        requester_pays: bool,
        policy: String,
    ) -> Result<Self, Failure> {
        let config = reach.aws.for_events(reach.caller, None, policy.clone()).await?;
        let mut bucket = Self {
            client: client(&config),
            sender: reach.aws.sender(),
            home: reach.home(),
            name,
            payer: requester_pays.then_some(RequestPayer::Requester),
        };
        let region = bucket.region().await?;
        if let Some(region) = region.filter(|region| *region != bucket.home.region) {
            let config = reach.aws.for_events(reach.caller, Some(&region), policy).await?;
            bucket.client = client(&config);
        }
        Ok(bucket)
    }

    /// Where the bucket is. AWS says so even in the error that another Region's endpoint answers.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
    async fn region(&self) -> Result<Option<Region>, Failure> {
        let target = Target { place: &self.home, action: LIST_BUCKET };
        let told = self
            .sender
            .call(target, || async {
                match self.client.head_bucket().bucket(self.name).send().await {
                    Ok(answer) => Ok(answer.bucket_region),
                    Err(error) => {
                        match error.raw_response().and_then(|raw| raw.headers().get("x-amz-bucket-region")) {
                            Some(region) => Ok(Some(region.to_owned())),
                            None => Err(error),
                        }
                    }
                }
            })
            .await;
        match told {
            Ok(region) => Ok(region.and_then(|region| region.parse().ok())),
            // What would not be better the next time. The answer has no body: what the listing says is plainer.
            Err(failure) if matches!(failure.kind, FailureKind::Other | FailureKind::Denied) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// An object, or a prefix, as people write it.
    pub(super) fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// One page of the objects under a prefix, with those a level down as prefixes where `by_level`.
    pub(super) async fn list(
        &self,
        prefix: &str,
        by_level: bool,
        after: Option<&str>,
        token: Option<String>,
    ) -> Result<Page<Listing>, Failure> {
        let target = Target { place: &self.home, action: LIST_BUCKET };
        let send = || {
            self.client
                .list_objects_v2()
                .bucket(self.name)
                .prefix(prefix)
                .set_delimiter(by_level.then(|| "/".to_owned()))
                .set_start_after(after.map(str::to_owned))
                .set_continuation_token(token.clone())
                .set_request_payer(self.payer.clone())
                .send()
        };
        let answer = self.sender.call(target, send).await?;
        let next = answer.next_continuation_token.filter(|_| answer.is_truncated == Some(true));
        let object = |object: Object| Some(Found { key: object.key?, size: object.size.unwrap_or_default() });
        let objects = answer.contents.unwrap_or_default().into_iter().filter_map(object).collect();
        let below = answer.common_prefixes.unwrap_or_default().into_iter().filter_map(|found| found.prefix);
        let listing = Listing { objects, below: below.collect() };
        let is_empty = listing.objects.is_empty() && listing.below.is_empty();
        Ok(Page { items: (!is_empty).then_some(listing).into_iter().collect(), next })
    }

    /// The object of this very key, where one is there and is not empty. What may not be listed is told where the
    /// folder of that name is.
    pub(super) async fn object(&self, key: &str) -> Option<Found> {
        // It comes first of all that begin with its key.
        let page = self.list(key, false, None, None).await.ok()?;
        let mut objects = page.items.into_iter().flat_map(|listing| listing.objects);
        objects.find(|found| found.key == key && found.size > 0)
    }

    /// An object's content, of at most `most` bytes.
    pub(super) async fn get(&self, key: &str, most: usize) -> Result<Content, Failure> {
        let target = Target { place: &self.home, action: GET_OBJECT };
        let content = self.sender.call(target, || async {
            let request = self.client.get_object().bucket(self.name).key(key);
            let answer = request.set_request_payer(self.payer.clone()).send().await?;
            let signature = answer.metadata().and_then(|metadata| metadata.get("signature")).cloned();
            let mut body = answer.body;
            let mut bytes = Vec::new();
            while let Some(chunk) = body.next().await {
                bytes.extend_from_slice(&chunk.map_err(broken_off)?);
                if bytes.len() > most {
                    break;
                }
            }
            Ok(Content { bytes, signature })
        });
        content.await
    }
}

/// An answer whose body broke off: it may come whole the next time.
fn broken_off<E>(error: aws_sdk_s3::primitives::ByteStreamError) -> SdkError<E, HttpResponse> {
    let status = aws_smithy_runtime_api::http::StatusCode::try_from(200_u16);
    match status {
        Ok(status) => SdkError::response_error(error, HttpResponse::new(status, SdkBody::empty())),
        Err(_) => SdkError::timeout_error(error),
    }
}

/// A client; one endpoint for all services has no names for buckets, so that the path tells them.
fn client(config: &aws_config::SdkConfig) -> Client {
    let is_alone = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(is_alone).build();
    Client::from_conf(config)
}
