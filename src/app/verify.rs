//! `amiaudit verify`: is a report's folder what was written?

use std::collections::BTreeMap;
use std::path::Path;

use super::console::Console;
use super::failed::Failed;
use super::input;
use super::publish::hash_file;
use super::signing::{SIGNATURE, fits};
use crate::model::exit::Exit;
use crate::report::{Difference, MANIFEST, differences, plain};

/// A manifest has a line for each file and argument.
const LARGEST_MANIFEST: u64 = 16 << 20;

pub(super) fn verify(folder: &Path, public_key: Option<&Path>, console: &Console) -> Exit {
    run(folder, public_key, console).unwrap_or_else(|failed| failed.tell(console))
}

fn run(folder: &Path, public_key: Option<&Path>, console: &Console) -> Result<Exit, Failed> {
    let mut found = hashes(folder)?;
    let mut wrong = Vec::new();
    let difference = |file: &str, what: &str| Difference { file: file.to_owned(), what: what.to_owned() };
    let signature = found.remove(SIGNATURE).is_some();
    if found.remove(MANIFEST).is_none() {
        wrong.push(difference(MANIFEST, "it is missing, so this is not a whole report"));
    } else {
        let manifest = input::bytes(&folder.join(MANIFEST), LARGEST_MANIFEST)?;
        match differences(&manifest, &found) {
            Ok(differences) => wrong.extend(differences),
            Err(what) => wrong.push(difference(MANIFEST, &what)),
        }
        match (public_key, signature) {
            (Some(_), false) => wrong.push(difference(SIGNATURE, "it is missing")),
            (Some(key), true) => {
                let bytes = input::bytes(&folder.join(SIGNATURE), 1 << 10)?;
                if !fits(key, &manifest, &bytes)? {
                    wrong.push(difference(SIGNATURE, "the signature does not fit the manifest and this key"));
                }
            }
            (None, true) => console.note("the signature was not checked: name the key with --public-key"),
            (None, false) => {}
        }
    }
    for Difference { file, what } in &wrong {
        console.warn(&plain(&format!("{file}: {what}")));
    }
    if wrong.is_empty() {
        let how = if public_key.is_some() { "and its signature fits" } else { "by its manifest" };
        console.note(&format!("{}: whole, {how}", folder.display()));
        return Ok(Exit::Clean);
    }
    Ok(Exit::Exposed)
}

/// The SHA-256 of each file right in the folder.
fn hashes(folder: &Path) -> Result<BTreeMap<String, String>, Failed> {
    let bad = |error: std::io::Error| Failed::Input(format!("{}: {error}", folder.display()));
    let mut hashes = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(bad)? {
        let entry = entry.map_err(bad)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What is no file of its own (a folder, a link, a pipe) has no hash that a manifest could name.
        let hash = if !entry.file_type().map_err(bad)?.is_file() {
            String::new()
        } else {
            hash_file(&entry.path()).map_err(|error| Failed::Input(format!("{name}: {error}")))?.0
        };
        hashes.insert(name, hash);
    }
    Ok(hashes)
}
