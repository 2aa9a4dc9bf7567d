//! Grants and events brought together: who shared an image, when, and how sure that is.

mod attribution;
mod comings;
pub(crate) mod pipeline;
mod windows;

pub use attribution::{SeenBefore, Tracer};
pub use comings::Comings;
pub use windows::windows;
