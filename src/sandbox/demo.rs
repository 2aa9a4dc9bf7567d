//! The demo's organization: a lifelike one, in `demo.toml` beside this file, with the serial images that
//! pipelines leave behind, and the calls that made and shared them, filled in.

use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::demo_builds::{FAMILIES, Family, nightly};
use super::scenario::{BadScenario, ImageSpec, Scenario};

const TEXT: &str = include_str!("demo.toml");

/// The policy that the demo is judged by.
pub const POLICY: &str = include_str!("demo-policy.toml");

/// The day before the demo's own time: 2026-05-31T08:00:00Z. A scan as of then, taken as the baseline of one as of
/// now, proves which grants are older than the delay of the event history.
pub const EARLIER: Timestamp = Timestamp::constant(1_780_214_400, 0);

/// How far the event history reaches back.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The demo's organization at the demo's own time, always the same.
///
/// # Errors
/// Never, unless `demo.toml` was broken; a test reads it.
pub fn organization() -> Result<Scenario, BadScenario> {
    let mut scenario = Scenario::parse("demo.toml", TEXT)?;
    let now = scenario.now.unwrap_or(Timestamp::UNIX_EPOCH);
    for (nth, family) in FAMILIES.iter().enumerate() {
        for (place, region) in family.regions.iter().enumerate() {
            for version in 0..family.versions {
                let id = |place: usize| format!("ami-0{:03x}{:03x}{version:010x}", nth + 0xa0, place + 0xb0);
                let mut image = image(family, region, id(place), version, now);
                // Grants that are older than the history have no calls.
                if image.created.is_some_and(|at| at.duration_until(now) > HISTORY) {
                    image.shared_with = family.grantees();
                } else {
                    scenario.calls.extend(family.calls(&image, version, (place, &id(0))));
                }
                scenario.images.push(image);
            }
        }
    }
    scenario.calls.extend(nightly(now));
    Ok(scenario)
}

/// The same organization as it was at an earlier time, such as [`EARLIER`].
///
/// # Errors
/// As those of [`organization`].
pub fn organization_as_of(time: Timestamp) -> Result<Scenario, BadScenario> {
    Ok(Scenario { now: Some(time), ..organization()? })
}

/// The same organization at another time than its own, with all that ever happened in it as long ago as it was. Names
/// stay, with the dates in them.
///
/// # Errors
/// As those of [`organization`].
pub fn organization_moved_to(time: Timestamp) -> Result<Scenario, BadScenario> {
    let mut scenario = organization()?;
    let now = scenario.now.unwrap_or(time);
    // CloudTrail writes whole seconds.
    let by = SignedDuration::from_secs(time.as_second() - now.as_second());
    let move_time = |at: &mut Timestamp| *at = at.saturating_add(by).unwrap_or(*at);
    let joined = scenario.accounts.iter_mut().filter_map(|account| account.joined.as_mut());
    let created = scenario.images.iter_mut().filter_map(|image| image.created.as_mut());
    let called = scenario.calls.iter_mut().map(|call| &mut call.at);
    joined.chain(created).chain(called).chain(scenario.now.as_mut()).for_each(move_time);
    Ok(scenario)
}

/// One build of a family: weekly, the newest last week.
fn image(family: &Family, region: &str, id: String, version: u32, now: Timestamp) -> ImageSpec {
    let weeks = i64::from(family.versions - version);
    let created = now.checked_sub((weeks * 7 * 24).hours()).ok();
    let stamp = created.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    ImageSpec {
        account: family.account.to_owned(),
        region: region.to_owned(),
        id,
        name: format!("{}-{stamp}", family.name),
        created,
        encrypted: false,
        tags: [("pipeline".to_owned(), family.name.to_owned())].into(),
        ..ImageSpec::default()
    }
}
