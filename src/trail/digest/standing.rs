//! Which digests can be believed.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::name::{DigestName, stem};
use super::parsed::Parsed;
use super::problem::{DigestProblem, Finding};
use super::{DigestFile, PublicKeys};

/// More signatures than this are not tried on one digest. CloudTrail gives it one, so others are made up.
const MOST_SIGNATURES: usize = 8;

/// A digest file, read.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) file: &'a DigestFile,
    pub(super) stem: &'a str,
    pub(super) name: Option<DigestName<'a>>,
    pub(super) parsed: Result<Parsed, String>,
    sha256: [u8; 32],
}

impl<'a> Read<'a> {
    pub(super) fn new(file: &'a DigestFile) -> Self {
        let stem = stem(&file.name);
        let sha256 = Sha256::digest(&file.content).into();
        Self { file, stem, name: DigestName::read(stem), parsed: Parsed::read(&file.content), sha256 }
    }

    pub(super) fn end(&self) -> Option<Timestamp> {
        self.parsed.as_ref().ok().map(|parsed| parsed.end)
    }

    /// What it says, where it is where it says to be.
    pub(super) fn placed(&self) -> Option<&Parsed> {
        self.parsed.as_ref().ok().filter(|parsed| self.is_at(&parsed.location))
    }

    fn is_at(&self, location: &str) -> bool {
        match self.file.name.strip_prefix("s3://") {
            Some(own) => own == location,
            None => self.stem == stem(location),
        }
    }
}

/// Whether a digest can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// CloudTrail signed it.
    Trusted,
    /// It proves nothing, and why.
    Not(Finding, String),
}

impl Standing {
    pub(super) fn problem(&self, digest: &Read<'_>) -> Option<DigestProblem> {
        let Self::Not(finding, reason) = self else { return None };
        Some(DigestProblem {
            subject: digest.file.name.to_string(),
            finding: *finding,
            reason: reason.clone(),
            place: digest.name.as_ref().and_then(|name| name.place.clone()),
            window: digest.name.as_ref().map(DigestName::window),
        })
    }
}

/// What the digests after one say of it, by where it is.
#[derive(Default)]
struct Said<'a> {
    /// Signatures, whoever wrote them: whether one fits is for the key to say.
    offered: HashMap<&'a str, Vec<&'a str>>,
    /// The same of those that can be believed.
    proven: HashMap<&'a str, Vec<Proof<'a>>>,
}

/// What a digest that can be believed says of the one before it.
struct Proof<'a> {
    signature: Option<&'a str>,
    sha256: Option<[u8; 32]>,
    /// Who says so.
    teller: &'a str,
}

impl<'a> Said<'a> {
    fn offer(&mut self, parsed: &'a Parsed) {
        if let (Some(previous), Some(signature)) = (&parsed.previous, parsed.previous_signature()) {
            let held = self.offered.entry(&previous.location).or_default();
            if held.len() < MOST_SIGNATURES && !held.contains(&signature) {
                held.push(signature);
            }
        }
    }

    fn prove(&mut self, digest: &'a Read<'_>, parsed: &'a Parsed) {
        if let Some(previous) = &parsed.previous {
            let held = self.proven.entry(&previous.location).or_default();
            let (signature, sha256) = (parsed.previous_signature(), previous.sha256);
            let is_new = held.iter().all(|held| held.signature != signature || held.sha256 != sha256);
            if held.len() < MOST_SIGNATURES && is_new {
                held.push(Proof { signature, sha256, teller: &digest.file.name });
            }
        }
    }

    /// Who says, and can be believed, that it had another content.
    fn contradicts(&self, location: &str, sha256: &[u8; 32]) -> Option<&'a str> {
        let proven = self.proven.get(location).into_iter().flatten();
        let mut others = proven.filter(|proof| proof.sha256.is_some_and(|hash| hash != *sha256));
        others.next().map(|proof| proof.teller)
    }

    fn signatures<'b>(&'b self, location: &str) -> impl Iterator<Item = &'b str> {
        let proven = self.proven.get(location).into_iter().flatten();
        let offered = self.offered.get(location).into_iter().flatten().copied();
        proven.filter_map(|proof| proof.signature).chain(offered)
    }
}

/// The standing of each, in their order, which is from the newest to the oldest.
pub(super) fn standings(digests: &[Read<'_>], keys: &PublicKeys) -> Vec<Standing> {
    let mut said = Said::default();
    digests.iter().filter_map(Read::placed).for_each(|parsed| said.offer(parsed));
    let mut standings = Vec::with_capacity(digests.len());
    for digest in digests {
        let standing = standing(digest, &said, keys);
        if standing == Standing::Trusted
            && let Some(parsed) = digest.placed()
        {
            said.prove(digest, parsed);
        }
        standings.push(standing);
    }
    standings
}

fn standing(digest: &Read<'_>, said: &Said<'_>, keys: &PublicKeys) -> Standing {
    use Finding::{Changed, Unproven};
    let not = |finding, reason: String| Standing::Not(finding, reason);
    let parsed = match &digest.parsed {
        Ok(parsed) => parsed,
        Err(why) => return not(Changed, format!("it is no digest of CloudTrail's: {why}")),
    };
    if digest.placed().is_none() {
        // Under a name of its own kind it takes the place of another; in another bucket it is a copy.
        let finding = if digest.stem == stem(&parsed.location) { Unproven } else { Changed };
        let place = short(&parsed.location);
        return not(finding, format!("it says that it is s3://{place}: moved or copied, it proves nothing"));
    }
    if let Some(teller) = said.contradicts(&parsed.location, &digest.sha256) {
        return not(Changed, format!("its content is not the one whose hash is in {teller}"));
    }
    if parsed.algorithm != "SHA256withRSA" {
        let algorithm = short(&parsed.algorithm);
        return not(Unproven, format!("its signature is of the unknown algorithm {algorithm:?}"));
    }
    let Some(verify) = keys.verifier(&parsed.fingerprint) else {
        let fingerprint = short(&parsed.fingerprint);
        return not(Unproven, format!("its public key, {fingerprint:?}, is not among those given"));
    };
    let text = parsed.signed_text(&digest.sha256);
    let own = digest.file.signature.as_deref().map(str::trim).filter(|own| !own.is_empty());
    let mut signatures = own.into_iter().chain(said.signatures(&parsed.location)).peekable();
    if signatures.peek().is_none() {
        let why = "its signature is not known: none came with it, and no digest after it has it";
        return not(Unproven, why.to_owned());
    }
    let fits = |hex: &str| hex::decode(hex).is_ok_and(|signature| verify(text.as_bytes(), &signature));
    if signatures.any(fits) {
        return Standing::Trusted;
    }
    not(Changed, "its signature does not fit: it was changed or forged".to_owned())
}

/// As much of a text of others as is told.
fn short(text: &str) -> String {
    text.chars().take(500).collect()
}
