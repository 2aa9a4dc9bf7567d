//! An AWS endpoint over loopback, for the demo, the tests and the benches: EC2's query protocol, STS,
//! Organizations' and CloudTrail's JSON, with accounts and Regions kept apart by credentials. What it says of itself
//! is checked by boto3, which we did not write.
//!
//! It never speaks to AWS and stands on loopback only.

mod answer;
mod auth;
mod call;
mod call_spec;
mod change;
pub mod demo;
mod demo_builds;
mod ec2;
mod fault_spec;
mod faults;
mod forms;
pub mod generate;
mod history;
mod http;
mod identity;
mod ids;
mod image_list;
mod images;
mod live;
mod log;
mod lookup;
mod organizations;
mod own;
mod past;
mod permissions;
pub mod scenario;
mod server;
mod snapshots;
mod sts;
mod throttle;
mod usage;
mod world;
mod xml;

pub use call_spec::CallSpec;
pub use faults::Faults;
pub use ids::Ids;
pub use log::Recorded;
pub use scenario::Scenario;
pub use server::{Options, Sandbox};
pub use world::{Grant, World};
