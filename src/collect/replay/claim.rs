//! A snapshot under way belongs to one run: it is locked before anything of it is read or written.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Opens `path` for one run alone, and makes it first where `create` is asked for.
///
/// # Errors
/// Another run has it, or it is no regular file: a pipe would wait for ever, and a link lead elsewhere.
pub(super) fn claim(path: &Path, create: bool) -> Result<File> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.read(true).write(true).create(create).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    lock(&file)?;
    // A run that ended between the two gave the file another name.
    if is_at(&file, path) { Ok(file) } else { Err(busy()) }
}

/// Locks a file for this run.
pub(super) fn lock(file: &File) -> Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(busy()),
        // Where the file system knows no locks, none can be had.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn busy() -> Error {
    Error::new(ErrorKind::ResourceBusy, "another run is writing its snapshot there")
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of = |found: std::fs::Metadata| (found.dev(), found.ino());
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(held), Ok(there)) => of(held) == of(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
