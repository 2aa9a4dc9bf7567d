//! What sources of events need, as IAM policies.

use serde_json::{Value, json};

/// What is allowed on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    actions: Vec<&'static str>,
    resources: Vec<String>,
}

impl Statement {
    /// These actions on this resource.
    #[must_use]
    pub fn new(actions: &[&'static str], resource: String) -> Self {
        Self { actions: actions.to_vec(), resources: vec![resource] }
    }

    /// On these as well.
    #[must_use]
    pub fn and(mut self, resource: String) -> Self {
        self.resources.push(resource);
        self
    }

    fn value(&self) -> Value {
        json!({ "Effect": "Allow", "Action": self.actions, "Resource": self.resources })
    }
}

/// The policy that these make.
#[must_use]
pub fn document(statements: &[Statement]) -> String {
    let statements: Vec<Value> = statements.iter().map(Statement::value).collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}
