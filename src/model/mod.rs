//! What everything else speaks of: ids, images, grantees, shares, findings, gaps. No IO, no AWS types.

pub mod arn;
pub mod caller;
pub mod clock;
pub mod coverage;
pub mod event;
pub mod event_log;
pub mod exception;
pub mod exit;
pub mod failure;
pub mod fault;
pub mod finding;
pub mod gap;
pub mod grant_window;
pub mod grantee;
pub mod ids;
pub mod image;
pub mod org_view;
pub mod organization;
pub mod place;
pub mod quota;
pub mod remediation;
pub mod report;
pub mod rule;
pub mod share;
pub mod snapshot;
pub mod trace;
