//! A trail's bucket in moto.

use serde_json::Value;

use super::http::{Request, call, encoded};
use crate::support::digests::Object;
use crate::trail::{gzip, records};

/// A bucket of some server's.
pub(super) struct Bucket<'a> {
    url: &'a str,
    name: &'a str,
    region: &'a str,
}

impl<'a> Bucket<'a> {
    pub(super) fn new(url: &'a str, name: &'a str, region: &'a str) -> Self {
        let bucket = Self { url, name, region };
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        );
        let body = if region == "us-east-1" { Vec::new() } else { place.into_bytes() };
        bucket.send("PUT", "", Vec::new(), body);
        bucket
    }

    fn send(&self, method: &str, key: &str, headers: Vec<(String, String)>, body: Vec<u8>) {
        let path = format!("/{}/{}", self.name, encoded(key));
        let path = if key.is_empty() { format!("/{}", self.name) } else { path };
        call(self.url, ("s3", self.region), Request { method: method.to_owned(), path, headers, body });
    }

    pub(super) fn put(&self, key: &str, content: &[u8]) {
        self.send("PUT", key, Vec::new(), content.to_vec());
    }

    pub(super) fn delete(&self, key: &str) {
        self.send("DELETE", key, Vec::new(), Vec::new());
    }

    /// Puts a file that CloudTrail delivered; a digest with its signature.
    pub(super) fn put_object(&self, object: &Object) {
        let signature = object.signature.iter();
        let headers = signature.map(|text| ("x-amz-meta-signature".to_owned(), text.clone())).collect();
        self.send("PUT", &object.key, headers, gzip(&object.content));
    }
}

/// A log file's content as CloudTrail delivers it.
pub(super) fn log_file(of: &[Value]) -> Vec<u8> {
    gzip(records(of).as_bytes())
}
