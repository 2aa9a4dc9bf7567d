//! Trails of several accounts and Regions, in AWS's layout: the same seed makes the same files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::record::{Place, backup, share, usual, uuid, write};

const MIB: usize = 1 << 20;
pub(super) const LARGEST: usize = 32 * MIB;
const SMALLEST: usize = MIB / 2;
const ACCOUNTS: usize = 12;
const REGIONS: &[&str] = &["us-east-1", "eu-central-1", "eu-west-1", "ap-southeast-2"];
/// Backups run where one record in so many is the first of one.
const BACKUP: u32 = 50_000;

/// What was made.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<PathBuf>,
    /// In bytes.
    pub(super) unpacked: usize,
    pub(super) packed: usize,
    pub(super) records: usize,
    /// Records of events that matter, and the files they are in.
    pub(super) events: usize,
    pub(super) with_events: usize,
    /// The share's event id.
    pub(super) share: String,
}

/// A file to be made.
struct Plan {
    size: usize,
    seed: u64,
    has_share: bool,
}

/// One that was made.
struct Made {
    path: PathBuf,
    unpacked: usize,
    packed: usize,
    records: usize,
    events: usize,
    share: Option<String>,
}

/// Sizes as of a company's trails: half of the files below a megabyte, a few of them tens.
pub(super) fn usual_sizes(total: usize) -> Vec<usize> {
    let mut random = Rng::with_seed(17);
    let (mut sizes, mut sum) = (Vec::new(), 0);
    while sum < total {
        let size = SMALLEST as f64 * ((LARGEST / SMALLEST) as f64).powf(random.f64().powi(3));
        sizes.push(size as usize);
        sum += size as usize;
    }
    sizes
}

/// Makes a tree of files of these sizes in a folder.
pub(super) fn generate(folder: &Path, sizes: &[usize]) -> Tree {
    let plan = |(nth, size): (usize, &usize)| Plan {
        size: *size,
        seed: nth as u64,
        has_share: nth == sizes.len() / 2,
    };
    let plans: Vec<Plan> = sizes.iter().enumerate().map(plan).collect();
    let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let file = file(folder, plan);
                    made.lock().expect("no panic").push(file);
                }
            });
        }
    });
    let mut tree = Tree::default();
    for file in made.into_inner().expect("no panic") {
        tree.files.push(file.path);
        tree.unpacked += file.unpacked;
        tree.packed += file.packed;
        tree.records += file.records;
        tree.events += file.events;
        tree.with_events += usize::from(file.events > 0);
        tree.share = file.share.unwrap_or(tree.share);
    }
    tree.files.sort();
    tree
}

fn file(folder: &Path, plan: &Plan) -> Made {
    let mut random = Rng::with_seed(plan.seed);
    let account = format!("{:012}", 100_000_000_002 + 31 * (plan.seed as usize % ACCOUNTS));
    let region = REGIONS[random.usize(..REGIONS.len())];
    let second = random.u32(..86_000);
    let day = format!("2025-03-{:02}", 1 + plan.seed / 40 % 28);
    let place = Place::new(&mut random, (&account, region), &day, second);
    let (text, mut made) = text(&mut random, &place, plan);
    let parent = folder.join(format!("AWSLogs/{account}/CloudTrail/{region}/{}", day.replace('-', "/")));
    let name = format!(
        "{account}_CloudTrail_{region}_{}T{:02}{:02}Z_{:016x}.json.gz",
        day.replace('-', ""),
        second / 3600,
        second / 60 % 60,
        random.u64(..)
    );
    std::fs::create_dir_all(&parent).expect("a folder");
    let packed = gzip(text.as_bytes());
    made.path = parent.join(name);
    made.packed = packed.len();
    std::fs::write(&made.path, packed).expect("room");
    made
}

fn text(random: &mut Rng, place: &Place<'_>, plan: &Plan) -> (String, Made) {
    let mut text = String::with_capacity(plan.size + 4096);
    let mut made = Made { path: PathBuf::new(), unpacked: 0, packed: 0, records: 0, events: 0, share: None };
    text.push_str(r#"{"Records":["#);
    while text.len() + 4096 < plan.size {
        if plan.has_share && made.share.is_none() && text.len() > plan.size / 2 {
            let id = uuid(random);
            let call = share(random);
            write(&mut text, random, place, &call, &id);
            made.share = Some(id);
            made.records += 1;
            made.events += 1;
        }
        if random.u32(..BACKUP) == 0 {
            for call in (0..4).flat_map(|_| backup(random)).collect::<Vec<_>>() {
                let id = uuid(random);
                write(&mut text, random, place, &call, &id);
                made.records += 1;
                made.events += 1;
            }
        }
        let (call, id) = (usual(random, place), uuid(random));
        write(&mut text, random, place, &call, &id);
        made.records += 1;
    }
    text.push_str("]}");
    made.unpacked = text.len();
    (text, made)
}

/// As AWS packs: with zlib's default.
pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(text).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
