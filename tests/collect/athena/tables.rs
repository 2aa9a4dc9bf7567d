//! The tables that AWS documents, and how a record lies in them.
//! <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html>
//! <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-org-wide-trail.html>
//! <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html>

use std::collections::BTreeMap;

use amiaudit::collect::athena::{Column, Row, Table, TableName};
use serde_json::{Value, json};

use crate::support::python::script_with_input;

/// The columns of AWS's examples.
pub(super) const COLUMNS: &[(&str, &str)] = &[
    ("eventversion", "string"),
    (
        "useridentity",
        "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,\
         username:string,onbehalfof:struct<userid:string,identitystorearn:string>,\
         sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,\
         sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,\
         ec2roledelivery:string,\
         webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>>",
    ),
    ("eventtime", "string"),
    ("eventsource", "string"),
    ("eventname", "string"),
    ("awsregion", "string"),
    ("sourceipaddress", "string"),
    ("useragent", "string"),
    ("errorcode", "string"),
    ("errormessage", "string"),
    ("requestparameters", "string"),
    ("responseelements", "string"),
    ("additionaleventdata", "string"),
    ("requestid", "string"),
    ("eventid", "string"),
    ("readonly", "string"),
    ("resources", "array<struct<arn:string,accountid:string,type:string>>"),
    ("eventtype", "string"),
    ("apiversion", "string"),
    ("recipientaccountid", "string"),
    ("serviceeventdetails", "string"),
    ("sharedeventid", "string"),
    ("vpcendpointid", "string"),
    ("vpcendpointaccountid", "string"),
    ("eventcategory", "string"),
    (
        "addendum",
        "struct<reason:string,updatedfields:string,originalrequestid:string,originaleventid:string>",
    ),
    ("sessioncredentialfromconsole", "string"),
    ("edgedevicedetails", "string"),
    ("tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"),
];

/// A table and the types that its columns were given.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) table: Table,
    types: Vec<(String, String)>,
    key_types: Vec<(String, String)>,
}

impl Shape {
    /// A table with AWS's columns, keys by name and type, and properties.
    pub(super) fn new(keys: &[(&str, &str)], parameters: &[(&str, &str)]) -> Self {
        Self::with(COLUMNS, keys, parameters)
    }

    pub(super) fn with(columns: &[(&str, &str)], keys: &[(&str, &str)], parameters: &[(&str, &str)]) -> Self {
        let parsed =
            |list: &[(&str, &str)]| list.iter().map(|(name, kind)| Column::new(name, kind)).collect();
        let owned = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
        };
        let table = Table {
            name: TableName::parse("security.cloudtrail_logs").unwrap(),
            columns: parsed(columns),
            keys: parsed(keys),
            parameters: owned(parameters).into_iter().collect::<BTreeMap<_, _>>(),
        };
        Self { table, types: owned(columns), key_types: owned(keys) }
    }

    /// The same with a column of another type.
    pub(super) fn retyped(mut self, name: &str, kind: &str) -> Self {
        let at = self.types.iter().position(|(held, _)| held == name).unwrap();
        kind.clone_into(&mut self.types[at].1);
        self.table.columns[at] = Column::new(name, kind);
        self
    }

    /// Lets another engine run the query over records, each in the partition of these values.
    pub(super) fn run(&self, sql: &str, records: &[(Value, Vec<Value>)]) -> Vec<Row> {
        let input = json!({
            "columns": self.types,
            "keys": self.key_types,
            "records": records,
            "sql": sql,
        });
        serde_json::from_str(&script_with_input("collect/athena/run_sql.py", &input.to_string())).unwrap()
    }

    /// The partition that a record of this day is delivered to.
    pub(super) fn partition(&self, record: &Value) -> Vec<Value> {
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        // A record that does not tell its time lies in some partition too.
        let time = Some(text("eventTime")).filter(|time| time.starts_with("20"));
        let time = time.unwrap_or_else(|| "2026-05-01".to_owned());
        let part = |range: std::ops::Range<usize>| time.get(range).unwrap().to_owned();
        let account = match record["recipientAccountId"].as_str() {
            Some(id) => id.to_owned(),
            None => record["userIdentity"]["accountId"].as_str().unwrap_or_default().to_owned(),
        };
        let value = |key: &str| match key {
            "timestamp" => format!("{}/{}/{}", part(0..4), part(5..7), part(8..10)),
            "account" => account.clone(),
            "region" => text("awsRegion"),
            "year" => part(0..4),
            "month" => part(5..7),
            "day" => part(8..10),
            other => panic!("what is {other}?"),
        };
        self.key_types.iter().map(|(key, _)| value(key).into()).collect()
    }
}

/// The three that AWS documents.
pub(super) fn documented() -> [(&'static str, Shape); 3] {
    let projection = [
        ("projection.enabled", "true"),
        ("projection.timestamp.type", "date"),
        ("projection.timestamp.format", "yyyy/MM/dd"),
        ("projection.timestamp.interval", "1"),
        ("projection.timestamp.interval.unit", "DAYS"),
        ("projection.timestamp.range", "2020/01/01,NOW"),
        ("storage.location.template", "s3://bucket/AWSLogs/111122223333/CloudTrail/us-east-1/${timestamp}"),
    ];
    let organization = ["account", "region", "year", "month", "day"].map(|name| (name, "string"));
    [
        ("projection of its timestamp", Shape::new(&[("timestamp", "string")], &projection)),
        ("an organization's, by account, Region and day", Shape::new(&organization, &[])),
        ("no partitions", Shape::new(&[], &[])),
    ]
}
