//! What is read as it comes: lines of JSON, CSV, standard input. Only what cannot be cut into lines is held in memory
//! as a whole.

use std::io::{BufRead, BufReader, Cursor, Read};

use serde_json::value::RawValue;

use super::csv_file;
use super::document::{Checked, read_document, read_json};
use super::found::{Found, Wanted};
use super::unpack::Packing;

/// Looked at to tell what it is.
const OPENING: usize = 1 << 16;

/// Reads a source as it comes. Lines, and documents that are no lines, may have `most` bytes.
pub fn read_stream(source: impl Read, most: usize, wanted: &Wanted) -> Found {
    let mut source = BufReader::with_capacity(OPENING, source);
    let start = peek(&mut source, Packing::LONGEST_MAGIC);
    match start.map(|(start, source)| (Packing::of(&start), source)) {
        Ok((Packing::Plain, source)) => read_plain(source, most, wanted),
        Ok((Packing::Gzip, source)) => read_plain(flate2::read::MultiGzDecoder::new(source), most, wanted),
        Ok((Packing::Zstd, source)) => match zstd::Decoder::new(source) {
            Ok(source) => read_plain(source, most, wanted),
            Err(error) => unreadable(&error),
        },
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &std::io::Error) -> Found {
    let mut found = Found::default();
    found.problem(None, error.to_string());
    found
}

/// The first bytes, and the source with them put back.
fn peek(source: &mut impl Read, count: usize) -> std::io::Result<(Vec<u8>, impl Read)> {
    let mut start = Vec::new();
    source.by_ref().take(count as u64).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(source)))
}

fn read_plain(mut source: impl Read, most: usize, wanted: &Wanted) -> Found {
    match peek(&mut source, OPENING) {
        Ok((start, source)) if csv_file::is_csv(&start) => {
            let mut found = Found::default();
            csv_file::read(source, most, wanted, &mut found);
            found.settle()
        }
        Ok((start, source)) if is_lines(&start) => {
            read_lines(BufReader::with_capacity(OPENING, source), most, wanted)
        }
        Ok((_, source)) => read_whole(source, most, wanted),
        Err(error) => unreadable(&error),
    }
}

/// Whether the first line is an object by itself, and no document of AWS's that happens to be one line.
fn is_lines(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', start) else { return false };
    let line = start.get(..end).unwrap_or_default();
    line.starts_with(b"{") && serde_json::from_slice::<&RawValue>(line).is_ok()
}

fn read_whole(source: impl Read, most: usize, wanted: &Wanted) -> Found {
    let mut bytes = Vec::new();
    let read = source.take(most as u64 + 1).read_to_end(&mut bytes);
    if bytes.len() > most {
        let mut found = Found::default();
        found.problem(None, format!("it is larger than {most} bytes (--max-file-bytes)"));
        return found;
    }
    let mut found = read_document(&bytes, Checked::Wholly, wanted);
    if let Err(error) = read {
        found.problem(None, format!("it is damaged: {error}"));
    }
    found
}

/// Reads lines, each an object. One that is none is told, and the others are read.
fn read_lines(mut source: impl BufRead, most: usize, wanted: &Wanted) -> Found {
    let mut found = Found::default();
    let mut line = Vec::new();
    for nth in 1_u64.. {
        line.clear();
        match source.by_ref().take(most as u64 + 1).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.len() > most => {
                found.problem(Some(nth), format!("it is longer than {most} bytes (--max-file-bytes)"));
                break;
            }
            Ok(_) => read_json(&line, nth, wanted, &mut found),
            Err(error) => {
                found.problem(Some(nth), format!("it is damaged: {error}"));
                break;
            }
        }
    }
    found.settle()
}
