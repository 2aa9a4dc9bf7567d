//! Grants and events brought together: who shared an image, when, and how sure that is.

mod windows;

pub use windows::windows;
