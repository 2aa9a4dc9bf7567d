//! Runs the program as a process of its own, so that what it takes can be told from what the sandbox takes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) const AMIAUDIT: &str = env!("CARGO_BIN_EXE_amiaudit");
pub(crate) const RUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/measure/run.py");

/// Rates that no bucket limits.
pub(crate) const UNPACED: &[&str] = &[
    "--api-share",
    "1",
    "--api-rate",
    "DescribeImageAttribute=1000000/1000000,DescribeImages=1000000/1000000",
    "--api-rate",
    "AssumeRole=1000000/1000000,DescribeRegions=1000000/1000000",
];

/// What a process took.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Taken {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak_mb: f64,
    pub(crate) exit: i32,
}

/// A sandbox in a process of its own.
pub(crate) struct SandboxProcess {
    child: Child,
    pub(crate) url: String,
    pub(crate) key: String,
}

impl SandboxProcess {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(AMIAUDIT)
            .arg("sandbox")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the sandbox starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (mut url, mut key) = (String::new(), String::new());
        for line in lines.take(4).map_while(Result::ok) {
            if let Some(found) = line.strip_prefix("export AWS_ENDPOINT_URL=") {
                url = found.to_owned();
            }
            if let Some(found) = line.strip_prefix("export AWS_ACCESS_KEY_ID=") {
                key = found.to_owned();
            }
        }
        Self { child, url, key }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command with nothing of the user's AWS configuration, against an endpoint.
pub(crate) fn at(program: &str, url: &str, key: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("AWS_ENDPOINT_URL", url).env("AWS_ACCESS_KEY_ID", key);
    command.env("AWS_SECRET_ACCESS_KEY", "x").env("AWS_REGION", "us-east-1");
    command
}

/// Runs a command against an endpoint and says what it took.
pub(crate) fn take(url: &str, key: &str, line: &[&str]) -> Taken {
    let mut command = at("python3", url, key);
    command.arg(RUN).args(line);
    let output = command.output().expect("python3 runs");
    serde_json::from_slice(&output.stdout).expect("what it took")
}

/// `amiaudit scan` into a folder, quiet, without events.
pub(crate) fn scan<'a>(out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let out = out.to_str().expect("a path of plain characters");
    let line = [AMIAUDIT, "scan", "--quiet", "--role-name", "Auditor", "--events", "none", "--out", out];
    [&line, more].concat()
}

/// CPU seconds that a running process took so far.
pub(crate) fn cpu_of(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("Linux's /proc");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |nth: usize| fields[nth].parse::<f64>().unwrap_or(0.0);
    // Linux counts a hundred ticks a second, whatever the kernel's own clock.
    (ticks(11) + ticks(12)) / 100.0
}
