//! `remediate plan|approve|apply|undo` as a user runs it, against the sandbox.

mod approval;
mod blocks;
mod faults;
mod interrupted;
mod journal;
mod kept;
mod options;
mod refused;
mod snapshots;
mod stage;
mod whole;
mod world;
mod writes;
