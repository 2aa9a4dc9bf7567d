//! How AWS is reached, from what was typed.

use std::collections::BTreeMap;

use crate::model::quota::Quota;

/// Credentials, endpoint, roles and pace.
#[derive(Debug, Clone)]
pub struct AwsChoice {
    /// A profile of the user's AWS configuration.
    pub profile: Option<String>,
    /// An endpoint instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// The role in member accounts.
    pub role_name: Option<String>,
    /// The external id that roles ask for.
    pub external_id: Option<String>,
    /// The role that reads the sources of events.
    pub events_role_arn: Option<String>,
    /// The part of AWS's quotas to use.
    pub api_share: f64,
    /// Quotas that AWS raised.
    pub api_rates: BTreeMap<String, Quota>,
    /// Requests under way at once.
    pub max_concurrency: usize,
}

impl Default for AwsChoice {
    fn default() -> Self {
        Self {
            profile: None,
            endpoint_url: None,
            role_name: None,
            external_id: None,
            events_role_arn: None,
            api_share: 0.75,
            api_rates: BTreeMap::new(),
            max_concurrency: 64,
        }
    }
}
