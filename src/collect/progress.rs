//! What a run tells of its progress while it goes on.

use crate::model::place::Place;

/// Is told how a run gets on.
pub trait Progress: Sync {
    /// So many accounts are asked for their Regions.
    fn accounts_found(&self, count: usize) {
        let _ = count;
    }
    /// One of them has answered, or will not.
    fn account_done(&self) {}
    /// So many more places are to be read.
    fn places_found(&self, count: usize);
    /// A page of so many images was listed.
    fn images_listed(&self, count: usize);
    /// The permissions of one more image are settled.
    fn image_done(&self);
    /// A place is done.
    fn place_done(&self, place: &Place);
    /// So many event histories are to be read.
    fn histories_found(&self, count: usize) {
        let _ = count;
    }
    /// One of them is done.
    fn history_done(&self, place: &Place) {
        let _ = place;
    }
    /// That many files of events are to be read.
    fn files_found(&self, count: usize) {
        let _ = count;
    }
    /// One of them is done. Called from several threads.
    fn file_done(&self) {}
    /// A query of a source has ended, and read so many bytes, as far as that is known.
    fn query_scanned(&self, source: &str, bytes: Option<u64>) {
        let _ = (source, bytes);
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn places_found(&self, _: usize) {}
    fn images_listed(&self, _: usize) {}
    fn image_done(&self) {}
    fn place_done(&self, _: &Place) {}
}
