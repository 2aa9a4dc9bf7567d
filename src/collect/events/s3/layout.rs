//! How CloudTrail lays out its files in a bucket. An organization's trail has the organization's id before the
//! account; a trail that was made one later leaves both forms side by side.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::collect::events::ask::Ask;
use crate::model::event_log::Window;
use crate::model::ids::{AccountId, Region};
use crate::trail::digest::is_digest;

/// The folder in which AWS's services lay out their logs.
pub(super) const LOGS: &str = "AWSLogs";

/// What a prefix that ends with a slash is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Level {
    /// A prefix of the user's own, or the bucket itself.
    Above,
    /// `AWSLogs/`, or an organization's folder in it: accounts are below.
    Accounts,
    /// An account's: kinds of logs are below.
    Account(AccountId),
    /// `CloudTrail/` or `CloudTrail-Digest/` of an account: Regions are below.
    Kind(AccountId),
    /// A Region's: days are below.
    Days(AccountId, Region),
}

impl Level {
    /// The level of a prefix, told by its last parts.
    pub(super) fn of(prefix: &str) -> Self {
        let mut parts = prefix.trim_end_matches('/').rsplit('/');
        let (last, above, third) = (parts.next(), parts.next(), parts.next());
        let account = |part: Option<&str>| part.and_then(|text| text.parse::<AccountId>().ok());
        let is_kind = |part: Option<&str>| matches!(part, Some("CloudTrail" | "CloudTrail-Digest"));
        if let (true, Some(id), Some(Ok(region))) = (is_kind(above), account(third), last.map(str::parse)) {
            return Self::Days(id, region);
        }
        if let (true, Some(id)) = (is_kind(last), account(above)) {
            return Self::Kind(id);
        }
        match account(last) {
            Some(id) if is_accounts(above, third) => Self::Account(id),
            _ if is_accounts(last, above) => Self::Accounts,
            _ => Self::Above,
        }
    }

    /// Whether a prefix right below is gone into, for log files or, with `digests`, for those.
    pub(super) fn leads_to(&self, child: &str, digests: bool, ask: &Ask<'_>) -> bool {
        let name = child.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let kind = if digests { "CloudTrail-Digest" } else { "CloudTrail" };
        match self {
            // Control Tower's trail has the organization's id for its prefix.
            Self::Above => name == LOGS || is_organization(name),
            Self::Accounts => match name.parse::<AccountId>() {
                Ok(id) => ask.wants_account(id),
                Err(_) => is_organization(name),
            },
            Self::Account(_) => name == kind,
            Self::Kind(account) => name.parse().is_ok_and(|region: Region| ask.wants(*account, &region)),
            Self::Days(..) => false,
        }
    }
}

/// Where the digests are of what lies under a prefix inside an account's `CloudTrail/`: beside it. And what the keys of
/// log files have in common that lie under the prefix.
pub(super) fn digests_beside(prefix: &str) -> Option<(String, &str)> {
    let mut at = 0;
    let mut parts = prefix.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.parse::<AccountId>().is_ok() && parts.next_if_eq(&"CloudTrail").is_some() {
            let (above, logs) = prefix.split_at_checked(at)?;
            let region = parts.next().and_then(|part| part.parse::<Region>().ok());
            let region = region.map(|region| format!("{region}/")).unwrap_or_default();
            return Some((format!("{above}{part}/CloudTrail-Digest/{region}"), logs));
        }
        at += part.len() + 1;
    }
    None
}

/// Whether accounts are below a part of a key, of which the second is the part before it.
fn is_accounts(part: Option<&str>, above: Option<&str>) -> bool {
    part == Some(LOGS) || above == Some(LOGS) && part.is_some_and(is_organization)
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
fn is_organization(name: &str) -> bool {
    let unique = name.strip_prefix("o-").unwrap_or_default();
    (10..=32).contains(&unique.len()) && unique.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// The days whose files may hold events of a window, as they stand in keys: a file lies under the day of its
/// delivery, which is never before its events and may be after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    first: String,
    last: String,
}

impl Days {
    pub(super) fn of(window: Window) -> Self {
        let day = |at: Timestamp, later: i64| {
            let date = TimeZone::UTC.to_datetime(at).date();
            date.checked_add(later.days()).unwrap_or(date).strftime("%Y/%m/%d").to_string()
        };
        Self { first: day(window.from, 0), last: day(window.to, 1) }
    }

    /// The key after which a listing of a Region's files begins.
    pub(super) fn begin(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.first)
    }

    /// Whether a log file's key is of these days.
    pub(super) fn has(&self, key: &str) -> bool {
        let mut parts = key.rsplit('/').skip(1);
        let (day, month, year) = (parts.next(), parts.next(), parts.next());
        let date = [year, month, day].map(Option::unwrap_or_default).join("/");
        self.first <= date && date <= self.last
    }

    /// Whether a key, and with it all that follow, lies behind the last day.
    pub(super) fn is_past(&self, prefix: &str, key: &str) -> bool {
        let day = key.strip_prefix(prefix).and_then(|rest| rest.get(..self.last.len()));
        day.is_some_and(|day| day > self.last.as_str())
    }
}

/// Whether an object is only the mark of a folder, as consoles make it.
pub(super) fn is_mark(key: &str, size: i64) -> bool {
    key.ends_with('/') && size == 0
}

/// Whether an object of a folder of no known form is read: what lies in it as AWS lays it out is told by its key.
pub(super) fn is_wanted(key: &str, digests: bool, days: &Days, ask: &Ask<'_>) -> bool {
    let kind = if digests { "CloudTrail-Digest" } else { "CloudTrail" };
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let parts: Vec<&str> = folder.split('/').collect();
    let below = parts.iter().skip_while(|part| **part != LOGS).skip(1);
    let of_aws = below.skip_while(|part| is_organization(part)).nth(1);
    if of_aws.is_some_and(|found| *found != kind) || parts.iter().any(|part| is_other(part, kind)) {
        return false;
    }
    match parts.as_slice() {
        [.., account, own, region, _, _, _] if *own == kind => match (account.parse(), region.parse()) {
            (Ok(account), Ok(region)) => ask.wants(account, &region) && days.has(key),
            _ => true,
        },
        _ => !digests || is_digest(key),
    }
}

/// Whether a part of a key is a kind of CloudTrail's files, and another than that.
fn is_other(part: &str, kind: &str) -> bool {
    const KINDS: &[&str] = &[
        "CloudTrail",
        "CloudTrail-Digest",
        "CloudTrail-Insight",
        "CloudTrail-NetworkActivity",
        "CloudTrail-Aggregated",
    ];
    part != kind && KINDS.contains(&part)
}
