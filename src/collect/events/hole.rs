//! What an unread file can hide: AWS names the account, the Region and the time of delivery in its files' names.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::event_log::{Hole, Window};
use crate::model::place::Place;

/// Events are older than their file's delivery, usually by minutes; this is more than was ever seen.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// What a file that could not be read may hide.
pub(super) fn hole(path: &Path, subject: String, reason: String) -> Hole {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (place, delivered) = of_name(&name).unzip();
    let window = delivered.map(|to| Window { from: to.saturating_sub(OLDEST).unwrap_or(to), to });
    Hole { place, window, subject, reason }
}

/// The place of a log file, by its name.
pub(super) fn place_of(name: &str) -> Option<Place> {
    of_name(name.rsplit('/').next()?).map(|(place, _)| place)
}

/// `ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_…`
fn of_name(name: &str) -> Option<(Place, Timestamp)> {
    let mut parts = name.split('_');
    let account = parts.next()?.parse().ok()?;
    (parts.next()? == "CloudTrail").then_some(())?;
    let region = parts.next()?.parse().ok()?;
    let at = DateTime::strptime("%Y%m%dT%H%MZ", parts.next()?).ok()?;
    // Written to the minute: it was delivered before the next.
    let delivered = TimeZone::UTC.to_timestamp(at).ok()? + SignedDuration::from_secs(60);
    Some((Place { account, region }, delivered))
}
