//! `manifest.json`: names every file of a report with its SHA-256, and the run they come from. It is
//! written last, so a folder without one is not a whole report.

use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::text::time;
use crate::model::report::Report;

/// The manifest's file name.
pub const MANIFEST: &str = "manifest.json";

/// A file of the report, as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Its name.
    pub file: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its rows, where it has any.
    pub rows: Option<u64>,
}

/// Renders the manifest of a report whose files are `files`.
#[must_use]
pub fn manifest(report: &Report, files: &[WrittenFile]) -> Vec<u8> {
    let run = &report.run;
    let organization = report.org.membership().organization().map(|arn| arn.organization.to_string());
    let value = json!({
        "schema_version": 1,
        "run_id": run.id,
        "tool": env!("CARGO_PKG_NAME"),
        "tool_version": env!("CARGO_PKG_VERSION"),
        "caller_arn": run.caller.arn,
        "caller_account_id": run.caller.account.to_string(),
        "organization_id": organization,
        "arguments": run.arguments,
        "variables": run.variables,
        "policy_sha256": run.policy_sha256,
        "api_calls": run.api_calls,
        "started_at": time(run.started_at),
        "ended_at": time(run.ended_at),
        "interrupted": run.interrupted,
        "files": files,
    });
    with_digest(&format!("{value:#}\n")).into_bytes()
}

/// The line with a manifest's own digest, so that a slip in the manifest itself is noticed. It stops slips and
/// not forgers: that takes a signature.
const DIGEST: &str = ",\n  \"self_sha256\": \"";

/// The manifest with its own digest as the last field.
fn with_digest(text: &str) -> String {
    let open = text.strip_suffix("\n}\n").unwrap_or(text);
    format!("{open}{DIGEST}{}\"\n}}\n", sha256(text.as_bytes()))
}

/// Whether a manifest's own digest fits.
pub(super) fn is_intact(text: &str) -> bool {
    text.rsplit_once(DIGEST).is_some_and(|(open, _)| with_digest(&format!("{open}\n}}\n")) == text)
}

/// SHA-256 in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
