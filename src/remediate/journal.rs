//! `journal.jsonl`: what was done, line by line. Each has the SHA-256 of itself and of the line before it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::record::Record;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The how-manieth it is; the first is 1.
    pub n: u64,
    /// The SHA-256 of the line before it; of nothing, for the first.
    pub prev: String,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub record: Record,
    /// The SHA-256 of all of this.
    pub sha256: String,
}

impl Line {
    fn digest(&self) -> String {
        // What lines hold always serialises.
        let parts = serde_json::to_vec(&(self.n, &self.prev, self.at, &self.record)).unwrap_or_default();
        digest(&parts)
    }
}

/// A file that is no journal, or not a whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadJournal {
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// A journal, and where its next line goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// Lines so far.
    pub(super) n: u64,
    /// The SHA-256 of the last.
    pub(super) last: Option<String>,
}

impl Chain {
    /// The next line's bytes.
    pub(super) fn next(&mut self, at: Timestamp, record: Record) -> (Line, Vec<u8>) {
        self.n += 1;
        let mut line = Line { n: self.n, prev: self.prev(), at, record, sha256: String::new() };
        line.sha256 = line.digest();
        self.last = Some(line.sha256.clone());
        let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
        bytes.push(b'\n');
        (line, bytes)
    }

    /// Whether this may be the beginning of the next line. Whatever else stands at a file's end is somebody's, and is
    /// not cut off.
    fn begins(&self, text: &[u8]) -> bool {
        let line = format!("{{\"n\":{},\"prev\":\"{}\",\"at\":", self.n + 1, self.prev());
        text.iter().zip(line.as_bytes()).all(|(found, wanted)| found == wanted)
    }

    fn prev(&self) -> String {
        self.last.clone().unwrap_or_else(|| digest(b""))
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Reads a journal. Gives its lines, and how many bytes they take: what follows is a line that was never wholly
/// written, since the program was killed then, and so says nothing.
///
/// # Errors
/// A line that does not read as one, or does not follow the one before it.
pub fn read_journal(bytes: &[u8]) -> Result<(Vec<Line>, usize), BadJournal> {
    read(bytes).map(|(lines, length, _)| (lines, length))
}

/// The same, with the chain to go on with.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Line>, usize, Chain), BadJournal> {
    let (mut lines, mut length, mut chain) = (Vec::new(), 0, Chain::default());
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        let number = chain.n + 1;
        let bad = |why: String| BadJournal { line: number, why };
        let Some(text) = text.strip_suffix(b"\n") else {
            if chain.begins(text) {
                break;
            }
            return Err(bad("it is not a line of a journal of amiaudit".to_owned()));
        };
        let line: Line = serde_json::from_slice(text)
            .map_err(|error| bad(format!("it is not a line of a journal of amiaudit: {error}")))?;
        if line.n != number || line.prev != chain.prev() {
            let why = "it does not follow the line before it: a line was changed, added or taken away";
            return Err(bad(why.to_owned()));
        }
        if line.sha256 != line.digest() {
            return Err(bad("it is not as it was written: its sha256 does not fit it".to_owned()));
        }
        length += text.len() + 1;
        chain = Chain { n: number, last: Some(line.sha256.clone()) };
        lines.push(line);
    }
    Ok((lines, length, chain))
}
