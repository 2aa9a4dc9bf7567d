//! `amiaudit events` over a company's trails: its pace beside bare decompression and beside jq, its memory, what it
//! finds, what it refuses.

mod bombs;
mod record;
mod tree;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use libdeflater::Decompressor;

use crate::process::{AMIAUDIT, RUN, Taken};
use crate::{hold, hold_at_least};
use tree::{LARGEST, Tree, generate, usual_sizes};

/// Two million records: what starting and ending takes should not show.
const TOTAL: usize = 3_200_000_000;
const TURNS: usize = 5;

pub(crate) fn measure(part: usize) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = generate(folder.path(), &usual_sizes(TOTAL / part));
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    println!(
        "{} files, {} records, {:.0} MB, {:.0} MB unpacked ({:.1} to 1); {} events in {} of the files",
        tree.files.len(),
        tree.records,
        megabytes(tree.packed),
        megabytes(tree.unpacked),
        tree.unpacked as f64 / tree.packed as f64,
        tree.events,
        tree.with_events
    );
    let found = finds(folder.path(), &tree);
    let fast = pace(folder.path(), &tree);
    let faster = beside_jq(&tree);
    let small = memory();
    let refused = bombs::measure();
    found && fast && faster && small && refused
}

/// Cores, which is how many threads there are.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs the command over sources; its errors are given back.
fn taken<I: AsRef<std::ffi::OsStr>>(
    program: &[&str],
    sources: impl IntoIterator<Item = I>,
) -> (Taken, String) {
    let mut command = Command::new("python3");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = command.arg(RUN).args(program).args(sources).output().expect("python3 runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (serde_json::from_slice(&output.stdout).expect("what it took"), told)
}

fn run(folder: &Path) -> (Taken, String) {
    taken(&[AMIAUDIT, "events"], [folder])
}

/// The one share among all records.
fn finds(folder: &Path, tree: &Tree) -> bool {
    let output = Command::new(AMIAUDIT).arg("events").arg(folder).output().expect("it runs");
    print!("{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let of = |row: &csv::StringRecord, wanted: &str| row.iter().any(|cell| cell == wanted);
    let shares: Vec<_> = rows.iter().filter(|row| of(row, "ModifyImageAttribute")).collect();
    let closing = format!("records: {}; matches: {};", tree.records, tree.events);
    let told = String::from_utf8_lossy(&output.stderr).contains(&closing);
    let one = shares.len() == 1 && of(shares[0], &tree.share) && of(shares[0], "999988887777");
    let holds = one && told && rows.len() == tree.events && output.status.code() == Some(0);
    println!(
        "the one share in {} records, event {}, and {} rows in all: {}",
        tree.records,
        tree.share,
        rows.len(),
        if holds { "holds" } else { "DOES NOT HOLD" }
    );
    holds
}

fn pace(folder: &Path, tree: &Tree) -> bool {
    let size = tree.unpacked as f64 / 1e6;
    let (mut bare, mut ours, mut ratios, mut peaks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let alone = decompress(&tree.files);
        let (taken, _) = run(folder);
        bare.push(alone);
        ours.push(taken.wall);
        ratios.push(alone / taken.wall);
        peaks.push(taken.peak_mb);
    }
    println!(
        "median of {TURNS} turns on {} cores: libdeflate alone {:.0} MB/s, amiaudit events {:.0} MB/s",
        cores(),
        size / median(&bare),
        size / median(&ours)
    );
    let fast = hold_at_least("amiaudit events / libdeflate alone", median(&ratios), 0.8);
    fast & hold("peak memory in MB", median(&peaks), limit())
}

/// Seconds that it takes to unpack the files and do nothing with them, on as many threads.
fn decompress(files: &[PathBuf]) -> f64 {
    let (begun, next) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                let (mut decompressor, mut buffer) = (Decompressor::new(), vec![0; LARGEST]);
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let packed = std::fs::read(file).expect("a file");
                    decompressor.gzip_decompress(&packed, &mut buffer).expect("whole");
                }
            });
        }
    });
    begun.elapsed().as_secs_f64()
}

const JQ: &str =
    r#"for file; do zcat "$file" | jq -c '.Records[] | select(.eventName == "ModifyImageAttribute")'; done"#;

/// CPU time beside zcat and jq, over some of the files.
fn beside_jq(tree: &Tree) -> bool {
    let some: Vec<&PathBuf> = tree.files.iter().step_by((tree.files.len() / 25).max(1)).collect();
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        let (jq, _) = taken(&["sh", "-c", JQ, "sh"], &some);
        let (events, _) = taken(&[AMIAUDIT, "events"], &some);
        ratios.push(jq.cpu / events.cpu);
        ours.push(events.cpu);
        theirs.push(jq.cpu);
    }
    println!(
        "{} of the files: zcat | jq {:.2} CPU seconds, amiaudit events {:.3}",
        some.len(),
        median(&theirs),
        median(&ours)
    );
    hold_at_least("amiaudit events / zcat | jq, in bytes a CPU second", median(&ratios), 20.0)
}

fn limit() -> f64 {
    64.0 + 48.0 * cores() as f64
}

/// The largest files, many at once, however they are packed.
fn memory() -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = generate(folder.path(), &vec![LARGEST; 4 * cores()]);
    println!("{} files of 32 MiB, {} of them with events", tree.files.len(), tree.with_events);
    let mut held = hold("peak memory in MB", run(folder.path()).0.peak_mb, limit());
    let mut unpacked = Vec::new();
    for file in &tree.files {
        unpacked.clear();
        let packed = std::fs::read(file).expect("a file");
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*packed), &mut unpacked)
            .expect("whole");
        let (first, rest) = unpacked.split_at(unpacked.len() / 2);
        std::fs::write(file, [tree::gzip(first), tree::gzip(rest)].concat()).expect("room");
    }
    held &= hold("the same as two members, peak memory in MB", run(folder.path()).0.peak_mb, limit());
    for file in &tree.files {
        unpacked.clear();
        let packed = std::fs::read(file).expect("a file");
        std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&*packed), &mut unpacked)
            .expect("whole");
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
        encoder.write_all(&unpacked).expect("memory takes it");
        std::fs::write(file, encoder.finish().expect("memory takes it")).expect("room");
    }
    held & hold("the same with Zstandard, peak memory in MB", run(folder.path()).0.peak_mb, limit())
}

fn median(figures: &[f64]) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
