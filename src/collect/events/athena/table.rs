//! A table of CloudTrail's records as Athena describes it: whatever its owner made of AWS's examples.
//! <https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html>

use std::collections::BTreeMap;
use std::fmt;

use super::fields::NEEDED;

/// The catalog that is meant where a name has two parts.
pub const DEFAULT_CATALOG: &str = "AwsDataCatalog";

/// What a table is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The catalog.
    pub catalog: String,
    /// The database in it.
    pub database: String,
    /// The table in that.
    pub table: String,
}

impl TableName {
    /// Reads `DATABASE.TABLE` or `CATALOG.DATABASE.TABLE`.
    ///
    /// # Errors
    /// It has fewer or more parts, or one is empty.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').map(str::trim).collect();
        let (catalog, database, table) = match parts.as_slice() {
            [database, table] => (DEFAULT_CATALOG, *database, *table),
            [catalog, database, table] => (*catalog, *database, *table),
            _ => return Err("a table is named by its database and its own name".to_owned()),
        };
        if [catalog, database, table].iter().any(|part| part.is_empty()) {
            return Err("a part of the table's name is empty".to_owned());
        }
        let [catalog, database, table] = [catalog, database, table].map(str::to_owned);
        Ok(Self { catalog, database, table })
    }

    /// The name in a query, quoted.
    pub(super) fn quoted(&self) -> String {
        let table = format!("{}.{}", quoted(&self.database), quoted(&self.table));
        if self.catalog == DEFAULT_CATALOG { table } else { format!("{}.{table}", quoted(&self.catalog)) }
    }
}

/// An identifier, which may be a keyword or hold anything.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a column holds, as far as that decides how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// A moment.
    Moment,
    /// A day.
    Day,
    /// A structure, with its fields.
    Struct(Vec<Column>),
    /// A map or a list.
    Nested,
    /// Anything else that is one value.
    Other,
}

impl Type {
    /// Reads a type as Glue's catalog writes it: `string`, `struct<type:string,…>`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let name = lower.split(['<', '(', ' ']).next().unwrap_or_default();
        match name {
            "string" | "varchar" | "char" => Self::Text,
            "tinyint" | "smallint" | "int" | "integer" | "bigint" => Self::Whole,
            "timestamp" | "timestamptz" => Self::Moment,
            "date" => Self::Day,
            "struct" => inside(text).map_or(Self::Nested, |fields| Self::Struct(fields_of(fields))),
            "array" | "map" | "row" | "uniontype" => Self::Nested,
            _ => Self::Other,
        }
    }
}

/// What stands between a type's own brackets.
fn inside(text: &str) -> Option<&str> {
    text.split_once('<')?.1.trim_end().strip_suffix('>')
}

/// The fields of a structure: what stands between the commas that are in no brackets of their own.
fn fields_of(text: &str) -> Vec<Column> {
    let mut depth = 0_usize;
    let parts = text.split(|c: char| {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.filter_map(|part| part.split_once(':')).map(|(name, kind)| Column::new(name, kind)).collect()
}

/// A column, or a field of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Type,
}

impl Column {
    /// A column by its name and its type as the catalog writes them.
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Self {
        Self { name: name.trim().trim_matches('`').to_owned(), kind: Type::parse(kind) }
    }

    /// The one of a name; case does not matter.
    pub(super) fn find<'a>(columns: &'a [Self], name: &str) -> Option<&'a Self> {
        columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub name: TableName,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its partition keys.
    pub keys: Vec<Column>,
    /// Its properties, such as those of partition projection.
    pub parameters: BTreeMap<String, String>,
}

impl Table {
    /// Looks whether it has the columns without which no event could be told from another.
    ///
    /// # Errors
    /// Those that are missing.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut missing: Vec<&str> =
            NEEDED.iter().copied().filter(|name| Column::find(&self.columns, name).is_none()).collect();
        if Column::find(&self.columns, "recipientaccountid").is_none() && !self.names_actor_account() {
            missing.push("recipientaccountid");
        }
        if !missing.is_empty() {
            return Err(format!(
                "it is no table of CloudTrail's records: it has no column {}",
                missing.join(", ")
            ));
        }
        let time = Column::find(&self.columns, "eventtime");
        match time.map(|time| &time.kind) {
            Some(Type::Text | Type::Moment) => Ok(()),
            _ => Err("its column eventtime holds neither text nor a timestamp".to_owned()),
        }
    }

    /// Whether the identity's account can be had from it.
    fn names_actor_account(&self) -> bool {
        match Column::find(&self.columns, "useridentity").map(|column| &column.kind) {
            Some(Type::Struct(fields)) => Column::find(fields, "accountid").is_some(),
            Some(_) => true,
            None => false,
        }
    }

    /// Whether a column holds a map or a structure where AWS's tables have a record's own JSON.
    pub(super) fn is_rebuilt(&self, name: &str) -> bool {
        let kind = Column::find(&self.columns, name).map(|column| &column.kind);
        matches!(kind, Some(Type::Struct(_) | Type::Nested))
    }

    /// A property, whatever its case.
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// A property of a key's projection, where Athena projects the table's partitions.
    /// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>
    pub(super) fn projection(&self, key: &Column, property: &str) -> Option<&str> {
        let is_on = self.parameter("projection.enabled").is_some_and(|on| on.eq_ignore_ascii_case("true"));
        self.parameter(&format!("projection.{}.{property}", key.name)).filter(|_| is_on)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.catalog != DEFAULT_CATALOG {
            write!(f, "{}.", self.catalog)?;
        }
        write!(f, "{}.{}", self.database, self.table)
    }
}
