//! A Python environment under `target/`, with the packages of tests/requirements.txt: boto3 and moto.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The environment's Python. Made at the first call; the same for all tests of a run, and kept for the
/// next run.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(make)
}

/// A program of the environment.
pub(crate) fn tool(name: &str) -> PathBuf {
    python().with_file_name(name)
}

fn make() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("target/ is above target/tmp");
    let venv = target.join("python");
    let python = venv.join("bin/python");
    let stamp = venv.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_for| made_for == REQUIREMENTS) {
        return python;
    }
    run(Command::new("python3").args([
        OsStr::new("-m"),
        OsStr::new("venv"),
        OsStr::new("--clear"),
        venv.as_os_str(),
    ]));
    let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(wanted));
    std::fs::write(&stamp, REQUIREMENTS).unwrap();
    python
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}. The tests need Python 3 with venv (python3 on the PATH) for boto3 and moto.")
    });
    assert!(
        output.status.success(),
        "{command:?} failed. The tests need Python 3 with venv, and PyPI.\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a script of `tests/` and returns what it printed.
pub(crate) fn script(path: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path);
    let mut command = Command::new(python());
    command.arg(file).args(arguments).env_clear().envs(variables.iter().copied());
    String::from_utf8(run(&mut command).stdout).unwrap()
}

/// Runs a script of `tests/` with this on its standard input.
pub(crate) fn script_with_input(path: &str, input: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path);
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("input");
    std::fs::write(&given, input).unwrap();
    let mut command = Command::new(python());
    command.arg(file).stdin(std::fs::File::open(given).unwrap());
    String::from_utf8(run(&mut command).stdout).unwrap()
}
