//! Whether the rule that this project grew from would have seen an event: Elastic's 6a309864-fc3f-11ee-b8cc-f661ea17fbce,
//! its first version and its current one, over the fields that Elastic's pipeline makes of a record.
//! <https://github.com/elastic/detection-rules/blob/main/rules/integrations/aws/exfiltration_ec2_ami_shared_with_separate_account.toml>

use crate::model::event::{EventName, Outcome};

/// `ignore_above` of the field in Elastic's mapping, in UTF-16 units: a longer value is not indexed, so no query
/// finds it.
const LONGEST_INDEXED: usize = 8191;

/// What the rules look at.
pub(super) struct Fields<'a> {
    pub(super) name: EventName,
    pub(super) source: &'a str,
    pub(super) outcome: Outcome,
    /// The parameters as Java writes them; `None` where the envelope does not carry them.
    pub(super) parameters: Option<&'a str>,
    pub(super) invoked_by: &'a str,
}

/// The first version's and the current version's answer; `None` where it cannot be known.
pub(super) fn matches(fields: &Fields<'_>) -> (Option<bool>, Option<bool>) {
    let concerns = fields.name == EventName::ModifyImageAttribute
        && fields.source == "ec2.amazonaws.com"
        && fields.outcome == Outcome::Success;
    if !concerns {
        return (Some(false), Some(false));
    }
    let Some(parameters) = fields.parameters else { return (None, None) };
    let indexed = parameters.encode_utf16().count() <= LONGEST_INDEXED;
    let has = |text: &str| indexed && parameters.contains(text);
    let first = has("imageId") && has("add") && has("userId");
    let current = has("add=") && fields.invoked_by != "assets.marketplace.amazonaws.com";
    (Some(first), Some(current))
}
