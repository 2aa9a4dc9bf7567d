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
    /// Its name.
    pub image_name: String,
    /// The group of its finding: what belongs to one image family.
    pub group: String,
    /// The grantee's word in `grantee_type`.
    pub grantee_type: String,
    /// The grantee.
    pub grantee: String,
    /// Its name, where it is known.
    pub grantee_name: String,
    /// Whether it is outside our organization: who is inside needs no trust, only exceptions.
    pub is_outside: bool,
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
            _ if accounts.len() > 1 && found.iter().all(|candidate| candidate.is_outside) => {
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
            _ => exceptions(&mut text, &found, grantee),
        }
        if !text.ends_with(TO_SIGN) {
            text.push_str(TO_SIGN);
        }
    }
    text
}

/// What is left to fill in.
const TO_SIGN: &str = "owner = \"\"   # FIXME: who answers for it\nreason = \"\"  # FIXME: why\n\
                       expires = \"\" # FIXME: until when, such as 2026-12-31\n";

/// One exception for each image family of an account, by its name where several of it are named alike.
fn exceptions(text: &mut String, found: &[&Candidate], grantee: &str) {
    let mut families: BTreeMap<(&str, &str), Vec<&Candidate>> = BTreeMap::new();
    for candidate in found {
        families.entry((&candidate.account, &candidate.group)).or_default().push(candidate);
    }
    for ((account, _), images) in families {
        let names: Vec<&str> = images.iter().map(|candidate| candidate.image_name.as_str()).collect();
        let which = match common_start(&names).filter(|_| names.len() > 1) {
            Some(start) => format!("image_name = {}", quoted(&format!("{start}*"))),
            None => {
                let ids: BTreeSet<String> = images.iter().map(|candidate| quoted(&candidate.image)).collect();
                format!("images = [{}]", ids.into_iter().collect::<Vec<_>>().join(", "))
            }
        };
        let account = quoted(account);
        let _ = write!(
            text,
            "[[exception]]\naccount = {account}\n{which}\ngrantee = {}\n{TO_SIGN}",
            quoted(grantee)
        );
    }
}

/// What all names begin with, up to a mark between words; nothing where that says too little, or would be
/// read as a pattern itself.
fn common_start<'a>(names: &[&'a str]) -> Option<&'a str> {
    let first = names.first()?;
    let same =
        |at: usize| names.iter().all(|name| name.get(..at) == first.get(..at) && first.is_char_boundary(at));
    let marks = first.char_indices().filter(|(_, c)| matches!(c, '-' | '_' | '.' | '/' | ' '));
    let start =
        marks.map(|(at, c)| at + c.len_utf8()).rfind(|at| same(*at)).and_then(|at| first.get(..at))?;
    (start.chars().filter(|c| c.is_alphanumeric()).count() >= 4 && !start.contains(['*', '?']))
        .then_some(start)
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A TOML basic string on one line, with nothing in it that a terminal or an editor would act on.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}') =>
            {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            _ => quoted.push(c),
        }
    }
    quoted + "\""
}
