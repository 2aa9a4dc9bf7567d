//! What manifest and snapshot record of how a run was started. Secrets stay out of it.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::{Choice, ScanSettings};

/// Stands for a secret.
const HIDDEN: &str = "***";

/// The arguments as typed, without the external id and without passwords in URLs.
pub(super) fn arguments(typed: Vec<String>) -> Vec<String> {
    let mut hide_next = false;
    typed
        .into_iter()
        .map(|argument| {
            if std::mem::take(&mut hide_next) {
                return HIDDEN.to_owned();
            }
            if argument == "--external-id" {
                hide_next = true;
                return argument;
            }
            if argument.starts_with("--external-id=") {
                return format!("--external-id={HIDDEN}");
            }
            without_password(&argument)
        })
        .collect()
}

/// The variables of ours that are set to something.
pub(super) fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, value)| name.starts_with("AMIAUDIT_") && !value.is_empty())
        .map(|(name, value)| {
            let value =
                if name == "AMIAUDIT_EXTERNAL_ID" { HIDDEN.to_owned() } else { without_password(&value) };
            (name, value)
        })
        .collect()
}

/// `http://user:password@host` without the password.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    match rest.split_once('@') {
        Some((_, host)) if !scheme.is_empty() => format!("{scheme}://{HIDDEN}@{host}"),
        _ => text.to_owned(),
    }
}

impl ScanSettings {
    /// The flags that decide what is read, with their values in order: a scan goes on only with the same.
    #[must_use]
    pub fn scope(&self) -> BTreeMap<String, String> {
        fn list<T: ToString>(values: &BTreeSet<T>) -> Option<String> {
            let all: Vec<String> = values.iter().map(ToString::to_string).collect();
            (!all.is_empty()).then(|| all.join(","))
        }
        let Choice { regions, accounts, units, excluded } = &self.choice;
        let flags = [
            ("--role-name", self.aws.role_name.clone()),
            ("--region", list(regions)),
            ("--account", list(accounts)),
            ("--ou", list(units)),
            ("--exclude-account", list(excluded)),
            ("--images-csv", self.images_csv.then(|| "true".to_owned())),
        ];
        flags.into_iter().filter_map(|(flag, value)| Some((flag.to_owned(), value?))).collect()
    }
}
