//! Whatever goes wrong at random, a finding is found or a gap names its place: never a silent difference.

use std::collections::BTreeSet;

use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::{Faults, Options};

use crate::support::served::{Served, options};
use crate::support::truth::{Found, found, truth};

/// One organization with faults from `seed`: says what was lost without a gap, or found without being there.
fn silent_differences(seed: u64) -> Vec<Found> {
    let scenario = organization(Size { accounts: 6, regions: 3, images: 6, seed, shared_percent: 12.5 });
    // From a rough day to one on which nearly every second request fails.
    let percent = 3.0 + (seed as f64) * 1.5;
    let served = Served::with(
        scenario,
        Options { faults: Faults::new(percent, seed), keeps_calls: false, ..options() },
    );
    let before = truth(&served.sandbox().world());
    let Ok((reading, judged)) = served.scan(served.settings()) else {
        // Not even the caller's identity could be had: there is no report that could be wrong.
        return Vec::new();
    };
    // Images that vanished took their grants along.
    let after = truth(&served.sandbox().world());
    let found = found(&judged);
    let gaps: BTreeSet<(String, String)> = reading
        .gaps
        .iter()
        .map(|gap| {
            let region = gap.region.as_ref().map(ToString::to_string).unwrap_or_default();
            (gap.account.unwrap().to_string(), region)
        })
        .collect();
    let explained = |row: &Found| {
        // A broken list of accounts makes strangers unknown, and says so in a gap of the caller's account.
        let undetermined = {
            let (_, account, region, image, grantee) = row.clone();
            ("undetermined-grantee".to_owned(), account, region, image, grantee)
        };
        gaps.contains(&(row.1.clone(), row.2.clone()))
            || gaps.contains(&(row.1.clone(), String::new()))
            || (found.contains(&undetermined) && reading.gaps.iter().any(|gap| gap.call == "ListAccounts"))
    };
    let lost = after.difference(&found).filter(|row| !explained(row));
    let invented = found.difference(&before).filter(|row| row.0 != "undetermined-grantee");
    lost.chain(invented).cloned().collect()
}

#[test]
fn nothing_is_lost_in_silence() {
    let threads: Vec<_> = (0..4u64)
        .map(|lane| {
            std::thread::spawn(move || {
                for seed in (0..32u64).filter(|seed| seed % 4 == lane) {
                    assert_eq!(silent_differences(seed), Vec::<Found>::new(), "seed {seed}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
