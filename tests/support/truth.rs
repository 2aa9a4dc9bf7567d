//! What a perfect scan of a generated organization finds, told from the grants' texts alone.

use std::collections::BTreeSet;

use amiaudit::judge::Judgement;
use amiaudit::sandbox::World;

/// rule, account, Region, image, grantee
pub(crate) type Found = (String, String, String, String, String);

/// The findings about shares, as they should be. Members of generated organizations are 1000…, strangers
/// 9000….
pub(crate) fn truth(world: &World) -> BTreeSet<Found> {
    world
        .grants()
        .filter_map(|(place, image, grant)| {
            let value = grant.value.as_str();
            let rule = match grant.member.as_str() {
                "group" => "public-ami",
                "userId" if value.starts_with("9000") => "shared-outside-organization",
                "organizationArn" | "organizationalUnitArn" if value.contains("o-stranger") => {
                    "shared-with-foreign-organization"
                }
                "groupName" => "unrecognized-grantee",
                _ => return None,
            };
            let shown =
                if rule == "unrecognized-grantee" { format!("groupName={value}") } else { value.to_owned() };
            let place = (place.account.to_string(), place.region.to_string());
            Some((rule.to_owned(), place.0, place.1, image.to_owned(), shown))
        })
        .collect()
}

/// The findings about shares, as they were judged.
pub(crate) fn found(judgement: &Judgement) -> BTreeSet<Found> {
    judgement
        .findings
        .iter()
        .filter_map(|finding| {
            Some((
                finding.rule.id.to_owned(),
                finding.account?.to_string(),
                finding.region.as_ref()?.to_string(),
                finding.image.as_ref()?.id.to_string(),
                finding.grantee.as_ref()?.to_string(),
            ))
        })
        .collect()
}
