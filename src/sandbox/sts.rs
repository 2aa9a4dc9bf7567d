//! STS: who one is, and other accounts' roles.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, AwsError, sts};
use super::auth::{Asker, session_key};
use super::ids::letters;
use super::world::World;
use crate::model::ids::AccountId;

pub(super) type Params = HashMap<String, String>;

/// Answers an STS call.
pub(super) fn answer(
    world: &World,
    asker: &Asker,
    params: &Params,
    now: Timestamp,
) -> Result<Answer, AwsError> {
    match params.get("Action").map_or("", String::as_str) {
        "GetCallerIdentity" => Ok(identity(asker)),
        "AssumeRole" => assume(world, asker, params, now),
        other => Err(AwsError::new(400, "InvalidAction", format!("Could not find operation {other}"))),
    }
}

fn identity(asker: &Asker) -> Answer {
    let account = asker.place.account.to_string();
    let arn = asker.arn();
    // Of a user it is what CloudTrail calls the principal.
    let id = if asker.is_session { "AROASANDBOX:amiaudit".to_owned() } else { letters("AIDAEXAMPLE", &arn) };
    sts("GetCallerIdentity", |xml| {
        xml.leaf("Arn", &arn).leaf("UserId", &id).leaf("Account", &account);
    })
}

fn assume(world: &World, asker: &Asker, params: &Params, now: Timestamp) -> Result<Answer, AwsError> {
    let text = |name: &str| params.get(name).map_or("", String::as_str);
    let arn = text("RoleArn");
    let invalid = |what: &str| AwsError::new(400, "ValidationError", what.to_owned());
    let (account, role) = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .filter(|(_, role)| !role.is_empty())
        .ok_or_else(|| invalid(&format!("{arn} is invalid")))?;
    let account: AccountId = account.parse().map_err(|_| invalid(&format!("{arn} is invalid")))?;
    if text("RoleSessionName").is_empty() {
        return Err(invalid("roleSessionName is missing"));
    }
    if text("Policy").len() > 2_048 {
        return Err(AwsError::new(400, "PackedPolicyTooLarge", "the session policy is too large"));
    }
    let denied = || {
        let by = asker.arn();
        let message = format!("User: {by} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        AwsError::new(403, "AccessDenied", message)
    };
    let spec = world.accounts.get(&account).ok_or_else(denied)?;
    let has_role = spec.roles.as_ref().is_none_or(|roles| roles.contains(role));
    let external_id = params.get("ExternalId").map(String::as_str);
    if !has_role || spec.external_id.as_deref().is_some_and(|wanted| external_id != Some(wanted)) {
        return Err(denied());
    }
    let until = now + SignedDuration::from_secs(world.session_seconds);
    let name = role.rsplit('/').next().unwrap_or(role);
    let session = text("RoleSessionName");
    Ok(sts("AssumeRole", |xml| {
        xml.element("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", &format!("AROASANDBOX:{session}"));
            xml.leaf("Arn", &format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"));
        });
        xml.element("Credentials", |xml| {
            xml.leaf("AccessKeyId", &session_key(account));
            xml.leaf("SecretAccessKey", "sandbox").leaf("SessionToken", "sandbox");
            xml.leaf("Expiration", &until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        });
    }))
}
