//! Finds the Regions' folders of a bucket that are wanted, and lists what is in them.

use std::collections::{HashSet, VecDeque};

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};

use super::bucket::{Bucket, Found, Listing};
use super::layout::{Days, Level, is_mark, is_wanted};
use crate::aws::action::LIST_BUCKET;
use crate::collect::events::ask::Ask;
use crate::model::failure::{Failure, FailureKind};

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// The prefix, with a slash at its end unless it is just what the user named.
    pub(super) prefix: String,
    /// Whether it is a Region's, with days below.
    pub(super) has_days: bool,
}

/// A prefix that could not be listed, and why.
pub(super) type Unlisted = (String, Failure);

/// Finds the folders with log files or, with `digests`, with those.
pub(super) async fn folders(
    bucket: &Bucket<'_>,
    prefix: &str,
    digests: bool,
    ask: &Ask<'_>,
) -> (Vec<Folder>, Vec<Unlisted>) {
    let (mut found, mut unlisted) = (Vec::new(), Vec::new());
    let mut next = VecDeque::from([prefix.to_owned()]);
    while !next.is_empty() && !ask.stop.is_asked() {
        let level: Vec<_> = next.drain(..).map(|prefix| look(bucket, prefix, digests, ask).boxed()).collect();
        let looked: Vec<Looked> = stream::iter(level).buffered(ask.at_once).collect().await;
        for looked in looked {
            match looked {
                Looked::Folder(folder) => found.push(folder),
                Looked::Below(prefixes) => next.extend(prefixes),
                Looked::Failed(failed) => unlisted.push(failed),
            }
        }
    }
    (found, unlisted)
}

/// What a prefix turned out to be.
enum Looked {
    Folder(Folder),
    Below(Vec<String>),
    Failed(Unlisted),
}

async fn look(bucket: &Bucket<'_>, prefix: String, digests: bool, ask: &Ask<'_>) -> Looked {
    let level = Level::of(&prefix);
    if let Level::Days(account, region) = &level {
        return match ask.wants(*account, region) {
            true => Looked::Folder(Folder { prefix, has_days: true }),
            false => Looked::Below(Vec::new()),
        };
    }
    match below(bucket, &prefix).await {
        Err(failure) => Looked::Failed((prefix, failure)),
        Ok(children) => {
            let wanted: Vec<String> =
                children.into_iter().filter(|child| level.leads_to(child, digests, ask)).collect();
            // A folder of a form that is not AWS's: whatever lies in it is read.
            if wanted.is_empty() && level == Level::Above {
                return Looked::Folder(Folder { prefix, has_days: false });
            }
            Looked::Below(wanted)
        }
    }
}

/// The prefixes right below one.
async fn below(bucket: &Bucket<'_>, prefix: &str) -> Result<Vec<String>, Failure> {
    let (mut prefixes, mut pages) = (Vec::new(), Pages::default());
    loop {
        let page = bucket.list(prefix, true, None, pages.token.take()).await?;
        prefixes.extend(page.items.into_iter().flat_map(|listing| listing.below));
        if !pages.goes_on(page.next)? {
            return Ok(prefixes);
        }
    }
}

/// Where a listing is.
#[derive(Debug, Default)]
struct Pages {
    token: Option<String>,
    seen: HashSet<String>,
}

impl Pages {
    /// Goes on with the next page; whether there is one.
    fn goes_on(&mut self, next: Option<String>) -> Result<bool, Failure> {
        let Some(token) = next else { return Ok(false) };
        if !self.seen.insert(token.clone()) {
            let reason =
                "the list does not end: a page names itself or an earlier one as the next".to_owned();
            return Err(Failure { call: LIST_BUCKET.name, kind: FailureKind::Other, code: None, reason });
        }
        self.token = Some(token);
        Ok(true)
    }
}

/// What of a folder is listed.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) days: &'a Days,
    /// Digests instead of log files.
    pub(super) digests: bool,
    pub(super) ask: &'a Ask<'a>,
}

/// Lists a folder's files of the days that are wanted, page by page.
pub(super) struct Lister<'a> {
    bucket: &'a Bucket<'a>,
    folder: &'a Folder,
    choice: Choice<'a>,
    pages: Pages,
    is_done: bool,
}

impl<'a> Lister<'a> {
    pub(super) fn new(bucket: &'a Bucket<'a>, folder: &'a Folder, choice: Choice<'a>) -> Self {
        Self { bucket, folder, choice, pages: Pages::default(), is_done: false }
    }

    /// The next page; `None` behind the last.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Found>, Unlisted>> {
        if self.is_done {
            return None;
        }
        let page = self.page().await;
        self.is_done |= page.is_err();
        Some(page.map_err(|failure| (self.folder.prefix.clone(), failure)))
    }

    async fn page(&mut self) -> Result<Vec<Found>, Failure> {
        let Self { bucket, folder, choice, .. } = *self;
        let after = folder.has_days.then(|| choice.days.begin(&folder.prefix));
        let page = bucket.list(&folder.prefix, false, after.as_deref(), self.pages.token.take()).await?;
        let mut files: Vec<Found> =
            page.items.into_iter().flat_map(|listing: Listing| listing.objects).collect();
        let is_past = |found: &Found| folder.has_days && choice.days.is_past(&folder.prefix, &found.key);
        let ends = files.last().is_some_and(is_past);
        files.retain(|found| {
            let is_mark = is_mark(&found.key, found.size);
            !is_mark && !is_past(found) && (folder.has_days || choice.takes(&found.key))
        });
        self.is_done = !self.pages.goes_on(page.next)? || ends;
        Ok(files)
    }
}

impl Choice<'_> {
    /// Whether an object of a folder of no known form is wanted.
    fn takes(&self, key: &str) -> bool {
        is_wanted(key, self.digests, self.days, self.ask)
    }
}
