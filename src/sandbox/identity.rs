//! Who called, as CloudTrail writes it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids::letters;

/// What is known of a caller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    /// A user, a role's session, root; empty for a service that acts on its own.
    pub(super) arn: &'a str,
    /// Its access key, if it is not to be made up.
    pub(super) key: Option<&'a str>,
    /// The service that calls on its behalf.
    pub(super) invoked_by: &'a str,
    /// Whether it signed in with a second factor; `None` where nothing says so.
    pub(super) mfa: Option<bool>,
    /// When it called.
    pub(super) at: Timestamp,
}

/// A caller in CloudTrail's words.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// `userIdentity`.
    pub(super) json: Value,
    /// The name that LookupEvents gives.
    pub(super) user: String,
    /// The access key; empty for a service that acts on its own.
    pub(super) key: String,
}

impl Caller<'_> {
    /// The caller as CloudTrail writes it; nothing, if the ARN is none of a user, a role's session or root.
    pub(super) fn identity(&self) -> Option<Identity> {
        if self.arn.is_empty() && !self.invoked_by.is_empty() {
            let json = json!({ "type": "AWSService", "invokedBy": self.invoked_by });
            return Some(Identity { json, user: self.invoked_by.to_owned(), key: String::new() });
        }
        let parts: Vec<&str> = self.arn.splitn(6, ':').collect();
        let &["arn", partition, service, "", account, name] = parts.as_slice() else { return None };
        let (mut identity, user) = match (service, name.split_once('/')) {
            ("iam", None) if name == "root" => (self.root(account), "root"),
            ("iam", Some(("user", path))) => {
                let user = path.rsplit('/').next().unwrap_or(path);
                (self.user(account, user), user)
            }
            ("sts", Some(("assumed-role", rest))) => {
                let (role, session) = rest.split_once('/')?;
                (self.session(partition, account, (role, session)), session)
            }
            _ => return None,
        };
        let key = identity.get("accessKeyId").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let (false, Some(fields)) = (self.invoked_by.is_empty(), identity.as_object_mut()) {
            fields.insert("invokedBy".to_owned(), json!(self.invoked_by));
        }
        Some(Identity { json: identity, user: user.to_owned(), key })
    }

    fn root(&self, account: &str) -> Value {
        let mut root = json!({
            "type": "Root",
            "principalId": account,
            "arn": self.arn,
            "accountId": account,
            "accessKeyId": self.key("ASIA"),
        });
        self.add_attributes(&mut root, Some(self.mfa.unwrap_or_default()));
        root
    }

    /// A user with its long-term key, or in a session where it is known how it signed in.
    fn user(&self, account: &str, name: &str) -> Value {
        let mut user = json!({
            "type": "IAMUser",
            "principalId": letters("AIDAEXAMPLE", self.arn),
            "arn": self.arn,
            "accountId": account,
            "accessKeyId": self.key(if self.mfa.is_some() { "ASIA" } else { "AKIA" }),
            "userName": name,
        });
        self.add_attributes(&mut user, self.mfa);
        user
    }

    fn session(&self, partition: &str, account: &str, (role, session): (&str, &str)) -> Value {
        // Roles of IAM Identity Center stand under a path, which sessions do not show.
        let path = if role.starts_with("AWSReservedSSO_") { "aws-reserved/sso.amazonaws.com/" } else { "" };
        let arn = format!("arn:{partition}:iam::{account}:role/{path}{role}");
        let id = letters("AROAEXAMPLE", &arn);
        let mut json = json!({
            "type": "AssumedRole",
            "principalId": format!("{id}:{session}"),
            "arn": self.arn,
            "accountId": account,
            "accessKeyId": self.key("ASIA"),
            "sessionContext": { "sessionIssuer": {
                "type": "Role",
                "principalId": id,
                "arn": arn,
                "accountId": account,
                "userName": role,
            }},
        });
        self.add_attributes(&mut json, Some(self.mfa.unwrap_or_default()));
        json
    }

    /// A made-up key, unless there is a real one: the same for the same caller in the same hour.
    fn key(&self, prefix: &str) -> String {
        let made_up = || {
            let hour = if prefix == "ASIA" { self.began() } else { String::new() };
            letters(&format!("{prefix}EXAMPLE"), &format!("{}{hour}", self.arn))
        };
        self.key.map_or_else(made_up, str::to_owned)
    }

    /// When its session began: with the hour.
    fn began(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:00:00Z").to_string()
    }

    fn add_attributes(&self, identity: &mut Value, mfa: Option<bool>) {
        let (Some(mfa), Some(fields)) = (mfa, identity.as_object_mut()) else { return };
        let context = fields.entry("sessionContext").or_insert_with(|| json!({}));
        if let Some(context) = context.as_object_mut() {
            let attributes = json!({ "creationDate": self.began(), "mfaAuthenticated": mfa.to_string() });
            context.insert("attributes".to_owned(), attributes);
        }
    }
}
