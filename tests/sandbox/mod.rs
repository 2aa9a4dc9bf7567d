//! The sandbox speaks AWS: boto3, which we did not write, understands it.

mod boto3;
mod faults;
mod generated;
mod history;
mod ids;
mod scenario;
mod scope;
mod snapshots;
mod story;
