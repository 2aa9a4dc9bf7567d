//! What is demanded of partitions, judged by an evaluator of the test's own.

use std::collections::{BTreeMap, BTreeSet};

use amiaudit::collect::athena::{Literal, Predicate, Question, prune};
use amiaudit::model::event_log::Window;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::tables::{Shape, documented};

/// The values of a partition's keys.
type Values = BTreeMap<String, Literal>;

fn holds(predicate: &Predicate, values: &Values) -> bool {
    match predicate {
        Predicate::Between { key, from, to } => from <= &values[key] && &values[key] <= to,
        Predicate::In { key, values: listed } => listed.contains(&values[key]),
        Predicate::All(inner) => inner.iter().all(|inner| holds(inner, values)),
        Predicate::Any(inner) => inner.iter().any(|inner| holds(inner, values)),
    }
}

/// From the first moment of a day to the last of another.
fn window(from: Date, to: Date) -> Window {
    let at = |day: Date, hour, minute| TimeZone::UTC.to_timestamp(day.at(hour, minute, 0, 0)).unwrap();
    Window { from: at(from, 0, 0), to: at(to, 23, 59) }
}

fn pruned(shape: &Shape, from: Date, to: Date) -> Vec<Predicate> {
    let (accounts, regions) = (BTreeSet::new(), BTreeSet::new());
    let question = Question { window: window(from, to), accounts: &accounts, regions: &regions };
    let pruning = prune(&shape.table, &question, true).unwrap();
    assert_eq!(pruning.unknown, [""; 0]);
    pruning.predicates
}

fn sql(predicates: &[Predicate]) -> Vec<String> {
    predicates.iter().map(Predicate::sql).collect()
}

/// A table with one key whose values are dates.
fn dated(kind: &str, format: &str, more: &[(&str, &str)]) -> Shape {
    let mut parameters = vec![
        ("projection.enabled", "true"),
        ("projection.dt.type", "DATE"),
        ("projection.dt.format", format),
    ];
    parameters.extend_from_slice(more);
    Shape::new(&[("dt", kind)], &parameters)
}

fn by_parts(kind: &str) -> Shape {
    Shape::new(&[("year", kind), ("month", kind), ("day", kind)], &[])
}

#[test]
fn athena_dates_are_written_as_the_projection_says() {
    let (from, to) = (date(2026, 12, 30), date(2026, 12, 31));
    let month = [("projection.dt.interval", "1"), ("projection.dt.interval.unit", "MONTHS")];
    let week = [("projection.dt.interval", "2"), ("projection.dt.interval.unit", "weeks")];
    for (kind, format, more, wanted) in [
        ("string", "yyyy/MM/dd", &[][..], "\"dt\" BETWEEN '2026/12/30' AND '2027/01/01'"),
        ("string", "yyyy-MM-dd", &[], "\"dt\" BETWEEN '2026-12-30' AND '2027-01-01'"),
        ("string", "yyyy/MM/dd/HH", &[], "\"dt\" BETWEEN '2026/12/30/00' AND '2027/01/01/23'"),
        (
            "string",
            "yyyy-MM-dd'T'HH:mm:ss",
            &[],
            "\"dt\" BETWEEN '2026-12-30T00:00:00' AND '2027-01-01T23:59:59'",
        ),
        ("string", "'it''s 'yyyy", &[], "\"dt\" BETWEEN 'it''s 2025' AND 'it''s 2027'"),
        ("date", "yyyy-MM-dd", &[], "\"dt\" BETWEEN DATE '2026-12-30' AND DATE '2027-01-01'"),
        ("int", "yyyyMMdd", &[], "\"dt\" BETWEEN 20261230 AND 20270101"),
        ("string", "dd-MM-yyyy", &[], "\"dt\" IN ('01-01-2027', '30-12-2026', '31-12-2026')"),
        ("string", "yyyy/M/d", &[], "\"dt\" IN ('2026/12/30', '2026/12/31', '2027/1/1')"),
        // A month's partition is named by its first day, a fortnight's by some day.
        ("string", "yyyy/MM/dd", &month, "\"dt\" BETWEEN '2026/11/30' AND '2027/01/01'"),
        ("string", "yyyy/MM/dd", &week, "\"dt\" BETWEEN '2026/12/16' AND '2027/01/01'"),
        ("string", "yyyy/MM", &[], "\"dt\" BETWEEN '2026/11' AND '2027/01'"),
    ] {
        assert_eq!(sql(&pruned(&dated(kind, format, more), from, to)), [wanted], "{format}");
    }
}

#[test]
fn athena_keys_of_the_calendar_meet_at_its_borders() {
    let year = "\"year\" IN ('2026')";
    let of = |from, to| sql(&pruned(&by_parts("string"), from, to)).concat();
    assert_eq!(
        of(date(2026, 2, 27), date(2026, 2, 28)),
        format!(
            "(({year} AND \"month\" IN ('2', '02') AND \"day\" IN ('27', '28')) OR \
                 ({year} AND \"month\" IN ('3', '03') AND \"day\" IN ('1', '01')))"
        )
    );
    assert_eq!(
        of(date(2024, 2, 1), date(2024, 2, 28)),
        "(\"year\" IN ('2024') AND \"month\" IN ('2', '02'))",
        "with the day that comes late it is the whole of a leap year's February"
    );
    assert_eq!(
        of(date(2025, 12, 31), date(2027, 1, 1)),
        format!(
            "({year} OR (\"year\" IN ('2025') AND \"month\" IN ('12') AND \"day\" IN ('31')) OR \
                 (\"year\" IN ('2027') AND \"month\" IN ('1', '01') AND \"day\" IN ('1', '01', '2', '02')))"
        )
        .replace(year, "\"year\" IN ('2026')")
    );
    assert_eq!(
        sql(&pruned(&by_parts("int"), date(2026, 5, 9), date(2026, 5, 10))),
        ["(\"year\" IN (2026) AND \"month\" IN (5) AND \"day\" IN (9, 10, 11))"]
    );
    let months = Shape::new(&[("YYYY", "string"), ("mm", "string")], &[]);
    assert_eq!(
        sql(&pruned(&months, date(2026, 11, 2), date(2027, 1, 31))),
        [
            "((\"YYYY\" IN ('2026') AND \"mm\" IN ('11', '12')) OR (\"YYYY\" IN ('2027') AND \"mm\" IN ('1', '01', '2', '02')))"
        ]
    );
}

fn asked(shape: &Shape, accounts: &[&str], regions: &[&str]) -> Result<(Vec<String>, Vec<String>), String> {
    let question = Question {
        window: window(date(2026, 5, 1), date(2026, 5, 2)),
        accounts: &accounts.iter().map(|id| id.parse().unwrap()).collect(),
        regions: &regions.iter().map(|name| name.parse().unwrap()).collect(),
    };
    prune(&shape.table, &question, true).map(|pruning| (sql(&pruning.predicates), pruning.unknown))
}

#[test]
fn athena_accounts_and_regions_are_restricted_where_they_are_named() {
    let shape = Shape::new(&[("aws_account_id", "bigint"), ("awsRegion", "string")], &[]);
    let named = asked(&shape, &["012345678901"], &["eu-west-1", "us-east-1"]).unwrap();
    let wanted = ["\"aws_account_id\" IN (12345678901)", "\"awsRegion\" IN ('eu-west-1', 'us-east-1')"];
    assert_eq!(named, (wanted.map(str::to_owned).to_vec(), Vec::new()));
    assert_eq!(asked(&shape, &[], &[]).unwrap(), (Vec::new(), Vec::new()));
}

#[test]
fn athena_wants_the_values_of_injected_keys() {
    let injected = |key: &'static str| {
        let kind = format!("projection.{key}.type");
        Shape::new(&[(key, "string")], &[("projection.enabled", "TRUE"), (&kind, "Injected")])
    };
    let told = |key| asked(&injected(key), &[], &[]).unwrap_err();
    assert!(told("account").ends_with("Athena wants its values in the query: name accounts with --account"));
    assert!(told("region").ends_with("name Regions with --region"));
    assert!(told("team").ends_with("and its values are not known"), "{}", told("team"));
    assert!(told("day").ends_with("and its values are not known"), "a day without its year");
    let (named, _) = asked(&injected("account"), &["111122223333"], &[]).unwrap();
    assert_eq!(named, ["\"account\" IN ('111122223333')"]);
    // Athena takes only plain conditions for them.
    let mut shape = by_parts("string");
    for (name, value) in [("projection.enabled", "true"), ("projection.day.type", "injected")] {
        shape.table.parameters.insert(name.to_owned(), value.to_owned());
    }
    let (both, _) = asked(&shape, &[], &[]).unwrap();
    assert_eq!(both[1..], ["\"day\" IN ('1', '01', '2', '02', '3', '03')"]);
    // Without projection the property says nothing.
    shape.table.parameters.insert("projection.enabled".to_owned(), "false".to_owned());
    assert_eq!(asked(&shape, &[], &[]).unwrap().0.len(), 1);
}

#[test]
fn athena_keys_that_are_not_understood_are_not_restricted() {
    let on = ("projection.enabled", "true");
    let date_type = ("projection.dt.type", "date");
    for (key, kind, parameters) in [
        ("dt", "string", &[][..]),
        ("team", "string", &[]),
        ("month", "string", &[]),
        ("day", "string", &[]),
        ("account", "double", &[]),
        ("dt", "string", &[on, date_type]),
        ("dt", "string", &[on, date_type, ("projection.dt.format", "MMM d, yyyy")]),
        ("dt", "string", &[on, date_type, ("projection.dt.format", "MM/dd")]),
        (
            "dt",
            "string",
            &[on, date_type, ("projection.dt.format", "HH yyyy"), ("projection.dt.interval", "x")],
        ),
        ("dt", "double", &[on, date_type, ("projection.dt.format", "yyyy/MM/dd")]),
        // Its values are names of the owner's own.
        (
            "account",
            "string",
            &[on, ("projection.account.type", "enum"), ("projection.account.values", "prod,test")],
        ),
        (
            "region",
            "string",
            &[on, ("projection.region.type", "enum"), ("projection.region.values", "Europe")],
        ),
        ("year", "string", &[on, ("projection.year.type", "integer"), ("projection.year.interval", "2")]),
    ] {
        let shape = Shape::new(&[(key, kind)], parameters);
        let (named, unknown) = asked(&shape, &["111122223333"], &["eu-west-1"]).unwrap();
        assert_eq!((named, unknown), (Vec::new(), vec![key.to_owned()]), "{parameters:?}");
    }
}

/// A way to name the partitions of days: a table, and the values of a day's partition.
type Way = (Shape, fn(Date) -> Vec<(&'static str, Literal)>);

fn text(key: &'static str, value: String) -> (&'static str, Literal) {
    (key, Literal::Text(value))
}

/// All but the last name each day's own.
fn ways() -> Vec<Way> {
    let [(_, by_day), ..] = documented();
    let month = [("projection.dt.interval.unit", "MONTHS"), ("projection.dt.interval", "1")];
    vec![
        (by_day, |day| vec![text("timestamp", day.strftime("%Y/%m/%d").to_string())]),
        (dated("string", "dd.MM.yyyy", &[]), |day| vec![text("dt", day.strftime("%d.%m.%Y").to_string())]),
        (dated("string", "yyyy/MM/dd/HH", &[]), |day| {
            let hour = day.day() % 24;
            vec![text("dt", format!("{}/{hour:02}", day.strftime("%Y/%m/%d")))]
        }),
        (Shape::new(&[("dt", "date")], &[]), |day| vec![("dt", Literal::Day(day.to_string()))]),
        (by_parts("int"), |day| {
            let parts = [i64::from(day.year()), i64::from(day.month()), i64::from(day.day())];
            ["year", "month", "day"].into_iter().zip(parts.map(Literal::Number)).collect()
        }),
        (by_parts("string"), |day| {
            let parts = ["%Y", "%m", "%d"].map(|form| Literal::Text(day.strftime(form).to_string()));
            ["year", "month", "day"].into_iter().zip(parts).collect()
        }),
        (by_parts("string"), |day| {
            let parts = [day.year().to_string(), day.month().to_string(), day.day().to_string()];
            ["year", "month", "day"].into_iter().zip(parts.map(Literal::Text)).collect()
        }),
        (dated("string", "yyyy-MM-dd", &month), |day| vec![text("dt", day.first_of_month().to_string())]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn athena_partitions_hold_every_day_of_the_window_and_no_other(
        start in 0_i64..8_000,
        length in 0_i64..1_200,
        inside in 0_i64..1_201,
        beyond in 2_i64..900,
    ) {
        let from = date(2013, 1, 1) + start.days();
        let to = from + length.days();
        let ways = ways();
        for (nth, (shape, values)) in ways.iter().enumerate() {
            let predicates = pruned(shape, from, to);
            let is_read = |day: Date| {
                let values: Values = values(day).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
                predicates.iter().all(|predicate| holds(predicate, &values))
            };
            for day in [from, to, to + 1.day(), from + inside.min(length + 1).days()] {
                prop_assert!(is_read(day), "{nth}: {day} of {from}..{to}: {:?}", sql(&predicates));
            }
            if nth + 1 < ways.len() {
                for day in [from - 1.day(), from - beyond.days(), to + 2.days(), to + beyond.days()] {
                    prop_assert!(!is_read(day), "{nth}: {day} is outside {from}..{to}: {:?}", sql(&predicates));
                }
            }
        }
    }
}
