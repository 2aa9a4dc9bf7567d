//! A large organization: everything that is shared is found, also while requests fail.

use std::collections::BTreeSet;

use amiaudit::sandbox::generate::Size;

use crate::process::{scan, take};
use crate::served::{Behaviour, LIKE_AWS, Served};

/// account, Region, image, grantee
type Grant = [String; 4];

pub(crate) fn measure(part: usize) -> bool {
    let accounts = 200 / part;
    let calm = run(accounts, &Behaviour { latency_ms: 5, ..LIKE_AWS });
    let rough = run(accounts, &Behaviour { latency_ms: 5, fault_percent: 2.0, ..LIKE_AWS });
    calm && rough
}

fn run(accounts: usize, behaviour: &Behaviour) -> bool {
    let size = Size { accounts, regions: 17, images: 30, seed: 3, shared_percent: 12.5 };
    let served = Served::start(size, behaviour);
    let out = tempfile::tempdir().expect("a folder");
    let taken = take(&served.sandbox.url(), &served.key, &scan(out.path(), &[]));
    // Taken afterwards: with faults, images vanish while they are read.
    let truth: BTreeSet<Grant> = truth(&served);
    let outside: BTreeSet<Grant> = truth.iter().filter(|grant| is_outside(&grant[3])).cloned().collect();
    let shares = read(&out.path().join("shares.csv"), |_| true);
    let findings = read(&out.path().join("findings.csv"), |rule| rule != "block-public-access-off");
    let gaps = std::fs::read_to_string(out.path().join("gaps.csv")).unwrap_or_default();
    let gaps = gaps.lines().count().saturating_sub(1);
    println!(
        "{accounts} accounts x 17 Regions, {} images, {} % faults: {:.1} s, {:.1} s CPU, {:.1} MB, exit {}, {gaps} gaps",
        accounts * 17 * 30,
        behaviour.fault_percent,
        taken.wall,
        taken.cpu,
        taken.peak_mb,
        taken.exit
    );
    let held = shares == truth && findings == outside;
    println!(
        "{} shares and {} findings, {} and {} in truth: {}",
        shares.len(),
        findings.len(),
        truth.len(),
        outside.len(),
        if held { "holds" } else { "DOES NOT HOLD" }
    );
    held && gaps == 0
}

fn truth(served: &Served) -> BTreeSet<Grant> {
    let world = served.sandbox.world();
    world
        .grants()
        .map(|(place, image, grant)| {
            let grantee = match grant.member.as_str() {
                "groupName" => format!("groupName={}", grant.value),
                _ => grant.value.clone(),
            };
            [place.account.to_string(), place.region.to_string(), image.to_string(), grantee]
        })
        .collect()
}

/// Generated members are 1000…, and our organization is `o-generated00`.
fn is_outside(grantee: &str) -> bool {
    !grantee.starts_with("1000") && !grantee.contains("o-generated00")
}

fn read(file: &std::path::Path, wanted: impl Fn(&str) -> bool) -> BTreeSet<Grant> {
    let mut reader = csv::Reader::from_path(file).expect("a report");
    let names = reader.headers().expect("names").clone();
    let at = |name: &str| names.iter().position(|found| found == name);
    let columns = ["account_id", "region", "image_id", "grantee"].map(|name| at(name).expect("a column"));
    let rule = at("rule_id");
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.filter(|row| rule.is_none_or(|rule| wanted(&row[rule])))
        .map(|row| columns.map(|column| row[column].to_owned()))
        .collect()
}
