//! What a digest says, before it is believed.

use jiff::Timestamp;
use serde::Deserialize;

use super::name::before;
use crate::model::event_log::Window;
use crate::trail::json::time_of;

/// More of a parser's words is not told: they quote the file.
const LONGEST_REASON: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    previous_digest_s3_bucket: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: String,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
}

/// A digest's text, read.
#[derive(Debug)]
pub(super) struct Parsed {
    /// Where it says that it is: `BUCKET/KEY`.
    pub(super) location: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) fingerprint: String,
    pub(super) algorithm: String,
    /// The digest before it, unless it is the first.
    pub(super) previous: Option<Previous>,
    pub(super) files: Vec<LogFile>,
    end_as_written: String,
    previous_signature: Option<String>,
}

/// What a digest says of the one before it.
#[derive(Debug)]
pub(super) struct Previous {
    /// `BUCKET/KEY`.
    pub(super) location: String,
    /// Its hash, where it is a SHA-256.
    pub(super) sha256: Option<[u8; 32]>,
}

/// A log file that a digest lists.
#[derive(Debug)]
pub(super) struct LogFile {
    pub(super) bucket: String,
    pub(super) object: String,
    /// Its hash, where it is a SHA-256.
    pub(super) sha256: Option<[u8; 32]>,
    /// The times of its events.
    pub(super) window: Window,
}

impl Parsed {
    /// Reads a digest, unpacked; or says why it is none.
    pub(super) fn read(content: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(content)
            .map_err(|error| error.to_string().chars().take(LONGEST_REASON).collect::<String>())?;
        let time = |name: &str, text: &str| time_of(text).ok_or_else(|| format!("its {name} is no time"));
        let start = time("digestStartTime", &document.digest_start_time)?;
        let end = time("digestEndTime", &document.digest_end_time)?;
        let previous = document.previous_digest_s3_bucket.zip(document.previous_digest_s3_object);
        let previous = previous.map(|(bucket, object)| {
            let algorithm = document.previous_digest_hash_algorithm.as_deref();
            let value = document.previous_digest_hash_value.as_deref();
            Previous { location: format!("{bucket}/{object}"), sha256: sha256(algorithm, value) }
        });
        let hour = Window { from: before(start.min(end)), to: end };
        Ok(Self {
            location: format!("{}/{}", document.digest_s3_bucket, document.digest_s3_object),
            start,
            end,
            fingerprint: document.digest_public_key_fingerprint,
            algorithm: document.digest_signature_algorithm,
            previous,
            files: document.log_files.into_iter().map(|entry| entry.log_file(hour)).collect(),
            end_as_written: document.digest_end_time,
            previous_signature: document.previous_digest_signature,
        })
    }

    /// The signature of the digest before it.
    pub(super) fn previous_signature(&self) -> Option<&str> {
        self.previous_signature.as_deref()
    }

    /// The text that is signed.
    pub(super) fn signed_text(&self, sha256: &[u8; 32]) -> String {
        let previous = self.previous_signature.as_deref().unwrap_or("null");
        format!("{}\n{}\n{}\n{previous}", self.end_as_written, self.location, hex::encode(sha256))
    }
}

impl Entry {
    fn log_file(self, hour: Window) -> LogFile {
        let times = self.oldest_event_time.as_deref().zip(self.newest_event_time.as_deref());
        let window = times.and_then(|(from, to)| Some(Window { from: time_of(from)?, to: time_of(to)? }));
        LogFile {
            sha256: sha256(Some(&self.hash_algorithm), Some(&self.hash_value)),
            bucket: self.s3_bucket,
            object: self.s3_object,
            window: window.filter(|window| window.from <= window.to).unwrap_or(hour),
        }
    }
}

fn sha256(algorithm: Option<&str>, value: Option<&str>) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    (algorithm? == "SHA-256").then_some(())?;
    hex::decode_to_slice(value?, &mut hash).ok()?;
    Some(hash)
}
