//! `--since` and `--until`: a duration ago, a moment, or a day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A moment as typed.
#[derive(Debug, Clone)]
pub enum When {
    /// So long before now.
    Ago(Box<Span>),
    /// This moment.
    At(Timestamp),
    /// This day of UTC, wholly.
    Day(Date),
}

/// Reads one: `90d`, `24h`, `2026-06-30T12:00:00Z`, `2026-06-30`.
pub(super) fn parse_when(text: &str) -> Result<When, String> {
    if let Ok(at) = text.parse() {
        return Ok(When::At(at));
    }
    if text.len() == 10
        && let Ok(day) = text.parse()
    {
        return Ok(When::Day(day));
    }
    match text.parse::<Span>() {
        Ok(span) if !span.is_negative() => Ok(When::Ago(Box::new(span))),
        _ => {
            Err("it is like 90d, 24h, 2026-06-30 or 2026-06-30T12:00:00Z (with the Z, or an offset)"
                .to_owned())
        }
    }
}

impl When {
    /// The first moment that is meant.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn begin(&self, now: Timestamp) -> Result<Timestamp, String> {
        self.moment(now, |day| day)
    }

    /// The last moment that is meant: of a day, its last.
    ///
    /// # Errors
    /// It lies outside of the calendar.
    pub fn end(&self, now: Timestamp) -> Result<Timestamp, String> {
        let end = self.moment(now, |day| day.tomorrow().unwrap_or(day))?;
        Ok(if matches!(self, Self::Day(_)) { end - jiff::SignedDuration::from_nanos(1) } else { end })
    }

    fn moment(&self, now: Timestamp, day: impl Fn(Date) -> Date) -> Result<Timestamp, String> {
        match self {
            Self::At(at) => Ok(*at),
            Self::Day(date) => {
                TimeZone::UTC.to_timestamp(day(*date).at(0, 0, 0, 0)).map_err(|error| error.to_string())
            }
            Self::Ago(span) => TimeZone::UTC
                .to_datetime(now)
                .checked_sub(**span)
                .and_then(|at| TimeZone::UTC.to_timestamp(at))
                .map_err(|error| error.to_string()),
        }
    }
}
