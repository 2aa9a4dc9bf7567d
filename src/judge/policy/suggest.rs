//! `policy suggest`: entries for what is open in a report, one for each vendor or image family, for a person
//! to review. Owner, reason and expiry are left to fill in, so the result does not pass as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// An open finding that could be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The owner's account.
    pub account: String,
    /// The image.
    pub image: String,
    /// The grantee's word in `grantee_type`.
    pub grantee_type: String,
    /// The grantee.
    pub grantee: String,
    /// Its name, where it is known.
    pub grantee_name: String,
}

/// A policy with an entry for each grantee that is met in several accounts, and for each other account and
/// grantee. Everybody gets an entry with the images by id.
#[must_use]
pub fn suggest(candidates: &[Candidate]) -> String {
    let mut by_grantee: BTreeMap<(&str, &str), Vec<&Candidate>> = BTreeMap::new();
    for candidate in candidates {
        by_grantee.entry((&candidate.grantee_type, &candidate.grantee)).or_default().push(candidate);
    }
    let mut text = "# Proposed by `amiaudit policy suggest`. Keep what is meant, fill in what is FIXME, and check it with\n\
                    # `amiaudit policy check`. What is not meant is to be revoked, not written down.\n"
        .to_owned();
    for ((kind, grantee), found) in by_grantee {
        let accounts: BTreeSet<&str> = found.iter().map(|candidate| candidate.account.as_str()).collect();
        let images: BTreeSet<&str> = found.iter().map(|candidate| candidate.image.as_str()).collect();
        let name =
            found.iter().map(|candidate| candidate.grantee_name.as_str()).find(|name| !name.is_empty());
        let count = images.len();
        let _ = write!(
            text,
            "\n# {count} image{} of {} account{}\n",
            s(count),
            accounts.len(),
            s(accounts.len())
        );
        let list =
            |values: &BTreeSet<&str>| values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
        match kind {
            "public" => {
                let _ = writeln!(
                    text,
                    "[[intended_public]]\naccounts = [{}]\nimages = [{}]",
                    list(&accounts),
                    list(&images)
                );
            }
            "unrecognized" => {
                let _ = writeln!(
                    text,
                    "[[exception]]\nimages = [{}]\ngrantee = {}",
                    list(&images),
                    quoted(grantee)
                );
            }
            _ if accounts.len() > 1 => {
                let key = match kind {
                    "account" => "accounts",
                    "organization" => "organizations",
                    _ => "ous",
                };
                let _ = writeln!(text, "[[trusted]]\n{key} = [{}]", quoted(grantee));
                if let Some(name) = name {
                    let _ = writeln!(text, "name = {}", quoted(name));
                }
            }
            _ => {
                let _ = writeln!(
                    text,
                    "[[exception]]\naccounts = [{}]\nimages = [{}]\ngrantee = {}",
                    list(&accounts),
                    list(&images),
                    quoted(grantee)
                );
            }
        }
        text.push_str("owner = \"\"   # FIXME: who answers for it\nreason = \"\"  # FIXME: why\nexpires = \"\" # FIXME: until when, such as 2026-12-31\n");
    }
    text
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
