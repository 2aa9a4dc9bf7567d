//! Where a list is that comes page by page, and the guard against lists that lead back or never come to an end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use crate::model::failure::{Failure, FailureKind};

/// So many pages in a row that bring nothing. AWS gives empty pages before full ones, but by far not so many.
const MOST_BARREN: usize = 1_000;

/// Where a list is.
#[derive(Debug, Default)]
pub(super) struct Pages {
    token: Option<String>,
    /// The tokens that were asked for.
    tokens: HashSet<String>,
    /// What pages held, in short.
    held: HashSet<u64>,
    /// Pages in a row that held nothing, or what an earlier one held.
    barren: usize,
}

impl Pages {
    /// A list that is gone on with, from this token on.
    pub(super) fn after(token: Option<String>) -> Self {
        Self { tokens: token.iter().cloned().collect(), token, ..Self::default() }
    }

    /// The token with which the next page is asked for; the first page of a list has none.
    pub(super) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Goes on behind a page of these items; whether there is another.
    ///
    /// # Errors
    /// The list does not end.
    pub(super) fn goes_on<T: Hash>(
        &mut self,
        call: &'static str,
        items: &[T],
        next: Option<String>,
    ) -> Result<bool, Failure> {
        let failure = |reason: String| Err(Failure { call, kind: FailureKind::Other, code: None, reason });
        let Some(token) = next else { return Ok(false) };
        if !self.tokens.insert(token.clone()) {
            return failure(
                "the list does not end: a page names itself or an earlier one as the next".to_owned(),
            );
        }
        let is_new = !items.is_empty() && self.held.insert(in_short(items));
        self.barren = if is_new { 0 } else { self.barren + 1 };
        if self.barren >= MOST_BARREN {
            return failure(format!("the list does not end: {MOST_BARREN} pages in a row held nothing new"));
        }
        self.token = Some(token);
        Ok(true)
    }
}

fn in_short<T: Hash>(items: &[T]) -> u64 {
    let mut hasher = DefaultHasher::new();
    items.hash(&mut hasher);
    hasher.finish()
}
