//! Reads CSV files back, by column name.

use std::collections::BTreeMap;
use std::path::Path;

/// A row: column name to cell.
pub(crate) type Row = BTreeMap<String, String>;

pub(crate) fn rows(path: &Path) -> Vec<Row> {
    parse(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

pub(crate) fn parse(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
        })
        .collect()
}

/// The named cells of each row, sorted.
pub(crate) fn pick<const N: usize>(rows: &[Row], columns: [&str; N]) -> Vec<[String; N]> {
    let mut picked: Vec<[String; N]> =
        rows.iter().map(|row| columns.map(|column| row[column].clone())).collect();
    picked.sort();
    picked
}
