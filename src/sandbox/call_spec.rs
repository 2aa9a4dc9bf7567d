//! `[[call]]` of scenario files: what was called before the endpoint started.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A call of the past.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// When.
    pub at: Timestamp,
    /// In which account.
    pub account: String,
    /// In which Region.
    pub region: String,
    /// The API action.
    #[serde(default = "modify")]
    pub name: String,
    /// The image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Whom it lets in, in the short form of `shared_with`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Whom it keeps out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// The description that it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who called: the ARN of a user, a role's session or root. The user `admin`, or the service alone, if none is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The service that called on its behalf.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invoked_by: String,
    /// From where; the service's name where one called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ip: String,
    /// With what.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// Whether the caller had signed in with a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<bool>,
    /// The code with which it was refused, as CloudTrail writes it: then it changed nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// The message with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Whether its record has no parameters, although it went through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_parameters: bool,
    /// Whether it has no record at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// How late its record comes; as late as the scenario's, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_seconds: Option<i64>,
    /// The service that logs it; told by the name, for the calls that are known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Parameters besides those that follow from the above.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// What was answered besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub response: BTreeMap<String, Value>,
}

fn modify() -> String {
    "ModifyImageAttribute".to_owned()
}

impl Default for CallSpec {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            account: String::new(),
            region: String::new(),
            name: modify(),
            image: String::new(),
            add: Vec::new(),
            remove: Vec::new(),
            description: None,
            by: String::new(),
            invoked_by: String::new(),
            ip: String::new(),
            agent: String::new(),
            mfa: None,
            error: String::new(),
            message: String::new(),
            without_parameters: false,
            unlogged: false,
            delivery_seconds: None,
            source: String::new(),
            parameters: BTreeMap::new(),
            response: BTreeMap::new(),
        }
    }
}
