//! How far the event history reaches, and what is told of where it does not.

use jiff::{SignedDuration, Timestamp};

use super::NAME;
use super::sweep::INTERRUPTED;
use crate::model::event_log::{EventLog, Window};
use crate::model::gap::Gap;

/// As far back as the history goes.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
pub const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The first moment that the history tells of.
pub(super) fn first(now: Timestamp) -> Timestamp {
    now.saturating_sub(HISTORY).unwrap_or(Timestamp::MIN)
}

/// The part of a window that the history may hold, in whole seconds, as AWS takes them. What was in it when the run
/// began may have gone out of it since.
pub(super) fn part_of_history(window: Window, now: Timestamp) -> Window {
    let whole = |at: Timestamp, up: i64| Timestamp::from_second(at.as_second() + up).unwrap_or(at);
    let up = i64::from(window.to.subsec_nanosecond() > 0);
    let to = whole(window.to, up);
    Window { from: whole(window.from.max(first(now)), 0).min(to), to }
}

/// That the history does not reach back to before this time.
pub(super) fn out_of_reach(before: Timestamp) -> EventLog {
    let reason = format!(
        "CloudTrail's event history goes back 90 days, and what was before {before} was not looked for: name another \
         source for that (s3://, athena:), or a later --since"
    );
    let gap = Gap { subject: NAME.to_owned(), ..Gap::new(None, None, "LookupEvents", &reason) };
    EventLog { unsearched: vec![gap], ..EventLog::default() }
}

/// The gaps of places that were never begun made one: there may be thousands, and they say the same. None of them has
/// a window, so nothing is claimed of them.
pub(super) fn as_one(gaps: Vec<Gap>) -> Vec<Gap> {
    let (never, mut others): (Vec<Gap>, Vec<Gap>) =
        gaps.into_iter().partition(|gap| gap.reason == INTERRUPTED);
    match never.len() {
        0 => {}
        1 => others.extend(never),
        count => {
            let reason = format!(
                "the run was interrupted before the event histories of {count} accounts and Regions were read"
            );
            others.push(Gap { subject: NAME.to_owned(), ..Gap::new(None, None, "LookupEvents", &reason) });
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::super::sweep::interrupted;
    use super::*;
    use crate::model::place::Place;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn places_that_were_never_begun_are_one_gap() {
        let place = |nth: usize| Place {
            account: format!("{nth:012}").parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        };
        let never = |nth| Gap::in_place(&place(nth), "", &interrupted());
        let denied = Gap { reason: "denied".to_owned(), ..never(3) };
        let whole = as_one(vec![never(1), denied.clone(), never(2)]);
        let reason = "the run was interrupted before the event histories of 2 accounts and Regions were read";
        let one = Gap { subject: NAME.to_owned(), ..Gap::new(None, None, "LookupEvents", reason) };
        assert_eq!(whole, [denied.clone(), one]);
        assert_eq!(as_one(vec![denied.clone(), never(1)]), [denied, never(1)]);
    }

    #[test]
    fn a_place_that_is_read_late_claims_no_more_than_its_history_then_holds() {
        let begun = at("2026-06-01T00:00:00.5Z");
        let window = Window { from: begun - HISTORY, to: begun };
        let first = part_of_history(window, begun);
        assert_eq!(first, Window { from: at("2026-03-03T00:00:00Z"), to: at("2026-06-01T00:00:01Z") });
        let late = part_of_history(window, begun + SignedDuration::from_hours(5));
        assert_eq!(late, Window { from: at("2026-03-03T05:00:00Z"), to: at("2026-06-01T00:00:01Z") });
        let short = Window { from: at("2026-05-01T00:00:00Z"), to: at("2026-05-02T00:00:00Z") };
        assert_eq!(part_of_history(short, begun + SignedDuration::from_hours(5)), short);
    }
}
