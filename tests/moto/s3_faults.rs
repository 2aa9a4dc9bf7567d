//! A bucket that refuses, or whose lists never end.

use super::bucket::Bucket;
use super::http::{Front, Request, answer, s3_error};
use super::s3::{FIRST, events_of_days, found, plain, put_trail, shares, unread};
use super::server::Moto;
use crate::support::binary::{amiaudit_at, stderr, told};
use crate::support::org_trail::{ONE, ORG, PLACES, TWO, log_key};
use crate::support::rows::{pick, rows};

/// Whether a request is for an object, and not for a list.
pub(super) fn is_get(request: &Request) -> bool {
    request.method == "GET" && request.query("list-type").is_none()
}

/// How a request is refused.
type Words = fn(&Request) -> String;

/// What AWS says where the key of the objects may not be used.
pub(super) const NO_KEY: &str = "User: arn:aws:sts::123456789012:assumed-role/Reader/x is not authorized to perform: kms:Decrypt \
                      on resource: arn:aws:kms:us-east-1:123456789012:key/k because no resource-based policy allows it";

#[test]
fn s3_objects_that_are_refused_are_one_gap_of_their_place() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    for nth in 0..20 {
        bucket.put(&format!("AWSLogs/{ORG}/{}", log_key(PLACES[0], FIRST, &format!("{nth:02}"))), b"");
    }
    let of_place = format!("/{ONE}/CloudTrail/eu-west-1/");
    // AWS's refusals name the object, or the key that it is encrypted with.
    let by_object = |request: &Request| {
        let key = request.path.trim_start_matches('/').split('?').next().unwrap().to_owned();
        format!("User: x is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::{key}\"")
    };
    let by_kms = |_: &Request| NO_KEY.to_owned();
    let ways = [(by_object as Words, "s3:GetObject"), (by_kms as Words, "kms:Decrypt")];
    for (message, word) in ways {
        let of_place = of_place.clone();
        let front = Front::new(moto.url(), move |request| {
            let is_refused = is_get(request) && request.path.contains(&of_place);
            is_refused.then(|| s3_error("403 Forbidden", "AccessDenied", &message(request)))
        });
        let run = || events_of_days(front.url(), &["s3://acme-trail"]);
        let output = run();
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert_eq!(found(&output), shares(&PLACES[1..], 0..3));
        let lines = unread(&output);
        assert_eq!(lines.len(), 1, "{}", told(&output));
        let first = log_key(PLACES[0], FIRST, "00");
        let start = format!("could not be read: s3://acme-trail/AWSLogs/{ORG}/{first} and 22 more files: ");
        assert!(lines[0].starts_with(&start) && lines[0].contains(word), "{}", lines[0]);
        assert_eq!(stderr(&run()), stderr(&output), "whichever was refused first");
    }
}

#[test]
fn s3_a_place_whose_list_is_refused_is_a_gap_and_others_are_read() {
    let moto = Moto::start();
    put_trail(&Bucket::new(moto.url(), "acme-trail", "us-east-1"), "", &plain());
    let refused = format!("AWSLogs/{ORG}/{TWO}/CloudTrail/us-east-1/");
    let front = Front::new(moto.url(), {
        let refused = refused.clone();
        move |request| {
            let is_refused = request.query("prefix").as_ref() == Some(&refused);
            is_refused
                .then(|| s3_error("403 Forbidden", "AccessDenied", "no identity-based policy allows it"))
        }
    });
    let output = events_of_days(front.url(), &["s3://acme-trail"]);
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    assert_eq!(found(&output), shares(&PLACES[..3], 0..3));
    let lines = unread(&output);
    assert_eq!(lines.len(), 1, "{}", told(&output));
    let start = format!("could not be read: s3://acme-trail/{refused}: permission for s3:ListBucket");
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
}

/// A file that is not named as AWS names its own hides what its key's folders say, and nothing of other places.
#[test]
fn s3_a_stray_file_is_a_gap_of_its_folders_place() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    let key = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/06/01/stray.txt";
    bucket.put(key, b"");
    put_trail(&bucket, "", &plain());
    let home = tempfile::tempdir().unwrap();
    let output = amiaudit_at(home.path(), moto.url(), "management")
        .args(["scan", "--no-organization", "--region", "us-east-1", "--region", "eu-west-1"])
        .args(["--events", "s3://acme-trail", "--since", "2026-06-01", "--out", "report", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(20), "{}", told(&output));
    let mut gaps = rows(&home.path().join("report/gaps.csv"));
    gaps.retain(|gap| gap["call"] == "events");
    let wanted = ["123456789012", "us-east-1", &format!("s3://acme-trail/{key}")];
    assert_eq!(pick(&gaps, ["account_id", "region", "subject"]), [wanted.map(str::to_owned)]);
}

/// A page of a list that goes on with `next`.
fn page(key: &str, next: &str) -> Vec<u8> {
    let content = format!("<Contents><Key>{key}</Key><Size>9</Size></Contents>");
    let below = "<CommonPrefixes><Prefix>AWSLogs/</Prefix></CommonPrefixes>";
    let list =
        format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>");
    let body = format!("<ListBucketResult>{list}{content}{below}</ListBucketResult>");
    answer("200 OK", &[("content-type", "application/xml")], body.as_bytes())
}

#[test]
fn s3_a_list_that_never_ends_is_told() {
    let moto = Moto::start();
    let bucket = Bucket::new(moto.url(), "acme-trail", "us-east-1");
    put_trail(&bucket, "", &plain());
    let place = format!("AWSLogs/{ORG}/{ONE}/CloudTrail/us-east-1/");
    // Two tokens in turn, in a place; or already where prefixes are looked for.
    for endless in [place.clone(), String::new()] {
        let key = format!("AWSLogs/{ORG}/{}", log_key(PLACES[1], FIRST, "log"));
        let wanted = endless.clone();
        let front = Front::new(moto.url(), move |request| {
            let is_endless = request.query("prefix").as_ref() == Some(&wanted);
            let next = if request.query("continuation-token").as_deref() == Some("a") { "b" } else { "a" };
            is_endless.then(|| page(&key, next))
        });
        let output = events_of_days(front.url(), &["s3://acme-trail"]);
        assert_eq!(output.status.code(), Some(20), "{}", told(&output));
        assert!(stderr(&output).contains("the list does not end"), "{}", told(&output));
        // What came is reported: of the endless place, one day.
        let mut wanted = shares(&[PLACES[0], PLACES[2], PLACES[3]], 0..3);
        wanted.extend(shares(&PLACES[1..2], 0..1));
        wanted.sort();
        assert_eq!(found(&output), if endless.is_empty() { Vec::new() } else { wanted });
    }
}
