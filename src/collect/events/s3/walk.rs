//! Finds the Regions' folders of a bucket that are wanted, and lists what is in them.

use std::collections::VecDeque;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};

use super::bucket::{Bucket, Found, Listing};
use super::layout::{Days, LOGS, Level, is_mark, is_wanted};
use crate::aws::action::LIST_BUCKET;
use crate::collect::events::ask::Ask;
use crate::collect::pages::Pages;
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
            found.extend(looked.folder);
            next.extend(looked.below);
            unlisted.extend(looked.unlisted);
        }
    }
    (found, unlisted)
}

/// What a prefix turned out to be.
#[derive(Debug, Default)]
struct Looked {
    /// A folder with files.
    folder: Option<Folder>,
    /// Prefixes further down that are to be looked at.
    below: Vec<String>,
    unlisted: Vec<Unlisted>,
}

impl Looked {
    fn folder(prefix: String, has_days: bool) -> Self {
        Self { folder: Some(Folder { prefix, has_days }), ..Self::default() }
    }
}

async fn look(bucket: &Bucket<'_>, prefix: String, digests: bool, ask: &Ask<'_>) -> Looked {
    let level = Level::of(&prefix);
    if let Level::Days(account, region) = &level {
        return match ask.wants(*account, region) {
            true => Looked::folder(prefix, true),
            false => Looked::default(),
        };
    }
    match below(bucket, &prefix).await {
        Err(failure) => Looked { unlisted: vec![(prefix, failure)], ..Looked::default() },
        Ok(children) => {
            let (wanted, others): (Vec<_>, Vec<_>) =
                children.into_iter().partition(|child| level.leads_to(child, digests, ask));
            match level {
                Level::Above => above(bucket, prefix, (wanted, &others), ask).await,
                _ => Looked { below: wanted, ..Looked::default() },
            }
        }
    }
}

/// So many folders beside each other are looked into for trails with prefixes of their own.
const MOST_SIBLINGS: usize = 100;

/// A level above all accounts. Besides what leads on there may be folders that are the prefixes of other trails.
async fn above(
    bucket: &Bucket<'_>,
    prefix: String,
    (wanted, others): (Vec<String>, &[String]),
    ask: &Ask<'_>,
) -> Looked {
    let some = others.get(..MOST_SIBLINGS).unwrap_or(others);
    let looks: Vec<_> = some.iter().map(|other| trails_in(bucket, other, ask).boxed()).collect();
    let trails: Vec<_> = stream::iter(looks).buffered(ask.at_once).collect().await;
    let mut looked = Looked { below: wanted, ..Looked::default() };
    for (other, trails) in some.iter().zip(trails) {
        match trails {
            Ok(trails) => looked.below.extend(trails),
            Err(failure) => looked.unlisted.push((other.clone(), failure)),
        }
    }
    // A folder of a form that is not AWS's: whatever lies in it is read.
    if looked.below.is_empty() {
        return Looked::folder(prefix, false);
    }
    if others.len() > some.len() {
        let reason = format!(
            "of {} more folders only the first {MOST_SIBLINGS} were looked into for trails: name the prefix of each \
             trail",
            others.len()
        );
        looked.unlisted.push((prefix, failure(reason)));
    }
    looked
}

/// The `AWSLogs/` of trails that have a folder for their prefix. It may hold anything, and a lot of it: only what is
/// looked for is listed.
async fn trails_in(bucket: &Bucket<'_>, folder: &str, ask: &Ask<'_>) -> Result<Vec<String>, Failure> {
    let organizations = below(bucket, &format!("{folder}o-")).await?.into_iter();
    let organizations = organizations.filter(|child| Level::Above.leads_to(child, false, ask));
    let mut found = Vec::new();
    for trail in std::iter::once(folder.to_owned()).chain(organizations) {
        let logs = format!("{trail}{LOGS}/");
        let page = bucket.list(&logs, true, None, None).await?;
        if !page.items.is_empty() {
            found.push(logs);
        }
    }
    Ok(found)
}

fn failure(reason: String) -> Failure {
    Failure { call: LIST_BUCKET.name, kind: FailureKind::Other, code: None, reason }
}

/// The prefixes right below one.
async fn below(bucket: &Bucket<'_>, prefix: &str) -> Result<Vec<String>, Failure> {
    let (mut prefixes, mut pages) = (Vec::new(), Pages::default());
    loop {
        let page = bucket.list(prefix, true, None, pages.token()).await?;
        let goes_on = pages.goes_on(LIST_BUCKET.name, &page.items, page.next)?;
        prefixes.extend(page.items.into_iter().flat_map(|listing| listing.below));
        if !goes_on {
            return Ok(prefixes);
        }
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
        let page = bucket.list(&folder.prefix, false, after.as_deref(), self.pages.token()).await?;
        let goes_on = self.pages.goes_on(LIST_BUCKET.name, &page.items, page.next)?;
        let mut files: Vec<Found> =
            page.items.into_iter().flat_map(|listing: Listing| listing.objects).collect();
        let is_past = |found: &Found| folder.has_days && choice.days.is_past(&folder.prefix, &found.key);
        let ends = files.last().is_some_and(is_past);
        files.retain(|found| {
            let is_mark = is_mark(&found.key, found.size);
            !is_mark && !is_past(found) && (folder.has_days || choice.takes(&found.key))
        });
        self.is_done = !goes_on || ends;
        Ok(files)
    }
}

impl Choice<'_> {
    /// Whether an object of a folder of no known form is wanted.
    fn takes(&self, key: &str) -> bool {
        is_wanted(key, self.digests, self.days, self.ask)
    }
}
