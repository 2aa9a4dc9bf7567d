//! Two accounts in two Regions with log file validation, and what was done to their files.

use serde_json::Value;

use super::digests::{CLOUDTRAIL, Object, Signer, Trail, hour};
use super::events::modify;
use super::org_trail::{OUTSIDER, PLACES};
use super::rows::{Row, pick};

/// Of each place: the log files of three hours, one file an hour with one share, and the digests.
pub(crate) struct Validated {
    pub(crate) logs: Vec<Object>,
    pub(crate) digests: Vec<Object>,
}

/// The image that is shared in a place in an hour.
pub(crate) fn image(place: usize, nth: usize) -> String {
    format!("ami-{place}{nth}")
}

impl Validated {
    pub(crate) fn new() -> Self {
        Self::signed_by(&CLOUDTRAIL)
    }

    /// The same with another's key, under the name of CloudTrail's.
    pub(crate) fn forged(forger: &Signer) -> Self {
        Self::signed_by(forger)
    }

    fn signed_by(signer: &Signer) -> Self {
        let (mut logs, mut digests) = (Vec::new(), Vec::new());
        for (nth, (account, region)) in PLACES.into_iter().enumerate() {
            let trail = Trail { signer, account, region };
            let hours: Vec<Vec<Object>> = (0..3).map(|hour| vec![log(&trail, nth, hour)]).collect();
            digests.extend(trail.chain_of(&hours, "", |_, digest| {
                digest["digestPublicKeyFingerprint"] = Value::from(CLOUDTRAIL.fingerprint.as_str());
            }));
            logs.extend(hours.into_iter().flatten());
        }
        Self { logs, digests }
    }

    /// The log file of a place's hour.
    pub(crate) fn log(&mut self, place: usize, hour: usize) -> &mut Object {
        &mut self.logs[place * 3 + hour]
    }
}

fn log(trail: &Trail<'_>, place: usize, nth: usize) -> Object {
    let at = hour(nth).to_string();
    let record = modify(&at, (trail.account, trail.region), &image(place, nth), "add", OUTSIDER);
    trail.log(nth, "x", serde_json::json!({ "Records": [record] }).to_string().as_bytes())
}

/// Images and verdicts of the rows, and of all images that are not named the usual verdict.
pub(crate) fn verdicts(rows: &[Row], usual: &str, others: &[(usize, usize, &str)]) {
    let mut wanted = Vec::new();
    for place in 0..4 {
        for hour in 0..3 {
            let other = others.iter().find(|(of, at, _)| (*of, *at) == (place, hour));
            let verdict = other.map_or(usual, |(_, _, verdict)| verdict);
            wanted.push([image(place, hour), verdict.to_owned()]);
        }
    }
    wanted.retain(|[_, verdict]| verdict != "gone");
    assert_eq!(pick(rows, ["image_id", "integrity"]), wanted);
}
