//! Files and folders: read side by side, each within bounded memory. One that cannot be read is a hole in the log,
//! and the others are read.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

use walkdir::WalkDir;

use super::gather::gather;
use super::worker::Worker;
use crate::collect::progress::Progress;
use crate::model::event_log::EventLog;
use crate::trail::{Found, Packing, Problem, Wanted, read_stream};

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

/// Reads all of the sources. A file may unpack to at most `most` bytes.
///
/// # Errors
/// A source that was named is not there.
pub fn read_files(
    sources: &[LocalSource],
    most: usize,
    keeps_records: bool,
    progress: &dyn Progress,
) -> Result<EventLog, BadSource> {
    sources.iter().try_for_each(LocalSource::check)?;
    let standard_input = sources.contains(&LocalSource::StandardInput);
    let mut files = side_by_side(sources, (most, keeps_records), progress);
    if standard_input {
        let wanted = Wanted { file: "-".into(), raw: keeps_records };
        files.push((PathBuf::from("-"), read_stream(std::io::stdin().lock(), most, &wanted)));
    }
    Ok(gather(files.into_iter().map(|(path, found)| (path.display().to_string(), found))))
}

impl LocalSource {
    /// Looks whether it is there.
    ///
    /// # Errors
    /// It is not, or cannot be looked at.
    pub fn check(&self) -> Result<(), BadSource> {
        match self {
            Self::StandardInput => Ok(()),
            Self::Path(path) => {
                std::fs::metadata(path).map(|_| ()).map_err(|error| BadSource::new(path.display(), error))
            }
        }
    }
}

/// Gives the files under a path, in the order of their names. Links are followed; one that leads back is told.
fn list(path: &Path, give: &mut impl FnMut(Item)) {
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
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

/// Reads files while others are still being found.
fn side_by_side(
    sources: &[LocalSource],
    (most, keeps_records): (usize, bool),
    progress: &dyn Progress,
) -> Vec<(PathBuf, Found)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (give, items) = mpsc::channel::<(usize, Item)>();
    let items = Mutex::new(items);
    let large = Mutex::new(());
    let done: Mutex<Vec<(usize, PathBuf, Found)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut worker = Worker::new(most, &large);
                while let Some((nth, item)) = next(&items) {
                    let wanted = Wanted { file: item.path.to_string_lossy().into(), raw: keeps_records };
                    let found = read(&item, &mut worker, &wanted);
                    progress.file_done();
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((nth, item.path, found));
                }
            });
        }
        let mut count = 0;
        let mut give_next = |item| {
            progress.files_found(1);
            // Nobody takes it only where every worker has panicked.
            let _ = give.send((count, item));
            count += 1;
        };
        for source in sources {
            if let LocalSource::Path(path) = source {
                list(path, &mut give_next);
            }
        }
        drop(give);
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(nth, ..)| *nth);
    done.into_iter().map(|(_, path, found)| (path, found)).collect()
}

/// The next file; `None` when all are taken.
fn next(items: &Mutex<mpsc::Receiver<(usize, Item)>>) -> Option<(usize, Item)> {
    items.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn read(item: &Item, worker: &mut Worker<'_>, wanted: &Wanted) -> Found {
    let read = match &item.problem {
        Some(problem) => Err(problem.clone()),
        None => open(&item.path, worker, wanted).map_err(|error| error.to_string()),
    };
    read.unwrap_or_else(unread)
}

/// A file of which nothing was read, and why.
pub(super) fn unread(why: String) -> Found {
    Found { problems: vec![Problem { line: None, why }], ..Found::default() }
}

fn open(path: &Path, worker: &mut Worker<'_>, wanted: &Wanted) -> std::io::Result<Found> {
    let mut file = File::open(path)?;
    let mut packed = worker.room();
    file.by_ref().take(Packing::LONGEST_MAGIC as u64).read_to_end(&mut packed)?;
    if Packing::of(&packed) == Packing::Plain {
        return Ok(read_stream(packed.as_slice().chain(file), worker.most(), wanted));
    }
    file.take(worker.most() as u64 + 1).read_to_end(&mut packed)?;
    let found = worker.unpack(&packed, wanted);
    worker.give_back(packed);
    Ok(found)
}
