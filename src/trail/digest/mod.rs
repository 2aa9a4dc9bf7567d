//! Pure: whether log files are as CloudTrail wrote them. It checks what `aws cloudtrail validate-logs` does, on files
//! that were read already, wherever they are.
//!
//! CloudTrail writes a digest every hour for each account, Region and trail: the hashes of the log files it
//! delivered, and the hash and the signature of the digest before. Each is signed with a key of its Region's.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>
//! <https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/validate-logs.html>
//!
//! What it cannot tell: that the newest digests of a chain, or the oldest ones, were deleted along with their log
//! files. What they listed is `unverified` where it is still there. A chain that begins anew (logging or validation
//! was off for a while) is CloudTrail's own doing and no problem here.

mod chain;
mod keys;
mod listed;
mod name;
mod parsed;
mod problem;
mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;

use listed::Listed;
use standing::{Read, Standing};

use crate::model::event::Integrity;

pub use keys::{BadKeys, PublicKeys, read_public_keys};
pub use name::{is_digest, stem};
pub use problem::{DigestProblem, Finding};

/// A digest file that was read.
#[derive(Debug, Clone)]
pub struct DigestFile {
    /// What it is called in messages. A path, of which the last part counts, or `s3://BUCKET/KEY`, which must be
    /// the place that the digest names as its own.
    pub name: Arc<str>,
    /// What is in it, unpacked.
    pub content: Vec<u8>,
    /// Its signature in hexadecimal: `x-amz-meta-signature` of the object. Where it is lost, the digest after it
    /// holds it too.
    pub signature: Option<String>,
}

/// A log file that was read.
#[derive(Debug, Clone)]
pub struct Hashed {
    /// What it is called in messages; its last part is what digests know it by.
    pub name: Arc<str>,
    /// The hash of what is in it, unpacked.
    pub sha256: [u8; 32],
}

/// What the digests say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestCheck {
    /// Of each log file that was read, by its name.
    pub verdicts: BTreeMap<Arc<str>, Integrity>,
    /// What is not as it should be, in the order of its subjects.
    pub problems: Vec<DigestProblem>,
}

impl DigestCheck {
    /// What they say of a file; one that was not read is in no digest.
    #[must_use]
    pub fn of(&self, file: &str) -> Integrity {
        self.verdicts.get(file).copied().unwrap_or(Integrity::Unverified)
    }
}

/// Checks log files against digests, and digests against the public keys and each other. A listed log file that is
/// not among `files` is missing where `is_wanted` says so of its key in S3.
///
/// Files and digests go by the last part of their names, without `.gz` or `.zst`. Where files in several folders have
/// one name, each is judged by its own hash: a changed copy is `tampered` beside one that is as it was.
#[must_use]
pub fn check(
    digests: &[DigestFile],
    files: &[Hashed],
    keys: &PublicKeys,
    is_wanted: impl Fn(&str) -> bool,
) -> DigestCheck {
    let mut read: Vec<Read<'_>> = digests.iter().map(Read::new).collect();
    // From the newest to the oldest: a digest holds what proves the one before it.
    read.sort_by(|a, b| b.end().cmp(&a.end()).then_with(|| a.file.name.cmp(&b.file.name)));
    let standings = standing::standings(&read, keys);
    let judged: Vec<(&Read<'_>, &Standing)> = read.iter().zip(&standings).collect();

    let mut problems: Vec<DigestProblem> =
        judged.iter().filter_map(|(digest, standing)| standing.problem(digest)).collect();
    problems.extend(chain::missing(&judged));
    let listed = Listed::new(&judged);
    let verdicts = listed.verdicts(files, &mut problems);
    problems.extend(listed.missing(files, is_wanted));
    problems.sort();
    problems.dedup();
    DigestCheck { verdicts, problems }
}
