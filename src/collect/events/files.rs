//! Files and folders: read side by side, each within bounded memory. One that cannot be read is a hole in the log,
//! and the others are read.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

use walkdir::WalkDir;

use super::gather::{Gathered, gather};
use super::source::meant;
use super::worker::{FileRead, Worker};
use crate::collect::progress::Progress;
use crate::collect::stop::{Stop, Stopper};
use crate::model::event_log::EventLog;
use crate::trail::digest::is_digest;
use crate::trail::{Packing, Wanted, read_stream};

/// A source that needs no AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalSource {
    /// A file, or a folder with all that is in it.
    Path(PathBuf),
    /// Standard input.
    StandardInput,
}

/// A source that is not there, or is of no use.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct BadSource {
    pub(super) name: String,
    pub(super) why: String,
}

impl BadSource {
    /// Names the source and what is wrong with it.
    #[must_use]
    pub fn new(name: impl ToString, why: impl ToString) -> Self {
        Self { name: name.to_string(), why: why.to_string() }
    }
}

/// One file, or why it cannot be looked at.
struct Item {
    path: PathBuf,
    problem: Option<String>,
}

/// How files are read.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions {
    /// The most bytes that one may unpack to.
    pub most: usize,
    /// Whether the records themselves are kept.
    pub keeps_records: bool,
    /// Whether it is kept what they prove.
    pub verifies: bool,
}

/// Reads all of the sources.
///
/// # Errors
/// A source that was named is not there.
pub fn read_files(
    sources: &[LocalSource],
    options: FileOptions,
    progress: &dyn Progress,
) -> Result<EventLog, BadSource> {
    let (_stopper, stop) = Stopper::new();
    gather_files(sources, options, (&stop, progress)).map(|(gathered, _)| gathered.into_log())
}

/// The same, with what the files prove, and whether it came to the end before it was stopped.
///
/// # Errors
/// A source that was named is not there.
pub(super) fn gather_files(
    sources: &[LocalSource],
    options: FileOptions,
    (stop, progress): (&Stop, &dyn Progress),
) -> Result<(Gathered, bool), BadSource> {
    sources.iter().try_for_each(LocalSource::check)?;
    let standard_input = sources.contains(&LocalSource::StandardInput);
    let (mut files, is_whole) = side_by_side(sources, options, (stop, progress));
    if standard_input && is_whole {
        let wanted = Wanted { file: "-".into(), raw: options.keeps_records };
        let found = read_stream(std::io::stdin().lock(), options.most, &wanted);
        files.push(FileRead { name: "-".to_owned(), found, proof: None, signature: None });
    }
    Ok((gather(files.into_iter()), is_whole))
}

impl LocalSource {
    /// Looks whether it is there.
    ///
    /// # Errors
    /// It is not, or cannot be looked at.
    pub fn check(&self) -> Result<(), BadSource> {
        match self {
            Self::StandardInput => Ok(()),
            Self::Path(path) => std::fs::metadata(path).map(|_| ()).map_err(|error| {
                let name = path.display().to_string();
                match meant(&name) {
                    Some(meant) => BadSource::new(name, format!("{error}; did you mean {meant}?")),
                    None => BadSource::new(name, error),
                }
            }),
        }
    }
}

/// Gives the files under a path, in the order of their names. Links are followed; one that leads back is told.
fn list(path: &Path, stop: &Stop, give: &mut impl FnMut(Item)) {
    let entries = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    for entry in entries.take_while(|_| !stop.is_asked()) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() || is_signature(entry.path()) => {}
            Ok(entry) => {
                // A file that was named may be a pipe; in a folder, one would wait for ever.
                let is_readable = entry.file_type().is_file() || entry.depth() == 0;
                let problem = (!is_readable).then(|| "it is no plain file".to_owned());
                give(Item { path: entry.into_path(), problem });
            }
            Err(error) => {
                let path = error.path().unwrap_or(path).to_owned();
                give(Item { path, problem: Some(error.to_string()) });
            }
        }
    }
}

/// Reads files while others are still being found; whether that came to its end before it was stopped.
fn side_by_side(
    sources: &[LocalSource],
    options: FileOptions,
    (stop, progress): (&Stop, &dyn Progress),
) -> (Vec<FileRead>, bool) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (give, items) = mpsc::channel::<(usize, Item)>();
    let items = Mutex::new(items);
    let large = Mutex::new(());
    let done: Mutex<Vec<(usize, FileRead)>> = Mutex::default();
    let (mut count, mut is_listed) = (0, false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut worker = Worker::new(options.most, options.verifies, &large);
                while let Some((nth, item)) = next(&items).filter(|_| !stop.is_asked()) {
                    let wanted =
                        Wanted { file: item.path.to_string_lossy().into(), raw: options.keeps_records };
                    let found = read(&item, &mut worker, &wanted);
                    progress.file_done();
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((nth, found));
                }
            });
        }
        let mut give_next = |item| {
            progress.files_found(1);
            // Nobody takes it only where every worker has panicked.
            let _ = give.send((count, item));
            count += 1;
        };
        for source in sources {
            if let LocalSource::Path(path) = source {
                list(path, stop, &mut give_next);
            }
        }
        is_listed = !stop.is_asked();
        drop(give);
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(nth, _)| *nth);
    let is_whole = is_listed && done.len() == count;
    (done.into_iter().map(|(_, found)| found).collect(), is_whole)
}

/// The next file; `None` when all are taken.
fn next(items: &Mutex<mpsc::Receiver<(usize, Item)>>) -> Option<(usize, Item)> {
    items.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn read(item: &Item, worker: &mut Worker<'_>, wanted: &Wanted) -> FileRead {
    let read = match &item.problem {
        Some(problem) => Err(problem.clone()),
        None => open(&item.path, worker, wanted).map_err(|error| error.to_string()),
    };
    read.unwrap_or_else(|why| FileRead::unread(wanted.file.to_string(), why))
}

fn open(path: &Path, worker: &mut Worker<'_>, wanted: &Wanted) -> std::io::Result<FileRead> {
    let mut file = File::open(path)?;
    let mut packed = worker.room();
    file.by_ref().take(Packing::LONGEST_MAGIC as u64).read_to_end(&mut packed)?;
    if Packing::of(&packed) == Packing::Plain && !worker.verifies() {
        let found = read_stream(packed.as_slice().chain(file), worker.most(), wanted);
        return Ok(FileRead { name: wanted.file.to_string(), found, proof: None, signature: None });
    }
    file.take(worker.most() as u64 + 1).read_to_end(&mut packed)?;
    let found = worker.unpack(&packed, wanted);
    worker.give_back(packed);
    Ok(FileRead { signature: signature_beside(path), ..found })
}

/// The longest signature: 8,192 bits, in hexadecimal.
const LONGEST_SIGNATURE: u64 = 2_048;

/// The signature of a digest, where somebody saved it beside it: in S3 it is the object's metadata, which a copy of
/// the object's content lacks.
fn signature_beside(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let file =
        is_digest(&name).then(|| File::open(path.with_file_name(format!("{name}{SIGNATURE}"))))?.ok()?;
    let mut text = String::new();
    file.take(LONGEST_SIGNATURE).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned())
}

const SIGNATURE: &str = ".signature";

/// Whether a file holds the signature of the digest beside it.
fn is_signature(path: &Path) -> bool {
    path.to_str().and_then(|path| path.strip_suffix(SIGNATURE)).is_some_and(is_digest)
}
