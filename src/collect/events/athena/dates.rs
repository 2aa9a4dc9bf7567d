//! Days in the forms that partitions are named by.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

use crate::model::event_log::Window;

/// More values than this are not listed.
const MOST_VALUES: usize = 4_000;

/// The first and the last day in whose partitions a window's records may lie. Partitions are named by the time of
/// delivery, so that the last is one later.
pub(super) fn days(window: Window) -> (Date, Date) {
    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at.max(Timestamp::UNIX_EPOCH)).date();
    (day(window.from), day(window.to).saturating_add(1.day()))
}

/// A piece of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A part of the time, and whether it has leading zeros.
    Part(Part, bool),
    /// What is written as it is.
    Fixed(String),
}

/// A part of a time, the longest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A format as Java's `DateTimeFormatter` has it, which is what projection takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateFormat(Vec<Piece>);

impl DateFormat {
    /// Reads one; `None` where something stands in it that we do not know.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| c != first).unwrap_or(rest.len());
            let (run, behind) = rest.split_at(end);
            if first == '\'' {
                let (fixed, behind) = unquoted(rest)?;
                pieces.push(Piece::Fixed(fixed));
                rest = behind;
                continue;
            }
            pieces.push(if first.is_ascii_alphabetic() { part(run)? } else { Piece::Fixed(run.to_owned()) });
            rest = behind;
        }
        let has_year = pieces.contains(&Piece::Part(Part::Year, true));
        Some(Self(pieces)).filter(|_| has_year)
    }

    /// Writes a time so.
    pub(super) fn write(&self, at: DateTime) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Fixed(text) => text.clone(),
            Piece::Part(Part::Year, _) => format!("{:04}", at.year()),
            Piece::Part(part, padded) => {
                let value = match part {
                    Part::Year | Part::Month => at.month(),
                    Part::Day => at.day(),
                    Part::Hour => at.hour(),
                    Part::Minute => at.minute(),
                    Part::Second => at.second(),
                };
                if *padded { format!("{value:02}") } else { value.to_string() }
            }
        };
        self.0.iter().map(piece).collect()
    }

    fn parts(&self) -> impl Iterator<Item = (Part, bool)> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Part(part, padded) => Some((*part, *padded)),
            Piece::Fixed(_) => None,
        })
    }

    /// Whether later times are later texts: the parts come from the longest on, none is left out, all have zeros.
    pub(super) fn sorts(&self) -> bool {
        const ALL: [Part; 6] = [Part::Year, Part::Month, Part::Day, Part::Hour, Part::Minute, Part::Second];
        self.parts().zip(ALL).all(|((part, padded), wanted)| part == wanted && padded)
            && self.parts().count() <= ALL.len()
    }

    /// Every name from a day to another; `None` where those are too many.
    pub(super) fn list(&self, from: Date, to: Date) -> Option<Vec<String>> {
        let finest = self.parts().map(|(part, _)| part).max()?;
        let step: Span = match finest {
            Part::Year | Part::Month | Part::Day => 1.day(),
            Part::Hour => 1.hour(),
            Part::Minute | Part::Second => return None,
        };
        let mut names: Vec<String> = Vec::new();
        let mut at = begin(from);
        while at <= end(to) {
            let name = self.write(at);
            // Those of one month or year follow each other.
            if names.last() != Some(&name) {
                names.push(name);
            }
            if names.len() > MOST_VALUES {
                return None;
            }
            at = at.checked_add(step).ok()?;
        }
        names.sort();
        names.dedup();
        Some(names)
    }
}

/// The first moment of a day.
pub(super) fn begin(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}

/// The last second of a day.
pub(super) fn end(day: Date) -> DateTime {
    day.at(23, 59, 59, 0)
}

/// A run of one letter.
fn part(run: &str) -> Option<Piece> {
    Some(match run {
        "yyyy" | "uuuu" | "y" | "u" => Piece::Part(Part::Year, true),
        "MM" => Piece::Part(Part::Month, true),
        "M" => Piece::Part(Part::Month, false),
        "dd" => Piece::Part(Part::Day, true),
        "d" => Piece::Part(Part::Day, false),
        "HH" => Piece::Part(Part::Hour, true),
        "H" => Piece::Part(Part::Hour, false),
        "mm" => Piece::Part(Part::Minute, true),
        "ss" => Piece::Part(Part::Second, true),
        _ => return None,
    })
}

/// A text in quotes at the beginning, and what follows; two quotes are one.
fn unquoted(text: &str) -> Option<(String, &str)> {
    if let Some(rest) = text.strip_prefix("''") {
        return Some(("'".to_owned(), rest));
    }
    let (mut fixed, mut rest) = (String::new(), text.strip_prefix('\'')?);
    loop {
        let (before, behind) = rest.split_once('\'')?;
        fixed.push_str(before);
        match behind.strip_prefix('\'') {
            Some(more) => {
                fixed.push('\'');
                rest = more;
            }
            None => return Some((fixed, behind)),
        }
    }
}

/// How far before a time the partition may begin that holds it: a month's is named by its first day.
/// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>
pub(super) fn step_back(
    from: Date,
    format: &DateFormat,
    (interval, unit): (Option<&str>, Option<&str>),
) -> Option<Date> {
    let count: i64 = match interval {
        None => 1,
        Some(text) => text.parse().ok().filter(|count| (1..=10_000).contains(count))?,
    };
    // Without a unit it is the precision of the name.
    let own = match format.parts().map(|(part, _)| part).max() {
        Some(Part::Year) => "YEARS",
        Some(Part::Month) => "MONTHS",
        _ => "DAYS",
    };
    let unit = unit.unwrap_or(own).to_ascii_uppercase();
    let back = match unit.trim_end_matches('S') {
        "YEAR" => count.years(),
        "MONTH" => count.months(),
        "WEEK" => count.weeks(),
        "DAY" => (count - 1).days(),
        "HOUR" => (count / 24).days(),
        "MINUTE" => (count / (24 * 60)).days(),
        "SECOND" | "MILLI" => 0.days(),
        _ => return None,
    };
    Some(from.saturating_sub(back).max(Date::constant(1970, 1, 1)))
}
