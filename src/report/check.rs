//! Holds a report's folder against its manifest.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A difference between a folder and its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    file: String,
    sha256: String,
}

/// Compares the SHA-256 of each file in a folder with what the manifest says. `found` holds every file of the
/// folder besides the manifest and its signature.
///
/// # Errors
/// The manifest is none.
pub fn differences(manifest: &[u8], found: &BTreeMap<String, String>) -> Result<Vec<Difference>, String> {
    let intact = std::str::from_utf8(manifest).is_ok_and(super::manifest::is_intact);
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|error| format!("manifest.json: it is damaged: {error}"))?;
    let mut differences = Vec::new();
    if !intact {
        let what = "it is not what was written: its own digest differs".to_owned();
        differences.push(Difference { file: super::MANIFEST.to_owned(), what });
    }
    for file in &manifest.files {
        let what = match found.get(&file.file) {
            None => "it is missing",
            Some(sha256) if *sha256 != file.sha256 => "it is not what was written: its SHA-256 differs",
            Some(_) => continue,
        };
        differences.push(Difference { file: file.file.clone(), what: what.to_owned() });
    }
    for name in found.keys().filter(|name| !manifest.files.iter().any(|file| file.file == **name)) {
        differences.push(Difference { file: name.clone(), what: "the manifest does not name it".to_owned() });
    }
    Ok(differences)
}
