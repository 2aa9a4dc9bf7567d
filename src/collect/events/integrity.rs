//! Holds log files against CloudTrail's digests: the keys from a file or from AWS, and what the outcome means for a log.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html>

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aws_sdk_cloudtrail::types::PublicKey;
use aws_smithy_types::DateTime;

use super::ask::{Ask, Reach};
use super::files::BadSource;
use super::gather::Gathered;
use crate::aws::Target;
use crate::aws::action::LIST_PUBLIC_KEYS;
use crate::collect::pages::Pages;
use crate::model::event::Integrity;
use crate::model::event_log::Hole;
use crate::model::failure::{Failure, FailureKind};
use crate::model::gap::Gap;
use crate::model::ids::Region;
use crate::trail::digest::{DigestFile, Finding, Hashed, PublicKeys, check, read_public_keys, stem};

/// The largest file of keys; a Region has a few, of some 400 bytes each.
const MOST_BYTES: u64 = 16 << 20;

/// Before the first digest was written: 2015-06-01.
const FIRST_DIGEST: i64 = 1_433_116_800;

/// A file of public keys. It is read once, when it is first asked for: it may be a pipe.
#[derive(Debug)]
pub(super) struct SavedKeys {
    path: PathBuf,
    read: OnceLock<Result<PublicKeys, String>>,
}

impl SavedKeys {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: OnceLock::new() }
    }

    /// The keys.
    pub(super) fn get(&self) -> Result<&PublicKeys, BadSource> {
        let read = self.read.get_or_init(|| read_keys(&self.path));
        read.as_ref().map_err(|why| BadSource::new(self.path.display(), why))
    }
}

fn read_keys(path: &Path) -> Result<PublicKeys, String> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MOST_BYTES).read_to_end(&mut text).map_err(|error| error.to_string())?;
    read_public_keys(&text).map_err(|error| error.to_string())
}

/// The public keys that are known so far. Each Region is asked once.
pub(super) struct KeyRing<'a> {
    known: PublicKeys,
    /// Where others are had; nowhere, if they were saved.
    from: Option<(Reach<'a>, String)>,
    asked: BTreeSet<Region>,
}

impl<'a> KeyRing<'a> {
    /// The keys of a file or, where there is none, of AWS, which is asked with a role that may do what `policy` says.
    pub(super) fn new(saved: Option<&SavedKeys>, reach: Option<Reach<'a>>, policy: &str) -> (Self, Vec<Gap>) {
        let mut ring = Self { known: PublicKeys::default(), from: None, asked: BTreeSet::new() };
        match saved.map(SavedKeys::get) {
            Some(Ok(keys)) => ring.known = keys.clone(),
            Some(Err(error)) => return (ring, vec![no_keys(None, &error.to_string())]),
            None => ring.from = reach.map(|reach| (reach, policy.to_owned())),
        }
        (ring, Vec::new())
    }

    /// Learns the keys of the Regions that digests are of. What cannot be learnt is a gap: the digests prove nothing
    /// then, and hide nothing either.
    pub(super) async fn learn(&mut self, digests: &[DigestFile], ask: &Ask<'_>) -> Vec<Gap> {
        let Some((reach, policy)) = &self.from else { return Vec::new() };
        let mut gaps = Vec::new();
        for region in digests.iter().filter_map(|digest| region_of(&digest.name)) {
            if !self.asked.insert(region.clone()) {
                continue;
            }
            match region_keys(*reach, &region, policy, ask).await {
                Ok(keys) => self.known.extend(keys),
                Err(failure) => {
                    let gap = no_keys(Some(&region), &failure.reason);
                    gaps.push(Gap { error_code: failure.code, ..gap });
                }
            }
        }
        gaps
    }

    /// The keys.
    pub(super) fn keys(&self) -> &PublicKeys {
        &self.known
    }
}

fn no_keys(region: Option<&Region>, reason: &str) -> Gap {
    let gap = Gap::new(None, region, LIST_PUBLIC_KEYS.name, reason);
    Gap { subject: "the digests' public keys".to_owned(), ..gap }
}

/// That nothing of a source is verified, although that was asked for.
pub(super) fn no_digest(source: &str) -> Gap {
    let reason = "no digest file was found, so that nothing is verified: is log file validation on for the trail, and \
                  are its digests (CloudTrail-Digest/) where its log files are?";
    Gap { subject: source.to_owned(), ..Gap::new(None, None, "digests", reason) }
}

async fn region_keys(
    reach: Reach<'_>,
    region: &Region,
    policy: &str,
    ask: &Ask<'_>,
) -> Result<PublicKeys, Failure> {
    let config = reach.aws.for_events(reach.caller, Some(region), policy.to_owned()).await?;
    let client = aws_sdk_cloudtrail::Client::new(&config);
    let target = Target { place: &reach.home(), action: LIST_PUBLIC_KEYS };
    let (mut keys, mut pages) = (PublicKeys::default(), Pages::default());
    loop {
        let send = || {
            client
                .list_public_keys()
                .start_time(DateTime::from_secs(FIRST_DIGEST))
                .end_time(DateTime::from_secs(ask.now.as_second()))
                .set_next_token(pages.token())
                .send()
        };
        let answer = reach.aws.sender().call(target, send).await?;
        let list = answer.public_key_list.unwrap_or_default();
        let names: Vec<Option<&str>> = list.iter().map(PublicKey::fingerprint).collect();
        let next = answer.next_token.filter(|next| !next.is_empty());
        let goes_on = pages.goes_on(LIST_PUBLIC_KEYS.name, &names, next)?;
        for key in list {
            let (Some(value), Some(fingerprint)) = (key.value, key.fingerprint) else { continue };
            keys.add(&fingerprint, value.as_ref()).map_err(|error| Failure {
                call: LIST_PUBLIC_KEYS.name,
                kind: FailureKind::Other,
                code: None,
                reason: error.to_string(),
            })?;
        }
        if !goes_on {
            return Ok(keys);
        }
    }
}

/// The Region that a digest is of, by its name.
fn region_of(name: &str) -> Option<Region> {
    name.rsplit(['/', '\\']).next()?.split('_').nth(2)?.parse().ok()
}

/// What digests say of log files, by their names.
pub(super) type Verdicts = BTreeMap<Arc<str>, Integrity>;

/// Checks files: adds verdicts, and gives what is a hole in the log. That is a file that was changed or taken away; that
/// something is not proven is none: the events say it.
pub(super) fn verify(
    (digests, files): (&[DigestFile], &[Hashed]),
    keys: &PublicKeys,
    is_wanted: impl Fn(&str) -> bool,
    verdicts: &mut Verdicts,
) -> Vec<Hole> {
    let checked = check(digests, files, keys, is_wanted);
    verdicts.extend(checked.verdicts);
    let (unproven, others): (Vec<_>, Vec<_>) =
        checked.problems.into_iter().partition(|problem| problem.finding == Finding::Unproven);
    for problem in unproven {
        tracing::warn!(file = problem.subject, reason = problem.reason, "not proven");
    }
    let hole = |problem: crate::trail::digest::DigestProblem| Hole {
        place: problem.place,
        window: problem.window,
        reason: format!("{}: {}", problem.finding, problem.reason),
        subject: problem.subject,
    };
    others.into_iter().map(hole).collect()
}

/// What files are known by that are there, readable or not: none of them is missing.
pub(super) fn there(gathered: &Gathered) -> HashSet<String> {
    let hashed = gathered.hashes.iter().map(|file| &*file.name);
    let names = hashed.chain(gathered.unproven.iter().map(String::as_str));
    names.map(|name| stem(name).to_owned()).collect()
}

/// Says of each event whether its file is as CloudTrail wrote it.
pub(super) fn mark(gathered: &mut Gathered, verdicts: &Verdicts) {
    for event in &mut gathered.events {
        event.integrity = Some(verdicts.get(&event.source_file).copied().unwrap_or(Integrity::Unverified));
    }
}
