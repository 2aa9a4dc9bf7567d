//! Peak memory of scans that no bucket holds back, and of judging again what they read.

use crate::hold;
use crate::process::{AMIAUDIT, SandboxProcess, UNPACED, scan, take};

pub(crate) fn measure(part: usize) -> bool {
    let one = of_scan("accounts=1,regions=1", 20_000 / part, 1, 64.0);
    let forty = of_scan("accounts=8,regions=5", 25_000 / part, 40, 96.0);
    one && forty
}

fn of_scan(places: &str, images: usize, count: usize, limit: f64) -> bool {
    let sandbox = SandboxProcess::start(&["--generate", &format!("{places},images={images},seed=1")]);
    let out = tempfile::tempdir().expect("a folder");
    let line = scan(out.path(), &[UNPACED, &["--max-concurrency", "64"]].concat());
    let taken = take(&sandbox.url, &sandbox.key, &line);
    let shares = rows(&out.path().join("shares.csv"));
    println!(
        "{} images in {count} places ({shares} shares): {:.1} s, {:.1} s CPU, exit {}",
        images * count,
        taken.wall,
        taken.cpu,
        taken.exit
    );
    hold("peak memory in MB", taken.peak_mb, limit) && taken.exit == 10
}

/// Judges the snapshot of a million images again.
pub(crate) fn judge(part: usize) -> bool {
    let images = 25_000 / part;
    let generate = format!("accounts=8,regions=5,images={images},seed=1");
    let sandbox = SandboxProcess::start(&["--generate", &generate]);
    let out = tempfile::tempdir().expect("a folder");
    let scanned = take(&sandbox.url, &sandbox.key, &scan(out.path(), UNPACED));
    let snapshot = out.path().join("snapshot.json.zst");
    let again = out.path().join("again");
    let (from, to) = (snapshot.to_string_lossy(), again.to_string_lossy());
    let line = [AMIAUDIT, "judge", &from, "--out", &to, "--quiet"];
    let judged = take(&sandbox.url, &sandbox.key, &line);
    let size = std::fs::metadata(&snapshot).map_or(0, |file| file.len());
    println!(
        "{} images: snapshot {:.1} MB; judge {:.2} s, {:.2} s CPU, {:.1} MB, exit {}",
        images * 40,
        size as f64 / 1e6,
        judged.wall,
        judged.cpu,
        judged.peak_mb,
        judged.exit
    );
    hold("judge / scan, in CPU time", judged.cpu / scanned.cpu, 0.05)
}

fn rows(file: &std::path::Path) -> usize {
    let text = std::fs::read(file).unwrap_or_default();
    text.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1)
}
