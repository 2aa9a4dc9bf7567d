//! What is asked of a table's records: the fields that `trail` reads of a record, under their names in the log.

use super::table::{Column, Table, Type, quoted};

/// Columns without which a row would say something that its record does not: without `errorcode`, a refused call
/// would look like one that went through.
pub(super) const NEEDED: &[&str] = &[
    "eventid",
    "eventname",
    "eventsource",
    "eventtime",
    "awsregion",
    "useridentity",
    "errorcode",
    "requestparameters",
];

/// The fields, each by its way into a record. An event is then the same as if it were read from a file; with the
/// others it is told apart in `--raw`.
pub(super) const FIELDS: &[&[&str]] = &[
    &["eventVersion"],
    &["eventID"],
    &["eventTime"],
    &["eventName"],
    &["eventSource"],
    &["eventType"],
    &["awsRegion"],
    &["recipientAccountId"],
    &["sourceIPAddress"],
    &["userAgent"],
    &["errorCode"],
    &["errorMessage"],
    &["requestID"],
    &["sharedEventID"],
    &["sessionCredentialFromConsole"],
    &["requestParameters"],
    &["responseElements"],
    &["serviceEventDetails"],
    &["userIdentity", "type"],
    &["userIdentity", "principalId"],
    &["userIdentity", "arn"],
    &["userIdentity", "accountId"],
    &["userIdentity", "invokedBy"],
    &["userIdentity", "accessKeyId"],
    &["userIdentity", "userName"],
    &["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"],
    &["userIdentity", "sessionContext", "attributes", "creationDate"],
    &["userIdentity", "sessionContext", "sessionIssuer", "type"],
    &["userIdentity", "sessionContext", "sessionIssuer", "principalId"],
    &["userIdentity", "sessionContext", "sessionIssuer", "arn"],
    &["userIdentity", "sessionContext", "sessionIssuer", "accountId"],
    &["userIdentity", "sessionContext", "sessionIssuer", "userName"],
    // Where it is no structure, it comes whole.
    IDENTITY,
];

/// The caller as one value.
const IDENTITY: &[&str] = &["userIdentity"];

/// What a field's column is called in the result: Athena writes names in lower case.
pub(super) fn alias(field: &[&str]) -> String {
    field.join("_").to_ascii_lowercase()
}

/// Whether a field holds JSON of its own.
pub(super) fn is_json(field: &[&str]) -> bool {
    matches!(field, ["requestParameters" | "responseElements" | "serviceEventDetails" | "userIdentity"])
}

/// A field's text in a query; `None` where the table does not have it.
pub(super) fn expression(table: &Table, field: &[&str]) -> Option<String> {
    let (name, below) = field.split_first()?;
    let column = Column::find(&table.columns, name)?;
    if field == IDENTITY && matches!(column.kind, Type::Struct(_)) {
        return None;
    }
    let (mut way, mut kind) = (quoted(&column.name), &column.kind);
    for name in below {
        let Type::Struct(fields) = kind else { return None };
        let inner = Column::find(fields, name)?;
        way = format!("{way}.{}", quoted(&inner.name));
        kind = &inner.kind;
    }
    Some(match (field, kind) {
        (["eventTime"], _) => moment(&way, kind),
        ([.., last], Type::Whole) if last.ends_with("ccountId") => account_number(&way),
        _ => text(&way, kind),
    })
}

/// Any value as a text.
fn text(way: &str, kind: &Type) -> String {
    match kind {
        Type::Text => way.to_owned(),
        Type::Struct(_) | Type::Nested => format!("json_format(CAST({way} AS json))"),
        _ => format!("CAST({way} AS varchar)"),
    }
}

/// A time as a text.
fn moment(way: &str, kind: &Type) -> String {
    match kind {
        // One with a zone is cut down to its time, which is in UTC there.
        Type::Moment => format!("CAST(CAST({way} AS timestamp) AS varchar)"),
        kind => text(way, kind),
    }
}

/// An account's id, where a crawler took it for a number.
fn account_number(way: &str) -> String {
    format!("lpad(CAST({way} AS varchar), 12, '0')")
}

/// The account whose trail a record is in, as `trail` reads it.
pub(super) fn account(table: &Table) -> String {
    let recipient = expression(table, &["recipientAccountId"]);
    let own = expression(table, &["userIdentity", "accountId"])
        .or_else(|| Some(format!("json_extract_scalar({}, '$.accountId')", expression(table, IDENTITY)?)));
    match (recipient, own) {
        (Some(recipient), Some(own)) => format!("coalesce(nullif({recipient}, ''), {own})"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "CAST(NULL AS varchar)".to_owned(),
    }
}
