//! Unpacks documents one after another, and reads what is in them.

use std::sync::{Mutex, PoisonError};

use crate::trail::{Checked, Found, Packing, Problem, Unpacker, Wanted, read_document};

/// Reads files one after another.
pub(super) struct Worker<'a> {
    unpacker: Unpacker,
    packed: Vec<u8>,
    most: usize,
    /// Held while a file is unpacked that is larger than usual.
    large: &'a Mutex<()>,
}

impl<'a> Worker<'a> {
    /// A file may unpack to at most `most` bytes. Workers share `large`, so that one alone has a large file.
    pub(super) fn new(most: usize, large: &'a Mutex<()>) -> Self {
        Self { unpacker: Unpacker::default(), packed: Vec::new(), most, large }
    }

    /// The most bytes of a file.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Empty room for the next file's bytes, used again and again.
    pub(super) fn room(&mut self) -> Vec<u8> {
        let mut room = std::mem::take(&mut self.packed);
        room.clear();
        room
    }

    /// Takes room back.
    pub(super) fn give_back(&mut self, room: Vec<u8>) {
        self.packed = room;
    }

    /// Reads a file that may be packed.
    pub(super) fn unpack(&mut self, packed: &[u8], wanted: &Wanted) -> Found {
        let packing = Packing::of(packed);
        if packing == Packing::Plain {
            return read_document(packed, Checked::Wholly, wanted);
        }
        let is_large = Unpacker::may_be_large(packed, packing);
        let _alone = is_large.then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let unpacked = self.unpacker.unpack(packed, packing, self.most);
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
