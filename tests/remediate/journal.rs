//! The journal: whole or refused, nobody else's, and cut where a run was killed.

use std::io::Write as _;

use amiaudit::remediate::{BadFile, JournalFile, Ledger as _, PlanLock, read_journal};

use super::fake::{begun, clock};

fn path() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    (folder, path)
}

async fn three_lines() -> Vec<u8> {
    let (_folder, path) = path();
    let journal = JournalFile::open(&path, true, clock()).unwrap();
    for _ in 0..3 {
        journal.write(begun()).await.unwrap();
    }
    std::fs::read(path).unwrap()
}

#[tokio::test]
async fn each_line_names_the_one_before_it() {
    let bytes = three_lines().await;
    let (lines, length) = read_journal(&bytes).unwrap();
    assert_eq!(lines.iter().map(|line| line.n).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(length, bytes.len());
}

#[tokio::test]
async fn a_line_that_was_changed_taken_away_or_put_elsewhere_is_named() {
    let bytes = three_lines().await;
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let bad = |text: String| read_journal(text.as_bytes()).unwrap_err().to_string();
    let why = "it does not follow the line before it: a line was changed, added or taken away";
    assert_eq!(bad(format!("{}{}", lines[0], lines[2])), format!("line 2: {why}"));
    assert_eq!(bad(format!("{}{}", lines[1], lines[2])), format!("line 1: {why}"));
    let changed = "it is not as it was written: its sha256 does not fit it";
    assert_eq!(bad(text.replacen("SEC-1", "SEC-2", 1)), format!("line 1: {changed}"));
    let last = lines[2].replacen("SEC-1", "SEC-2", 1);
    assert_eq!(bad(format!("{}{}{last}", lines[0], lines[1])), format!("line 3: {changed}"));
    assert_eq!(bad(format!("{}{}{}", lines[0], lines[0], lines[1])), format!("line 2: {why}"));
    assert!(bad("{}\n".to_owned()).starts_with("line 1: it is not a line of a journal of amiaudit"));
}

#[tokio::test]
async fn a_line_that_a_kill_cut_off_says_nothing_and_the_next_takes_its_place() {
    let (_folder, path) = path();
    let journal = JournalFile::open(&path, true, clock()).unwrap();
    journal.write(begun()).await.unwrap();
    drop(journal);
    // The writer's thread lets go of the file when it has ended.
    let whole = std::fs::read(&path).unwrap();
    std::fs::File::options().append(true).open(&path).unwrap().write_all(b"{\"n\":2,\"prev\":\"").unwrap();
    let journal = loop {
        match JournalFile::open(&path, false, clock()) {
            Ok(journal) => break journal,
            Err(BadFile::Locked) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    journal.write(begun()).await.unwrap();
    assert_eq!(read_journal(&std::fs::read(&path).unwrap()).unwrap().0.len(), 2);
}

#[test]
fn a_file_that_is_no_journal_is_left_as_it_is() {
    let (_folder, path) = path();
    for text in ["notes without an end", "{\"n\":2,\"prev\"", "{\"head\":1}", "x"] {
        std::fs::write(&path, text).unwrap();
        let error = JournalFile::open(&path, true, clock()).unwrap_err().to_string();
        assert_eq!(error, "line 1: it is not a line of a journal of amiaudit");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn nobody_else_writes_it_meanwhile() {
    let (_folder, path) = path();
    let _held = JournalFile::open(&path, true, clock()).unwrap();
    assert!(matches!(JournalFile::open(&path, true, clock()), Err(BadFile::Locked)));
}

#[test]
fn a_plan_is_locked_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let held = PlanLock::take(folder.path(), "ab/../cd").unwrap();
    assert!(matches!(PlanLock::take(folder.path(), "ab/../cd"), Err(BadFile::Locked)));
    PlanLock::take(folder.path(), "another").unwrap();
    drop(held);
    PlanLock::take(folder.path(), "ab/../cd").unwrap();
}

#[test]
fn a_link_in_its_place_is_refused() {
    let (folder, path) = path();
    let other = folder.path().join("other");
    std::fs::write(&other, "").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&other, &path).unwrap();
    let error = JournalFile::open(&path, true, clock()).unwrap_err();
    assert_eq!(error.to_string(), "it is no plain file");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = path();
    let _held = JournalFile::open(&path, true, clock()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
