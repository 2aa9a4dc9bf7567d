//! What `--events` and `amiaudit events` take.

use std::path::PathBuf;

use super::files::BadSource;

/// A source that needs no AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalSource {
    /// A file, or a folder with all that is in it.
    Path(PathBuf),
    /// Standard input.
    StandardInput,
}

/// Sources of the contract that are not built yet, by what they begin with.
const NOT_BUILT: &[&str] = &["s3://", "athena:", "logs:"];

/// Reads the name of a source.
///
/// # Errors
/// It is of a kind that is not built yet.
pub fn local_source(text: &str) -> Result<LocalSource, BadSource> {
    let not_built = NOT_BUILT.iter().any(|start| text.starts_with(start)) || text == "lookup";
    match text {
        _ if not_built => Err(BadSource {
            name: text.to_owned(),
            why: "this source is not built yet; name a file, a folder or - (--events also takes none)"
                .to_owned(),
        }),
        "-" => Ok(LocalSource::StandardInput),
        path => Ok(LocalSource::Path(PathBuf::from(path))),
    }
}
