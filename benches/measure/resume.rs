//! A scan that is killed at random points and goes on: the same report, and no page read twice but the one in
//! flight.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use amiaudit::sandbox::Recorded;
use amiaudit::sandbox::generate::Size;

use crate::hold;
use crate::process::{AMIAUDIT, UNPACED, at, scan};
use crate::served::{Behaviour, LIKE_AWS, Served};

/// The most images of a page.
const PAGE: usize = 200;

pub(crate) fn measure(part: usize) -> bool {
    let size = Size { accounts: 3, regions: 2, images: 3_500 / part, seed: 7, shared_percent: 12.5 };
    let behaviour = Behaviour { latency_ms: 1, throttle: false, keeps_calls: true, ..LIKE_AWS };
    let whole = tempfile::tempdir().expect("a folder");
    let served = Served::start(size, &behaviour);
    run(&served, whole.path(), &[]);
    let calls = served.sandbox.calls().len();
    println!("undisturbed: {calls} calls");
    let mut random = fastrand::Rng::with_seed(11);
    let mut held = true;
    for nth in 1..=10 {
        let served = Served::start(size, &behaviour);
        let folder = tempfile::tempdir().expect("a folder");
        let kill_at = random.usize(1..calls);
        kill(&served, folder.path(), kill_at);
        let before = served.sandbox.calls().len();
        run(&served, folder.path(), &["--resume"]);
        let twice = read_twice(&served.sandbox.calls());
        println!("kill {nth}: after {before} of {calls} calls, {twice} images of one place read twice");
        held &= hold("images of one place read twice", twice as f64, PAGE as f64);
        held &= same(whole.path(), folder.path());
    }
    held
}

fn run(served: &Served, folder: &Path, more: &[&str]) {
    let folder = folder.to_str().expect("a path of plain characters");
    let resume = if more.is_empty() { "--out" } else { "--resume" };
    let mut command = at(AMIAUDIT, &served.sandbox.url(), &served.key);
    command.args(["scan", "--quiet", "--role-name", "Auditor", resume, folder]).args(UNPACED);
    let status = command.stdout(Stdio::null()).status().expect("it runs");
    assert_eq!(status.code(), Some(10), "{more:?}");
}

/// Begins a scan and kills it when so many calls have come, or lets it end if fewer do.
fn kill(served: &Served, folder: &Path, calls: usize) {
    let line = scan(folder, UNPACED);
    let mut command = at(line[0], &served.sandbox.url(), &served.key);
    let mut child = command.args(&line[1..]).stdout(Stdio::null()).spawn().expect("it starts");
    let received = || served.sandbox.counts().values().sum::<u64>() as usize;
    while received() < calls && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
}

/// The most images of one place whose permissions were read more than once.
fn read_twice(calls: &[Recorded]) -> usize {
    let mut reads: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.action == "DescribeImageAttribute") {
        let image = call.params.get("ImageId").map_or("", String::as_str);
        *reads.entry((call.place.to_string(), image)).or_default() += 1;
    }
    let mut twice: BTreeMap<&str, usize> = BTreeMap::new();
    for ((place, _), _) in reads.iter().filter(|(_, count)| **count > 1) {
        *twice.entry(place).or_default() += 1;
    }
    twice.into_values().max().unwrap_or(0)
}

/// Whether two reports say the same, times aside.
fn same(one: &Path, other: &Path) -> bool {
    let mut all = true;
    for file in ["findings.csv", "shares.csv", "coverage.csv", "gaps.csv", "exceptions.csv", "report.json"] {
        let text = |folder: &Path| without_times(&std::fs::read_to_string(folder.join(file)).expect(file));
        if text(one) != text(other) {
            println!("{file} differs: DOES NOT HOLD");
            all = false;
        }
    }
    if all {
        println!("the report is the same, times aside: holds");
    }
    all
}

/// The text without its times, and without the run's id, which is a hash of one.
fn without_times(text: &str) -> String {
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.as_bytes()[10] == b'T';
    let words = text.split_inclusive(|c: char| ",\"\n".contains(c));
    let kept = words.map(|word| {
        let bare = word.trim_end_matches([',', '"', '\n']);
        if is_time(bare) || bare.starts_with("run-") { "TIME\n" } else { word }
    });
    kept.collect()
}
