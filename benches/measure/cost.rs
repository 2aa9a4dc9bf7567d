//! Instructions an image, and CPU time, beside a bare SDK loop over the same images.

use std::process::Command;

use crate::hold;
use crate::process::{AMIAUDIT, SandboxProcess, UNPACED, at, scan, take};

pub(crate) fn measure(part: usize) -> bool {
    let bare = bare_loop();
    let (few, many) = (1_000, 1_000 + 4_000 / part);
    let mut instructions = [[0.0; 2]; 2];
    for (nth, images) in [few, many].into_iter().enumerate() {
        let sandbox = sandbox(images);
        let out = tempfile::tempdir().expect("a folder");
        let line = scan(out.path(), UNPACED);
        instructions[0][nth] = counted(&sandbox, &line);
        instructions[1][nth] = counted(&sandbox, &[&bare]);
    }
    let slope = |counts: [f64; 2]| (counts[1] - counts[0]) / (many - few) as f64;
    let (ours, theirs) = (slope(instructions[0]), slope(instructions[1]));
    println!("instructions an image: scan {ours:.0}, bare SDK loop {theirs:.0}");
    let held = hold("scan / bare SDK loop, in instructions", ours / theirs, 1.15);

    let images = 20_000 / part;
    let sandbox = sandbox(images);
    let (mut scans, mut loops) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let out = tempfile::tempdir().expect("a folder");
        scans.push(take(&sandbox.url, &sandbox.key, &scan(out.path(), UNPACED)));
        loops.push(take(&sandbox.url, &sandbox.key, &[&bare]));
    }
    let cpu = [median(scans.iter().map(|t| t.cpu)), median(loops.iter().map(|t| t.cpu))];
    let wall = [median(scans.iter().map(|t| t.wall)), median(loops.iter().map(|t| t.wall))];
    println!(
        "{images} images, median of 5 turns: scan {:.2} s CPU, {:.2} s; bare loop {:.2} s CPU, {:.2} s",
        cpu[0], wall[0], cpu[1], wall[1]
    );
    println!("scan / bare SDK loop, in CPU time: {:.3}", cpu[0] / cpu[1]);
    held
}

fn sandbox(images: usize) -> SandboxProcess {
    SandboxProcess::start(&["--generate", &format!("accounts=1,regions=1,images={images},seed=1")])
}

/// The bare loop's own executable, which cargo builds beside this one.
fn bare_loop() -> String {
    let told = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "--bench", "bare_sdk_loop", "--no-run", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    String::from_utf8_lossy(&told.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "bare_sdk_loop")
        .find_map(|message| message["executable"].as_str().map(str::to_owned))
        .expect("the bare loop is built")
}

/// Instructions that a command executes, counted by callgrind.
fn counted(sandbox: &SandboxProcess, line: &[&str]) -> f64 {
    let out = tempfile::tempdir().expect("a folder");
    let file = out.path().join("callgrind.out");
    let output = at("valgrind", &sandbox.url, &sandbox.key)
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args(line)
        .output()
        .expect("valgrind runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let count = told.lines().find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.split_whitespace().next()?.parse().ok());
    count.unwrap_or_else(|| unreachable!("{AMIAUDIT} under valgrind: {told}"))
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
