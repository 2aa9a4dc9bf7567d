//! Any bytes at all, read as logs in every way. Nothing may panic, and what is read round its matches alone may
//! lack no event that reading wholly finds.
#![no_main]
#![allow(dead_code, unused_imports, reason = "a part of the crate, without those who use it")]

#[path = "../../src/model/mod.rs"]
mod model;
#[path = "../../src/trail/mod.rs"]
mod trail;

use libfuzzer_sys::fuzz_target;

use trail::digest::{DigestFile, PublicKeys, check};
use trail::{Checked, Packing, Unpacker, Wanted, merge, read_document, read_stream};

/// Enough for any input, and little enough that bombs are refused at once.
const MOST: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let wanted = Wanted { file: "fuzz".into(), raw: false };
    let wholly = read_document(bytes, Checked::Wholly, &wanted);
    let round = read_document(bytes, Checked::RoundMatches, &wanted);
    // Names of fields in another case are found by the parser and not by the survey, which owns up to it.
    if !has_another_case(bytes) {
        // It may find more: a damage elsewhere in a file, for whose wholeness a checksum stands, is not looked at.
        let round = merge(round.events);
        assert!(merge(wholly.events).iter().all(|event| round.contains(event)));
    }
    let _ = read_stream(bytes, MOST, &wanted);
    let digest = DigestFile { name: "fuzz".into(), content: bytes.to_vec(), signature: Some("00".to_owned()) };
    // Nobody signed it, so it always has a problem.
    assert_eq!(check(&[digest], &[], &PublicKeys::default(), |_| true).problems.len(), 1);
    let mut unpacker = Unpacker::default();
    for packing in [Packing::of(bytes), Packing::Gzip, Packing::Zstd] {
        let unpacked = unpacker.unpack(bytes, packing, MOST);
        assert!(unpacked.bytes.len() <= MOST);
        let _ = read_document(unpacked.bytes, Checked::RoundMatches, &wanted);
    }
});

fn has_another_case(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"eventName";
    bytes.windows(NAME.len()).any(|text| text != NAME && text.eq_ignore_ascii_case(NAME))
}
