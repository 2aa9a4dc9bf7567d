//! Writes a report's folder: each file whole or not at all, mode 0600, the manifest last. What is rendered goes
//! to disk at once, and is never in memory as a whole.

use std::io::{BufReader, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::signing::{SIGNATURE, Signer};
use crate::collect::{FinishedSnapshot, SNAPSHOT};
use crate::model::report::Report;
use crate::report::{FORMATS, MANIFEST, RenderError, WrittenFile, manifest};

/// What is read or written at once.
const BUFFER: usize = 1 << 16;

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishError {
    /// The folder cannot be made or written to.
    #[error("{}: {source}", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    /// A file could not be rendered.
    #[error(transparent)]
    Render(RenderError),
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
        NamedTempFile::new_in(path).map_err(unwritable)?;
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

    /// Renders and writes every file of the chosen kinds, and their manifest. Everything is rendered, and on disk,
    /// before anything is written over: whatever fails on the way leaves the folder as it was.
    /// `snapshot` is the one that is finished in the folder and gets its name with the others.
    pub(super) fn write(
        mut self,
        report: &Report,
        kinds: &[String],
        snapshot: Option<&Kept>,
        signer: Option<&Signer>,
    ) -> Result<(), PublishError> {
        let chosen = |kind: &str| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind);
        let mut ready = Vec::new();
        for format in FORMATS.iter().filter(|format| chosen(format.kind()) && format.applies(report)) {
            ready.push(Ready::render(&self.path, format.file(), |out| format.render(report, out))?);
        }
        let rendered = ready.iter().map(|ready| &ready.written);
        let mut files: Vec<WrittenFile> =
            snapshot.iter().map(|kept| &kept.0).chain(rendered).cloned().collect();
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let manifest = manifest(report, &files);
        if let Some(signer) = signer {
            ready.push(Ready::holding(&self.path, SIGNATURE, &signer.sign(&manifest))?);
        }
        ready.push(Ready::holding(&self.path, MANIFEST, &manifest)?);
        self.made.clear();
        self.clear(&files)?;
        if let Some(snapshot) = snapshot {
            let unwritable = |source| PublishError::Unwritable { path: self.path.join(SNAPSHOT), source };
            snapshot.1.give_name().map_err(unwritable)?;
        }
        ready.into_iter().try_for_each(|ready| ready.put(&self.path))
    }

    /// Takes away what an earlier run left in the folder: first its manifest, which must not vouch for files
    /// that are about to change, then the files of a report that are not among `files`.
    fn clear(&self, files: &[WrittenFile]) -> Result<(), PublishError> {
        let written = |file: &str| files.iter().any(|written| written.file == file);
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

/// The snapshot, which was written while the scan went on.
#[derive(Debug)]
pub(super) struct Kept(WrittenFile, FinishedSnapshot);

impl Kept {
    /// Hashes what was written.
    pub(super) fn read(snapshot: FinishedSnapshot) -> Result<Self, PublishError> {
        let path = snapshot.path();
        let (sha256, bytes) = hash_file(&path).map_err(|source| PublishError::Unwritable { path, source })?;
        Ok(Self(WrittenFile { file: SNAPSHOT.to_owned(), sha256, bytes, rows: None }, snapshot))
    }
}

/// A file that is whole and on disk, and waits for its name. Dropped before that, it is gone.
struct Ready {
    partial: NamedTempFile,
    written: WrittenFile,
}

impl Ready {
    /// Renders `file` into a temporary one in `folder`.
    fn render(
        folder: &Path,
        file: &str,
        render: impl FnOnce(&mut dyn Write) -> Result<Option<u64>, RenderError>,
    ) -> Result<Self, PublishError> {
        let make = || {
            let partial = NamedTempFile::new_in(folder)?;
            // The file itself, since errors of a NamedTempFile speak of its temporary name.
            let mut out = BufWriter::with_capacity(BUFFER, Hashing::new(partial.as_file()));
            let rows = render(&mut out)?;
            let hashing = out.into_inner().map_err(IntoInnerError::into_error)?;
            let (sha256, bytes) = hashing.finish();
            partial.as_file().sync_all()?;
            Ok(Self { partial, written: WrittenFile { file: file.to_owned(), sha256, bytes, rows } })
        };
        make().map_err(|error| match error {
            RenderError::Write(source) => PublishError::Unwritable { path: folder.join(file), source },
            RenderError::Value { .. } => PublishError::Render(error),
        })
    }

    /// The same for bytes that are there already.
    fn holding(folder: &Path, file: &str, bytes: &[u8]) -> Result<Self, PublishError> {
        Self::render(folder, file, |out| {
            out.write_all(bytes)?;
            Ok(None)
        })
    }

    /// Gives it its name.
    fn put(self, folder: &Path) -> Result<(), PublishError> {
        let path = folder.join(&self.written.file);
        match self.partial.persist(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(PublishError::Unwritable { path, source: error.error }),
        }
    }
}

/// Writes one file, whole or not at all, mode 0600, and on disk before it gets its name.
pub(super) fn write_file(
    path: &Path,
    render: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>,
) -> Result<(), PublishError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ready::render(folder, &name, |out| render(out).map(|()| None))?.put(folder)
}

/// Hashes and counts what goes through it.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), bytes: 0 }
    }

    /// The SHA-256 in hex, and the size.
    fn finish(self) -> (String, u64) {
        (self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.out.write(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or(buffer));
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// A file's SHA-256 in hex, and its size.
pub(super) fn hash_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = BufReader::with_capacity(BUFFER, std::fs::File::open(path)?);
    let mut hashing = Hashing::new(std::io::sink());
    std::io::copy(&mut file, &mut hashing)?;
    Ok(hashing.finish())
}
