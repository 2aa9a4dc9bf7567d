//! Whether two sources tell the same events.

use super::rows::{Row, parse};

/// Rows of `events`, in their order, but for the file that each comes from.
pub(crate) fn without_source(csv: &str) -> Vec<Row> {
    let mut rows = parse(csv.as_bytes());
    for row in &mut rows {
        row.remove("source_file").expect("a row names its source");
    }
    rows
}

/// Two outputs of `events`, or two `events.csv`, hold the same rows but for `source_file`: shows what differs.
pub(crate) fn same_events(one: &str, other: &str) {
    let head = |csv: &str| csv.lines().next().unwrap_or_default().to_owned();
    assert_eq!(head(one), head(other));
    let (one, other) = (without_source(one), without_source(other));
    let missing: Vec<&Row> = one.iter().filter(|row| !other.contains(row)).collect();
    let added: Vec<&Row> = other.iter().filter(|row| !one.contains(row)).collect();
    assert_eq!((missing, added), (Vec::new(), Vec::new()), "rows of the one alone, and of the other alone");
    assert_eq!(one, other, "the same rows in another order, or more often");
}
