//! A file as AWS delivers it, looked through without parsing: how many records does it hold, of which times and
//! places, and which of them must be read? Most files hold none that must, and unpacking them is all they cost.
//!
//! Every place where `eventName` stands is looked at, in whatever quotes, so no event is passed over whose key is
//! spelled so. What was not written as AWS writes it is left to the parser. A key in another case (`EventName`) or
//! spelled with escapes, in a file that else is as AWS writes it, is not looked for: that would cost a second look at
//! every byte, and who can rewrite such a file can leave the record out as well.

use memchr::memmem;

use super::elements::elements;
use super::found::Found;
use super::json::time_of;
use crate::model::event::EventName;
use crate::model::event_log::Window;

const NAME: &[u8] = b"eventName";
const ACCOUNT: &[u8] = b"\"recipientAccountId";
/// A file of AWS's is of one account, so that of one record in so many is looked at, and of the last.
const EVERY: u64 = 64;
/// One file holds some minutes of one place; what claims to reach over more than this was put together by somebody.
const LONGEST_SPAN_SECONDS: i64 = 24 * 60 * 60;
/// Such a file is parsed to learn which time it is of, unless it is larger than this: then it covers no place.
const LARGEST_PARSED: usize = 4 << 20;
/// Where AWS's order or spacing was changed, a record's time and Region are looked for so near to its name.
const NEAR: usize = 256;

/// Looks through a file. Where it is one of AWS's, its other records are counted, and the elements are given that
/// must be read; where it is none, all of it must be, and what was counted does not count.
pub(super) fn survey<'a>(bytes: &'a [u8], found: &mut Found) -> Option<Vec<&'a [u8]>> {
    let body = list(bytes.trim_ascii())?;
    let mut tally = Tally { every: EVERY, ..Tally::default() };
    let wanted = match tally.look(body) {
        Some(wanted) => wanted,
        // Perhaps it is of several accounts: then each record is asked for its own.
        None => {
            tally = Tally { every: 1, ..Tally::default() };
            tally.look(body)?
        }
    };
    let mut taken = Vec::new();
    if !wanted.is_empty() {
        for element in elements(body, &wanted)? {
            let element = body.get(element)?;
            // It is counted when it is read.
            let mut own = Tally { every: 1, ..Tally::default() };
            own.look(element)?;
            tally.records = tally.records.checked_sub(own.records)?;
            taken.push(element);
        }
    }
    if tally.records == 0 && taken.is_empty() && !body.is_empty() {
        return None;
    }
    tally.note(body.len(), found)?;
    Some(taken)
}

/// The elements of `{"Records": […]}`.
fn list(text: &[u8]) -> Option<&[u8]> {
    let inside = text.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"Records\"")?;
    let list = inside.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?;
    Some(list.strip_suffix(b"}")?.trim_ascii_end().strip_suffix(b"]")?.trim_ascii())
}

/// What was counted.
#[derive(Default)]
struct Tally<'a> {
    records: u64,
    /// The account of one record in so many is looked at.
    every: u64,
    account: Option<&'a [u8]>,
    seen: Vec<Seen<'a>>,
}

/// The times seen of one account and Region.
struct Seen<'a> {
    account: Option<&'a [u8]>,
    region: &'a [u8],
    first: &'a Time,
    last: &'a Time,
}

/// A time as CloudTrail writes it. Such times have the order of their texts.
type Time = [u8; 20];

impl<'a> Tally<'a> {
    /// Counts records, and says where names stand of events that matter. `None` where something is not as AWS
    /// writes it.
    fn look(&mut self, text: &'a [u8]) -> Option<Vec<usize>> {
        let (names, mut wanted) = (Names::new(), Vec::new());
        let account = memmem::Finder::new(ACCOUNT);
        let mut open: Option<Open<'a>> = None;
        for at in memmem::find_iter(text, NAME) {
            let Some(name) = value_after(text, at + NAME.len()) else {
                if is_key(text, at + NAME.len()) {
                    return None;
                }
                continue;
            };
            if names.wanted(name.value) {
                wanted.push(at);
            }
            if name.is_escaped {
                continue;
            }
            if let Some(record) = open.take() {
                let is_asked = self.every == 1 || self.records % self.every == 1;
                self.close(record, is_asked.then_some(&account), text.get(..at)?)?;
            }
            let (time, region) = around(text, at, name.end)?;
            self.records += 1;
            open = Some(Open { time, region, behind: name.end });
        }
        if let Some(record) = open {
            self.close(record, Some(&account), text)?;
        }
        Some(wanted)
    }

    /// Counts a record that ends with the text, and asks it for its account by `key`. That stands behind its
    /// parameters.
    fn close(&mut self, record: Open<'a>, key: Option<&memmem::Finder<'_>>, text: &'a [u8]) -> Option<()> {
        if let Some(key) = key {
            let rest = text.get(record.behind..)?;
            let account = value_after(rest, key.find_iter(rest).last()? + ACCOUNT.len())?.value;
            if self.every > 1 && *self.account.get_or_insert(account) != account {
                return None;
            }
            self.account = Some(account);
        }
        let Open { time, region, .. } = record;
        match self.seen.iter_mut().find(|held| held.region == region && held.account == self.account) {
            Some(held) => {
                held.first = held.first.min(time);
                held.last = held.last.max(time);
            }
            None => self.seen.push(Seen { account: self.account, region, first: time, last: time }),
        }
        Some(())
    }

    /// Notes it; `None` where the parser must tell which times and places it is of.
    fn note(&self, size: usize, found: &mut Found) -> Option<()> {
        let text = |bytes| std::str::from_utf8(bytes).ok();
        for place in &self.seen {
            let (from, to) = (time_of(text(place.first)?)?, time_of(text(place.last)?)?);
            let is_wide = to.as_second() - from.as_second() > LONGEST_SPAN_SECONDS;
            if is_wide && size <= LARGEST_PARSED {
                return None;
            }
            let (account, region) =
                if is_wide { ("", "") } else { (text(place.account?)?, text(place.region)?) };
            found.window(account, region, Window { from, to });
        }
        found.records += self.records;
        found.is_trail = true;
        Some(())
    }
}

/// A record whose end was not come to yet.
struct Open<'a> {
    time: &'a Time,
    region: &'a [u8],
    behind: usize,
}

/// Which names are not worth a closer look, by their first byte and length: nearly all.
struct Names([bool; 256]);

impl Names {
    fn new() -> Self {
        let mut may_be = [false; 256];
        for name in EventName::ALL {
            if let Some(may_be) = may_be.get_mut(Self::key(name.word().as_bytes())) {
                *may_be = true;
            }
        }
        Self(may_be)
    }

    fn key(name: &[u8]) -> usize {
        let first = name.first().copied().map_or(0, usize::from);
        (first * 31 + name.len()) % 256
    }

    fn wanted(&self, name: &[u8]) -> bool {
        // A name with an escape in it is the parser's.
        name.ends_with(b"\\")
            || self.0.get(Self::key(name)) == Some(&true)
                && EventName::ALL.iter().any(|event| event.word().as_bytes() == name)
    }
}

/// Whether a name that ends there is a key of the file itself.
fn is_key(text: &[u8], end: usize) -> bool {
    let behind = text.get(end..).and_then(|rest| rest.strip_prefix(b"\""));
    behind.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
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
    // As AWS writes it.
    if let Some(rest) = bytes.get(at..).and_then(|rest| rest.strip_prefix(b"\":\"")) {
        let length = memchr::memchr2(b'"', b'\\', rest)?;
        if rest.get(length) == Some(&b'"') {
            let end = at + b"\":\"".len() + length;
            return Some(Text { value: rest.get(..length)?, end, is_escaped: false });
        }
    }
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

/// The time and Region round a name. An identity ends before them as AWS writes them, so a map of texts, which
/// callers may fill as they like, is no record:
/// `},"eventTime":"…","eventSource":"…","eventName":"…","awsRegion":"…"`.
fn around(text: &[u8], at: usize, name_end: usize) -> Option<(&Time, &[u8])> {
    as_written(text, at, name_end).or_else(|| near(text, at, name_end))
}

fn as_written(text: &[u8], at: usize, name_end: usize) -> Option<(&Time, &[u8])> {
    let before = text.get(..at)?.strip_suffix(b"\",\"")?;
    let source = memchr::memrchr(b'"', before)?;
    let before = before.get(..source)?.strip_suffix(b"\",\"eventSource\":")?;
    let (before, time) = before.split_last_chunk()?;
    let is_time = before.ends_with(b"},\"eventTime\":\"") && time.last() == Some(&b'Z');
    let behind = text.get(name_end..)?.strip_prefix(b"\",\"awsRegion\":\"")?;
    is_time.then_some((time, behind.get(..memchr::memchr(b'"', behind)?)?))
}

/// The same for a file that was written anew, by a program with other spaces or another order.
fn near(text: &[u8], at: usize, name_end: usize) -> Option<(&Time, &[u8])> {
    let before = text.get(at.saturating_sub(NEAR)..at)?;
    let behind = text.get(name_end..(name_end + NEAR).min(text.len()))?;
    let of = |key: &[u8]| {
        let last = memmem::rfind(before, key).and_then(|at| value_after(before, at + key.len()));
        last.or_else(|| value_after(behind, memmem::find(behind, key)? + key.len()))
    };
    let time = of(b"\"eventTime")?.value;
    let is_time = time.last() == Some(&b'Z');
    Some((time.try_into().ok().filter(|_| is_time)?, of(b"\"awsRegion")?.value))
}
