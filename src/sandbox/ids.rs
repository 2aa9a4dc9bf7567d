//! Ids of generated images. Each is computed from the image's number, and its number from it, so that
//! a world of any size needs no table of ids.

/// An odd number that spreads seeds; the golden ratio of 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Numbers and ids, one to one; another order for each seed.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    key: u64,
}

impl Ids {
    /// The ids that belong to a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: mix(seed ^ SPREAD) }
    }

    /// The id of the image of this number: `ami-0` and 16 hex digits.
    #[must_use]
    pub fn id(self, number: u64) -> String {
        format!("ami-0{:016x}", mix(number ^ self.key))
    }

    /// The number that an id was made from; nothing, if the id has not the form of [`Ids::id`].
    #[must_use]
    pub fn number(self, id: &str) -> Option<u64> {
        let hex = id.strip_prefix("ami-0")?;
        let plain = hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mixed = u64::from_str_radix(hex, 16).ok().filter(|_| plain)?;
        Some(unmix(mixed) ^ self.key)
    }

    /// A seed of its own for what is made up about the image of this number.
    pub(super) fn seed(self, number: u64) -> u64 {
        mix(number.wrapping_mul(SPREAD) ^ self.key)
    }
}

/// The finalizer of SplitMix64: each step can be undone, so it is one to one.
/// <https://doi.org/10.1145/2714064.2660195>
pub(super) fn mix(number: u64) -> u64 {
    let x = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The steps of [`mix`] undone, the last one first; the factors are the inverses of its factors.
fn unmix(mixed: u64) -> u64 {
    let x = (mixed ^ (mixed >> 31) ^ (mixed >> 62)).wrapping_mul(0x3196_42b2_d24d_8ec3);
    let x = (x ^ (x >> 27) ^ (x >> 54)).wrapping_mul(0x96de_1b17_3f11_9089);
    x ^ (x >> 30) ^ (x >> 60)
}

/// A number that follows from a text.
fn of_text(text: &str) -> u64 {
    text.bytes().fold(SPREAD, |number, byte| mix(number ^ u64::from(byte)))
}

/// A UUID that follows from a text.
pub(super) fn uuid(text: &str) -> String {
    let (high, low) = (of_text(text), mix(of_text(text) ^ SPREAD));
    let groups =
        (high >> 32, (high >> 16) & 0xffff, high & 0xfff, (low >> 48) & 0x3fff, low & 0xffff_ffff_ffff);
    format!("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", groups.0, groups.1, groups.2, groups.3 | 0x8000, groups.4)
}

/// An id as IAM makes them, that follows from a text: 20 characters with the prefix.
pub(super) fn letters(prefix: &str, text: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut rest = of_text(text);
    let mut id = prefix.to_owned();
    while id.len() < 20 {
        let letter = usize::try_from(rest % 32).ok().and_then(|at| ALPHABET.get(at));
        id.push(letter.map_or('A', |letter| char::from(*letter)));
        rest /= 32;
    }
    id
}
