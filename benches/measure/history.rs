//! How near the reading of event histories comes to AWS's two requests a second.

use amiaudit::model::event::EventName;
use amiaudit::sandbox::generate::{Size, organization};
use amiaudit::sandbox::{CallSpec, Scenario};
use jiff::{Timestamp, ToSpan as _};

use crate::hold;
use crate::process::{AMIAUDIT, take};
use crate::served::{LIKE_AWS, Served};

const ACCOUNTS: usize = 8;
const REGIONS: usize = 5;
/// AWS gives so many events a page, and so many requests a second; two at once after a pause.
const PAGE: usize = 50;
const RATE: f64 = 2.0;

pub(crate) fn measure(part: usize) -> bool {
    let events = if part > 1 { 100 } else { 1_000 };
    let served = Served::with(scenario(events), &LIKE_AWS);
    // In the first Region the events of Organizations are looked for too.
    let requests = EventName::ALL.len() + events.div_ceil(PAGE) - 1;
    let optimum = (requests as f64 - RATE) / RATE;
    let places = ACCOUNTS * REGIONS;
    println!("{places} places, {events} events in each: {requests} requests, AWS allows {optimum:.1} s");
    let line = [AMIAUDIT, "events", "lookup", "--quiet", "--role-name", "Auditor", "--api-share", "1"];
    let taken = take(&served.sandbox.url(), &served.key, &line);
    let (sent, throttled) = served.counts("LookupEvents");
    println!("{:.2} s, exit {}, {throttled} of {sent} refused", taken.wall, taken.exit);
    let pace = hold("wall time / optimum", taken.wall / optimum, 1.1);
    hold("refused for their rate, in %", 100.0 * throttled as f64 / sent as f64, 1.0)
        && pace
        && taken.exit == 0
}

/// An organization whose every place has a history.
fn scenario(events: usize) -> Scenario {
    let size = Size { accounts: ACCOUNTS, regions: REGIONS, images: 1, seed: 1, shared_percent: 0.0 };
    let mut scenario = organization(size);
    let now = Timestamp::now();
    let made = amiaudit::sandbox::World::new(scenario.clone()).expect("a world");
    let accounts: Vec<String> = made.accounts().map(|id| id.to_string()).collect();
    for account in &accounts {
        for region in made.regions() {
            scenario.calls.extend((0..events).map(|nth| CallSpec {
                at: now - ((nth as i64 + 1) * 60).minutes(),
                account: account.clone(),
                region: region.to_string(),
                name: "ModifyImageAttribute".to_owned(),
                image: "ami-0123456789abcdef0".to_owned(),
                error: "Client.InvalidAMIID.NotFound".to_owned(),
                ..CallSpec::default()
            }));
        }
    }
    scenario
}
