//! Grants and the events that made them.

mod attribution;
mod comings;
mod windows;

/// The image's place in these tests.
const HERE: (&str, &str) = (crate::support::build::HOME, "us-east-1");
/// Another.
const THERE: (&str, &str) = (crate::support::build::MEMBER, "eu-west-1");
