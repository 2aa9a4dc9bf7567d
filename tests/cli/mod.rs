//! The program as a user meets it.

mod bad_input;
mod interrupt;
mod scan;
mod show;
