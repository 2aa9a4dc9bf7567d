//! Files and folders: read side by side, each within bounded memory. One that cannot be read is a hole in the log,
//! and the others are read.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use walkdir::WalkDir;

use super::hole::hole;
use super::source::LocalSource;
use crate::collect::progress::Progress;
use crate::model::event_log::{EventLog, Hole, Window};
use crate::model::place::Place;
use crate::trail::{Checked, Found, Packing, Problem, Unpacker, Wanted, merge, read_document, read_stream};

/// A source that is not there, or is of no use.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct BadSource {
    pub(super) name: String,
    pub(super) why: String,
}

impl BadSource {
    fn new(path: &Path, why: impl ToString) -> Self {
        Self { name: path.display().to_string(), why: why.to_string() }
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
    Ok(log(files))
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
                std::fs::metadata(path).map(|_| ()).map_err(|error| BadSource::new(path, error))
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
                let mut worker =
                    Worker { unpacker: Unpacker::default(), packed: Vec::new(), most, large: &large };
                while let Some((nth, item)) = next(&items) {
                    let wanted = Wanted { file: item.path.to_string_lossy().into(), raw: keeps_records };
                    let found = worker.read(&item, &wanted);
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

/// Reads files one after another.
struct Worker<'a> {
    unpacker: Unpacker,
    packed: Vec<u8>,
    most: usize,
    /// Held while a file is unpacked that is larger than usual.
    large: &'a Mutex<()>,
}

impl Worker<'_> {
    fn read(&mut self, item: &Item, wanted: &Wanted) -> Found {
        let read = match &item.problem {
            Some(problem) => Err(problem.clone()),
            None => self.open(&item.path, wanted).map_err(|error| error.to_string()),
        };
        read.unwrap_or_else(|why| Found { problems: vec![Problem { line: None, why }], ..Found::default() })
    }

    fn open(&mut self, path: &Path, wanted: &Wanted) -> std::io::Result<Found> {
        let mut file = File::open(path)?;
        self.packed.clear();
        file.by_ref().take(Packing::LONGEST_MAGIC as u64).read_to_end(&mut self.packed)?;
        let packing = Packing::of(&self.packed);
        if packing == Packing::Plain {
            return Ok(read_stream(self.packed.as_slice().chain(file), self.most, wanted));
        }
        file.take(self.most as u64 + 1).read_to_end(&mut self.packed)?;
        Ok(self.unpack(packing, wanted))
    }

    fn unpack(&mut self, packing: Packing, wanted: &Wanted) -> Found {
        let is_large = Unpacker::may_be_large(&self.packed, packing);
        let _alone = is_large.then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let unpacked = self.unpacker.unpack(&self.packed, packing, self.most);
        let found = match &unpacked.problem {
            None => read_document(unpacked.bytes, Checked::RoundMatches, wanted),
            Some(problem) => {
                // What comes before the damage is read; that it breaks off there needs no second word.
                let found = read_document(unpacked.bytes, Checked::Wholly, wanted);
                Found { problems: vec![Problem { line: None, why: problem.to_string() }], ..found }
            }
        };
        self.unpacker.tidy();
        found
    }
}

/// One log of what all files gave.
fn log(files: Vec<(PathBuf, Found)>) -> EventLog {
    let mut log = EventLog { files: files.len() as u64, ..EventLog::default() };
    let mut events = Vec::new();
    for (path, mut found) in files {
        log.records += found.records;
        events.append(&mut found.events);
        for ((account, region), window) in found.windows {
            cover(&mut log, &account, &region, window);
        }
        log.holes.extend(found.problems.into_iter().map(|problem| hole_of(&path, problem)));
    }
    log.events = merge(events).into_iter().map(Arc::new).collect();
    log
}

fn cover(log: &mut EventLog, account: &str, region: &str, window: Window) {
    match (account.parse(), region.parse()) {
        (Ok(account), Ok(region)) => log.cover(Place { account, region }, window),
        _ => log.reach(window),
    }
}

fn hole_of(path: &Path, problem: Problem) -> Hole {
    let subject = match problem.line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    hole(path, subject, problem.why)
}
