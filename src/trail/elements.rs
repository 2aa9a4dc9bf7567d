//! The elements of AWS's list of records that hold something, without a look at the others.

use std::ops::Range;

use memchr::{memchr2, memmem};

/// How a record begins. Unescaped it stands in no text, so an object begins there: of the list, or in a record.
const BEGINS: &[u8] = b"{\"eventVersion\"";
/// AWS writes no record of more than 256 KB. What follows on so many bytes of whole elements is no part of a record,
/// but an element of the list itself.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
const REACH: usize = 1 << 20;

/// The elements in a list's text that hold these places, which are in order. `None` where it is not written as AWS
/// writes it.
pub(super) fn elements(list: &[u8], places: &[usize]) -> Option<Vec<Range<usize>>> {
    let mut held: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for place in places {
        if held.last().is_some_and(|last| *place < last.end) {
            continue;
        }
        if let Some(near) = place.checked_sub(REACH).filter(|near| *near > start) {
            start = begin(list, near, *place)?;
        }
        loop {
            let end = start + object(list.get(start..)?)?;
            let element = start..end;
            let rest = list.get(end..)?.trim_ascii_start();
            if !matches!(rest.first(), None | Some(b',')) {
                return None;
            }
            start = list.len() - rest.get(1..).unwrap_or_default().trim_ascii_start().len();
            if *place < end {
                held.push(element);
                break;
            }
        }
    }
    Some(held)
}

/// Where an object begins behind another, between two places.
fn begin(list: &[u8], from: usize, to: usize) -> Option<usize> {
    let follows = |at: &usize| {
        let before = list.get(..*at).map(<[u8]>::trim_ascii_end).and_then(|before| before.strip_suffix(b","));
        before.is_some_and(|before| before.trim_ascii_end().ends_with(b"}"))
    };
    memmem::find_iter(list.get(from..to)?, BEGINS).map(|at| from + at).find(follows)
}

/// How long the object is that a text begins with, by its brackets and quotes.
fn object(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => at = string(text, at + 1)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return text.starts_with(b"{").then_some(at);
        }
    }
}

/// Where the quote is that ends a string.
fn string(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
