//! All integration tests in one binary, since each one links the AWS SDK again. Modules mirror `src`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod aws;
mod cli;
mod collect;
mod demo;
mod docs;
mod judge;
mod layout;
mod model;
mod moto;
mod remediate;
mod report;
mod sandbox;
mod support;
mod trail;
