//! Pacing, and reasons for failures.

mod bucket;
mod reasons;
