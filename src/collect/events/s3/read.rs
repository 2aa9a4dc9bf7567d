//! Lists, gets and reads a bucket's files side by side: what is under way is bounded by its bytes.

use std::sync::{Arc, Mutex, PoisonError, mpsc};

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::bucket::{Bucket, Found};
use super::holes::collapse;
use super::layout::{Days, Level};
use super::walk::{self, Choice, Folder, Lister, Unlisted};
use crate::collect::events::ask::Ask;
use crate::collect::events::gather::{Gathered, gather};
use crate::collect::events::source::{INTERRUPTED, unread, unsearched};
use crate::collect::events::worker::{FileRead, Worker};
use crate::model::event_log::{EventLog, Hole};
use crate::model::place::Place;
use crate::trail::Wanted;

/// Kilobytes of files that are got and not yet read.
const MOST_KILOBYTES: u32 = 128 << 10;

/// A file to be read, or why it could not be got; and its share of the bytes under way.
pub(super) type File = (String, Result<Vec<u8>, String>, OwnedSemaphorePermit);

/// What the user named.
pub(super) struct Named<'a> {
    /// As the user calls it.
    pub(super) source: &'a str,
    pub(super) prefix: &'a str,
    /// The object of that very name.
    pub(super) object: Option<Found>,
}

/// Reads what lies under a prefix, and the object of its name.
pub(super) async fn read(bucket: &Bucket<'_>, named: Named<'_>, verifies: bool, ask: &Ask<'_>) -> Gathered {
    let Named { source, prefix, object } = named;
    let (folders, mut unlisted) = walk::folders(bucket, prefix, false, ask).await;
    if let (true, Some((_, failure))) = (folders.is_empty() && object.is_none(), unlisted.first()) {
        return Gathered { log: unsearched(source, failure), ..Gathered::default() };
    }
    let days = Days::of(ask.window);
    let choice = Choice { days: &days, digests: false, ask };
    let (readers, gathering) = readers(verifies, ask);
    let room = Arc::new(Semaphore::new(MOST_KILOBYTES as usize));
    let way = Way { bucket, ask, readers: &readers, room: &room };
    let mut lists: Vec<_> = folders.iter().map(|folder| way.read(folder, choice).boxed()).collect();
    lists.push(way.get_all(object.into_iter().collect()).map(Ok).boxed());
    let listing = stream::iter(lists).buffer_unordered(ask.at_once).collect::<Vec<Result<(), Unlisted>>>();
    let listed = tokio::select! {
        biased;
        () = ask.stop.asked() => None,
        listed = listing => Some(listed),
    };
    drop(readers);
    let mut gathered = match gathering.await {
        Ok(gathered) => gathered,
        Err(error) => {
            let holes = vec![unread(source, &error.to_string())];
            Gathered { log: EventLog { holes, ..EventLog::default() }, ..Gathered::default() }
        }
    };
    match listed {
        Some(listed) => unlisted.extend(listed.into_iter().filter_map(Result::err)),
        // What was got by then is read.
        None => {
            let hole = unread(source, INTERRUPTED);
            gathered.log.holes.push(Hole { window: Some(ask.window), ..hole });
        }
    }
    gathered.log.holes.extend(unlisted.into_iter().map(|unlisted| hole_of(bucket, unlisted, ask)));
    gathered.log.holes = collapse(std::mem::take(&mut gathered.log.holes));
    gathered
}

/// The way of files from the bucket to the readers.
#[derive(Clone, Copy)]
struct Way<'a> {
    bucket: &'a Bucket<'a>,
    ask: &'a Ask<'a>,
    readers: &'a tokio::sync::mpsc::Sender<File>,
    room: &'a Arc<Semaphore>,
}

impl Way<'_> {
    /// Gets a folder's files, a page after the other; the next page is listed meanwhile.
    async fn read(self, folder: &Folder, choice: Choice<'_>) -> Result<(), Unlisted> {
        let mut lister = Lister::new(self.bucket, folder, choice);
        let mut page = lister.next().await;
        while let Some(files) = page {
            let files = files?;
            (page, _) = futures::join!(lister.next(), self.get_all(files));
        }
        Ok(())
    }

    async fn get_all(self, files: Vec<Found>) {
        self.ask.progress.files_found(files.len());
        let gets: Vec<_> = files.iter().map(|file| self.get(file).boxed()).collect();
        stream::iter(gets).buffer_unordered(self.ask.at_once).collect::<Vec<()>>().await;
    }

    async fn get(self, file: &Found) {
        let most = self.ask.max_file_bytes;
        let size = usize::try_from(file.size).unwrap_or(usize::MAX);
        let share = u32::try_from(size.min(most) / 1024 + 1).unwrap_or(u32::MAX).min(MOST_KILOBYTES);
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(self.room).acquire_many_owned(share).await else { return };
        let content = if size > most {
            Err(format!("it is larger than {most} bytes (--max-file-bytes)"))
        } else {
            let got = self.bucket.get(&file.key, most).await.map_err(|failure| failure.reason);
            got.map(|content| content.bytes)
        };
        // The readers go only after the last file.
        let _ = self.readers.send((self.bucket.url(&file.key), content, permit)).await;
    }
}

/// Threads that read files, and one that gathers what they find.
fn readers(verifies: bool, ask: &Ask<'_>) -> (tokio::sync::mpsc::Sender<File>, JoinHandle<Gathered>) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (give, files) = tokio::sync::mpsc::channel::<File>(threads * 4);
    let (found, all) = mpsc::channel::<FileRead>();
    let files = Arc::new(Mutex::new(files));
    let large = Arc::new(Mutex::new(()));
    for _ in 0..threads {
        let (files, found, large) = (Arc::clone(&files), found.clone(), Arc::clone(&large));
        let (most, keeps, progress) = (ask.max_file_bytes, ask.keeps_records, Arc::clone(ask.progress));
        tokio::task::spawn_blocking(move || {
            let mut worker = Worker::new(most, verifies, &large);
            while let Some((name, content, permit)) = next(&files) {
                let wanted = Wanted { file: name.as_str().into(), raw: keeps };
                let read = match content {
                    Ok(bytes) => worker.unpack(&bytes, &wanted),
                    Err(why) => FileRead::unread(name, why),
                };
                drop(permit);
                progress.file_done();
                // Nobody gathers any more only where the run was ended.
                let _ = found.send(read);
            }
        });
    }
    (give, tokio::task::spawn_blocking(move || gather(all.into_iter())))
}

fn next(files: &Mutex<tokio::sync::mpsc::Receiver<File>>) -> Option<File> {
    files.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

/// What a prefix hides that could not be listed.
pub(super) fn hole_of(bucket: &Bucket<'_>, (prefix, failure): Unlisted, ask: &Ask<'_>) -> Hole {
    let place = match Level::of(&prefix) {
        Level::Days(account, region) => Some(Place { account, region }),
        _ => None,
    };
    Hole { place, window: Some(ask.window), subject: bucket.url(&prefix), reason: failure.reason }
}
