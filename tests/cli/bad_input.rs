//! One clear message each, the right exit code, and no half-written report.

use std::path::Path;
use std::process::Output;

use amiaudit::sandbox::Scenario;
use amiaudit::sandbox::generate::{Size, organization};

use crate::support::binary::{amiaudit, amiaudit_at, stderr, stdout, told};
use crate::support::served::Served;

/// Runs with an error: nothing on standard output, one `error:` line, and nothing in the folder.
fn refused(output: &Output, folder: &Path, code: i32, wanted: &[&str]) {
    assert_eq!(output.status.code(), Some(code), "{}", told(output));
    assert_eq!(stdout(output), "", "{}", told(output));
    let text = stderr(output);
    assert_eq!(text.lines().filter(|line| line.starts_with("error:")).count(), 1, "{text}");
    for part in wanted {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty() || left == ["accounts.json"] || left == ["file"], "{left:?}");
}

#[test]
fn wrong_use_is_2_and_names_the_flag() {
    for (arguments, wanted) in [
        (&["scan", "--regoin", "us-east-1"][..], &["--regoin", "--region"][..]),
        (&["scan", "--region", "frankfurt"], &["--region", "frankfurt", "eu-west-1"]),
        (&["scan", "--account", "1234"], &["--account", "1234", "12 digits"]),
        (&["scan", "--ou", "r-ab12"], &["--ou", "ou-ab12-cd34ef56"]),
        (&["scan", "--role-name", "arn:aws:iam::111111111111:role/x"], &["--role-name", "not the ARN"]),
        (&["scan", "--api-share", "0"], &["--api-share"]),
        (&["scan", "--api-rate", "DescribeImages=fast"], &["--api-rate", "200/40"]),
        (&["scan", "--fail-on", "bad"], &["--fail-on", "critical"]),
        (&["scan", "--format", "xlsx"], &["--format", "csv", "json"]),
        (&["scan", "--print", "yaml"], &["--print", "table", "markdown"]),
        (&["scan", "--api-rate", "DescribeImage=1/1"], &["--api-rate", "DescribeImages"]),
        (&["scan", "--endpoint-url", "foo"], &["--endpoint-url", "http://127.0.0.1:5000"]),
        (&["scan", "--endpoint-url", ""], &["--endpoint-url"]),
        (&["scan", "--endpoint-url", "http://host:99999"], &["--endpoint-url"]),
        (&["scan", "--no-organization", "--ou", "ou-ab12-cd34ef56"], &["--ou", "--no-organization"]),
        (&["scan", "--organization", "missing.json"], &["missing.json", "No such file"]),
        (&["scan", "--out", "s3://bucket/x"], &["--out", "local folder"]),
        (&["sandbox", "--generate", "accounts=99999999999"], &["--generate", "50,000"]),
        (&["scan", "--events", "lookup,none"], &["--events none"]),
        (&["scan", "--events", "S3://acme"], &["S3://acme: No such file", "did you mean s3://acme?"]),
        (&["events", "LOOKUP"], &["LOOKUP: No such file", "did you mean lookup?"]),
        (&["events", "none"], &["none is for scan --events"]),
        (&["events", "lookup", "--verify-digests"], &["--verify-digests is for a bucket or files"]),
        (&["events", "s3://b", "--athena-workgroup", "w"], &["--athena-workgroup is for a table"]),
        (&["scan", "--athena-output", "s3://b"], &["--athena-output is for a table"]),
        (&["scan", "--events", "lookup,.", "--request-payer"], &["--request-payer is for a bucket"]),
        (&["scan", "--print-sql", "--ou", "ou-ab12-cd34ef56"], &["--print-sql", "--ou", "the organization"]),
        (
            &["scan", "--print-sql", "--exclude-account", "111122223333"],
            &["--print-sql", "--exclude-account"],
        ),
        (&["scan", "--organization", "x", "--no-organization"], &["--organization", "--no-organization"]),
        (&["remediate", "plan"], &["remediate"]),
        (&["watch"], &["watch"]),
        (&["rules", "no-such-rule"], &["no-such-rule", "amiaudit rules"]),
        (&["sandbox", "--generate", "accounts=none"], &["--generate", "accounts=N"]),
        (&["sandbox", "--generate", "shared=101"], &["--generate", "shared=PCT"]),
        (&["sandbox", "--fault", "kind=boredom"], &["--fault", "boredom", "region_denied"]),
        (&["sandbox", "--fault", "percent=5"], &["--fault", "kind="]),
        (&["sandbox", "--fault", "kind=slow,percent=200"], &["--fault", "percent", "0 to 100"]),
        (&["sandbox", "--fault", "kind=slow,account=1"], &["--fault", "account", "12 digits"]),
        (&["sandbox", "--fault", "kind=slow,moon=full"], &["--fault", "moon", "delay_ms"]),
        (&["sandbox", "--scenario", "missing.toml"], &["missing.toml", "No such file"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = amiaudit(folder.path()).args(arguments).output().unwrap();
        refused(&output, folder.path(), 2, wanted);
    }
}

#[test]
fn a_variable_is_checked_like_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        amiaudit(folder.path()).arg("scan").env("AMIAUDIT_REGION", "us-east-1,frankfurt").output().unwrap();
    refused(&output, folder.path(), 2, &["frankfurt"]);
}

#[test]
fn an_endpoint_variable_that_is_no_url() {
    for (name, value) in [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_EC2", "nowhere")] {
        let folder = tempfile::tempdir().unwrap();
        let output = amiaudit(folder.path()).arg("scan").env(name, value).output().unwrap();
        refused(&output, folder.path(), 2, &[name]);
    }
}

#[test]
fn a_defect_is_1_and_no_panic_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), "http://127.0.0.1:9", "AKIA\rTEST");
    let output = command.arg("scan").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
}

#[test]
fn standard_output_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["rules"][..], &["--help"], &["demo", "--exit-zero", "--print", "json"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("amiaudit"));
        let output = command.args(arguments).current_dir(folder.path()).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        amiaudit(folder.path()).args(["scan", "--endpoint-url", "http://127.0.0.1:9"]).output().unwrap();
    refused(&output, folder.path(), 1, &["no AWS credentials were found", "--profile", "aws sso login"]);
}

#[test]
fn a_configured_region_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = amiaudit_at(folder.path(), "http://127.0.0.1:9", "AKIATEST");
    let output = command.env("AWS_REGION", "frankfurt").arg("scan").output().unwrap();
    refused(&output, folder.path(), 2, &["AWS_REGION", "frankfurt", "eu-west-1"]);
}

#[test]
fn a_profile_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit(folder.path())
        .args(["scan", "--profile", "nobody", "--endpoint-url", "http://127.0.0.1:9"])
        .output()
        .unwrap();
    refused(&output, folder.path(), 1, &["credentials", "nobody"]);
}

#[test]
fn an_endpoint_that_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output =
        amiaudit_at(folder.path(), &format!("http://{nobody}"), "AKIATEST").arg("scan").output().unwrap();
    refused(
        &output,
        folder.path(),
        1,
        &["GetCallerIdentity", "the endpoint could not be reached: Connection refused", "127.0.0.1"],
    );
}

fn small() -> Scenario {
    organization(Size { accounts: 2, regions: 2, images: 3, seed: 1, shared_percent: 12.5 })
}

#[test]
fn a_wrong_clock() {
    let served = Served::new(Scenario { clock_ahead_seconds: 7_200, ..small() });
    let folder = tempfile::tempdir().unwrap();
    let output = amiaudit_at(folder.path(), &served.url(), &served.key()).arg("scan").output().unwrap();
    refused(&output, folder.path(), 1, &["this machine's clock is 2 hours behind AWS's", "set it right"]);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let served = Served::new(small());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "a file, not a folder").unwrap();
    let output = amiaudit_at(folder.path(), &served.url(), &served.key())
        .args(["scan", "--out", "file/report"])
        .output()
        .unwrap();
    refused(&output, folder.path(), 1, &["the report cannot be written", "file/report", "--out"]);
    // It was tried before anything was asked of AWS.
    assert_eq!(served.counts().len(), 0);
}

#[test]
fn accounts_and_regions_that_are_not_there() {
    let served = Served::new(small());
    for (arguments, wanted) in [
        (["--account", "123456789012"], ["--account 123456789012", "list-accounts"]),
        (["--account", "100000000001"], ["--account 100000000001", "--role-name"]),
        (["--region", "eu-wset-1"], ["--region eu-wset-1", "describe-regions"]),
        (["--exclude-account", "100000000000"], ["no account is left", "--role-name"]),
        (["--ou", "ou-demo-nowhere0"], ["--ou ou-demo-nowhere0", "no such organizational unit"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = amiaudit_at(folder.path(), &served.url(), &served.key())
            .arg("scan")
            .args(arguments)
            .output()
            .unwrap();
        refused(&output, folder.path(), 2, &wanted);
    }
}

#[test]
fn an_organization_file_that_is_none() {
    let served = Served::new(small());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("accounts.json"), "{\"Accounts\": [{\"Id\": \"12\"}]}").unwrap();
    let run = |file: &str| {
        amiaudit_at(folder.path(), &served.url(), &served.key())
            .args(["scan", "--organization", file])
            .output()
            .unwrap()
    };
    refused(&run("accounts.json"), folder.path(), 2, &["accounts.json: Accounts[0]: Id:", "12 digits"]);
    refused(&run("nowhere.json"), folder.path(), 2, &["nowhere.json", "No such file"]);
}

#[test]
fn flags_of_sources_are_no_slip_where_no_events_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |source: &str| {
        let mut command = amiaudit_at(folder.path(), "http://127.0.0.1:9", "none");
        command.env("AMIAUDIT_ATHENA_WORKGROUP", "audit").args(["doctor", "--events", source]);
        command.output().unwrap()
    };
    let none = doctor("none");
    assert!(stdout(&none).starts_with("fails  credentials: "), "{}", told(&none));
    let lookup = doctor("lookup");
    assert_eq!(lookup.status.code(), Some(2), "{}", told(&lookup));
    assert!(stderr(&lookup).contains("--athena-workgroup is for a table"), "{}", told(&lookup));
}
