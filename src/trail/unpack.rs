//! Compressed files, told by their content, unpacked into a buffer of bounded size. What would grow larger is
//! refused: a gzip bomb of 2 GB is some 2 MB.

use std::io::Read;

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, perhaps of several members. <https://www.rfc-editor.org/rfc/rfc1952>
    Gzip,
    /// Zstandard, perhaps of several frames. <https://www.rfc-editor.org/rfc/rfc8878>
    Zstd,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const GZIP_MEMBER: &[u8] = &[0x1f, 0x8b, 0x08];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

impl Packing {
    /// How many bytes it takes to tell.
    pub const LONGEST_MAGIC: usize = 4;

    /// Tells it by a file's first bytes.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        // A skippable frame of Zstandard has a number of its own in the first byte.
        let is_skippable = start.first().is_some_and(|byte| byte & 0xf0 == 0x50)
            && start.get(1..4) == Some(&[0x2a, 0x4d, 0x18]);
        if start.starts_with(GZIP) {
            Self::Gzip
        } else if start.starts_with(ZSTD) || is_skippable {
            Self::Zstd
        } else {
            Self::Plain
        }
    }
}

/// A file that could not be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is larger than what is read of a file.
    #[error("unpacked it is larger than {} bytes (--max-file-bytes)", .0)]
    TooLarge(usize),
    /// It is damaged, or breaks off.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// What a file holds.
#[derive(Debug)]
pub struct Unpacked<'a> {
    /// Its content, as far as it could be unpacked.
    pub bytes: &'a [u8],
    /// Why there may be more.
    pub problem: Option<Unreadable>,
}

/// Larger than this a file is rarely: AWS's own have at most 50 MB. Such buffers are given back after use, and their
/// files are not unpacked side by side.
const USUAL: usize = 64 << 20;
/// A packed file of more than this may be larger than usual unpacked.
const USUAL_PACKED: usize = 4 << 20;

/// Unpacks files one after another, with one buffer.
pub struct Unpacker {
    decompressor: Decompressor,
    buffer: Vec<u8>,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self { decompressor: Decompressor::new(), buffer: Vec::new() }
    }
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").field("buffer", &self.buffer.len()).finish_non_exhaustive()
    }
}

impl Unpacker {
    /// Unpacks a file, up to `most` bytes.
    pub fn unpack(&mut self, packed: &[u8], packing: Packing, most: usize) -> Unpacked<'_> {
        let done = match packing {
            Packing::Plain => self.stream(packed, most),
            Packing::Gzip => self.gzip(packed, most),
            Packing::Zstd => match zstd::Decoder::new(packed) {
                Ok(decoder) => self.stream(decoder, most),
                Err(error) => (0, Some(Unreadable::Damaged(error.to_string()))),
            },
        };
        let (length, problem) = done;
        Unpacked { bytes: self.buffer.get(..length).unwrap_or_default(), problem }
    }

    /// Gives a large buffer back.
    pub fn tidy(&mut self) {
        if self.buffer.capacity() > USUAL {
            self.buffer = Vec::new();
        }
    }

    /// Whether a file may be so large that it is better unpacked alone.
    #[must_use]
    pub fn may_be_large(packed: &[u8], packing: Packing) -> bool {
        packed.len() > USUAL_PACKED || packing == Packing::Gzip && stated_size(packed) > USUAL
    }

    fn gzip(&mut self, packed: &[u8], most: usize) -> (usize, Option<Unreadable>) {
        // Another member would begin like the first; where nothing does, there is none. The last four bytes are
        // then the size, and libdeflate, which must be told it, checks them.
        let one_member = memmem::find(packed.get(1..).unwrap_or_default(), GZIP_MEMBER).is_none();
        let stated = stated_size(packed);
        if one_member && stated > most {
            return (0, Some(Unreadable::TooLarge(most)));
        }
        if one_member {
            self.reserve(stated);
            let room = self.buffer.get_mut(..stated).unwrap_or_default();
            match self.decompressor.gzip_decompress(packed, room) {
                Ok(length) if length == stated => return (length, None),
                // Something is wrong with it, which the slower way says better, and gives what is whole.
                Ok(_) | Err(DecompressionError::BadData | DecompressionError::InsufficientSpace) => {}
            }
        }
        self.stream(flate2::read::MultiGzDecoder::new(packed), most)
    }

    fn reserve(&mut self, size: usize) {
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
    }

    /// Unpacks piece by piece: as much as there is room for, and as is whole.
    fn stream(&mut self, source: impl Read, most: usize) -> (usize, Option<Unreadable>) {
        const PIECE: usize = 1 << 16;
        let mut source = source.take(most as u64 + 1);
        let mut length = 0;
        loop {
            self.reserve(length + PIECE.min(length.max(PIECE)));
            let room = self.buffer.get_mut(length..).unwrap_or_default();
            match source.read(room) {
                Ok(0) => return (length, None),
                Ok(count) => length += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return (length, Some(Unreadable::Damaged(error.to_string()))),
            }
            if length > most {
                return (0, Some(Unreadable::TooLarge(most)));
            }
            if length + PIECE > self.buffer.len() {
                let larger = (self.buffer.len() * 3 / 2).max(PIECE).min(most + 1 + PIECE);
                self.reserve(larger);
            }
        }
    }
}

/// How large a gzip file says that its last member is, unpacked.
fn stated_size(packed: &[u8]) -> usize {
    let size = packed.last_chunk::<4>().map(|size| u32::from_le_bytes(*size));
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(0)
}
