//! A file as AWS delivers it, looked through without parsing: is one of the names in it, how many records does it
//! hold, of which times and places? Most files hold nothing that matters, and unpacking them is all they cost.
//!
//! Every place where `eventName` stands is looked at, in whatever quotes, so no event is passed over whose name is
//! spelled out. What was not written as AWS writes it is left to the parser. A name of a field in another case
//! (`EventName`) between fields that are as AWS writes them is not looked for.

use memchr::memmem;

use super::found::Found;
use super::json::time_of;
use crate::model::event::EventName;
use crate::model::event_log::Window;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survey {
    /// A file of AWS's without an event that matters; it is counted.
    Clean,
    /// It must be parsed.
    Unclear,
}

/// One file holds some minutes of one place; what claims to reach over more than this is looked at closer.
const LONGEST_SPAN_SECONDS: i64 = 24 * 60 * 60;
/// As far before a record's name stands its time.
const BEFORE: usize = 160;
/// As far behind it stands its Region.
const BEHIND: usize = 96;

/// The times seen of one account and Region.
struct Seen<'a> {
    account: &'a [u8],
    region: &'a [u8],
    first: &'a [u8],
    last: &'a [u8],
}

/// Looks through a file. What was counted in one that must be parsed does not count.
pub(super) fn survey(bytes: &[u8], found: &mut Found) -> Survey {
    let text = bytes.trim_ascii();
    let opens = text.starts_with(b"{\"Records\":[") && text.ends_with(b"]}");
    if !opens || has_spelled_letter(text) {
        return Survey::Unclear;
    }
    let mut seen: Vec<Seen<'_>> = Vec::new();
    let mut records = 0;
    let mut names = memmem::find_iter(text, b"eventName").peekable();
    while let Some(at) = names.next() {
        let Some(name) = value_after(text, at + b"eventName".len()) else {
            if is_key(text, at + b"eventName".len()) {
                return Survey::Unclear;
            }
            continue;
        };
        if is_wanted(name.value) {
            return Survey::Unclear;
        }
        if name.is_escaped {
            continue;
        }
        records += 1;
        let end = names.peek().copied().unwrap_or(text.len());
        let Some(record) = around(text, at, name.end, end) else { return Survey::Unclear };
        note(&mut seen, record);
    }
    if records == 0 && text != b"{\"Records\":[]}" {
        return Survey::Unclear;
    }
    match windows(&seen, found) {
        Some(()) => {
            found.records += records;
            found.is_trail = true;
            Survey::Clean
        }
        None => Survey::Unclear,
    }
}

/// Whether a letter is spelled as an escape. No writer of JSON does that, and any name could hide so.
fn has_spelled_letter(text: &[u8]) -> bool {
    memmem::find_iter(text, b"\\u00").any(|at| {
        let digits = text.get(at + 4..at + 6).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| code.is_ascii_alphabetic())
    })
}

/// Whether a name that ends there is a key of the file itself.
fn is_key(text: &[u8], end: usize) -> bool {
    let behind = text.get(end..).and_then(|rest| rest.strip_prefix(b"\""));
    behind.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

fn is_wanted(name: &[u8]) -> bool {
    // A name with an escape in it is the parser's.
    name.ends_with(b"\\") || std::str::from_utf8(name).map_or(true, |name| EventName::parse(name).is_some())
}

/// A text behind a key.
struct Text<'a> {
    value: &'a [u8],
    /// Where it ends.
    end: usize,
    /// Whether it stands inside another text, where quotes are escaped.
    is_escaped: bool,
}

/// The text behind the key that ends at `at`: quote, colon, quote, each perhaps escaped.
fn value_after(bytes: &[u8], at: usize) -> Option<Text<'_>> {
    let skip = |mut at: usize, what: fn(u8) -> bool| {
        while bytes.get(at).copied().is_some_and(what) {
            at += 1;
        }
        at
    };
    let take = |at: usize, what: u8| (bytes.get(at) == Some(&what)).then_some(at + 1);
    let quote = skip(at, |byte| byte == b'\\');
    let colon = skip(take(quote, b'"')?, |byte| byte.is_ascii_whitespace());
    let begin = skip(take(colon, b':')?, |byte| byte.is_ascii_whitespace() || byte == b'\\');
    let begin = take(begin, b'"')?;
    let rest = bytes.get(begin..)?;
    let length = memchr::memchr2(b'"', b'\\', rest)?;
    // The backslash is kept where the text goes on behind it.
    let goes_on = rest.get(length) == Some(&b'\\') && rest.get(length + 1) != Some(&b'"');
    let value = rest.get(..length + usize::from(goes_on))?;
    Some(Text { value, end: begin + length, is_escaped: quote > at })
}

/// The time, Region and account round a name, where they stand as AWS writes them.
fn around(text: &[u8], at: usize, name_end: usize, next: usize) -> Option<Seen<'_>> {
    let before = text.get(at.saturating_sub(BEFORE)..at)?;
    let time = value_after(before, memmem::rfind(before, b"\"eventTime")? + b"\"eventTime".len())?.value;
    let behind = text.get(name_end..(name_end + BEHIND).min(text.len()))?;
    let region = value_after(behind, memmem::find(behind, b"\"awsRegion")? + b"\"awsRegion".len())?.value;
    let rest = text.get(name_end..next)?;
    let key = b"\"recipientAccountId";
    let account = value_after(rest, memmem::rfind(rest, key)? + key.len())?.value;
    let is_time = time.len() == 20 && time.last() == Some(&b'Z');
    is_time.then_some(Seen { account, region, first: time, last: time })
}

/// Times in this form have the order of their texts.
fn note<'a>(seen: &mut Vec<Seen<'a>>, record: Seen<'a>) {
    match seen.iter_mut().find(|held| held.account == record.account && held.region == record.region) {
        Some(held) => {
            held.first = held.first.min(record.first);
            held.last = held.last.max(record.last);
        }
        None => seen.push(record),
    }
}

/// Notes the windows; `None` where one is not what a file of AWS's can hold.
fn windows(seen: &[Seen<'_>], found: &mut Found) -> Option<()> {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    for place in seen {
        let (from, to) = (time_of(text(place.first)?)?, time_of(text(place.last)?)?);
        if to.as_second() - from.as_second() > LONGEST_SPAN_SECONDS {
            return None;
        }
        found.window(text(place.account)?, text(place.region)?, Window { from, to });
    }
    Some(())
}
