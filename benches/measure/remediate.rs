//! How near taking back comes to AWS's rate of changes: 100 at once, then five a second, in each place.

use std::path::Path;

use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::scenario::ImageSpec;
use amiaudit::sandbox::{Scenario, World};

use crate::hold;
use crate::process::{AMIAUDIT, Taken, UNPACED, scan, take};
use crate::served::{Behaviour, LIKE_AWS, Served};

const ACCOUNTS: usize = 4;
const REGIONS: usize = 5;
const BURST: f64 = 100.0;
const RATE: f64 = 5.0;

pub(crate) fn measure(part: usize) -> bool {
    let images = if part > 1 { 120 } else { 200 };
    let places = ACCOUNTS * REGIONS;
    let optimum = (images as f64 - BURST) / RATE;
    println!("{places} places, one grant of each of {images} images: AWS allows {optimum:.1} s");
    let folder = tempfile::tempdir().expect("a folder");
    let plan = plan(&scenario(images), folder.path());
    // The scan drank from other buckets, so that these are full, as they are a minute later.
    let served = Served::with(scenario(images), &LIKE_AWS);
    let line = [AMIAUDIT, "remediate", "apply", &plan, "--yes", "--max-changes", "100000", "--quiet"];
    let taken = run(&served, &[&line[..], &["--role-name", "Auditor", "--api-share", "1"]].concat());
    let (sent, refused) = said(&served);
    println!("{:.2} s, {:.2} s CPU, {:.1} MB, exit {}", taken.wall, taken.cpu, taken.peak_mb, taken.exit);
    let lines = count(&folder.path().join("journal.jsonl"), "");
    let revoked = count(&folder.path().join("remediation.csv"), ",revoked,true,");
    println!("{revoked} of {} grants taken back and verified; {lines} lines in the journal", places * images);
    let pace = hold("wall time / optimum", taken.wall / optimum, 1.1);
    hold("refused for their rate, in %", 100.0 * refused as f64 / sent as f64, 1.0)
        && pace
        && revoked == places * images
        && taken.exit == 0
}

/// Scans the same organization where no bucket holds that back, and plans.
fn plan(scenario: &Scenario, folder: &Path) -> String {
    let open = Behaviour { latency_ms: 0, throttle: false, ..LIKE_AWS };
    let served = Served::with(scenario.clone(), &open);
    let report = folder.join("report");
    assert_eq!(run(&served, &scan(&report, UNPACED)).exit, 10, "the scan");
    let plan = folder.join("plan.json").to_str().expect("a path of plain characters").to_owned();
    let report = report.join("report.json");
    let report = report.to_str().expect("a path of plain characters");
    let line = [AMIAUDIT, "remediate", "plan", report, "--out", &plan, "--quiet"];
    assert_eq!(run(&served, &line).exit, 0, "the plan");
    plan
}

fn run(served: &Served, line: &[&str]) -> Taken {
    take(&served.sandbox.url(), &served.key, line)
}

/// Prints the calls by action. How many there were, and how many of them were refused for their rate.
fn said(served: &Served) -> (u64, u64) {
    let (counts, throttled) = (served.sandbox.counts(), served.sandbox.throttled());
    for (action, sent) in &counts {
        println!("{action}: {sent}, {} refused", throttled.get(action).copied().unwrap_or(0));
    }
    (counts.values().sum(), throttled.values().sum())
}

/// Lines of a file that have this in them.
fn count(file: &Path, what: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter(|line| line.contains(what)).count()
}

/// An organization whose every image is shared with a stranger, and with the organization itself, which stays.
fn scenario(images: usize) -> Scenario {
    let size = Size { accounts: ACCOUNTS, regions: REGIONS, images: 0, seed: 1, shared_percent: 0.0 };
    let mut scenario = organization(size);
    let made = World::new(scenario.clone()).expect("a world");
    let ours = "arn:aws:organizations::100000000000:organization/o-generated00";
    for account in made.accounts() {
        for region in made.regions() {
            let first = scenario.images.len();
            scenario.images.extend((first..first + images).map(|nth| ImageSpec {
                account: account.to_string(),
                region: region.to_string(),
                id: format!("ami-{nth:017x}"),
                name: format!("web-{nth}"),
                shared_with: vec!["900000000001".to_owned(), ours.to_owned()],
                ..ImageSpec::default()
            }));
        }
    }
    scenario
}
