//! A disk that is full while a report is written.

use std::collections::BTreeSet;
use std::io::{Error, ErrorKind, Write};
use std::path::Path;
use std::process::Output;

use amiaudit::report::{FORMATS, Look, PRINTS, RenderError, Width};

use super::report;
use crate::support::binary::{amiaudit, stderr, told};

/// Takes so many bytes and no more.
struct Full {
    taken: Vec<u8>,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = bytes.len().min(self.room - self.taken.len());
        if count == 0 && !bytes.is_empty() {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        self.taken.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_format_tells_why_it_could_not_be_written() {
    let mut report = report();
    report.images = Some(Vec::new());
    for format in FORMATS {
        let mut whole = Vec::new();
        format.render(&report, &mut whole).unwrap();
        for room in [0, 1, whole.len() / 2, whole.len() - 1] {
            let mut out = Full { taken: Vec::new(), room };
            let error = format.render(&report, &mut out).unwrap_err();
            let RenderError::Write(error) = error else { panic!("{}: {error}", format.file()) };
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{}: {room}", format.file());
            assert_eq!(out.taken, whole[..room], "{}: {room}", format.file());
        }
        let mut out = Full { taken: Vec::new(), room: whole.len() };
        format.render(&report, &mut out).unwrap();
        assert_eq!(out.taken, whole, "{}", format.file());
    }
}

#[test]
fn every_form_on_standard_output_tells_it_too() {
    let report = report();
    let look = Look { width: Width::Columns(160), color: true };
    for print in PRINTS {
        let mut whole = Vec::new();
        print.render(&report, look, &mut whole).unwrap();
        let mut out = Full { taken: Vec::new(), room: whole.len() / 2 };
        let error = print.render(&report, look, &mut out).unwrap_err();
        let RenderError::Write(error) = error else { panic!("{}: {error}", print.name()) };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{}", print.name());
    }
}

/// Judges the sample's snapshot where no file may grow beyond 100 blocks (50 or 100 KiB): the CSV files fit, and
/// report.json, which comes last, does not.
fn judge_in_little_room(folder: &Path) -> Output {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample/snapshot.json.zst");
    let mut command = std::process::Command::new("sh");
    // Without the trap, the signal that comes with the error would end the program.
    command.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$@\"", "sh"]);
    command.arg(assert_cmd::cargo::cargo_bin!("amiaudit")).arg("judge").arg(snapshot);
    command.args(["--out", "out"]).current_dir(folder).output().unwrap()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_report_that_does_not_fit_leaves_the_earlier_one_alone() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let before = names(&sample);
    for name in &before {
        std::fs::write(out.join(name), "of an earlier run").unwrap();
    }
    let output = judge_in_little_room(folder.path());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let text = stderr(&output);
    assert!(text.contains("error: the report cannot be written: out/events.csv: File too large"), "{text}");
    assert!(!text.contains(".tmp"), "{text}");
    assert_eq!(names(&out), before);
    for name in &before {
        assert_eq!(std::fs::read_to_string(out.join(name)).unwrap(), "of an earlier run", "{name}");
    }
}

#[test]
fn a_report_that_does_not_fit_leaves_no_folder_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = judge_in_little_room(folder.path());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert_eq!(names(folder.path()), BTreeSet::new());
}

/// The same with room enough: what the tests above look for is what the limit does.
#[test]
fn a_report_that_fits_replaces_the_earlier_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample/snapshot.json.zst");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let earlier =
        ["findings.csv", "images.csv", "manifest.json", "manifest.json.sig", "snapshot.json.zst", "note"];
    for name in earlier {
        std::fs::write(out.join(name), "of an earlier run").unwrap();
    }
    let mut command = amiaudit(folder.path());
    let output = command.arg("judge").arg(snapshot).args(["--quiet", "--out", "out"]).output().unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let written = [
        "coverage.csv",
        "events.csv",
        "exceptions.csv",
        "findings.csv",
        "gaps.csv",
        "manifest.json",
        "note",
        "report.json",
        "shares.csv",
    ];
    assert_eq!(names(&out), written.map(str::to_owned).into());
    for name in written.into_iter().filter(|name| *name != "note") {
        assert_ne!(std::fs::read(out.join(name)).unwrap(), b"of an earlier run", "{name}");
        let mode = std::fs::metadata(out.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    std::fs::remove_file(out.join("note")).unwrap();
    let verified = amiaudit(folder.path()).args(["verify", "out"]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", told(&verified));
}
