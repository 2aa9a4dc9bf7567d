//! What an unread file can hide: AWS names the account, the Region and the time of delivery in its files' names, and
//! the day of it in their folders'.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use std::path::Path;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::event_log::{Hole, Window};
use crate::model::place::Place;

/// Events are older than their file's delivery, usually by minutes; this is more than was ever seen.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// What a file that could not be read may hide.
pub(super) fn hole(path: &Path, subject: String, reason: String) -> Hole {
    let (place, window) = told_by(&path.to_string_lossy()).unzip();
    Hole { place, window, subject, reason }
}

/// The place of a file of CloudTrail's, by its name or the folders that it lies in.
pub(super) fn place_of(path: &str) -> Option<Place> {
    told_by(path).map(|(place, _)| place)
}

/// The place and the time of a file's events, as far as its name or else its folders tell.
fn told_by(path: &str) -> Option<(Place, Window)> {
    let mut parts = path.rsplit(['/', '\\']);
    of_name(parts.next()?).or_else(|| of_folders(parts))
}

/// `ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_…`
fn of_name(name: &str) -> Option<(Place, Window)> {
    let mut parts = name.split('_');
    let account = parts.next()?.parse().ok()?;
    (parts.next()? == "CloudTrail").then_some(())?;
    let region = parts.next()?.parse().ok()?;
    let at = DateTime::strptime("%Y%m%dT%H%MZ", parts.next()?).ok()?;
    // Written to the minute: it was delivered before the next.
    let delivered = TimeZone::UTC.to_timestamp(at).ok()? + SignedDuration::from_secs(60);
    Some((Place { account, region }, window(delivered, delivered)))
}

/// `ACCOUNT/CloudTrail/REGION/YYYY/MM/DD`, the day of the delivery; from the last on.
fn of_folders<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<(Place, Window)> {
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let region = parts.next()?.parse().ok()?;
    matches!(parts.next()?, "CloudTrail" | "CloudTrail-Digest").then_some(())?;
    let account = parts.next()?.parse().ok()?;
    let day = Date::strptime("%Y/%m/%d", format!("{year}/{month}/{day}")).ok()?;
    let midnight = |day: Date| TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok();
    Some((Place { account, region }, window(midnight(day)?, midnight(day.tomorrow().ok()?)?)))
}

/// The time of the events that were delivered between these two.
fn window(first: Timestamp, last: Timestamp) -> Window {
    Window { from: first.saturating_sub(OLDEST).unwrap_or(first), to: last }
}
