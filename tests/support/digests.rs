//! Makes chains of CloudTrail's digests, with real keys: what a trail with log file validation delivers.

use std::sync::LazyLock;

use amiaudit::trail::digest::{DigestFile, Hashed, PublicKeys, read_public_keys};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const BUCKET: &str = "acme-trail";

/// The key of a Region.
pub(crate) struct Signer {
    key: KeyPair,
    pub(crate) fingerprint: String,
}

/// CloudTrail's.
pub(crate) static CLOUDTRAIL: LazyLock<Signer> = LazyLock::new(Signer::new);
/// Somebody else's.
pub(crate) static FORGER: LazyLock<Signer> = LazyLock::new(Signer::new);

impl Signer {
    fn new() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let fingerprint = hex::encode(&sha256(key.public_key().as_ref())[..16]);
        Self { key, fingerprint }
    }

    /// The public key: DER, as PKCS #1 has it.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// What `aws cloudtrail list-public-keys` writes.
    pub(crate) fn listing(&self) -> Value {
        json!({ "PublicKeyList": [{
            "Value": base64_simd::STANDARD.encode_to_string(self.public_key()),
            "ValidityStartTime": "2026-05-01T00:00:00+00:00",
            "ValidityEndTime": "2026-07-01T00:00:00+00:00",
            "Fingerprint": self.fingerprint,
        }] })
    }

    pub(crate) fn keys(&self) -> PublicKeys {
        read_public_keys(self.listing().to_string().as_bytes()).unwrap()
    }

    fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        hex::encode(signature)
    }
}

/// An object in S3, unpacked.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) content: Vec<u8>,
    /// A digest's.
    pub(crate) signature: Option<String>,
}

impl Object {
    /// Where it is in S3.
    pub(crate) fn url(&self) -> String {
        format!("s3://{BUCKET}/{}", self.key)
    }

    /// What it is called in a folder.
    pub(crate) fn path(&self) -> String {
        format!("logs/{}", self.key.rsplit('/').next().unwrap())
    }

    /// As a digest that is read from S3.
    pub(crate) fn in_s3(&self) -> DigestFile {
        let signature = self.signature.clone();
        DigestFile { name: self.url().into(), content: self.content.clone(), signature }
    }

    /// As a digest that was copied to a folder.
    pub(crate) fn in_folder(&self) -> DigestFile {
        DigestFile { name: self.path().into(), content: self.content.clone(), signature: None }
    }

    /// As a log file that was read from S3.
    pub(crate) fn hashed(&self) -> Hashed {
        Hashed { name: self.url().into(), sha256: sha256(&self.content) }
    }
}

/// The trail `main` of an account, in one Region.
#[derive(Clone, Copy)]
pub(crate) struct Trail<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

/// When the first hour begins.
pub(crate) const BEGIN: &str = "2026-06-01T00:00:00Z";

/// The begin of an hour.
pub(crate) fn hour(nth: usize) -> Timestamp {
    BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(nth as i64)
}

impl Trail<'_> {
    /// A log file that is delivered in an hour.
    pub(crate) fn log(&self, nth: usize, unique: &str, content: &[u8]) -> Object {
        let Self { account, region, .. } = self;
        let at = (hour(nth) + SignedDuration::from_mins(5)).strftime("%Y%m%dT%H%MZ").to_string();
        let name = format!("{account}_CloudTrail_{region}_{at}_{unique}.json.gz");
        let key = format!("AWSLogs/{account}/CloudTrail/{region}/2026/06/01/{name}");
        Object { key, content: content.to_vec(), signature: None }
    }

    fn digest_key(&self, nth: usize, suffix: &str) -> String {
        let Self { account, region, .. } = self;
        let at = hour(nth + 1).strftime("%Y%m%dT%H%M%SZ").to_string();
        let name = format!("{account}_CloudTrail-Digest_{region}_main_eu-west-1_{at}{suffix}.json.gz");
        format!("AWSLogs/{account}/CloudTrail-Digest/{region}/2026/06/01/{name}")
    }

    /// The digests of hours that follow each other, with the log files of each.
    pub(crate) fn chain(&self, hours: &[Vec<Object>]) -> Vec<Object> {
        self.chain_of(hours, "", |_, _| ())
    }

    /// The same, with `edit` made to each before it is signed, and something behind their names.
    pub(crate) fn chain_of(
        &self,
        hours: &[Vec<Object>],
        suffix: &str,
        edit: impl Fn(usize, &mut Value),
    ) -> Vec<Object> {
        let mut chain: Vec<Object> = Vec::new();
        for (nth, files) in hours.iter().enumerate() {
            let mut digest = self.digest((nth, suffix), files, chain.last());
            edit(nth, &mut digest);
            chain.push(self.signed(&digest));
        }
        chain
    }

    fn digest(&self, (nth, suffix): (usize, &str), files: &[Object], previous: Option<&Object>) -> Value {
        let files: Vec<Value> = files.iter().map(|file| listed(nth, file)).collect();
        json!({
            "awsAccountId": self.account,
            "digestStartTime": hour(nth).to_string(),
            "digestEndTime": hour(nth + 1).to_string(),
            "digestS3Bucket": BUCKET,
            "digestS3Object": self.digest_key(nth, suffix),
            "digestPublicKeyFingerprint": self.signer.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": Some(hour(nth).to_string()).filter(|_| !files.is_empty()),
            "oldestEventTime": Some(hour(nth).to_string()).filter(|_| !files.is_empty()),
            "previousDigestS3Bucket": previous.map(|_| BUCKET),
            "previousDigestS3Object": previous.map(|previous| &previous.key),
            "previousDigestHashValue": previous.map(|previous| hex::encode(sha256(&previous.content))),
            "previousDigestHashAlgorithm": previous.map(|_| "SHA-256"),
            "previousDigestSignature": previous.and_then(|previous| previous.signature.as_ref()),
            "logFiles": files,
        })
    }

    /// A digest as CloudTrail would deliver it, if it were its.
    pub(crate) fn signed(&self, digest: &Value) -> Object {
        let content = digest.to_string().into_bytes();
        let text = |member: &str| digest[member].as_str().unwrap_or("null").to_owned();
        let key = text("digestS3Object");
        let signed = format!(
            "{}\n{}/{key}\n{}\n{}",
            text("digestEndTime"),
            text("digestS3Bucket"),
            hex::encode(sha256(&content)),
            text("previousDigestSignature")
        );
        Object { key, content, signature: Some(self.signer.sign(&signed)) }
    }
}

/// The entry of a log file.
fn listed(nth: usize, file: &Object) -> Value {
    json!({
        "s3Bucket": BUCKET,
        "s3Object": file.key,
        "hashValue": hex::encode(sha256(&file.content)),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": (hour(nth) + SignedDuration::from_mins(4)).to_string(),
        "oldestEventTime": (hour(nth) - SignedDuration::from_mins(1)).to_string(),
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
