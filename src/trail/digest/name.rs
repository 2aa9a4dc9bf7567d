//! The names that CloudTrail gives its files.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::event_log::Window;
use crate::model::place::Place;

/// Events are older than their file's delivery, usually by minutes; this is more than was ever seen.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// The time that a digest is of.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

const DIGEST: &str = "CloudTrail-Digest";

/// Whether a file of that name is a digest, as far as names tell.
#[must_use]
pub fn is_digest(name: &str) -> bool {
    stem(name).split('_').any(|part| part == DIGEST)
}

/// What a file is known by, wherever it lies and however it is packed now.
#[must_use]
pub fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    [".gz", ".zst"].iter().find_map(|packing| last.strip_suffix(packing)).unwrap_or(last)
}

/// What the name of a digest tells: `ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_TIME`, and `_backfill` for what
/// came late.
#[derive(Debug)]
pub(super) struct DigestName<'a> {
    /// All of it but the time, and whether it came late: digests that have this in common follow each other.
    pub(super) chain: (&'a str, bool),
    pub(super) place: Option<Place>,
    /// When its hour ended.
    pub(super) ended: Timestamp,
}

impl<'a> DigestName<'a> {
    pub(super) fn read(stem: &'a str) -> Option<Self> {
        let name = stem.strip_suffix(".json").unwrap_or(stem);
        let late = name.strip_suffix("_backfill");
        let (chain, ended) = late.unwrap_or(name).rsplit_once('_')?;
        let ended = DateTime::strptime("%Y%m%dT%H%M%SZ", ended).ok()?;
        let ended = TimeZone::UTC.to_timestamp(ended).ok()?;
        Some(Self { chain: (chain, late.is_some()), place: place(chain, DIGEST), ended })
    }

    /// The times of what may be in the log files that it lists.
    pub(super) fn window(&self) -> Window {
        Window { from: before(self.ended.saturating_sub(HOUR).unwrap_or(self.ended)), to: self.ended }
    }
}

/// The first moment of events that may have been delivered at that time.
pub(super) fn before(delivered: Timestamp) -> Timestamp {
    delivered.saturating_sub(OLDEST).unwrap_or(delivered)
}

/// The place of a log file: `ACCOUNT_CloudTrail_REGION_…`
pub(super) fn log_place(stem: &str) -> Option<Place> {
    place(stem, "CloudTrail")
}

fn place(name: &str, kind: &str) -> Option<Place> {
    let mut parts = name.split('_');
    let account = parts.next()?.parse().ok()?;
    (parts.next()? == kind).then_some(())?;
    Some(Place { account, region: parts.next()?.parse().ok()? })
}
