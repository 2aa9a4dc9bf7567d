//! What several tests need.

pub(crate) mod binary;
pub(crate) mod build;
pub(crate) mod digest_trail;
pub(crate) mod digests;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod org_trail;
pub(crate) mod python;
pub(crate) mod rows;
pub(crate) mod same;
pub(crate) mod served;
pub(crate) mod shapes;
pub(crate) mod truth;
