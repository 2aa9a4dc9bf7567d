//! Writes a report's folder: each file whole or not at all, mode 0600, the manifest last.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::signing::{SIGNATURE, Signer};
use crate::collect::SNAPSHOT;
use crate::model::report::Report;
use crate::report::{FORMATS, MANIFEST, RenderError, Rendered, WrittenFile, manifest, sha256};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    /// The folder cannot be made or written to.
    #[error("{}: {source}", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    /// A file could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The folder of a report: made and tried before anything is asked of AWS, so that a scan of an hour does
/// not end with a full disk's message.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The folders that we made for it, innermost first, as long as nothing is in them.
    made: Vec<PathBuf>,
}

impl Folder {
    /// The folder that the user named, or a new one for a run that began at `started_at`.
    pub(super) fn for_run(
        named: Option<&PathBuf>,
        started_at: jiff::Timestamp,
    ) -> Result<Self, PublishError> {
        match named {
            Some(path) => Self::open(path),
            None => Self::new_at(started_at),
        }
    }

    fn open(path: &Path) -> Result<Self, PublishError> {
        let unwritable = |source| PublishError::Unwritable { path: path.to_owned(), source };
        let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let made = path.ancestors().take_while(missing).map(Path::to_owned).collect();
        let folder = Self { path: path.to_owned(), made };
        private().recursive(true).create(path).map_err(unwritable)?;
        tempfile::NamedTempFile::new_in(path).map_err(unwritable)?;
        Ok(folder)
    }

    /// A folder of its own for a run that began at `started_at`: `reports/` and the time, and a number where
    /// another run began in the same second.
    fn new_at(started_at: jiff::Timestamp) -> Result<Self, PublishError> {
        let reports = Path::new("reports");
        let name = started_at.strftime("%Y-%m-%dT%H%M%SZ").to_string();
        let mut folder = Self::open(reports)?;
        for nth in 1_u32.. {
            let path = reports.join(if nth == 1 { name.clone() } else { format!("{name}-{nth}") });
            match private().create(&path) {
                Ok(()) => {
                    folder.made.insert(0, path.clone());
                    folder.path = path;
                    break;
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(PublishError::Unwritable { path, source }),
            }
        }
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Renders and writes every file of the chosen kinds, and their manifest. Everything is rendered
    /// before anything is written.
    /// `kept` are files that are there already.
    pub(super) fn write(
        mut self,
        report: &Report,
        kinds: &[String],
        kept: &[Kept],
        signer: Option<&Signer>,
    ) -> Result<(), PublishError> {
        let chosen = |kind: &str| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind);
        let mut rendered = Vec::new();
        for format in FORMATS.iter().filter(|format| chosen(format.kind()) && format.applies(report)) {
            rendered.push((format.file(), format.render(report)?));
        }
        self.made.clear();
        self.clear(&rendered, kept)?;
        let mut written: Vec<WrittenFile> = kept.iter().map(|kept| kept.0.clone()).collect();
        for (file, one) in rendered {
            self.put(file, &one.bytes)?;
            written.push(WrittenFile {
                file: file.to_owned(),
                sha256: sha256(&one.bytes),
                bytes: one.bytes.len() as u64,
                rows: one.rows,
            });
        }
        written.sort_by(|a, b| a.file.cmp(&b.file));
        let manifest = manifest(report, &written);
        if let Some(signer) = signer {
            self.put(SIGNATURE, &signer.sign(&manifest))?;
        }
        self.put(MANIFEST, &manifest)
    }

    /// Takes away what an earlier run left in the folder: first its manifest, which must not vouch for files
    /// that are about to change, then the files of a report that this run does not write.
    fn clear(&self, rendered: &[(&'static str, Rendered)], kept: &[Kept]) -> Result<(), PublishError> {
        let written = |file: &str| {
            rendered.iter().any(|(name, _)| *name == file) || kept.iter().any(|kept| kept.0.file == file)
        };
        let stale = FORMATS.iter().map(|format| format.file()).filter(|file| !written(file));
        let others = [SNAPSHOT].into_iter().filter(|file| !written(file));
        for file in [MANIFEST, SIGNATURE].into_iter().chain(stale).chain(others) {
            let path = self.path.join(file);
            match std::fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(PublishError::Unwritable { path, source }),
            }
        }
        Ok(())
    }

    fn put(&self, file: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let path = self.path.join(file);
        let write = || {
            let mut partial = tempfile::NamedTempFile::new_in(&self.path)?;
            partial.write_all(bytes)?;
            partial.as_file().sync_all()?;
            partial.persist(&path).map_err(|error| error.error)
        };
        match write() {
            Ok(_) => Ok(()),
            Err(source) => Err(PublishError::Unwritable { path, source }),
        }
    }
}

impl Drop for Folder {
    /// A run that failed leaves no empty folders behind.
    fn drop(&mut self) {
        for folder in &self.made {
            // One that is not empty any more is somebody's, and stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Makes folders that only their owner can look into.
fn private() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// A file of the report that was written while the scan went on.
#[derive(Debug)]
pub(super) struct Kept(WrittenFile);

impl Kept {
    /// Hashes what was written.
    pub(super) fn read(path: &Path) -> Result<Self, PublishError> {
        let unreadable = |source| PublishError::Unwritable { path: path.to_owned(), source };
        let (sha256, bytes) = hash_file(path).map_err(unreadable)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self(WrittenFile { file, sha256, bytes, rows: None }))
    }
}

/// A file's SHA-256 in hex, and its size.
pub(super) fn hash_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size += bytes.len() as u64;
    }
    Ok((hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), size))
}
