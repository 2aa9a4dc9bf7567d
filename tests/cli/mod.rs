//! The program as a user meets it.

mod bad_input;
mod copyable;
mod digests;
mod events;
mod evidence;
mod interrupt;
mod lookup;
mod policy;
mod resume;
mod sandbox;
mod scan;
mod show;
mod traced;
