//! Reading the world, against an in-process fake and against the sandbox.

mod broken;
mod events;
mod fake;
mod faults;
mod inventory;
mod org_file;
mod organization;
mod resume;
mod selection;
mod stop;
mod whole;
