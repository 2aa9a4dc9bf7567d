//! Keys of year, month and day, which only together say what is read: whole years, whole months, days.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::predicate::{Literal, Predicate};
use super::table::{Column, Type};

/// What a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
}

/// The keys of a table that count such.
#[derive(Debug, Default)]
pub(super) struct Calendar<'a> {
    year: Option<Key<'a>>,
    month: Option<Key<'a>>,
    day: Option<Key<'a>>,
    /// Keys that say nothing: a second year, a day without its month.
    others: Vec<Key<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Key<'a> {
    column: &'a Column,
    is_injected: bool,
}

impl Key<'_> {
    /// It is one of these.
    fn is(&self, values: impl IntoIterator<Item = i16>) -> Predicate {
        let values = values.into_iter().flat_map(|value| self.forms(value)).collect();
        Predicate::one_of(&self.column.name, values)
    }

    /// A number as texts have it, with a zero in front and without.
    fn forms(&self, value: i16) -> Vec<Literal> {
        if self.column.kind == Type::Whole {
            return vec![Literal::Number(value.into())];
        }
        let mut forms = vec![Literal::Text(value.to_string()), Literal::Text(format!("{value:02}"))];
        forms.dedup();
        forms
    }
}

/// A year's months, and the days of those that are read in part.
#[derive(Default)]
struct Months {
    whole: Vec<i8>,
    parts: Vec<(i8, i8, i8)>,
}

impl<'a> Calendar<'a> {
    /// Notes a key.
    pub(super) fn add(&mut self, unit: Unit, column: &'a Column, is_injected: bool) {
        let key = Key { column, is_injected };
        let place = match unit {
            Unit::Year => &mut self.year,
            Unit::Month => &mut self.month,
            Unit::Day => &mut self.day,
        };
        match place {
            None => *place = Some(key),
            Some(_) => self.others.push(key),
        }
    }

    /// What is demanded of them so that they lie between two days, and the keys of which nothing is.
    ///
    /// # Errors
    /// A key of which something must be demanded.
    pub(super) fn settle(mut self, span: (Date, Date)) -> Result<(Vec<Predicate>, Vec<String>), Column> {
        let month = self.month.take().filter(|key| self.year.is_some() || self.leave(*key));
        let day = self.day.take().filter(|key| month.is_some() || self.leave(*key));
        if let Some(key) = self.others.iter().find(|key| key.is_injected) {
            return Err(key.column.clone());
        }
        let unknown = self.others.iter().map(|key| key.column.name.clone()).collect();
        let Some(year) = self.year else { return Ok((Vec::new(), unknown)) };
        let mut predicates = vec![restricted(year, month, day, span)];
        // Athena takes only plain conditions for the values of these.
        predicates.extend(listed((year, month, day), span));
        Ok((predicates, unknown))
    }

    /// Leaves a key unrestricted.
    fn leave(&mut self, key: Key<'a>) -> bool {
        self.others.push(key);
        false
    }
}

/// The partitions between two days: whole years, whole months of the others, days of the months that are left.
fn restricted(
    year: Key<'_>,
    month: Option<Key<'_>>,
    day: Option<Key<'_>>,
    (from, to): (Date, Date),
) -> Predicate {
    let Some(month) = month else { return year.is(from.year()..=to.year()) };
    let years = by_year(day.is_some(), (from, to));
    let is_whole = |months: &&Months| months.whole.len() == 12;
    let whole: Vec<i16> =
        years.iter().filter(|(_, months)| is_whole(months)).map(|(year, _)| *year).collect();
    let mut any = if whole.is_empty() { Vec::new() } else { vec![year.is(whole)] };
    for (of, months) in years.iter().filter(|(_, months)| !is_whole(months)) {
        if !months.whole.is_empty() {
            let months = month.is(months.whole.iter().copied().map(i16::from));
            any.push(Predicate::All(vec![year.is([*of]), months]));
        }
        for (nth, begin, end) in &months.parts {
            let days = day.map(|day| day.is((*begin..=*end).map(i16::from)));
            let all = [year.is([*of]), month.is([i16::from(*nth)])].into_iter().chain(days);
            any.push(Predicate::All(all.collect()));
        }
    }
    match any.pop() {
        Some(only) if any.is_empty() => only,
        Some(last) => {
            any.push(last);
            Predicate::Any(any)
        }
        None => year.is(from.year()..=to.year()),
    }
}

/// The months between two days, by their years. Where days count, a month at either end may be read in part.
fn by_year(has_days: bool, (from, to): (Date, Date)) -> BTreeMap<i16, Months> {
    let mut years: BTreeMap<i16, Months> = BTreeMap::new();
    let mut first = from.first_of_month();
    loop {
        let last = first.last_of_month();
        let months = years.entry(first.year()).or_default();
        if !has_days || (from <= first && last <= to) {
            months.whole.push(first.month());
        } else {
            months.parts.push((first.month(), from.max(first).day(), to.min(last).day()));
        }
        match first.checked_add(1.month()) {
            Ok(next) if next <= to => first = next,
            _ => return years,
        }
    }
}

/// All values of the keys that are injected, each on its own.
fn listed(
    (year, month, day): (Key<'_>, Option<Key<'_>>, Option<Key<'_>>),
    (from, to): (Date, Date),
) -> Vec<Predicate> {
    let months = (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month())
        - i32::from(from.month());
    let of_months: Vec<i16> = match months {
        12.. => (1..=12).collect(),
        months => (0..=months).map(|nth| ((i32::from(from.month()) - 1 + nth) % 12 + 1) as i16).collect(),
    };
    let of_days: Vec<i16> = match months {
        0 => (i16::from(from.day())..=i16::from(to.day())).collect(),
        _ => (1..=31).collect(),
    };
    let injected =
        |key: Option<Key<'_>>, values: Vec<i16>| key.filter(|key| key.is_injected).map(|key| key.is(values));
    let years = (from.year()..=to.year()).collect();
    [injected(Some(year), years), injected(month, of_months), injected(day, of_days)]
        .into_iter()
        .flatten()
        .collect()
}
