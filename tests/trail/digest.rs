//! Which log files are as CloudTrail wrote them, on chains of digests that are signed with real keys.

use std::collections::BTreeMap;

use amiaudit::model::event::Integrity::{self, Tampered, Unverified, Verified};
use amiaudit::trail::digest::{
    DigestCheck, DigestFile, DigestProblem, Hashed, PublicKeys, check, is_digest, read_public_keys,
};
use amiaudit::trail::merge;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{read_packed, records, share_with};
use crate::support::digests::{CLOUDTRAIL, FORGER, Object, Signer, Trail, sha256};

const ACCOUNT: &str = "111111111111";

fn trail(signer: &Signer) -> Trail<'_> {
    Trail { signer, account: ACCOUNT, region: "eu-west-1" }
}

/// What a trail delivered: four hours, the second of them without a log file.
struct World {
    hours: Vec<Vec<Object>>,
    digests: Vec<Object>,
}

impl World {
    fn new() -> Self {
        let trail = trail(&CLOUDTRAIL);
        let hours = vec![
            vec![trail.log(0, "a", b"{\"Records\":[1]}"), trail.log(0, "b", b"{\"Records\":[2]}")],
            vec![],
            vec![trail.log(2, "c", b"{\"Records\":[3]}")],
            vec![trail.log(3, "d", b"{\"Records\":[4]}")],
        ];
        let digests = trail.chain(&hours);
        Self { hours, digests }
    }

    fn files(&self) -> Vec<Hashed> {
        self.hours.iter().flatten().map(Object::hashed).collect()
    }

    fn in_s3(&self) -> Vec<DigestFile> {
        self.digests.iter().map(Object::in_s3).collect()
    }

    fn in_folder(&self) -> Vec<DigestFile> {
        self.digests.iter().map(Object::in_folder).collect()
    }

    /// The verdicts on `a`, `b`, `c` and `d`.
    fn verdicts(&self, check: &DigestCheck) -> [Integrity; 4] {
        let verdicts: Vec<Integrity> =
            self.hours.iter().flatten().map(|file| check.of(&file.url())).collect();
        assert_eq!(check.verdicts.len(), 4);
        verdicts.try_into().unwrap()
    }
}

fn checked(digests: &[DigestFile], files: &[Hashed]) -> DigestCheck {
    check(digests, files, &CLOUDTRAIL.keys(), |_| true)
}

/// Subject, finding, reason, place and window.
type Told = [String; 5];

fn told(check: &DigestCheck) -> Vec<Told> {
    let text = |problem: &DigestProblem| {
        [
            problem.subject.clone(),
            problem.finding.to_string(),
            problem.reason.clone(),
            problem.place.as_ref().map(ToString::to_string).unwrap_or_default(),
            problem.window.map(|window| format!("{} {}", window.from, window.to)).unwrap_or_default(),
        ]
    };
    check.problems.iter().map(text).collect()
}

const PLACE: &str = "111111111111 eu-west-1";

fn row(subject: &str, finding: &str, reason: &str, window: &str) -> Told {
    [subject, finding, reason, PLACE, window].map(str::to_owned)
}

/// What a digest's hour may hide: the hour, and the day before it.
const HOUR: [&str; 4] = [
    "2026-05-31T00:00:00Z 2026-06-01T01:00:00Z",
    "2026-05-31T01:00:00Z 2026-06-01T02:00:00Z",
    "2026-05-31T02:00:00Z 2026-06-01T03:00:00Z",
    "2026-05-31T03:00:00Z 2026-06-01T04:00:00Z",
];
const NO_SIGNATURE: &str = "its signature is not known: none came with it, and no digest after it has it";
const NO_FIT: &str = "its signature does not fit: it was changed or forged";

#[test]
fn all_is_as_cloudtrail_wrote_it() {
    let world = World::new();
    let found = checked(&world.in_s3(), &world.files());
    assert_eq!(world.verdicts(&found), [Verified; 4]);
    assert_eq!(told(&found), [] as [Told; 0]);
    // The order does not matter, nor do copies.
    let mut twice = [world.in_s3(), world.in_s3()].concat();
    twice.reverse();
    assert_eq!(checked(&twice, &world.files()), found);
}

#[test]
fn in_a_folder_each_digest_is_proven_by_the_next_and_the_newest_by_none() {
    let world = World::new();
    let found = checked(&world.in_folder(), &world.files());
    assert_eq!(world.verdicts(&found), [Verified, Verified, Verified, Unverified]);
    assert_eq!(told(&found), [row(&world.digests[3].path(), "unproven", NO_SIGNATURE, HOUR[3])]);
    // With its signature, from a file beside it, nothing is left.
    let mut digests = world.in_folder();
    digests[3].signature =
        world.digests[3].signature.as_ref().map(|text| format!(" {}\n", text.to_uppercase()));
    let found = checked(&digests, &world.files());
    assert_eq!(world.verdicts(&found), [Verified; 4]);
    assert_eq!(told(&found), [] as [Told; 0]);
}

#[test]
fn files_may_lie_unpacked() {
    let world = World::new();
    let name = |name: &str, ending: &str| name.strip_suffix(".gz").unwrap().to_owned() + ending;
    let digests: Vec<_> = world
        .digests
        .iter()
        .map(|digest| DigestFile {
            name: name(&digest.path(), "").into(),
            signature: digest.signature.clone(),
            ..digest.in_folder()
        })
        .collect();
    let files: Vec<_> = world.hours.iter().flatten().collect();
    let hashed: Vec<_> = files
        .iter()
        .map(|file| Hashed { name: name(&file.path(), ".zst").into(), ..file.hashed() })
        .collect();
    let found = checked(&digests, &hashed);
    assert_eq!(found.verdicts.into_values().collect::<Vec<_>>(), [Verified; 4]);
    assert_eq!(found.problems, []);
}

#[test]
fn a_changed_log_file_is_tampered() {
    let world = World::new();
    let mut files = world.files();
    files[0].sha256 = sha256(b"{\"Records\":[9]}");
    let found = checked(&world.in_s3(), &files);
    assert_eq!(world.verdicts(&found), [Tampered, Verified, Verified, Verified]);
    let reason = format!("its content is not the one whose hash is in {}", world.digests[0].url());
    let window = "2026-05-31T23:59:00Z 2026-06-01T00:04:00Z";
    assert_eq!(told(&found), [row(&world.hours[0][0].url(), "changed", &reason, window)]);
}

#[test]
fn log_files_that_changed_places_are_tampered() {
    let world = World::new();
    let mut files = world.files();
    (files[0].sha256, files[1].sha256) = (files[1].sha256, files[0].sha256);
    let found = checked(&world.in_s3(), &files);
    assert_eq!(world.verdicts(&found), [Tampered, Tampered, Verified, Verified]);
    // And one that is a copy of another hour's.
    files = world.files();
    files[3].sha256 = files[0].sha256;
    let found = checked(&world.in_s3(), &files);
    assert_eq!(world.verdicts(&found), [Verified, Verified, Verified, Tampered]);
}

#[test]
fn a_missing_log_file_is_told_where_it_is_wanted() {
    let world = World::new();
    let files: Vec<_> = world.files().into_iter().skip(1).collect();
    let found = checked(&world.in_s3(), &files);
    let a = &world.hours[0][0];
    let reason = format!("listed in {} and missing", world.digests[0].url());
    let window = "2026-05-31T23:59:00Z 2026-06-01T00:04:00Z";
    assert_eq!(told(&found), [row(&a.url(), "missing", &reason, window)]);
    assert_eq!(found.verdicts.into_values().collect::<Vec<_>>(), [Verified; 3]);
    let found = check(&world.in_s3(), &files, &CLOUDTRAIL.keys(), |key| key != a.key);
    assert_eq!(found.problems, []);
    // A digest that cannot be believed proves no absence.
    let found = checked(&world.in_folder()[..1], &files);
    assert_eq!(told(&found), [row(&world.digests[0].path(), "unproven", NO_SIGNATURE, HOUR[0])]);
}

#[test]
fn a_digest_of_another_key_is_forged() {
    let mut world = World::new();
    // Somebody who changed `d` makes a digest for it, and says that CloudTrail's key signed it.
    let mut forged: Value = serde_json::from_slice(&world.digests[3].content).unwrap();
    forged["logFiles"][0]["hashValue"] = json!(hex::encode(sha256(b"changed")));
    world.digests[3] = trail(&FORGER).signed(&forged);
    let mut files = world.files();
    files[3].sha256 = sha256(b"changed");
    let found = checked(&world.in_s3(), &files);
    assert_eq!(world.verdicts(&found), [Verified, Verified, Verified, Unverified]);
    assert_eq!(told(&found), [row(&world.digests[3].url(), "changed", NO_FIT, HOUR[3])]);
}

#[test]
fn what_a_forged_digest_names_is_not_missing() {
    let mut world = World::new();
    let mut forged: Value = serde_json::from_slice(&world.digests[3].content).unwrap();
    forged["previousDigestS3Object"] = json!("AWSLogs/never_was.json.gz");
    forged["logFiles"][0]["s3Object"] = json!("AWSLogs/never_was_either.json.gz");
    world.digests[3] = trail(&FORGER).signed(&forged);
    let found = checked(&world.in_s3(), &world.files());
    assert_eq!(told(&found), [row(&world.digests[3].url(), "changed", NO_FIT, HOUR[3])]);
}

#[test]
fn a_flipped_bit_of_a_signature_is_told_where_no_other_digest_has_it() {
    let world = World::new();
    let flipped = |nth: usize| {
        let mut digests = world.in_s3();
        let mut bytes = hex::decode(digests[nth].signature.as_ref().unwrap()).unwrap();
        bytes[100] ^= 4;
        digests[nth].signature = Some(hex::encode(bytes));
        checked(&digests, &world.files())
    };
    assert_eq!(world.verdicts(&flipped(3)), [Verified, Verified, Verified, Unverified]);
    assert_eq!(told(&flipped(3)), [row(&world.digests[3].url(), "changed", NO_FIT, HOUR[3])]);
    // The next digest has the right one, which the key proves.
    assert_eq!(world.verdicts(&flipped(1)), [Verified; 4]);
    assert_eq!(told(&flipped(1)), [] as [Told; 0]);
    for nonsense in ["null", "ß", "0", "00", &"ab".repeat(1 << 16)] {
        let mut digests = world.in_s3();
        digests[3].signature = Some(nonsense.to_owned());
        let found = checked(&digests, &world.files());
        assert_eq!(told(&found), [row(&world.digests[3].url(), "changed", NO_FIT, HOUR[3])], "{nonsense}");
    }
}

#[test]
fn a_changed_digest_is_not_what_the_next_one_says() {
    let mut world = World::new();
    // The hash of `a` is made to fit what `a` was changed to.
    let (right, wrong) = (sha256(b"{\"Records\":[1]}"), sha256(b"changed"));
    let text = String::from_utf8(world.digests[0].content.clone()).unwrap();
    world.digests[0].content = text.replace(&hex::encode(right), &hex::encode(wrong)).into_bytes();
    let mut files = world.files();
    files[0].sha256 = wrong;
    let found = checked(&world.in_s3(), &files);
    assert_eq!(world.verdicts(&found), [Unverified, Unverified, Verified, Verified]);
    let reason = format!("its content is not the one whose hash is in {}", world.digests[1].url());
    assert_eq!(told(&found), [row(&world.digests[0].url(), "changed", &reason, HOUR[0])]);
    // Also where the next one is not proven; then its signature does not fit.
    let found = checked(&world.in_s3()[..1], &files);
    assert_eq!(told(&found), [row(&world.digests[0].url(), "changed", NO_FIT, HOUR[0])]);
}

#[test]
fn a_missing_digest_is_told_inside_a_chain() {
    let world = World::new();
    let without = |gone: &[usize], all: &[DigestFile]| {
        let kept = all.iter().enumerate().filter(|(nth, _)| !gone.contains(nth));
        kept.map(|(_, digest)| digest.clone()).collect::<Vec<_>>()
    };
    let missing = |nth: usize, next: String, window: &str| {
        row(&world.digests[nth].url(), "missing", &format!("{next} follows it, and it is missing"), window)
    };
    let found = checked(&without(&[2], &world.in_s3()), &world.files());
    assert_eq!(world.verdicts(&found), [Verified, Verified, Unverified, Verified]);
    let window = "2026-05-31T02:00:00Z 2026-06-01T03:00:00Z";
    assert_eq!(told(&found), [missing(2, world.digests[3].url(), window)]);
    // Two: the window reaches back to the one that is there.
    let found = checked(&without(&[1, 2], &world.in_s3()), &world.files());
    let window = "2026-05-31T01:00:00Z 2026-06-01T03:00:00Z";
    assert_eq!(told(&found), [missing(2, world.digests[3].url(), window)]);
    // In a folder its signature of the one before is lost with it.
    let found = checked(&without(&[2], &world.in_folder()), &world.files());
    assert_eq!(world.verdicts(&found), [Verified, Verified, Unverified, Unverified]);
    let window = "2026-05-31T02:00:00Z 2026-06-01T03:00:00Z";
    let expected = [
        row(&world.digests[1].path(), "unproven", NO_SIGNATURE, HOUR[1]),
        row(&world.digests[3].path(), "unproven", NO_SIGNATURE, HOUR[3]),
        missing(2, world.digests[3].path(), window),
    ];
    assert_eq!(told(&found), expected);
    // Before the oldest there may be others that nobody asked for.
    let found = checked(&without(&[0, 1], &world.in_s3()), &world.files());
    assert_eq!(world.verdicts(&found), [Unverified, Unverified, Verified, Verified]);
    assert_eq!(told(&found), [] as [Told; 0]);
}

#[test]
fn a_chain_that_begins_anew_is_no_problem() {
    let world = World::new();
    let digests = trail(&CLOUDTRAIL).chain_of(&world.hours, "", |nth, digest| {
        if nth == 2 {
            for member in ["S3Bucket", "S3Object", "HashValue", "HashAlgorithm", "Signature"] {
                digest[format!("previousDigest{member}")] = Value::Null;
            }
        }
    });
    let found = checked(&digests.iter().map(Object::in_s3).collect::<Vec<_>>(), &world.files());
    assert_eq!(world.verdicts(&found), [Verified; 4]);
    assert_eq!(found.problems, []);
}

#[test]
fn a_key_that_was_not_given_proves_nothing() {
    let world = World::new();
    let reason = format!("its public key, {:?}, is not among those given", CLOUDTRAIL.fingerprint);
    let expected: Vec<_> = std::iter::zip(&world.digests, HOUR)
        .map(|(digest, window)| row(&digest.url(), "unproven", &reason, window))
        .collect();
    let found = check(&world.in_s3(), &world.files(), &FORGER.keys(), |_| true);
    assert_eq!(world.verdicts(&found), [Unverified; 4]);
    assert_eq!(told(&found), expected);
    assert_eq!(check(&world.in_s3(), &world.files(), &PublicKeys::default(), |_| true), found);
    let mut both = FORGER.keys();
    both.extend(CLOUDTRAIL.keys());
    assert_eq!(check(&world.in_s3(), &world.files(), &both, |_| true).problems, []);
}

#[test]
fn a_digest_that_was_copied_over_another_does_not_pass() {
    let world = World::new();
    let moved =
        |digest: &Object| format!("it says that it is {}: moved or copied, it proves nothing", digest.url());
    for name in [world.digests[2].url(), world.digests[2].path()] {
        let mut digests = world.in_s3();
        digests[2] = DigestFile { name: name.as_str().into(), ..digests[1].clone() };
        let found = checked(&digests, &world.files());
        assert_eq!(world.verdicts(&found), [Verified, Verified, Unverified, Verified]);
        assert_eq!(told(&found), [row(&name, "changed", &moved(&world.digests[1]), HOUR[2])]);
    }
    // The same name in another bucket: a copy, of which AWS's own tool says the same.
    let mut digests = world.in_s3();
    let name = format!("s3://other/{}", world.digests[3].key);
    digests[3].name = name.as_str().into();
    let found = checked(&digests, &world.files());
    assert_eq!(world.verdicts(&found), [Verified, Verified, Verified, Unverified]);
    assert_eq!(told(&found), [row(&name, "unproven", &moved(&world.digests[3]), HOUR[3])]);
}

#[test]
fn accounts_and_regions_are_apart() {
    let (mut digests, mut files) = (Vec::new(), Vec::new());
    let mut verdicts = BTreeMap::new();
    for account in [ACCOUNT, "222222222222"] {
        for region in ["eu-west-1", "us-east-1"] {
            let trail = Trail { signer: &CLOUDTRAIL, account, region };
            let hours: Vec<_> = (0..3).map(|nth| vec![trail.log(nth, "x", account.as_bytes())]).collect();
            let mut chain: Vec<_> = trail.chain(&hours).iter().map(Object::in_s3).collect();
            let mut hashed: Vec<_> = hours.iter().flatten().map(Object::hashed).collect();
            verdicts.extend(hashed.iter().map(|file| (file.name.clone(), Verified)));
            match (account, region) {
                // A log file is changed.
                (ACCOUNT, "us-east-1") => {
                    hashed[1].sha256 = sha256(b"changed");
                    verdicts.insert(hashed[1].name.clone(), Tampered);
                }
                // A digest is missing.
                ("222222222222", "eu-west-1") => {
                    chain.remove(1);
                    verdicts.insert(hashed[1].name.clone(), Unverified);
                }
                // A log file and the digest before it are missing, where others have digests of that time.
                ("222222222222", "us-east-1") => {
                    verdicts.remove(&hashed.remove(2).name);
                    verdicts.insert(hashed[0].name.clone(), Unverified);
                    chain.remove(0);
                }
                _ => {}
            }
            digests.extend(chain);
            files.extend(hashed);
        }
    }
    let found = checked(&digests, &files);
    assert_eq!(found.verdicts, verdicts);
    let told: Vec<_> =
        told(&found).into_iter().map(|[_, finding, _, place, window]| [finding, place, window]).collect();
    let expected = [
        ["changed", "111111111111 us-east-1", "2026-06-01T00:59:00Z 2026-06-01T01:04:00Z"],
        ["missing", "222222222222 eu-west-1", "2026-05-31T01:00:00Z 2026-06-01T02:00:00Z"],
        ["missing", "222222222222 us-east-1", "2026-06-01T01:59:00Z 2026-06-01T02:04:00Z"],
    ];
    assert_eq!(told, expected.map(|row| row.map(str::to_owned)));
}

#[test]
fn what_came_late_is_a_chain_of_its_own() {
    let world = World::new();
    let trail = trail(&CLOUDTRAIL);
    let late = trail.log(0, "late", b"late");
    let backfill = trail.chain_of(&[vec![late.clone()], vec![], vec![]], "_backfill", |_, _| ());
    let mut digests = world.in_s3();
    digests.extend([backfill[0].in_s3(), backfill[2].in_s3()]);
    let mut files = world.files();
    files.push(late.hashed());
    let found = checked(&digests, &files);
    assert_eq!(found.verdicts.into_values().collect::<Vec<_>>(), [Verified; 5]);
    let told: Vec<_> = found.problems.iter().map(|problem| problem.subject.clone()).collect();
    assert_eq!(told, [backfill[1].url()]);
    // A digest of the hour does not stand for one that came late.
    let found = checked(&[&world.in_s3()[..], &[backfill[2].in_s3()]].concat(), &world.files());
    assert_eq!(found.problems, []);
}

#[test]
fn of_two_files_of_one_name_each_goes_by_its_own_hash() {
    let world = World::new();
    let mut files = world.files();
    let a = &world.hours[0][0];
    let copy = Hashed { name: a.path().into(), sha256: sha256(b"changed") };
    files.push(copy.clone());
    let found = checked(&world.in_s3(), &files);
    assert_eq!((found.of(&a.url()), found.of(&a.path())), (Verified, Tampered));
    assert_eq!(found.problems.iter().map(|problem| &problem.subject).collect::<Vec<_>>(), [&a.path()]);
    // Under one and the same name, the worse is both's.
    for order in [[0, 1], [1, 0]] {
        let both = [a.hashed(), Hashed { name: a.url().into(), ..copy.clone() }];
        let found = check(&world.in_s3(), &order.map(|nth| both[nth].clone()), &CLOUDTRAIL.keys(), |_| false);
        assert_eq!(found.of(&a.url()), Tampered);
    }
    // A file of another name is in no digest, whatever is in it.
    let stray = Hashed { name: "logs/stray.json.gz".into(), ..a.hashed() };
    let found = checked(&world.in_s3(), &[&world.files()[..], &[stray]].concat());
    assert_eq!(found.of("logs/stray.json.gz"), Unverified);
    assert_eq!(found.of("logs/never seen"), Unverified);
    assert_eq!(found.problems, []);
}

#[test]
fn unknown_algorithms_prove_nothing() {
    let world = World::new();
    let edited = |edit: fn(&mut Value)| {
        let digests = trail(&CLOUDTRAIL).chain_of(&world.hours[..1], "", |_, digest| edit(digest));
        let found = checked(&[digests[0].in_s3()], &world.files());
        (world.verdicts(&found), told(&found))
    };
    let digest = world.digests[0].url();
    let (verdicts, told) = edited(|digest| digest["digestSignatureAlgorithm"] = json!("MD5withRSA"));
    assert_eq!(verdicts, [Unverified; 4]);
    let reason = "its signature is of the unknown algorithm \"MD5withRSA\"";
    assert_eq!(told, [row(&digest, "unproven", reason, HOUR[0])]);
    let edits: [fn(&mut Value); 3] = [
        |digest| digest["logFiles"][0]["hashAlgorithm"] = json!("SHA3-256"),
        |digest| digest["logFiles"][0]["hashValue"] = json!("00"),
        |digest| digest["logFiles"][0]["hashValue"] = json!("é".repeat(32)),
    ];
    for edit in edits {
        let (verdicts, told) = edited(edit);
        assert_eq!(verdicts, [Unverified, Verified, Unverified, Unverified]);
        let reason = format!("its hash in {digest} is no SHA-256");
        let window = "2026-05-31T23:59:00Z 2026-06-01T00:04:00Z";
        assert_eq!(told, [row(&world.hours[0][0].url(), "unproven", &reason, window)]);
    }
}

#[test]
fn what_is_no_digest_is_told_and_hides_its_hour() {
    let world = World::new();
    let good: Value = serde_json::from_slice(&world.digests[2].content).unwrap();
    let text = |edit: &dyn Fn(&mut Value)| {
        let mut digest = good.clone();
        edit(&mut digest);
        digest.to_string().into_bytes()
    };
    let mut contents = vec![
        Vec::new(),
        b"{".to_vec(),
        b"\xff\xfe".to_vec(),
        b"null".to_vec(),
        "[".repeat(1 << 20).into_bytes(),
        format!("{{\"logFiles\":{}", "[".repeat(1 << 20)).into_bytes(),
        format!("{{\"other\":{}{}}}", "[".repeat(1 << 20), "]".repeat(1 << 20)).into_bytes(),
        text(&|digest| digest["logFiles"] = json!({})),
        text(&|digest| digest["logFiles"] = json!([1])),
        text(&|digest| digest["previousDigestSignature"] = json!(7)),
        text(&|digest| digest["digestEndTime"] = json!("yesterday")),
        text(&|digest| digest["digestStartTime"] = json!("ß".repeat(1 << 16))),
        [world.digests[2].content.as_slice(), b"{}"].concat(),
        String::from_utf8(text(&|_| ())).unwrap().replacen('{', "{\"logFiles\":[],", 1).into_bytes(),
    ];
    for member in [
        "digestStartTime",
        "digestEndTime",
        "digestS3Bucket",
        "digestS3Object",
        "digestPublicKeyFingerprint",
        "logFiles",
    ] {
        contents.push(text(&|digest| _ = digest.as_object_mut().unwrap().remove(member)));
    }
    for content in contents {
        let shown = String::from_utf8_lossy(&content).chars().take(100).collect::<String>();
        let mut digests = world.in_s3();
        digests[2].content = content;
        let found = checked(&digests, &world.files());
        assert_eq!(world.verdicts(&found), [Verified, Verified, Unverified, Verified], "{shown}");
        let [problem] = told(&found).try_into().unwrap();
        let reason = problem[2].clone();
        assert!(reason.starts_with("it is no digest of CloudTrail's: ") && reason.len() < 500, "{reason}");
        assert_eq!(problem, row(&world.digests[2].url(), "changed", &reason, HOUR[2]));
    }
}

#[test]
fn crowds_and_circles_end() {
    let world = World::new();
    let template: Value = serde_json::from_slice(&world.digests[1].content).unwrap();
    let mut digests = world.in_s3();
    // Thousands that all name each other, themselves and the true ones as the digest before.
    for nth in 0..8192 {
        let mut digest = template.clone();
        let before = &world.digests[nth % 4];
        let own = &world.digests[(nth + 1) % 4];
        digest["digestS3Object"] = json!(own.key);
        digest["previousDigestS3Object"] = json!(before.key);
        digest["previousDigestHashValue"] = json!("00".repeat(32));
        digest["previousDigestSignature"] = json!(format!("{nth:04x}"));
        let name = format!("evil/{nth}/{}", own.key);
        digests.push(DigestFile {
            name: name.into(),
            content: digest.to_string().into_bytes(),
            signature: None,
        });
    }
    let found = checked(&digests, &world.files());
    assert_eq!(world.verdicts(&found), [Verified; 4]);
    let subjects: Vec<_> =
        found.problems.iter().filter(|problem| !problem.subject.starts_with("evil/")).collect();
    assert_eq!(subjects, [] as [&DigestProblem; 0]);
    assert_eq!(found.problems.len(), 8192);
}

#[test]
fn a_digest_of_very_many_files_is_read() {
    let trail = trail(&CLOUDTRAIL);
    let files: Vec<_> = (0..1 << 15).map(|nth| trail.log(0, &format!("{nth:x}"), b"same")).collect();
    let digest = trail.chain(std::slice::from_ref(&files));
    let there: Vec<_> = files.iter().skip(1).map(Object::hashed).collect();
    let found = checked(&[digest[0].in_s3()], &there);
    assert!(found.verdicts.values().all(|verdict| *verdict == Verified));
    assert_eq!(found.problems.iter().map(|problem| &problem.subject).collect::<Vec<_>>(), [&files[0].url()]);
}

#[test]
fn public_keys_are_read_as_they_are_listed() {
    // The user guide's example: a small first letter, one key in PKCS #1 and one in X.509's form.
    let guide = json!({ "publicKeyList": [
        {
            "ValidityStartTime": "1436317441.0",
            "ValidityEndTime": "1438909441.0",
            "Value": "MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmm\
                nP97mqyc7z/upfZdS/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEgBEkhlzc5\
                HuWO7S0y+KunqxX6jQBnXGMtxmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCmD0iJUkz8vTsn4hq/\
                5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiDq3k7adQIziLT0cShgQIDAQAB",
            "Fingerprint": "8eba5db5bea9b640d1c96a77256fe7f2",
        },
        {
            "Value": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqlzPJbvZJ42UdcmLfPUqXYNfOs6I8lCfao/tOs8CmzPOEdtLWugB\
                9xoIUz78qVHdKIqxbaG4jWHfJBiOSSFBM0lt8cdVo4TnRa7oG9io5pysS6DJhBBAeXsicufsiFJR+wrUNh8RSLxL4k6G1+BhLX20tJkZ\
                /erT97tDGBujAelqseGg3vPZbTx9SMfOLN65PdLFudLP7Gat0Z9p5jw/rjpclKfo9Bfc3heeBxWGKwBBOKnFAaN9V57pOaosCvPKmHd9\
                bg7jsQkI9Xp22IzGLsTFJZYVA3KiTAElDMu80iFXPHEq9hKNbt9e4URFam+1utKVEiLkR2disdCmPTK0VQIDAQAB",
            "Fingerprint": "31e8b5433410dfb61a9dc45cc65b22ff",
        },
    ] });
    assert!(!read_public_keys(guide.to_string().as_bytes()).unwrap().is_empty());
    assert!(read_public_keys(b"{\"PublicKeyList\":[]}").unwrap().is_empty());
    let refused = |json: &str| read_public_keys(json.as_bytes()).unwrap_err().to_string();
    let key = |value: &str| {
        refused(&json!({ "PublicKeyList": [{ "Value": value, "Fingerprint": "ab" }] }).to_string())
    };
    assert_eq!(key("?"), "the public key \"ab\" is no base64");
    assert_eq!(key("AAAA"), "the public key \"ab\" is no RSA key of 2048 bits or more");
    for text in ["", "[]", "{}", "{\"PublicKeyList\":[{}]}"] {
        let why = refused(text);
        assert!(why.starts_with("it is not what `aws cloudtrail list-public-keys` writes: "), "{why}");
    }
    // As the API gives it, without base64; a fingerprint in capitals is the same.
    let mut keys = PublicKeys::default();
    keys.add(&CLOUDTRAIL.fingerprint.to_uppercase(), CLOUDTRAIL.public_key()).unwrap();
    let world = World::new();
    assert_eq!(check(&world.in_s3(), &world.files(), &keys, |_| true).problems, []);
}

#[test]
fn digests_are_told_by_their_names() {
    let world = World::new();
    for digest in &world.digests {
        assert!(is_digest(&digest.url()) && is_digest(&digest.path()) && is_digest(&digest.key));
    }
    for file in world.hours.iter().flatten() {
        assert!(!is_digest(&file.url()) && !is_digest(&file.path()));
    }
    assert!(!is_digest("AWSLogs/111111111111/CloudTrail-Digest/notes.txt"));
}

#[test]
fn the_surest_delivery_of_an_event_is_kept() {
    let read = |integrity: Option<Integrity>, agent: &str| {
        let record = share_with("222222222222", json!({ "userAgent": agent }));
        let mut event = read_packed(records(&[record]).as_bytes()).events.remove(0);
        event.integrity = integrity;
        event
    };
    // Of two, the first is kept, in both orders; the fullest has an agent.
    let cases = [
        (read(Some(Verified), ""), read(Some(Tampered), "x"), Some(Verified)),
        (read(Some(Verified), ""), read(Some(Unverified), "x"), Some(Verified)),
        (read(Some(Verified), ""), read(None, "x"), Some(Verified)),
        (read(Some(Unverified), ""), read(Some(Tampered), "x"), Some(Unverified)),
        (read(None, ""), read(Some(Tampered), "x"), None),
        (read(None, "x"), read(Some(Unverified), ""), Some(Unverified)),
        (read(Some(Unverified), "x"), read(None, ""), Some(Unverified)),
    ];
    for (first, second, integrity) in cases {
        for events in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
            let merged = merge(events.to_vec());
            let kept: Vec<_> = merged.iter().map(|event| (&event.user_agent, event.integrity)).collect();
            assert_eq!(kept, [(&first.user_agent, integrity)]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever byte of whatever log file is changed, and however: it is not verified, and the others are.
    #[test]
    fn no_changed_byte_stays_verified(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 1..5),
        which in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let trail = trail(&CLOUDTRAIL);
        let files: Vec<_> =
            contents.iter().enumerate().map(|(nth, content)| trail.log(nth, "p", content)).collect();
        let hours: Vec<_> = files.iter().map(|file| vec![file.clone()]).collect();
        let digests: Vec<_> = trail.chain(&hours).iter().map(Object::in_s3).collect();
        let mut changed = files.clone();
        let which = which.index(changed.len());
        let content = &mut changed[which].content;
        let at = at.index(content.len());
        content[at] ^= change;
        let hashed: Vec<_> = changed.iter().map(Object::hashed).collect();
        let found = checked(&digests, &hashed);
        for (nth, file) in files.iter().enumerate() {
            prop_assert_eq!(found.of(&file.url()), if nth == which { Tampered } else { Verified });
        }
        let subjects: Vec<_> = found.problems.iter().map(|problem| problem.subject.clone()).collect();
        prop_assert_eq!(subjects, [files[which].url()]);
    }

    /// Whatever byte of a digest is changed, it lists nothing that is verified, and the change is told.
    #[test]
    fn no_changed_digest_is_trusted(at in any::<proptest::sample::Index>(), change in 1..=255_u8, has_next in any::<bool>()) {
        let world = World::new();
        let mut digests = world.in_s3();
        digests.truncate(if has_next { 4 } else { 1 });
        let content = &mut digests[0].content;
        let at = at.index(content.len());
        content[at] ^= change;
        let found = checked(&digests, &world.files());
        let rest = if has_next { Verified } else { Unverified };
        prop_assert_eq!(world.verdicts(&found), [Unverified, Unverified, rest, rest]);
        let subjects: Vec<_> = found.problems.iter().map(|problem| problem.subject.clone()).collect();
        prop_assert_eq!(subjects, [world.digests[0].url()]);
    }

    /// Anything at all may be read as a digest.
    #[test]
    fn nothing_panics(name in ".*", content in proptest::collection::vec(any::<u8>(), 0..300), signature in proptest::option::of(".*")) {
        let digest = DigestFile { name: name.as_str().into(), content, signature };
        let file = Hashed { name: name.into(), sha256: [0; 32] };
        let found = checked(&[digest], &[file]);
        prop_assert_eq!(found.problems.len(), 1);
    }
}
