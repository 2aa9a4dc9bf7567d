//! `[[fault]]` of scenario files.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::scenario::BadScenario;
use super::world::parse;
use crate::model::fault::{Fault, FaultKind};

/// Something that goes wrong: a kind, how often, and for which requests.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What goes wrong: a word of [`FaultKind`].
    pub kind: String,
    /// The part of the requests, in percent; 100 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// Only this API action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Only for this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only in this Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Only for this image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// `slow`: how late the answer is; 1000 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// `stale`: how many reads do not show a write; 3 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<u32>,
    /// How often it happens before it is over; always, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl FaultSpec {
    /// The fault, checked.
    pub(super) fn check(self) -> Result<Fault, BadScenario> {
        let usual = Fault::new(parse::<FaultKind>(&self.kind, "fault.kind")?);
        let percent = self.percent.unwrap_or(usual.percent);
        if !(0.0..=100.0).contains(&percent) {
            return Err(BadScenario(format!("fault.percent: {percent} is not a number from 0 to 100")));
        }
        Ok(Fault {
            percent,
            call: self.call,
            account: self.account.map(|text| parse(&text, "fault.account")).transpose()?,
            region: self.region.map(|text| parse(&text, "fault.region")).transpose()?,
            image: self.image.map(|text| parse(&text, "fault.image")).transpose()?,
            delay: self.delay_ms.map_or(usual.delay, Duration::from_millis),
            reads: self.reads.unwrap_or(usual.reads),
            times: self.times,
            ..usual
        })
    }
}
