//! What sources of events need, as IAM policies.

use serde_json::{Value, json};

/// A statement that allows these actions on these resources.
pub(super) fn allow(actions: &[&str], resources: &[&str]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

/// The policy that these statements make.
#[must_use]
pub fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}
