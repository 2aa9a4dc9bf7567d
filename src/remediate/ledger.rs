//! Where a journal is written: each line is on disk before anything else happens. What several images write at once
//! goes to disk together.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};

use tokio::sync::oneshot;

use super::journal::{Chain, Line, read};
use super::record::Record;
use crate::model::clock::Clock;

/// A journal is some MB; this is of a million images.
pub const LARGEST_JOURNAL: u64 = 2 << 30;

/// Lines that go to disk at once.
const AT_ONCE: usize = 1_000;

/// Takes the lines of a journal.
pub trait Ledger: Sync {
    /// Writes one, and comes back when it is on disk.
    fn write(&self, record: Record) -> impl Future<Output = std::io::Result<()>> + Send;

    /// All lines so far, those of earlier runs too.
    fn lines(&self) -> Vec<Line>;
}

/// Lines that are kept in memory only: of a trial, which changes nothing.
#[derive(Debug)]
pub struct Memory {
    clock: Clock,
    kept: Mutex<(Chain, Vec<Line>)>,
}

impl Memory {
    /// No line yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self::behind(Vec::new(), clock)
    }

    /// Behind the lines of a journal, which is left as it is.
    #[must_use]
    pub fn behind(lines: Vec<Line>, clock: Clock) -> Self {
        let last = lines.last().map(|line| line.sha256.clone());
        let chain = Chain { n: lines.len() as u64, last };
        Self { clock, kept: Mutex::new((chain, lines)) }
    }
}

impl Ledger for Memory {
    async fn write(&self, record: Record) -> std::io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (line, _) = kept.0.next(self.clock.now(), record);
        kept.1.push(line);
        Ok(())
    }

    fn lines(&self) -> Vec<Line> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Another program has it.
    #[error("another amiaudit is at work with this plan")]
    Locked,
    /// It is not what it should be.
    #[error("{0}")]
    Bad(String),
}

type Answer = oneshot::Sender<std::io::Result<()>>;

/// A journal on disk, locked as long as this lives. The lock holds on one machine.
#[derive(Debug)]
pub struct JournalFile {
    send: mpsc::Sender<(Record, Answer)>,
    lines: std::sync::Arc<Mutex<Vec<Line>>>,
}

impl JournalFile {
    /// Opens a journal, and makes it where `create` says so. What a killed run left of a last line is cut off.
    ///
    /// # Errors
    /// It is locked, or no journal, or not a whole one.
    pub fn open(path: &Path, create: bool, clock: Clock) -> Result<Self, BadFile> {
        let mut file = open(path, create)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BadFile::Locked),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut bytes = Vec::new();
        (&mut file).take(LARGEST_JOURNAL + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST_JOURNAL {
            return Err(BadFile::Bad(format!("it is larger than {} MiB", LARGEST_JOURNAL >> 20)));
        }
        let (lines, length, chain) = read(&bytes).map_err(|error| BadFile::Bad(error.to_string()))?;
        file.set_len(length as u64)?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // The file's name is to last as well as its lines.
            File::open(folder)?.sync_all()?;
        }
        let lines = std::sync::Arc::new(Mutex::new(lines));
        let (send, receive) = mpsc::channel();
        let writer = Writer { file, chain, clock, lines: std::sync::Arc::clone(&lines) };
        std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run(&receive))?;
        Ok(Self { send, lines })
    }
}

/// Opens a file of ours for reading and appending.
pub(super) fn open(path: &Path, create: bool) -> std::io::Result<File> {
    // A link or a pipe in its place is somebody's trap.
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(std::io::Error::other("it is no plain file"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && create => {}
        Err(error) => return Err(error),
    }
    let mut options = File::options();
    options.read(true).append(true).create(create);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Ledger for JournalFile {
    async fn write(&self, record: Record) -> std::io::Result<()> {
        let gone = || std::io::Error::other("the journal cannot be written any more");
        let (answer, written) = oneshot::channel();
        self.send.send((record, answer)).map_err(|_| gone())?;
        written.await.map_err(|_| gone())?
    }

    fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes lines in the order in which they come.
struct Writer {
    file: File,
    chain: Chain,
    clock: Clock,
    lines: std::sync::Arc<Mutex<Vec<Line>>>,
}

impl Writer {
    /// Runs until nobody writes any more, or the disk takes no more: then whoever writes is told so.
    fn run(mut self, receive: &mpsc::Receiver<(Record, Answer)>) {
        while let Ok(first) = receive.recv() {
            let more = std::iter::from_fn(|| receive.try_recv().ok()).take(AT_ONCE - 1);
            let (records, answers): (Vec<_>, Vec<_>) = std::iter::once(first).chain(more).unzip();
            let written = self.put(records);
            for answer in answers {
                let told = written.as_ref().copied().map_err(|error| {
                    std::io::Error::new(error.kind(), format!("the journal cannot be written: {error}"))
                });
                // Whoever does not wait any more does not want to know.
                let _ = answer.send(told);
            }
            if written.is_err() {
                return;
            }
        }
    }

    fn put(&mut self, records: Vec<Record>) -> std::io::Result<()> {
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        for record in records {
            let (line, text) = self.chain.next(self.clock.now(), record);
            bytes.extend(text);
            lines.push(line);
        }
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).append(&mut lines);
        Ok(())
    }
}
