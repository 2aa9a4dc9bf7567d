//! The lines of a snapshot. They have a form of their own, apart from the model: a field is only ever added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::events::{EventLine, HoleLine, LogLine, WindowLine};

/// The version of the form that this program writes, and the newest that it reads.
pub(super) const VERSION: u32 = 6;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Header(HeaderLine),
    /// The end of a place, after the gaps that belong to it as a whole. A later one takes its place.
    Place(PlaceLine),
    /// The end of a page, after its images and gaps. A later one of the same number takes its place.
    Page(PageLine),
    /// What was written of a place, or of its last pages, does not count.
    Anew(AnewLine),
    Image(ImageLine),
    Gap(GapLine),
    Organization(OrganizationLine),
    Coverage(CoverageLine),
    /// A snapshot behind images that are shared outside, or were, and who may make volumes of it.
    Snapshot(SnapshotLine),
    /// What could not be read of such snapshots.
    SnapshotGap(SnapshotGapLine),
    Log(LogLine),
    Window(WindowLine),
    Hole(HoleLine),
    /// Where a source of events could not look at all.
    Unsearched(GapLine),
    Event(Box<EventLine>),
    End(EndLine),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeaderLine {
    pub(super) version: u32,
    pub(super) tool_version: String,
    pub(super) started_at: Timestamp,
    pub(super) caller_account: String,
    pub(super) caller_arn: String,
    pub(super) caller_user_id: String,
    pub(super) partition: String,
    /// The flags that decide what is read.
    #[serde(default)]
    pub(super) scope: BTreeMap<String, String>,
    /// Whether every image has a line, not only those that are shared.
    #[serde(default)]
    pub(super) every_image: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PageLine {
    pub(super) account: String,
    pub(super) region: String,
    /// The how-manieth of its place; the first is 0.
    pub(super) nth: u64,
    /// Whether each of its images was tried, and AWS answered.
    pub(super) whole: bool,
    /// The token of the next page; none where this is the last.
    pub(super) next: Option<String>,
    pub(super) tried: u64,
    pub(super) counts: [u64; 4],
    /// Every image there was, with its state.
    pub(super) states: Vec<(String, String)>,
    /// Requests sent so far, by API action.
    pub(super) api_calls: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AnewLine {
    pub(super) account: String,
    pub(super) region: String,
    /// From this page on; all of the place, where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from_page: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PlaceLine {
    pub(super) account: String,
    pub(super) region: String,
    /// State and manager of block public access, where they were read.
    pub(super) block_public_access: Option<(String, String)>,
    /// How many images there are, where all were listed.
    pub(super) images: Option<u64>,
    /// Every image there was, with its state; in files of the first version, which had no pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) states: Vec<(String, String)>,
    /// Whether AWS answered all that was asked of the place.
    #[serde(default = "yes")]
    pub(super) settled: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ImageLine {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) created_at: Option<Timestamp>,
    pub(super) encrypted: Option<bool>,
    pub(super) listed_public: bool,
    pub(super) owner_alias: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    /// When its grantees were read, where it has any.
    pub(super) read_at: Option<Timestamp>,
    /// Kind and text of each grantee.
    pub(super) grantees: Vec<(String, String)>,
    /// Whether its launch permissions could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unread: bool,
    /// The snapshots behind it; none in files of before version 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) snapshots: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) odd_snapshots: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_launched_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SnapshotLine {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) id: String,
    /// The images that it backs and that are shared. They have lines of their own.
    pub(super) images: Vec<String>,
    /// Id and name of images that it backs by an earlier report, and that are not shared any more or gone; none in files
    /// of before version 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unshared: Vec<(String, String)>,
    /// Whether AWS said that it is there no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) gone: bool,
    /// When its grantees were read, where it has any.
    pub(super) read_at: Option<Timestamp>,
    /// Kind and text of each grantee.
    pub(super) grantees: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SnapshotGapLine {
    pub(super) gap: GapLine,
    /// Whether AWS decided so.
    pub(super) answered: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GapLine {
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    pub(super) call: String,
    pub(super) subject: String,
    pub(super) reason: String,
    pub(super) error_code: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OrganizationLine {
    /// `in`, `not_in_organization` or `not_asked`.
    pub(super) membership: String,
    pub(super) arn: Option<String>,
    pub(super) as_of: Option<Timestamp>,
    pub(super) incomplete: Option<String>,
    pub(super) left: Vec<String>,
    pub(super) members: Vec<MemberLine>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MemberLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) joined_at: Option<Timestamp>,
    pub(super) units: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CoverageLine {
    pub(super) account: String,
    pub(super) account_name: String,
    pub(super) account_state: String,
    pub(super) partition: String,
    pub(super) region: Option<String>,
    pub(super) status: String,
    pub(super) counts: Option<[u64; 4]>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EndLine {
    pub(super) ended_at: Timestamp,
    pub(super) interrupted: bool,
    /// Lines before this one.
    pub(super) lines: u64,
    /// Requests sent, by API action.
    pub(super) api_calls: BTreeMap<String, u64>,
}
