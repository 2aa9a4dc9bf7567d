//! Reading the world, against an in-process fake and against the sandbox.

mod athena;
pub(crate) mod broken;
mod events;
mod fake;
mod faults;
mod inventory;
mod lookup;
mod org_file;
mod organization;
mod resume;
mod selection;
mod snapshots;
mod stop;
mod watched;
mod whole;
