//! Reads snapshots back into what a scan read; several are the shards of one scan.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::mem::discriminant;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::convert::BadLine;
use super::lines::{HeaderLine, Line, VERSION};
use crate::collect::inventory::{Reading, finish_shares};
use crate::model::caller::Caller;
use crate::model::coverage::{Coverage, CoverageStatus};
use crate::model::gap::Gap;
use crate::model::ids::{AccountId, ImageId, Region};
use crate::model::org_view::OrgView;
use crate::model::organization::Membership;
use crate::model::place::{BlockPublicAccess, Place};
use crate::model::share::Share;

/// The longest line that is read: a place's list of 50,000 images has some 2 MB.
const LONGEST_LINE: u64 = 64 << 20;

/// A snapshot that cannot be judged.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct BadSnapshot {
    path: PathBuf,
    why: String,
}

/// What snapshots hold: a scan's reading, and who made it and when.
#[derive(Debug)]
pub struct Replayed {
    /// What was read.
    pub reading: Reading,
    /// Who read it.
    pub caller: Caller,
    /// When that began (the last of several: what had expired by then is not revived).
    pub started_at: Timestamp,
    /// When it ended (the last of several).
    pub ended_at: Timestamp,
    /// Requests that were sent, by API action.
    pub api_calls: BTreeMap<String, u64>,
}

/// Reads one or more snapshots.
///
/// # Errors
/// A file that is no whole snapshot, is of a newer version, or is of another organization than the first.
pub fn read_snapshots(paths: &[PathBuf]) -> Result<Replayed, BadSnapshot> {
    let mut merged: Option<Parts> = None;
    for path in paths {
        let parts = read_one(path)?;
        merged = Some(match merged {
            None => parts,
            Some(first) => first.merge(parts).map_err(|why| BadSnapshot { path: path.clone(), why })?,
        });
    }
    let nothing = || BadSnapshot { path: PathBuf::new(), why: "no snapshot was given".to_owned() };
    Ok(merged.ok_or_else(nothing)?.replayed())
}

/// What one file holds.
struct Parts {
    caller: Caller,
    started_at: Timestamp,
    ended_at: Timestamp,
    interrupted: bool,
    api_calls: BTreeMap<String, u64>,
    membership: Membership,
    shares: BTreeMap<Place, Vec<Share>>,
    blocks: BTreeMap<Place, (Option<BlockPublicAccess>, Option<u64>)>,
    states: BTreeMap<Place, Vec<(ImageId, String)>>,
    coverage: BTreeMap<(AccountId, Option<Region>), Coverage>,
    gaps: Vec<Gap>,
}

fn read_one(path: &Path) -> Result<Parts, BadSnapshot> {
    let bad = |why: String| BadSnapshot { path: path.to_owned(), why };
    let file = File::open(path).map_err(|error| bad(error.to_string()))?;
    let decoder = zstd::Decoder::new(file).map_err(|error| bad(error.to_string()))?;
    let mut reader = BufReader::new(decoder);
    let mut lines = 0_u64;
    let Some(Line::Header(header)) = next(&mut reader, lines).map_err(bad)? else {
        return Err(bad("it does not begin like a snapshot of amiaudit".to_owned()));
    };
    if header.version > VERSION {
        let why = format!("it is of version {}, and this program reads up to {VERSION}", header.version);
        return Err(bad(why));
    }
    lines += 1;
    let mut parts = Parts::new(&header).map_err(|error| bad(error.to_string()))?;
    loop {
        match next(&mut reader, lines).map_err(bad)? {
            Some(Line::End(end)) if end.lines == lines => {
                (parts.ended_at, parts.interrupted, parts.api_calls) =
                    (end.ended_at, end.interrupted, end.api_calls);
                break;
            }
            Some(Line::End(end)) => {
                return Err(bad(format!("it has {lines} lines, and says that it has {}", end.lines)));
            }
            Some(line) => parts.take(line).map_err(|error| bad(format!("line {}: {error}", lines + 1)))?,
            None => return Err(bad("it breaks off: the scan that wrote it did not end".to_owned())),
        }
        lines += 1;
    }
    if next(&mut reader, lines).map_err(bad)?.is_some() {
        return Err(bad("it goes on after its end".to_owned()));
    }
    Ok(parts)
}

/// The next line; `None` at the end.
fn next(reader: &mut impl BufRead, before: u64) -> Result<Option<Line>, String> {
    let at = |why: String| format!("line {}: {why}", before + 1);
    let mut text = Vec::new();
    let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
    match read.map_err(|error| at(format!("it is damaged: {error}")))? {
        0 => Ok(None),
        _ if text.last() != Some(&b'\n') => Err(at("the line breaks off".to_owned())),
        _ => serde_json::from_slice(&text).map(Some).map_err(|error| at(format!("it is damaged: {error}"))),
    }
}

impl Parts {
    fn new(header: &HeaderLine) -> Result<Self, BadLine> {
        Ok(Self {
            caller: header.caller()?,
            started_at: header.started_at,
            ended_at: header.started_at,
            interrupted: false,
            api_calls: BTreeMap::new(),
            membership: Membership::NotAsked,
            shares: BTreeMap::new(),
            blocks: BTreeMap::new(),
            states: BTreeMap::new(),
            coverage: BTreeMap::new(),
            gaps: Vec::new(),
        })
    }

    fn take(&mut self, line: Line) -> Result<(), BadLine> {
        match line {
            Line::Image(image) => {
                for share in image.shares()? {
                    self.shares.entry(share.place.clone()).or_default().push(share);
                }
            }
            Line::Place(line) => {
                let place = line.place()?;
                let block = line.block_public_access.clone();
                let block = block.map(|(state, managed_by)| BlockPublicAccess { state, managed_by });
                self.blocks.insert(place.clone(), (block, line.images));
                let mut states = Vec::with_capacity(line.states.len());
                for (id, state) in line.states {
                    states.push((id.parse().map_err(|error| BadLine(format!("{error}")))?, state));
                }
                self.states.insert(place, states);
            }
            Line::Gap(gap) => self.gaps.push(gap.gap()?),
            Line::Organization(organization) => self.membership = organization.membership()?,
            Line::Coverage(line) => {
                let row = line.row()?;
                self.coverage.insert((row.account, row.region.clone()), row);
            }
            Line::Header(_) | Line::End(_) => return Err(BadLine("it stands in the wrong place".to_owned())),
        }
        Ok(())
    }

    /// One scan of two shards: each place from the shard that read it best.
    fn merge(mut self, other: Self) -> Result<Self, String> {
        if self.membership.organization() != other.membership.organization()
            || discriminant(&self.membership) != discriminant(&other.membership)
            || self.caller.partition != other.caller.partition
        {
            return Err("it is of another organization than the first snapshot".to_owned());
        }
        for (key, row) in other.coverage {
            let better = self.coverage.get(&key).is_none_or(|held| rank(row.status) < rank(held.status));
            if !better {
                continue;
            }
            if let (account, Some(region)) = &key {
                let place = Place { account: *account, region: region.clone() };
                self.gaps.retain(|gap| gap.account != Some(*account) || gap.region.as_ref() != Some(region));
                let here = |gap: &&Gap| gap.account == Some(*account) && gap.region.as_ref() == Some(region);
                self.gaps.extend(other.gaps.iter().filter(here).cloned());
                move_over(&place, &mut self.shares, &other.shares);
                move_over(&place, &mut self.blocks, &other.blocks);
                move_over(&place, &mut self.states, &other.states);
            }
            self.coverage.insert(key, row);
        }
        // An account that one shard left aside and another read is not left aside.
        let read: Vec<AccountId> = self
            .coverage
            .keys()
            .filter(|(_, region)| region.is_some())
            .map(|(account, _)| *account)
            .collect();
        self.coverage.retain(|(account, region), row| {
            region.is_some() || row.status != CoverageStatus::NotSelected || !read.contains(account)
        });
        self.gaps.extend(other.gaps.into_iter().filter(|gap| gap.region.is_none()));
        // The newer list of accounts knows better who belongs.
        if other.ended_at > self.ended_at {
            self.membership = other.membership;
        }
        self.started_at = self.started_at.max(other.started_at);
        self.ended_at = self.ended_at.max(other.ended_at);
        self.interrupted |= other.interrupted;
        for (action, count) in other.api_calls {
            *self.api_calls.entry(action).or_default() += count;
        }
        Ok(self)
    }

    fn replayed(self) -> Replayed {
        let mut gaps = self.gaps;
        gaps.sort();
        gaps.dedup();
        let org = OrgView::new(self.caller.account, self.membership);
        let blocks =
            self.blocks.into_iter().filter_map(|(place, (block, images))| Some((place, block?, images)));
        let states = self.states.into_iter().flat_map(|(place, images)| {
            images.into_iter().map(move |(id, state)| ((place.clone(), id), state))
        });
        let reading = Reading {
            org,
            shares: finish_shares(self.shares.into_values().flatten().collect()),
            blocks: blocks.collect(),
            coverage: self.coverage.into_values().collect(),
            gaps,
            states: states.collect(),
            images: None,
            interrupted: self.interrupted,
        };
        Replayed {
            reading,
            caller: self.caller,
            started_at: self.started_at,
            ended_at: self.ended_at,
            api_calls: self.api_calls,
        }
    }
}

fn rank(status: CoverageStatus) -> u8 {
    match status {
        CoverageStatus::Read => 0,
        CoverageStatus::Partial => 1,
        CoverageStatus::Unread => 2,
        CoverageStatus::NotApplicable => 3,
        CoverageStatus::NotSelected => 4,
    }
}

fn move_over<T: Clone>(place: &Place, into: &mut BTreeMap<Place, T>, from: &BTreeMap<Place, T>) {
    match from.get(place) {
        Some(value) => _ = into.insert(place.clone(), value.clone()),
        None => _ = into.remove(place),
    }
}
