//! What `policy init` writes.

/// A policy that approves nothing, with every section explained.
pub const TEMPLATE: &str = include_str!("template.toml");
