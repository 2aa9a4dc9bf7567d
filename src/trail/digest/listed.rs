//! The log files that trusted digests list, against those that were read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::Hashed;
use super::name::{log_place, stem};
use super::parsed::LogFile;
use super::problem::{DigestProblem, Finding};
use super::standing::{Read, Standing};
use crate::model::event::Integrity;

/// What trusted digests list.
pub(super) struct Listed<'a> {
    /// Each file once, with the first digest that lists it.
    files: BTreeMap<&'a str, (&'a str, &'a LogFile)>,
    /// What is known of their contents.
    hashes: HashSet<(&'a str, [u8; 32])>,
    /// Those with a hash of an unknown kind.
    unknown: HashSet<&'a str>,
}

impl<'a> Listed<'a> {
    pub(super) fn new(digests: &[(&'a Read<'a>, &Standing)]) -> Self {
        let mut listed = Self { files: BTreeMap::new(), hashes: HashSet::new(), unknown: HashSet::new() };
        let trusted = digests.iter().filter(|(_, standing)| **standing == Standing::Trusted);
        for (digest, _) in trusted {
            for file in digest.placed().iter().flat_map(|parsed| &parsed.files) {
                let stem = stem(&file.object);
                listed.files.entry(stem).or_insert((&digest.file.name, file));
                let _ = match file.sha256 {
                    Some(hash) => listed.hashes.insert((stem, hash)),
                    None => listed.unknown.insert(stem),
                };
            }
        }
        listed
    }

    /// The verdict on each file, and what there is to tell of it. Where two files have the very same name, the worse
    /// verdict is both's.
    pub(super) fn verdicts(
        &self,
        files: &[Hashed],
        problems: &mut Vec<DigestProblem>,
    ) -> BTreeMap<Arc<str>, Integrity> {
        let mut verdicts = BTreeMap::new();
        for file in files {
            let verdict = self.verdict(file, problems);
            let held = verdicts.entry(Arc::clone(&file.name)).or_insert(verdict);
            *held = (*held).max(verdict);
        }
        verdicts
    }

    fn verdict(&self, file: &Hashed, problems: &mut Vec<DigestProblem>) -> Integrity {
        let stem = stem(&file.name);
        let Some((digest, listed)) = self.files.get(stem) else { return Integrity::Unverified };
        let mut tell = |finding, reason| {
            problems.push(problem(file.name.to_string(), finding, reason, listed));
        };
        if self.hashes.contains(&(stem, file.sha256)) {
            Integrity::Verified
        } else if self.unknown.contains(stem) {
            tell(Finding::Unproven, format!("its hash in {digest} is no SHA-256"));
            Integrity::Unverified
        } else {
            tell(Finding::Changed, format!("its content is not the one whose hash is in {digest}"));
            Integrity::Tampered
        }
    }

    /// Those that are wanted and were not read.
    pub(super) fn missing(&self, files: &[Hashed], is_wanted: impl Fn(&str) -> bool) -> Vec<DigestProblem> {
        let there: HashSet<&str> = files.iter().map(|file| stem(&file.name)).collect();
        let missing =
            self.files.iter().filter(|(stem, (_, file))| !there.contains(*stem) && is_wanted(&file.object));
        missing
            .map(|(_, (digest, file))| {
                let subject = format!("s3://{}/{}", file.bucket, file.object);
                problem(subject, Finding::Missing, format!("listed in {digest} and missing"), file)
            })
            .collect()
    }
}

fn problem(subject: String, finding: Finding, reason: String, file: &LogFile) -> DigestProblem {
    let place = log_place(stem(&file.object));
    DigestProblem { subject, finding, reason, place, window: Some(file.window) }
}
