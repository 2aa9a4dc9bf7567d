//! Files of some megabytes that unpack to 2 GB: refused by name, within bounded memory.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{limit, run};
use crate::hold;

const MEMBERS: usize = 8;
const MEMBER: usize = 256 << 20;

pub(super) fn measure() -> bool {
    let member = gzip_bomb(MEMBER);
    let whole = gzip_bomb(MEMBER * MEMBERS);
    // It says that it is a small file.
    let mut liar = whole.clone();
    let size = liar.len() - 4;
    liar[size..].copy_from_slice(&1000_u32.to_le_bytes());
    let bombs = [
        ("one-member.json.gz", whole),
        ("says-1-kB.json.gz", liar),
        ("eight-members.json.gz", member.repeat(MEMBERS)),
        ("zstandard.json.zst", zstd_bomb()),
    ];
    let mut held = true;
    for (name, packed) in bombs {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(name), &packed).expect("room");
        held &= one(folder.path(), name, packed.len());
    }
    held
}

fn one(folder: &Path, name: &str, size: usize) -> bool {
    let (taken, told) = run(folder);
    let is_named = told.contains(name) && told.contains("--max-file-bytes");
    println!(
        "{name}, {:.1} MB: {:.2} s, exit {}, {}",
        size as f64 / 1e6,
        taken.wall,
        taken.exit,
        if is_named { "named" } else { "NOT NAMED" }
    );
    hold("peak memory in MB", taken.peak_mb, limit()) && taken.exit == 20 && is_named
}

fn blanks(mut sink: impl std::io::Write, size: usize) {
    let piece = vec![b' '; 1 << 20];
    for _ in 0..size / piece.len() {
        sink.write_all(&piece).expect("memory takes it");
    }
}

fn gzip_bomb(size: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(br#"{"Records":["#).expect("memory takes it");
    blanks(&mut encoder, size);
    encoder.finish().expect("memory takes it")
}

fn zstd_bomb() -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.write_all(br#"{"Records":["#).expect("memory takes it");
    blanks(&mut encoder, MEMBER * MEMBERS);
    encoder.finish().expect("memory takes it")
}
