//! Ids, grantees, relations.

mod grantee;
mod ids;
mod org_view;
mod report;
