//! Finds the Regions' folders of a bucket that are wanted, and lists what is in them.

use std::collections::VecDeque;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};

use super::bucket::{Bucket, Found, Listing};
use super::layout::{Days, Level, is_no_log};
use crate::collect::events::ask::Ask;
use crate::model::failure::Failure;

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
            if wanted.is_empty() && level == Level::Above && !digests {
                return Looked::Folder(Folder { prefix, has_days: false });
            }
            Looked::Below(wanted)
        }
    }
}

/// The prefixes right below one.
async fn below(bucket: &Bucket<'_>, prefix: &str) -> Result<Vec<String>, Failure> {
    let (mut prefixes, mut token) = (Vec::new(), None);
    loop {
        let page = bucket.list(prefix, true, None, token).await?;
        prefixes.extend(page.items.into_iter().flat_map(|listing| listing.below));
        token = page.next;
        if token.is_none() {
            return Ok(prefixes);
        }
    }
}

/// Lists a folder's files of the days that are wanted, page by page.
pub(super) struct Lister<'a> {
    bucket: &'a Bucket<'a>,
    folder: &'a Folder,
    days: &'a Days,
    token: Option<String>,
    is_done: bool,
}

impl<'a> Lister<'a> {
    pub(super) fn new(bucket: &'a Bucket<'a>, folder: &'a Folder, days: &'a Days) -> Self {
        Self { bucket, folder, days, token: None, is_done: false }
    }

    /// The next page; `None` behind the last.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Found>, Unlisted>> {
        if self.is_done {
            return None;
        }
        let Self { bucket, folder, days, .. } = *self;
        let after = folder.has_days.then(|| days.begin(&folder.prefix));
        match bucket.list(&folder.prefix, false, after.as_deref(), self.token.take()).await {
            Err(failure) => {
                self.is_done = true;
                Some(Err((folder.prefix.clone(), failure)))
            }
            Ok(page) => {
                let mut files: Vec<Found> =
                    page.items.into_iter().flat_map(|listing: Listing| listing.objects).collect();
                let is_past = |found: &Found| folder.has_days && days.is_past(&folder.prefix, &found.key);
                let ends = files.last().is_some_and(is_past);
                files.retain(|found| {
                    !is_past(found) && (folder.has_days || !is_no_log(&found.key, found.size))
                });
                self.token = page.next;
                self.is_done = ends || self.token.is_none();
                Some(Ok(files))
            }
        }
    }
}
