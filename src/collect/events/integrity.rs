//! Holds log files against CloudTrail's digests: the keys from a file or from AWS, and what the outcome means for a log.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html>

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use aws_smithy_types::DateTime;

use super::ask::{Ask, Reach};
use super::files::BadSource;
use crate::aws::Target;
use crate::aws::action::LIST_PUBLIC_KEYS;
use crate::model::event_log::{EventLog, Hole};
use crate::model::failure::{Failure, FailureKind};
use crate::model::ids::Region;
use crate::trail::digest::{DigestCheck, DigestFile, Finding, Hashed, PublicKeys, check, read_public_keys};

/// The largest file of keys; a Region has a few, of some 400 bytes each.
const MOST_BYTES: u64 = 16 << 20;

/// Before the first digest was written: 2015-06-01.
const FIRST_DIGEST: i64 = 1_433_116_800;

/// Reads saved keys.
pub(super) fn saved_keys(path: &Path) -> Result<PublicKeys, BadSource> {
    let bad = |why: String| BadSource::new(path.display(), why);
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| bad(error.to_string()))?;
    file.take(MOST_BYTES).read_to_end(&mut text).map_err(|error| bad(error.to_string()))?;
    read_public_keys(&text).map_err(|error| bad(error.to_string()))
}

/// Asks AWS for the keys of the Regions that digests are of.
pub(super) async fn keys_of(
    reach: Reach<'_>,
    digests: &[DigestFile],
    policy: &str,
    ask: &Ask<'_>,
) -> Result<PublicKeys, Failure> {
    let regions: BTreeSet<Region> = digests.iter().filter_map(|digest| region_of(&digest.name)).collect();
    let mut keys = PublicKeys::default();
    for region in regions {
        keys.extend(region_keys(reach, &region, policy, ask).await?);
    }
    Ok(keys)
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
    let (mut keys, mut token) = (PublicKeys::default(), None::<String>);
    loop {
        let send = || {
            client
                .list_public_keys()
                .start_time(DateTime::from_secs(FIRST_DIGEST))
                .end_time(DateTime::from_secs(ask.now.as_second()))
                .set_next_token(token.clone())
                .send()
        };
        let answer = reach.aws.sender().call(target, send).await?;
        for key in answer.public_key_list.unwrap_or_default() {
            let (Some(value), Some(fingerprint)) = (key.value, key.fingerprint) else { continue };
            keys.add(&fingerprint, value.as_ref()).map_err(|error| Failure {
                call: LIST_PUBLIC_KEYS.name,
                kind: FailureKind::Other,
                code: None,
                reason: error.to_string(),
            })?;
        }
        token = answer.next_token.filter(|next| !next.is_empty() && token.as_ref() != Some(next));
        if token.is_none() {
            return Ok(keys);
        }
    }
}

/// The Region that a digest is of, by its name.
fn region_of(name: &str) -> Option<Region> {
    name.rsplit(['/', '\\']).next()?.split('_').nth(2)?.parse().ok()
}

/// Checks files, and writes into the log what that means: each event says whether its file is as it was, and a file
/// that was changed or taken away is a hole. That something is not proven is no hole: the events say it.
pub(super) fn verify(
    log: &mut EventLog,
    (digests, files): (&[DigestFile], &[Hashed]),
    keys: &PublicKeys,
    is_wanted: impl Fn(&str) -> bool,
) {
    let checked = check(digests, files, keys, is_wanted);
    for problem in &checked.problems {
        if problem.finding == Finding::Unproven {
            tracing::warn!(file = problem.subject, reason = problem.reason, "not proven");
            continue;
        }
        log.holes.push(Hole {
            place: problem.place.clone(),
            window: problem.window,
            subject: problem.subject.clone(),
            reason: format!("{}: {}", problem.finding, problem.reason),
        });
    }
    mark(log, files, &checked);
}

/// Marks the events of these files.
fn mark(log: &mut EventLog, files: &[Hashed], checked: &DigestCheck) {
    let names: BTreeSet<&str> = files.iter().map(|file| &*file.name).collect();
    for event in log.events.iter_mut().filter(|event| names.contains(&*event.source_file)) {
        let integrity = checked.of(&event.source_file);
        Arc::make_mut(event).integrity = Some(integrity);
    }
}
