//! AWS Organizations: its describe and list calls, in pages of 20.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

use serde_json::{Value, json};

use super::answer::{Answer, AwsError, json};
use super::auth::Asker;
use super::scenario::{AccountSpec, OrganizationSpec, UnitSpec};
use super::world::World;
use crate::model::ids::AccountId;

/// The most that a page holds, whatever is asked for.
const PAGE: usize = 20;

/// Answers an Organizations call.
pub(super) fn answer(world: &World, asker: &Asker, action: &str, input: &Value) -> Result<Answer, AwsError> {
    let organization = world.organization.as_ref().filter(|_| world.is_member(asker.place.account));
    let Some(organization) = organization else {
        let message = "Your account is not a member of an organization.";
        return Err(AwsError::new(400, "AWSOrganizationsNotInUseException", message));
    };
    if action == "DescribeOrganization" {
        return Ok(json(describe(organization)));
    }
    let who = asker.place.account.to_string();
    if who != organization.management && !organization.delegated.contains(&who) {
        let message = "You don't have permissions to access this resource.";
        return Err(AwsError::new(400, "AccessDeniedException", message));
    }
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    match action {
        "ListAccounts" => {
            let show = |(id, spec): (&AccountId, &AccountSpec)| account(world, organization, *id, spec);
            page("Accounts", world.members(), show, input)
        }
        "DescribeAccount" => {
            let id: Option<AccountId> = text("AccountId").parse().ok();
            let found = id.and_then(|id| world.members().find(|(member, _)| **member == id));
            let missing = || AwsError::new(400, "AccountNotFoundException", "There is no such account.");
            let (id, spec) = found.ok_or_else(missing)?;
            Ok(json(json!({ "Account": account(world, organization, *id, spec) })))
        }
        "ListRoots" => {
            let arn = format!(
                "arn:aws:organizations::{}:root/{}/{}",
                organization.management, organization.id, organization.root
            );
            let root = json!({ "Id": organization.root, "Arn": arn, "Name": "Root", "PolicyTypes": [] });
            page("Roots", std::iter::once(root), |root| root, input)
        }
        "ListOrganizationalUnitsForParent" => {
            let parent = parent(world, organization, text("ParentId"))?;
            let under = world.units.iter().filter(|unit| unit.parent.as_deref() == parent);
            page("OrganizationalUnits", under, |found| unit(organization, found), input)
        }
        "ListAccountsForParent" => {
            let parent = parent(world, organization, text("ParentId"))?;
            let under = world.members().filter(|(_, spec)| spec.ou.as_deref() == parent);
            page("Accounts", under, |(id, spec)| account(world, organization, *id, spec), input)
        }
        "ListParents" => {
            let child = text("ChildId");
            let of_account = child.parse().ok().and_then(|id: AccountId| world.accounts.get(&id));
            let above = match of_account {
                Some(spec) => spec.ou.clone(),
                None => world.units.iter().find(|unit| unit.id == child).and_then(|unit| unit.parent.clone()),
            };
            let parent = match above {
                Some(id) => json!({ "Id": id, "Type": "ORGANIZATIONAL_UNIT" }),
                None => json!({ "Id": organization.root, "Type": "ROOT" }),
            };
            page("Parents", std::iter::once(parent), |parent| parent, input)
        }
        other => Err(AwsError::new(400, "UnknownOperationException", format!("no operation {other} here"))),
    }
}

/// The unit of that id, or nothing for the root.
fn parent<'a>(
    world: &World,
    organization: &OrganizationSpec,
    id: &'a str,
) -> Result<Option<&'a str>, AwsError> {
    if id == organization.root {
        Ok(None)
    } else if world.units.iter().any(|unit| unit.id == id) {
        Ok(Some(id))
    } else {
        let message = "You specified parent that doesn't exist.";
        Err(AwsError::new(400, "ParentNotFoundException", message))
    }
}

fn describe(organization: &OrganizationSpec) -> Value {
    let OrganizationSpec { id, management, .. } = organization;
    json!({ "Organization": {
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": format!("arn:aws:organizations::{management}:account/{id}/{management}"),
        "MasterAccountId": management,
        "MasterAccountEmail": format!("{management}@example.com"),
        "AvailablePolicyTypes": [],
    }})
}

fn account(world: &World, organization: &OrganizationSpec, id: AccountId, spec: &AccountSpec) -> Value {
    let OrganizationSpec { id: org, management, root, old_fields_only, .. } = organization;
    let state = spec.state.as_deref().unwrap_or("ACTIVE");
    // A closed account says SUSPENDED in the field that State replaced.
    let status = match state {
        "CLOSED" => "SUSPENDED",
        "PENDING_ACTIVATION" => "ACTIVE",
        other => other,
    };
    let mut value = json!({
        "Id": id.to_string(),
        "Arn": format!("arn:aws:organizations::{management}:account/{org}/{id}"),
        "Email": format!("{id}@example.com"),
        "Name": spec.name,
        "Status": status,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": spec.joined.map_or(1_577_836_800, |at| at.as_second()),
    });
    if let (false, Some(fields)) = (old_fields_only, value.as_object_mut()) {
        let units = world.units_above(spec.ou.as_deref()).into_iter().map(|unit| format!("{unit}/"));
        let path = format!("{org}/{root}/{}{id}/", units.collect::<String>());
        fields.insert("State".to_owned(), json!(state));
        fields.insert("Paths".to_owned(), json!([path]));
    }
    value
}

fn unit(organization: &OrganizationSpec, unit: &UnitSpec) -> Value {
    let OrganizationSpec { id, management, .. } = organization;
    json!({
        "Id": unit.id,
        "Arn": format!("arn:aws:organizations::{management}:ou/{id}/{}", unit.id),
        "Name": unit.name,
    })
}

/// The page that was asked for; only what stands on it is made.
fn page<T>(
    key: &str,
    all: impl Iterator<Item = T>,
    show: impl Fn(T) -> Value,
    input: &Value,
) -> Result<Answer, AwsError> {
    let invalid = |what: &str| AwsError::new(400, "InvalidInputException", what.to_owned());
    let size = match input.get("MaxResults").and_then(Value::as_u64) {
        None => PAGE,
        Some(asked @ 1..=20) => asked as usize,
        Some(_) => return Err(invalid("You specified an invalid value for MaxResults.")),
    };
    let from: usize = match input.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => token
            .strip_prefix("from-")
            .and_then(|at| at.parse().ok())
            .ok_or_else(|| invalid("You specified an invalid NextToken."))?,
    };
    let mut rest = all.skip(from);
    let items: Vec<Value> = rest.by_ref().take(size).map(show).collect();
    let token = rest.next().map(|_| format!("from-{}", from.saturating_add(size)));
    let mut body = json!({ key: items });
    if let (Some(token), Some(fields)) = (token, body.as_object_mut()) {
        fields.insert("NextToken".to_owned(), json!(token));
    }
    Ok(json(body))
}
