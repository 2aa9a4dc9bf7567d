//! How CloudTrail lays out its files in a bucket. An organization's trail has the organization's id before the
//! account; a trail that was made one later leaves both forms side by side.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::collect::events::ask::Ask;
use crate::model::event_log::Window;
use crate::model::ids::{AccountId, Region};

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
        match (account(last), last) {
            (Some(id), _) if is_accounts(above) => Self::Account(id),
            _ if is_accounts(last) => Self::Accounts,
            _ => Self::Above,
        }
    }

    /// Whether a prefix right below is gone into, for log files or, with `digests`, for those.
    pub(super) fn leads_to(&self, child: &str, digests: bool, ask: &Ask<'_>) -> bool {
        let name = child.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let kind = if digests { "CloudTrail-Digest" } else { "CloudTrail" };
        match self {
            Self::Above => name == "AWSLogs",
            Self::Accounts => match name.parse::<AccountId>() {
                Ok(id) => ask.accounts.is_empty() || ask.accounts.contains(&id),
                Err(_) => is_organization(name),
            },
            Self::Account(_) => name == kind,
            Self::Kind(account) => name.parse().is_ok_and(|region: Region| ask.wants(*account, &region)),
            Self::Days(..) => false,
        }
    }
}

fn is_accounts(part: Option<&str>) -> bool {
    part.is_some_and(|part| part == "AWSLogs" || is_organization(part))
}

fn is_organization(name: &str) -> bool {
    name.starts_with("o-") && name.len() >= 12
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

/// Whether an object is left aside without a word: folders' marks, and files that hold no management events.
pub(super) fn is_no_log(key: &str, size: i64) -> bool {
    const OTHERS: &[&str] = &[
        "/CloudTrail-Digest/",
        "/CloudTrail-Insight/",
        "/CloudTrail-NetworkActivity/",
        "/CloudTrail-Aggregated/",
    ];
    key.ends_with('/') && size == 0 || OTHERS.iter().any(|part| key.contains(part))
}
