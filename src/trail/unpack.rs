//! Compressed files, told by their content, unpacked into a buffer of bounded size. What would grow larger is
//! refused: a gzip bomb of 2 GB is some 2 MB.

use std::io::Read;

use libdeflater::Decompressor;
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
/// How much of a stream is unpacked at a time.
const PIECE: usize = 1 << 16;
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
            Packing::Plain => self.stream(|| Ok(packed), most),
            Packing::Gzip => self.gzip(packed, most),
            Packing::Zstd => self.stream(|| zstd::Decoder::new(packed), most),
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
        let mut others = members(packed.get(1..).unwrap_or_default()).peekable();
        // The end of a file with one member is its sum and size, and libdeflate, which must be told the size, checks
        // both.
        let one_member = others.peek().is_none();
        let stated = stated_size(packed);
        // A file that breaks off states any size: one that is too large is looked at too.
        // Three bytes of a member's beginning are met by chance in every sixth of AWS's largest files. Where the first
        // member has the sum and the size that the file ends with, there is no other.
        if stated <= most && !others.any(is_header) {
            let room = room(&mut self.buffer, stated);
            let is_whole = self.decompressor.gzip_decompress(packed, room) == Ok(stated);
            if is_whole && (one_member || stated_sum(packed) == Some(libdeflater::crc32(room))) {
                return (stated, None);
            }
        }
        // Something else, or something is wrong with it: the slower way says that better, and gives what is whole.
        self.stream(|| Ok(flate2::read::MultiGzDecoder::new(packed)), most)
    }

    /// Unpacks what does not say how large it is: once to learn that, which takes no memory, and once to keep it. As
    /// much is kept as is whole.
    fn stream<R: Read>(
        &mut self,
        open: impl Fn() -> std::io::Result<R>,
        most: usize,
    ) -> (usize, Option<Unreadable>) {
        let damaged = |error: std::io::Error| Some(Unreadable::Damaged(error.to_string()));
        let (mut length, mut piece) = (0, vec![0; PIECE]);
        let measured = open().and_then(|source| {
            let mut source = source.take(most as u64 + 1);
            while let count @ 1.. = read(&mut source, &mut piece)? {
                length += count;
            }
            Ok(())
        });
        if length > most {
            return (0, Some(Unreadable::TooLarge(most)));
        }
        let mut room = room(&mut self.buffer, length);
        let kept = open().and_then(|mut source| {
            // In the same pieces: of one that is damaged, nothing is given.
            while !room.is_empty() {
                let most = room.len().min(PIECE);
                let count = read(&mut source, room.get_mut(..most).unwrap_or_default())?;
                room = std::mem::take(&mut room).get_mut(count.max(1)..).unwrap_or_default();
            }
            Ok(())
        });
        (length, measured.and(kept).err().and_then(damaged))
    }
}

/// What begins like a member of gzip's: as much as a header has, where there is so much.
fn members(packed: &[u8]) -> impl Iterator<Item = &[u8]> {
    memmem::find_iter(packed, GZIP_MEMBER).filter_map(|at| packed.get(at..at + 10))
}

/// Whether it is a header that gzip has: its flags, its level, its system.
fn is_header(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, 0..=0x1f, _, _, _, _, 0 | 2 | 4, 0..=13 | 255])
}

/// A buffer of that size. It is made once, as large as files usually are, since what nothing is written to takes no
/// memory; were it to grow, the old one would be there beside the new one.
fn room(buffer: &mut Vec<u8>, size: usize) -> &mut [u8] {
    if buffer.len() < size {
        *buffer = Vec::new();
        *buffer = vec![0; size.max(USUAL)];
    }
    buffer.get_mut(..size).unwrap_or_default()
}

/// Reads some bytes, however often a signal comes between.
fn read(source: &mut impl Read, room: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// How large a gzip file says that its last member is, unpacked.
fn stated_size(packed: &[u8]) -> usize {
    let size = packed.last_chunk::<4>().map(|size| u32::from_le_bytes(*size));
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(0)
}

/// What sum a gzip file says that its last member has.
fn stated_sum(packed: &[u8]) -> Option<u32> {
    let (sum, _) = packed.last_chunk::<8>()?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*sum))
}
