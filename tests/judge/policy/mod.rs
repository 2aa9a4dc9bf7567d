//! The policy file: what is wrong with it, what it covers, and what it never covers.

mod broken;
mod covers;
mod property;
mod suggest;
