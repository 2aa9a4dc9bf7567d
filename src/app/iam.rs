//! `amiaudit iam-policy`: the least that a command needs, and who may assume its role.

use serde_json::{Value, json};

use super::console::Console;
use super::failed::Failed;
use super::named;
use crate::aws::action::{ASSUME_ROLE, Action, CALLER};
use crate::aws::{remediate_session_policy, scan_session_policy, usage_session_policy};
use crate::cli::{EventSources, IamDocument, RoleFor};
use crate::collect::document;
use crate::model::exit::Exit;

pub(super) fn print(document: &IamDocument, console: &Console) -> Exit {
    let text = match document {
        IamDocument::Member(role) => member(*role),
        IamDocument::Events(settings) => match events(settings) {
            Ok(text) => text,
            Err(failed) => return failed.tell(console),
        },
        IamDocument::Caller { role_name } => format!("{:#}\n", caller(role_name.as_deref())),
        IamDocument::Trust { account, external_id } => {
            format!("{:#}\n", trust(&account.to_string(), external_id.as_deref()))
        }
    };
    console.show(text.as_bytes())
}

/// What the role may do is just what its sessions are cut down to.
fn member(role: RoleFor) -> String {
    let policy = match role {
        RoleFor::Scan => scan_session_policy(),
        RoleFor::Remediate => remediate_session_policy(),
        RoleFor::UsageReport => usage_session_policy(),
    };
    pretty(policy)
}

fn pretty(text: String) -> String {
    serde_json::from_str::<Value>(&text).map_or(text, |policy| format!("{policy:#}\n"))
}

/// What reading these sources needs.
fn events(settings: &EventSources) -> Result<String, Failed> {
    let sources = named::open(settings)?;
    let statements: Vec<Value> = sources.iter().flat_map(|source| source.statements()).collect();
    Ok(pretty(document(&statements)))
}

/// What the caller needs besides, for a scan as for an apply: to assume the role, and to read the organization. Its
/// own account it reads and changes with its own credentials, for which it needs the role's policy too.
fn caller(role_name: Option<&str>) -> Value {
    let name = |action: &Action| format!("{}:{}", action.service, action.name);
    let reads: Vec<String> = CALLER.iter().filter(|action| **action != ASSUME_ROLE).map(name).collect();
    let role = format!("arn:*:iam::*:role/{}", role_name.unwrap_or("*").trim_start_matches('/'));
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": reads, "Resource": "*" },
            { "Effect": "Allow", "Action": name(&ASSUME_ROLE), "Resource": role },
        ],
    })
}

fn trust(account: &str, external_id: Option<&str>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
        "Action": "sts:AssumeRole",
    });
    if let (Some(id), Some(fields)) = (external_id, statement.as_object_mut()) {
        fields.insert("Condition".to_owned(), json!({ "StringEquals": { "sts:ExternalId": id } }));
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}
