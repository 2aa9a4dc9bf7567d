//! The scenario file: which accounts, images and grants there are, in TOML, and how the endpoint
//! misbehaves. docs/sandbox.md describes every key.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::call_spec::CallSpec;
pub use super::fault_spec::FaultSpec;
use super::generate::Size;

/// A whole world to be served.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The account whose credentials an unknown access key stands for; without it, the first generated one.
    #[serde(default)]
    pub caller: String,
    /// The Regions that exist and are enabled everywhere unless an account says otherwise.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The time at which it takes place: what is later has not happened yet, and the event history goes by it. The
    /// endpoint itself runs on the real clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
    /// Seconds that the endpoint's clock is ahead of the machine's.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_ahead_seconds: i64,
    /// How long an assumed role's credentials live.
    #[serde(default = "an_hour", skip_serializing_if = "is_an_hour")]
    pub session_seconds: i64,
    /// How late CloudTrail shows a call; AWS says about 5 minutes on average.
    #[serde(default = "five_minutes", skip_serializing_if = "is_five_minutes")]
    pub delivery_seconds: i64,
    /// An organization with images to be made from a seed, beside what the scenario lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Size>,
    /// The organization; without it the accounts are in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationSpec>,
    /// Organizational units.
    #[serde(default, rename = "ou", skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitSpec>,
    /// Accounts.
    #[serde(default, rename = "account", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountSpec>,
    /// Images.
    #[serde(default, rename = "image", skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageSpec>,
    /// Block public access, where it is not on.
    #[serde(default, rename = "block_public_access", skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<BlockSpec>,
    /// What was called before the endpoint started. What the scenario says besides is older than these.
    #[serde(default, rename = "call", skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallSpec>,
    /// Calls that fail.
    #[serde(default, rename = "fail", skip_serializing_if = "Vec::is_empty")]
    pub fails: Vec<FailSpec>,
    /// What goes wrong, by kind and rate.
    #[serde(default, rename = "fault", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultSpec>,
}

fn is_zero(seconds: &i64) -> bool {
    *seconds == 0
}

fn an_hour() -> i64 {
    3_600
}

fn is_an_hour(seconds: &i64) -> bool {
    *seconds == an_hour()
}

fn five_minutes() -> i64 {
    300
}

fn is_five_minutes(seconds: &i64) -> bool {
    *seconds == five_minutes()
}

/// The organization.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationSpec {
    /// `o-…`
    pub id: String,
    /// Its management account.
    pub management: String,
    /// Its root, `r-…`
    #[serde(default = "a_root")]
    pub root: String,
    /// Accounts besides the management account that may list the organization.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub delegated: BTreeSet<String>,
    /// Whether accounts are given with `State` and `Paths`, as AWS does now, or without, as it did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub old_fields_only: bool,
}

fn a_root() -> String {
    "r-demo".to_owned()
}

/// An organizational unit.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSpec {
    /// `ou-…-…`
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The unit above it; the root, if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// An account.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// 12 digits.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// `ACTIVE` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The unit it is in; the root, if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ou: Option<String>,
    /// When it joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Timestamp>,
    /// The Regions enabled there; all that exist, if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<BTreeSet<String>>,
    /// The roles that can be assumed there; any role, if this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<BTreeSet<String>>,
    /// The external id that its roles ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// An account that is not in the organization: a vendor, say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

/// An image.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// The owner.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// `ami-…`
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// `available` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Whether its volume is encrypted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// Marketplace product codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub product_codes: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who may launch it: `all`, an account id, an ARN, or `member=value` for anything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<String>,
    /// Who may make volumes of its snapshot: `all` or an account id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshot_shared_with: Vec<String>,
    /// When an instance was last launched from it, by anybody; never, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_launched: Option<Timestamp>,
    /// Who uses it, as a usage report says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<UsageSpec>,
}

/// A use of an image.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UsageSpec {
    /// Whose.
    pub account: String,
    /// `ec2:Instance` or `ec2:LaunchTemplate`.
    pub resource_type: String,
    /// How many of these.
    pub count: u64,
}

/// The state of block public access in some Regions of an account.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSpec {
    /// The account.
    pub account: String,
    /// The Regions; all of the account's, if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<BTreeSet<String>>,
    /// `unblocked` or `block-new-sharing`.
    pub state: String,
    /// `account` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
}

/// A call that always fails, in all places or in some.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FailSpec {
    /// The API action, such as `DescribeImages`.
    pub call: String,
    /// Only for this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only in this Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Only for this image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Only from this page on (the first is 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_page: Option<usize>,
    /// Only from this request of the action on (the first is 1), over all places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_request: Option<u64>,
    /// AWS's error code; the usual refusal of the service, if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The HTTP status; 403 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// A scenario that cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadScenario(pub String);

impl Scenario {
    /// Reads a scenario file's text. `name` is the file, for messages.
    ///
    /// # Errors
    /// It is not TOML of a scenario; the message has the line.
    pub fn parse(name: &str, text: &str) -> Result<Self, BadScenario> {
        toml::from_str(text).map_err(|error| BadScenario(format!("{name}: {error}")))
    }
}
