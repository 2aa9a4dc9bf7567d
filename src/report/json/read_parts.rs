//! Parts of a `report.json` as they are read back.

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::caller::Caller;
use crate::model::trace::Origin;

#[derive(Deserialize)]
pub(super) struct ReadRun {
    pub(super) run_id: String,
    pub(super) started_at: Timestamp,
    pub(super) caller_account_id: Option<String>,
    pub(super) caller_arn: Option<String>,
    pub(super) caller_user_id: Option<String>,
    pub(super) partition: Option<String>,
    pub(super) policy_sha256: Option<String>,
}

impl ReadRun {
    pub(super) fn caller(&self) -> Option<Caller> {
        Some(Caller {
            account: self.caller_account_id.as_ref()?.parse().ok()?,
            arn: self.caller_arn.clone()?,
            user_id: self.caller_user_id.clone()?,
            partition: self.partition.as_ref()?.parse().ok()?,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct ReadOrigin {
    pub(super) shared_at: Option<Timestamp>,
    pub(super) shared_by: String,
    pub(super) shared_by_type: String,
    pub(super) source_ip: String,
    pub(super) user_agent: String,
    pub(super) invoked_by: Option<String>,
    pub(super) mfa: Option<String>,
    pub(super) console: Option<bool>,
    pub(super) event_id: String,
}

impl ReadOrigin {
    pub(super) fn origin(self) -> Origin {
        Origin {
            at: self.shared_at,
            by: self.shared_by,
            by_type: self.shared_by_type,
            source_ip: self.source_ip,
            user_agent: self.user_agent,
            invoked_by: self.invoked_by.unwrap_or_default(),
            mfa: self.mfa.unwrap_or_default(),
            console: self.console,
            event_id: self.event_id,
        }
    }
}

/// The organization that a report goes by.
#[derive(Debug, Clone, Deserialize)]
pub struct OrganizationRef {
    /// `complete`, `incomplete`, `not_in_organization` or `not_asked`.
    pub account_list: String,
    /// Its id, where that was known.
    pub organization_id: Option<String>,
}
