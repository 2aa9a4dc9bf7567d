//! The text of the query: what it names, what it refuses, how it quotes.

use std::collections::BTreeSet;

use amiaudit::collect::athena::{Column, Question, Results, TableName, Type, sql, statements};
use amiaudit::collect::{SourceOptions, sources};
use amiaudit::model::event::EventName;
use amiaudit::model::event_log::Window;
use amiaudit::model::ids::{AccountId, Region};

use super::tables::{COLUMNS, Shape, documented};
use crate::support::python::script_with_input;

struct Asked {
    accounts: BTreeSet<AccountId>,
    regions: BTreeSet<Region>,
}

impl Asked {
    fn of(accounts: &[&str], regions: &[&str]) -> Self {
        Self {
            accounts: accounts.iter().map(|id| id.parse().unwrap()).collect(),
            regions: regions.iter().map(|name| name.parse().unwrap()).collect(),
        }
    }

    fn question(&self) -> Question<'_> {
        let window = Window {
            from: "2026-04-30T12:00:00Z".parse().unwrap(),
            to: "2026-06-15T11:59:59Z".parse().unwrap(),
        };
        Question { window, accounts: &self.accounts, regions: &self.regions }
    }

    fn sql(&self, shape: &Shape) -> Result<String, String> {
        sql(&shape.table, &self.question()).map_err(|failure| failure.to_string())
    }
}

#[test]
fn athena_sql_restricts_every_partition_that_aws_documents() {
    let asked = Asked::of(&["111122223333", "012345678901"], &["eu-west-1"]);
    let [by_day, organization, plain] = documented().map(|(_, shape)| asked.sql(&shape).unwrap());
    assert!(by_day.contains("\"timestamp\" BETWEEN '2026/04/30' AND '2026/06/16'"), "{by_day}");
    for part in [
        "\"account\" IN ('012345678901', '111122223333')\n",
        "\"region\" IN ('eu-west-1')\n",
        "((\"year\" IN ('2026') AND \"month\" IN ('5', '05')) OR (\"year\" IN ('2026') AND \"month\" IN ('4', '04') \
         AND \"day\" IN ('30')) OR (\"year\" IN ('2026') AND \"month\" IN ('6', '06') AND \"day\" IN ('1', '01', ",
        "'15', '16'))",
    ] {
        assert!(organization.contains(part), "{part}\n{organization}");
    }
    assert!(!plain.contains("\"year\"") && !plain.contains("-- partition"), "{plain}");
    for text in [by_day, organization, plain] {
        assert!(text.contains("BETWEEN '2026-04-30T12:00:00' AND '2026-06-15T11:59:59Z'"), "{text}");
        for name in EventName::ALL {
            assert!(text.contains(&format!("'{name}'")), "{name}");
        }
        assert!(text.contains("FROM \"security\".\"cloudtrail_logs\""), "{text}");
    }
}

#[test]
fn athena_sql_names_what_a_table_lacks() {
    let asked = Asked::of(&[], &[]);
    let without = |names: &[&str]| {
        let columns: Vec<_> = COLUMNS.iter().copied().filter(|(name, _)| !names.contains(name)).collect();
        asked.sql(&Shape::with(&columns, &[], &[])).unwrap_err()
    };
    assert_eq!(
        without(&["eventname", "errorcode"]),
        "GetTableMetadata: security.cloudtrail_logs: it is no table of CloudTrail's records: it has no column \
         eventname, errorcode"
    );
    assert!(without(&["useridentity", "recipientaccountid"]).ends_with("useridentity, recipientaccountid"));
    let [_, _, (_, plain)] = documented();
    let number = asked.sql(&plain.retyped("eventtime", "bigint")).unwrap_err();
    assert!(number.ends_with("its column eventtime holds neither text nor a timestamp"), "{number}");
}

#[test]
fn athena_names_are_quoted_and_end_no_comment() {
    let asked = Asked::of(&[], &[]);
    let mut shape = Shape::new(&[("a\"b\n' OR 1=1 --", "string"), ("timestamp", "date")], &[]);
    shape.table.name =
        TableName { catalog: "o\"ther".into(), database: "d\"b".into(), table: "t\"; DROP TABLE x".into() };
    let text = asked.sql(&shape).unwrap();
    assert!(text.contains("FROM \"o\"\"ther\".\"d\"\"b\".\"t\"\"; DROP TABLE x\""), "{text}");
    assert!(
        text.starts_with("-- partition \"a\\\"b\\n' OR 1=1 --\" is not understood: not pruned by it\nWITH"),
        "{text}"
    );
    assert!(text.contains("\"timestamp\" BETWEEN DATE '2026-04-30' AND DATE '2026-06-16'"), "{text}");
}

#[test]
fn athena_queries_stay_below_their_limit() {
    let ids = |count: u64| (0..count).map(|nth| format!("{:012}", nth + 100_000_000_000)).collect::<Vec<_>>();
    let [_, (_, organization), (_, plain)] = documented();
    let with = |count: u64, shape: &Shape| {
        let ids = ids(count);
        let asked = Asked::of(&ids.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        asked.sql(shape).unwrap()
    };
    let uses = |text: &str| text.matches("'100000000000'").count();
    assert_eq!(uses(&with(3_000, &organization)), 2, "in the partitions and in the records");
    let once = with(12_000, &organization);
    assert!(!once.contains("AND \"account\" IN") && once.len() <= 262_144);
    assert_eq!(uses(&once), 1, "in the records alone");
    // These are sifted when they have come.
    assert_eq!(uses(&with(40_000, &plain)), 0);

    let injected = [("projection.enabled", "true"), ("projection.account.type", "injected")];
    let injected = Shape::new(&[("account", "string")], &injected);
    let once = with(12_000, &injected);
    assert!(once.contains("\"account\" IN") && once.len() <= 262_144);
    let ids = ids(40_000);
    let asked = Asked::of(&ids.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert!(asked.sql(&injected).unwrap_err().ends_with("name fewer accounts"));
}

#[test]
fn athena_rows_that_were_not_asked_for_are_sifted() {
    let asked = Asked::of(&["111122223333"], &[]);
    let [_, _, (_, plain)] = documented();
    let mut results = Results::new("athena:x", &plain.table, asked.question(), false);
    let row =
        |cells: [&str; 6]| cells.map(|cell| Some(cell.to_owned()).filter(|cell| !cell.is_empty())).to_vec();
    results.take([
        row(["account", "region", "first", "last", "records", "wanted"]),
        row(["111122223333", "us-east-1", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", "7", "false"]),
        row(["444455556666", "us-east-1", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", "9", "false"]),
    ]);
    // A second page has no header.
    results.take([
        row(["111122223333", "us-east-1", "", "", "1", "false"]),
        row(["111122223333", "us-east-1", "soon", "2026-05-02T00:00:00Z", "1", "false"]),
        row(["111122223333", "us-east-1", "", "", "many", "false"]),
        row(["111122223333", "us-east-1", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", "1", "true"]),
        vec![None],
    ]);
    let log = results.finish();
    assert_eq!((log.records, log.windows.len(), log.events.len()), (10, 1, 0));
    let told: Vec<_> = log.holes.iter().map(|hole| format!("{}: {}", hole.subject, hole.reason)).collect();
    assert_eq!(
        told,
        [
            "athena:x: row 4: \"soon\" or \"2026-05-02T00:00:00Z\" is no time",
            "athena:x: row 5: it does not say how many records it stands for",
            "athena:x: row 6: it holds no record of CloudTrail's",
            "athena:x: row 7: it has 1 cells, and the header 6",
        ]
    );
    assert!(log.holes.iter().all(|hole| hole.window == Some(asked.question().window)));
}

#[test]
fn athena_names_and_types_are_read() {
    let options = SourceOptions::default();
    for name in ["athena:", "athena:t", "athena:.t", "athena:a.b.c.d", "athena:a..c"] {
        let told = sources(&[name.to_owned()], &options).unwrap_err().to_string();
        assert!(told.starts_with(name) && told.ends_with("; it is written athena:DATABASE.TABLE"), "{told}");
    }
    let found = sources(&["athena:Cat.db.t".to_owned()], &options).unwrap();
    assert_eq!((found[0].name().as_str(), found[0].needs_aws()), ("athena:Cat.db.t", true));

    let inner = Column { name: "b".into(), kind: Type::Struct(vec![Column::new("c", "map<string,string>")]) };
    let parsed = Type::parse("STRUCT< a:decimal(10,2), `b`:struct<c:map<string,string>>, d:varchar(5) >");
    assert_eq!(
        parsed,
        Type::Struct(vec![Column::new("a", "double"), inner, Column { name: "d".into(), kind: Type::Text }])
    );
}

#[test]
fn athena_policies_fit_a_session() {
    let long =
        TableName { catalog: "AwsDataCatalog".into(), database: "d".repeat(60), table: "t".repeat(60) };
    let options = SourceOptions {
        athena_workgroup: Some("w".repeat(60)),
        athena_output: Some(format!("s3://{}/athena/", "b".repeat(63))),
        ..SourceOptions::default()
    };
    let text =
        serde_json::json!({ "Version": "2012-10-17", "Statement": statements(&long, &options) }).to_string();
    assert!(text.len() <= 2_048, "{}", text.len());
    let writes = |options: &SourceOptions| {
        let statements = statements(&long, options);
        let write = statements.iter().find(|one| one.to_string().contains("s3:PutObject")).unwrap().clone();
        assert!(write["Condition"].to_string().contains("athena.amazonaws.com"));
        write["Resource"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(writes(&options), format!("arn:*:s3:::{}/athena/*", "b".repeat(63)));
    assert_eq!(writes(&SourceOptions::default()), "*");
    // The log's bucket is known only when the table is.
    let findings = script_with_input("cli/validate.py", &text);
    assert!(findings.lines().all(|line| line.starts_with("RESOURCE_STAR")), "{findings}\n{text}");
}
