//! A trail's bucket: an organization's or one account's. Only the days of the window are listed, of the accounts and
//! Regions that were chosen; listing, getting and reading go on side by side.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

mod bucket;
mod digests;
mod holes;
mod layout;
mod read;
mod walk;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;

use super::ask::{Ask, Reach};
use super::files::BadSource;
use super::integrity::{KeyRing, SavedKeys};
use super::policy::{allow, document};
use super::source::{EventSource, INTERRUPTED, SourceOptions, or_no_record, unread, unsearched};
use crate::model::event_log::EventLog;
use crate::model::failure::Failure;
use bucket::{Bucket, Found};
use read::Named;

/// A bucket, or a folder or an object in it.
#[derive(Debug)]
struct S3 {
    bucket: String,
    /// Nothing, or what ends with a slash.
    prefix: String,
    /// The key that was named where it may be an object's: it came without a slash at its end.
    key: Option<String>,
    requester_pays: bool,
    /// Whether log files are held against digests.
    verifies: bool,
    /// The digests' public keys, where they were saved.
    keys: Option<SavedKeys>,
}

pub(super) fn open(rest: &str, options: &SourceOptions) -> Result<Box<dyn EventSource>, String> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>; access points go by their aliases.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if bucket.is_empty() || !bucket.chars().all(allowed) {
        return Err(format!("{bucket:?} is not the name of a bucket"));
    }
    let key = (!prefix.is_empty() && !prefix.ends_with('/')).then(|| prefix.to_owned());
    let prefix = key.as_ref().map_or_else(|| prefix.to_owned(), |key| format!("{key}/"));
    Ok(Box::new(S3 {
        bucket: bucket.to_owned(),
        prefix,
        key,
        requester_pays: options.request_payer,
        verifies: options.verifies,
        keys: options.digest_keys.clone().map(SavedKeys::new),
    }))
}

impl EventSource for S3 {
    fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    fn flags(&self) -> &'static [&'static str] {
        &["--verify-digests", "--request-payer"]
    }

    fn statements(&self) -> Vec<Value> {
        let bucket = format!("arn:*:s3:::{}", self.bucket);
        vec![
            allow(&["s3:ListBucket"], &[&bucket]),
            allow(&["s3:GetObject"], &[&format!("{bucket}/*")]),
            allow(&["kms:Decrypt", "cloudtrail:ListPublicKeys"], &["*"]),
        ]
    }

    fn check(&self) -> Result<(), BadSource> {
        self.keys.as_ref().map_or(Ok(()), |keys| keys.get().map(|_| ()))
    }

    fn read<'a>(&'a self, reach: Option<Reach<'a>>, ask: &'a Ask<'a>) -> BoxFuture<'a, EventLog> {
        async move {
            let Some(reach) = reach else { return EventLog::default() };
            or_no_record(self.read_bucket(reach, ask).await, std::iter::once(self.name()))
        }
        .boxed()
    }
}

impl S3 {
    /// Opens the bucket, and looks whether an object was named.
    async fn open<'a>(
        &'a self,
        reach: Reach<'a>,
        policy: &str,
    ) -> Result<(Bucket<'a>, Option<Found>), Failure> {
        let bucket = Bucket::open(reach, &self.bucket, self.requester_pays, policy.to_owned()).await?;
        let object = match &self.key {
            Some(key) => bucket.object(key).await,
            None => None,
        };
        Ok((bucket, object))
    }

    async fn read_bucket(&self, reach: Reach<'_>, ask: &Ask<'_>) -> EventLog {
        let policy = document(&self.statements());
        let opened = tokio::select! {
            biased;
            () = ask.stop.asked() => {
                let holes = vec![unread(&self.name(), INTERRUPTED)];
                return EventLog { holes, ..EventLog::default() };
            }
            opened = self.open(reach, &policy) => opened,
        };
        let (bucket, object) = match opened {
            Ok(opened) => opened,
            Err(failure) => return unsearched(&self.name(), &failure),
        };
        let named = Named { source: &self.name(), prefix: &self.prefix, object };
        let gathered = read::read(&bucket, named, self.verifies, ask).await;
        if !self.verifies {
            return gathered.into_log();
        }
        let (mut keys, gaps) = KeyRing::new(self.keys.as_ref(), Some(reach), &policy);
        let mut log = digests::check(&bucket, (gathered, &self.name(), &self.prefix), &mut keys, ask).await;
        log.unsearched.extend(gaps);
        log
    }
}
