//! Snapshots, manifests, signatures, comparisons: what an auditor keeps.

use std::path::Path;
use std::process::Output;

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::generate::{Size, listed, organization};

use crate::support::binary::{amiaudit, amiaudit_at, stderr, stdout, told};
use crate::support::rows::{pick, rows};
use crate::support::served::Served;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    amiaudit(folder).args(arguments).output().unwrap()
}

fn read(folder: &Path, file: &str) -> Vec<u8> {
    std::fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn scan(served: &Served, folder: &Path, more: &[&str]) -> Output {
    let mut command = amiaudit_at(folder, &served.url(), &served.key());
    command.args(["scan", "--role-name", "Auditor", "--quiet"]).args(more).output().unwrap()
}

fn size(seed: u64) -> Size {
    Size { accounts: 3, regions: 2, images: 20, seed, shared_percent: 12.5 }
}

fn world(seed: u64) -> Scenario {
    organization(size(seed))
}

const POLICY: &str =
    "[[trusted]]\norganizations = [\"o-stranger000\"]\nowner = \"o\"\nreason = \"r\"\nexpires = 2099-12-31\n";

#[test]
fn judging_a_snapshot_again_gives_the_same_bytes() {
    let served = Served::new(world(2));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.toml"), POLICY).unwrap();
    for (name, policy) in [("plain", &[][..]), ("policy", &["--policy", "policy.toml"])] {
        let output = scan(&served, folder.path(), &[&["--out", name], policy].concat());
        assert_eq!(output.status.code(), Some(10), "{}", told(&output));
        let snapshot = format!("{name}/snapshot.json.zst");
        let again = [&["judge", &snapshot, "--out", "again", "--quiet"], policy].concat();
        let judged = run(folder.path(), &again);
        assert_eq!(judged.status.code(), Some(10), "{}", told(&judged));
        for file in ["findings.csv", "shares.csv", "coverage.csv", "gaps.csv", "exceptions.csv"] {
            let same = read(folder.path(), &format!("{name}/{file}"))
                == read(folder.path(), &format!("again/{file}"));
            assert!(same, "{name}/{file}");
        }
    }
    assert_ne!(read(folder.path(), "plain/findings.csv"), read(folder.path(), "policy/findings.csv"));
}

#[test]
fn shards_judge_as_one() {
    let served = Served::new(world(3));
    let folder = tempfile::tempdir().unwrap();
    scan(&served, folder.path(), &["--out", "whole"]);
    scan(&served, folder.path(), &["--out", "one", "--account", "100000000000", "--account", "100000000001"]);
    scan(&served, folder.path(), &["--out", "two", "--account", "100000000002"]);
    let judged = run(
        folder.path(),
        &["judge", "one/snapshot.json.zst", "two/snapshot.json.zst", "--out", "both", "--quiet"],
    );
    assert_eq!(judged.status.code(), Some(10), "{}", told(&judged));
    let columns = ["finding_id", "status", "account_id", "region", "image_id", "grantee"];
    let of = |name: &str| pick(&rows(&folder.path().join(name).join("findings.csv")), columns);
    assert_eq!(of("both"), of("whole"));
    assert_eq!(read(folder.path(), "both/coverage.csv"), read(folder.path(), "whole/coverage.csv"));
    let other = Served::new({
        let mut other = world(3);
        other.organization.as_mut().unwrap().id = "o-another0000".to_owned();
        other
    });
    scan(&other, folder.path(), &["--out", "other"]);
    let refused = run(folder.path(), &["judge", "one/snapshot.json.zst", "other/snapshot.json.zst"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(stderr(&refused).contains("of another organization"), "{}", told(&refused));
}

#[test]
fn a_damaged_snapshot_is_refused_with_its_reason() {
    let served = Served::new(world(4));
    let folder = tempfile::tempdir().unwrap();
    scan(&served, folder.path(), &["--out", "report"]);
    let whole = read(folder.path(), "report/snapshot.json.zst");
    let lines = zstd::decode_all(whole.as_slice()).unwrap();
    let text = String::from_utf8(lines).unwrap();
    let packed = |text: String| zstd::encode_all(text.as_bytes(), 0).unwrap();
    let last = text.trim_end().rfind('\n').unwrap();
    for (bytes, reason) in [
        (whole[..whole.len() - 3].to_vec(), "damaged"),
        (b"not a snapshot".to_vec(), "damaged"),
        (packed(text[..=last].to_owned()), "breaks off"),
        (packed(text.replacen("\"version\":6", "\"version\":99", 1)), "version 99"),
        (packed(text.lines().skip(1).map(|line| line.to_owned() + "\n").collect()), "does not begin"),
        (
            packed(
                text.lines()
                    .enumerate()
                    .filter(|(n, _)| *n != 1)
                    .map(|(_, line)| line.to_owned() + "\n")
                    .collect(),
            ),
            "says that it has",
        ),
        (packed(text.replacen("100000000000", "10000000000x", 2)), "12 digits"),
    ] {
        std::fs::write(folder.path().join("bad.zst"), bytes).unwrap();
        let output = run(folder.path(), &["judge", "bad.zst", "--out", "judged"]);
        assert_eq!(output.status.code(), Some(2), "{reason}: {}", told(&output));
        assert!(
            stderr(&output).contains("bad.zst") && stderr(&output).contains(reason),
            "{reason}: {}",
            told(&output)
        );
        assert!(!folder.path().join("judged").exists());
    }
}

#[test]
fn one_flipped_byte_in_any_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    make_keys(&keys);
    let output =
        run(folder.path(), &["demo", "--out", "report", "--sign-key", "keys/private.pem", "--quiet"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let verify = ["verify", "report", "--public-key", "keys/public.pem"];
    assert_eq!(run(folder.path(), &verify).status.code(), Some(0));
    let report = folder.path().join("report");
    let names: Vec<String> = std::fs::read_dir(&report)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in &names {
        let whole = read(&report, name);
        for at in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(report.join(name), &flipped).unwrap();
            let output = run(folder.path(), &verify);
            assert_eq!(output.status.code(), Some(10), "{name} at {at}: {}", told(&output));
            assert!(stderr(&output).contains(&format!("{name}: ")), "{name} at {at}: {}", told(&output));
            // Without the key, only the signature itself cannot be checked.
            let unsigned = run(folder.path(), &["verify", "report"]);
            assert_eq!(unsigned.status.code(), Some(if name.ends_with(".sig") { 0 } else { 10 }), "{name}");
        }
        std::fs::write(report.join(name), &whole).unwrap();
    }
    std::fs::remove_file(report.join("gaps.csv")).unwrap();
    std::fs::write(report.join("extra.csv"), "x").unwrap();
    let output = run(folder.path(), &verify);
    assert!(stderr(&output).contains("gaps.csv: it is missing"), "{}", told(&output));
    assert!(stderr(&output).contains("extra.csv: the manifest does not name it"), "{}", told(&output));
    // Another key did not sign it.
    std::fs::create_dir(folder.path().join("others")).unwrap();
    make_keys(&folder.path().join("others"));
    let forged = run(folder.path(), &["verify", "report", "--public-key", "others/public.pem"]);
    assert!(stderr(&forged).contains("manifest.json.sig: the signature does not fit"), "{}", told(&forged));
}

/// A pair of Ed25519 keys in PEM.
fn make_keys(folder: &Path) {
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
    let seed: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    std::fs::write(folder.join("private.pem"), key.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
    std::fs::write(folder.join("public.pem"), key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap())
        .unwrap();
}

#[test]
fn a_key_that_is_none_is_refused_before_anything_is_asked() {
    let served = Served::new(world(5));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let output = scan(&served, folder.path(), &["--sign-key", "key.pem"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(stderr(&output).contains("openssl genpkey"), "{}", told(&output));
    assert!(served.counts().is_empty());
}

/// Yesterday, with what has changed since: a grant revoked, an image gone, one disabled, one not read today.
fn yesterday() -> Scenario {
    let mut scenario = listed(size(6));
    for image in &mut scenario.images {
        image.shared_with.clear();
    }
    for (nth, image) in
        scenario.images.iter_mut().filter(|image| image.account == "100000000000").take(3).enumerate()
    {
        image.shared_with = vec![format!("90000000000{nth}")];
    }
    let elsewhere = scenario.images.iter_mut().find(|image| image.account == "100000000002").unwrap();
    elsewhere.shared_with = vec!["all".to_owned()];
    scenario
}

#[test]
fn a_baseline_tells_what_became_of_each_finding() {
    let folder = tempfile::tempdir().unwrap();
    let before = Served::new(yesterday());
    scan(&before, folder.path(), &["--out", "before"]);
    let mut today = yesterday();
    let ids: Vec<String> =
        today.images.iter().filter(|image| !image.shared_with.is_empty()).map(|i| i.id.clone()).collect();
    today.images[0].shared_with.clear();
    today.images[1].state = Some("disabled".to_owned());
    today.images[1].shared_with.clear();
    let gone = today.images[2].id.clone();
    today.images.retain(|image| image.id != gone);
    today.images[5].shared_with = vec!["900000000009".to_owned()];
    let fresh = today.images[5].id.clone();
    today.accounts[2].roles = Some(Default::default());
    let after = Served::new(today);
    let baseline = ["--baseline", "before/report.json", "--out", "after", "--images-csv"];
    let output = scan(&after, folder.path(), &baseline);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let found = pick(&rows(&folder.path().join("after/findings.csv")), ["image_id", "status", "resolution"]);
    let mut expected = [
        [ids[0].as_str(), "resolved", "revoked"],
        [ids[1].as_str(), "resolved", "disabled"],
        [ids[2].as_str(), "resolved", "deregistered"],
        [ids[3].as_str(), "not_assessed", ""],
        [fresh.as_str(), "open", ""],
    ]
    .map(|row| row.map(str::to_owned));
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(rows(&folder.path().join("after/images.csv")).len(), 2 * 2 * 20 - 1);

    // The snapshot judges the same.
    let again =
        ["judge", "after/snapshot.json.zst", "--baseline", "before/report.json", "--out", "again", "--quiet"];
    run(folder.path(), &again);
    assert_eq!(read(folder.path(), "again/findings.csv"), read(folder.path(), "after/findings.csv"));

    let diff = run(folder.path(), &["diff", "before/report.json", "after/report.json"]);
    assert_eq!(diff.status.code(), Some(10), "{}", told(&diff));
    let words: Vec<String> =
        stdout(&diff).lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    assert_eq!(words, ["new", "resolved", "resolved", "resolved", "not_assessed"]);
    let same = run(folder.path(), &["diff", "after/report.json", "after/report.json"]);
    assert_eq!(same.status.code(), Some(0), "{}", told(&same));
}

#[test]
fn only_new_findings_count_where_that_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::new(yesterday());
    scan(&served, folder.path(), &["--out", "before"]);
    let code = |more: &[&str]| {
        scan(&served, folder.path(), &[&["--baseline", "before/report.json", "--out", "x"], more].concat())
            .status
            .code()
    };
    assert_eq!(code(&[]), Some(10));
    assert_eq!(code(&["--fail-on-new"]), Some(0));
    let alone = run(folder.path(), &["scan", "--fail-on-new"]);
    assert_eq!(alone.status.code(), Some(2), "{}", told(&alone));
}

#[test]
fn an_earlier_report_that_was_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "report", "--quiet"]);
    let text = String::from_utf8(read(folder.path(), "report/report.json")).unwrap();
    for (changed, reason) in [
        (
            text.replacen(
                "\"rule_id\": \"public-ami\",\n      \"severity\"",
                "\"rule_id\": \"no-such\",\n      \"severity\"",
                1,
            ),
            "no rule",
        ),
        (text.replacen("ami-0d3e0000000000001", "ami-0d3e000000000000f", 1), "finding_id does not fit"),
        (text.replacen("\"schema_version\": 1", "\"schema_version\": 9", 1), "version 9"),
        ("[]".to_owned(), "not a report of amiaudit"),
    ] {
        std::fs::write(folder.path().join("changed.json"), &changed).unwrap();
        let output = run(folder.path(), &["diff", "changed.json", "report/report.json"]);
        assert_eq!(output.status.code(), Some(2), "{reason}: {}", told(&output));
        assert!(
            stderr(&output).contains("changed.json") && stderr(&output).contains(reason),
            "{reason}: {}",
            told(&output)
        );
    }
}

#[test]
fn judging_never_takes_its_own_input_away() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "report", "--quiet"]);
    let before = read(folder.path(), "report/snapshot.json.zst");
    let refused = run(folder.path(), &["judge", "report/snapshot.json.zst", "--out", "report"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert_eq!(read(folder.path(), "report/snapshot.json.zst"), before);
}

#[test]
fn any_flipped_bit_of_a_snapshot_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "report", "--quiet"]);
    let whole = read(folder.path(), "report/snapshot.json.zst");
    for nth in 0..60 {
        let mut flipped = whole.clone();
        flipped[nth * whole.len() / 60] ^= 1 << (nth % 8);
        std::fs::write(folder.path().join("bad.zst"), flipped).unwrap();
        let output = run(folder.path(), &["judge", "bad.zst", "--out", "judged", "--quiet"]);
        // A bit that changes nothing of what is read is no harm; anything else is refused.
        if output.status.code() != Some(2) {
            run(folder.path(), &["judge", "report/snapshot.json.zst", "--out", "right", "--quiet"]);
            for file in ["findings.csv", "shares.csv", "gaps.csv", "coverage.csv"] {
                let same = read(folder.path(), &format!("judged/{file}"))
                    == read(folder.path(), &format!("right/{file}"));
                assert!(same, "bit flip {nth}: {file}");
            }
        }
    }
}

#[test]
fn what_nobody_approves_any_more_is_news() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "approved", "--quiet"]);
    std::fs::write(folder.path().join("empty.toml"), "").unwrap();
    run(folder.path(), &["demo", "--out", "not", "--policy", "empty.toml", "--quiet"]);
    let diff = run(folder.path(), &["diff", "approved/report.json", "not/report.json"]);
    assert_eq!(diff.status.code(), Some(10), "{}", told(&diff));
    assert!(
        stdout(&diff).lines().any(|line| line.starts_with("new\tcritical\tpublic-ami")),
        "{}",
        told(&diff)
    );
}

#[test]
fn a_pipe_in_the_folder_is_named_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "report", "--quiet"]);
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("report/pipe")).status().unwrap();
    assert!(made.success());
    let output = run(folder.path(), &["verify", "report"]);
    assert_eq!(output.status.code(), Some(10), "{}", told(&output));
    assert!(stderr(&output).contains("pipe: the manifest does not name it"), "{}", told(&output));
}

/// Shards go by the latest of their times: an entry that had expired by then is not revived by an old shard.
#[test]
fn an_old_shard_revives_no_expired_entry() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["demo", "--out", "report", "--quiet"]);
    let packed = read(folder.path(), "report/snapshot.json.zst");
    let text = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), zstd::encode_all(text.as_bytes(), 0).unwrap()).unwrap();
    };
    write("old.zst", text.replacen("\"started_at\":\"2026-06-01", "\"started_at\":\"2025-01-01", 1));
    write("unasked.zst", text.replacen("\"membership\":\"in\"", "\"membership\":\"not_asked\"", 1));
    let policy = "[[intended_public]]\naccount = \"100000000009\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2025-06-01\n";
    std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
    let whole = "report/snapshot.json.zst";
    for shards in [["old.zst", whole], [whole, "old.zst"]] {
        let merged =
            [&["judge"][..], &shards, &["--policy", "policy.toml", "--out", "merged", "--quiet"]].concat();
        run(folder.path(), &merged);
        let findings =
            pick(&rows(&folder.path().join("merged/findings.csv")), ["rule_id", "account_id", "status"]);
        let public = ["public-ami", "100000000009", "open"].map(str::to_owned);
        assert!(findings.contains(&public), "{shards:?}: {findings:?}");
        assert!(findings.iter().any(|row| row[0] == "expired-exception"), "{shards:?}");
    }
    // A shard that did not ask for the organization is no shard of one that did.
    let refused = run(folder.path(), &["judge", whole, "unasked.zst", "--out", "x"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
}
