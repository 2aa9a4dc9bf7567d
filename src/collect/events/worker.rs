//! Unpacks documents one after another, and reads what is in them.

use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::trail::digest::is_digest;
use crate::trail::{Checked, Found, Packing, Problem, Unpacker, Unreadable, Wanted, read_document};

/// What tells whether log files are as CloudTrail wrote them.
#[derive(Debug)]
pub(super) enum Proof {
    /// The hash of a log file, unpacked.
    Hash([u8; 32]),
    /// A digest, unpacked.
    Digest(Vec<u8>),
}

/// What reading a file gave.
#[derive(Debug)]
pub(super) struct FileRead {
    /// What it is called.
    pub(super) name: String,
    /// What was found in it.
    pub(super) found: Found,
    /// What it proves, where that was asked for and it could be unpacked.
    pub(super) proof: Option<Proof>,
    /// The signature that came with it.
    pub(super) signature: Option<String>,
}

impl FileRead {
    /// A file of which nothing was read, and why.
    pub(super) fn unread(name: String, why: String) -> Self {
        let found = Found { problems: vec![Problem { line: None, why }], ..Found::default() };
        Self { name, found, proof: None, signature: None }
    }
}

/// Reads files one after another.
pub(super) struct Worker<'a> {
    unpacker: Unpacker,
    packed: Vec<u8>,
    most: usize,
    verifies: bool,
    /// Held while a file is unpacked that is larger than usual.
    large: &'a Mutex<()>,
}

impl<'a> Worker<'a> {
    /// A file may unpack to at most `most` bytes. Workers share `large`, so that one alone has a large file.
    /// With `verifies`, what they prove is kept.
    pub(super) fn new(most: usize, verifies: bool, large: &'a Mutex<()>) -> Self {
        Self { unpacker: Unpacker::default(), packed: Vec::new(), most, verifies, large }
    }

    /// Whether what files prove is kept.
    pub(super) fn verifies(&self) -> bool {
        self.verifies
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
    pub(super) fn unpack(&mut self, packed: &[u8], wanted: &Wanted) -> FileRead {
        let verifies = self.verifies;
        let packing = Packing::of(packed);
        if packing == Packing::Plain {
            if packed.len() > self.most {
                // It was got no further, so that what it proves and where it ends is not known.
                let why = format!("it is larger than {} bytes (--max-file-bytes)", self.most);
                return FileRead::unread(wanted.file.to_string(), why);
            }
            let proof = verifies.then(|| proof_of(&wanted.file, packed));
            return read(read_document(packed, Checked::Wholly, wanted), proof, wanted);
        }
        let is_large = Unpacker::may_be_large(packed, packing);
        let _alone = is_large.then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        let unpacked = self.unpacker.unpack(packed, packing, self.most);
        // What is damaged is not as it was written. Of what was not unpacked to its end, nothing is known.
        let is_cut = matches!(unpacked.problem, Some(Unreadable::TooLarge(_)));
        let proof = (verifies && !is_cut).then(|| proof_of(&wanted.file, unpacked.bytes));
        let found = match &unpacked.problem {
            None => read_document(unpacked.bytes, Checked::RoundMatches, wanted),
            Some(problem) => {
                // What comes before the damage is read; that it breaks off there needs no second word.
                let found = read_document(unpacked.bytes, Checked::Wholly, wanted);
                Found { problems: vec![Problem { line: None, why: problem.to_string() }], ..found }
            }
        };
        self.unpacker.tidy();
        read(found, proof, wanted)
    }
}

fn read(found: Found, proof: Option<Proof>, wanted: &Wanted) -> FileRead {
    FileRead { name: wanted.file.to_string(), found, proof, signature: None }
}

fn proof_of(name: &str, content: &[u8]) -> Proof {
    match is_digest(name) {
        true => Proof::Digest(content.to_vec()),
        false => Proof::Hash(Sha256::digest(content).into()),
    }
}
