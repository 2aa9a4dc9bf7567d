//! What a call does with grants: whom it lets in, whom it keeps out, or that it does not say.

use serde_json::Value;

use super::json::{member, text};
use crate::model::event::{EventName, GrantChange, Operation};
use crate::model::grantee::Grantee;

/// What a call does with grants.
pub(super) struct Grants {
    /// Never empty.
    pub(super) changes: Vec<GrantChange>,
    /// Whether that is all it can have done: a call whose parameters are missing or make no sense may have done
    /// anything.
    pub(super) is_clear: bool,
}

/// Reads it from the request's parameters. `account` is whose trail the record is in.
pub(super) fn read(name: EventName, request: Option<&Value>, account: &str) -> Grants {
    let attribute = match name {
        EventName::ModifyImageAttribute => "launchPermission",
        EventName::ModifySnapshotAttribute => "createVolumePermission",
        // It is in the trail of the grantee, which gives up its own grant.
        EventName::CancelImageLaunchPermission => {
            let grantee = Some(Grantee::from_member("userId", account));
            return Grants {
                changes: vec![GrantChange { operation: Operation::Remove, grantee }],
                is_clear: true,
            };
        }
        _ => return Grants::none(true),
    };
    let Some(request) = request.filter(|request| request.is_object()) else { return Grants::none(false) };
    let mut changes = Vec::new();
    let permission = member(request, attribute);
    if let Some(permission) = permission {
        add_from(permission, "add", Operation::Add, &mut changes);
        add_from(permission, "remove", Operation::Remove, &mut changes);
    }
    legacy(request, &mut changes);
    changes.sort();
    changes.dedup();
    if changes.is_empty() {
        return Grants::none(is_about_another_attribute(request, attribute));
    }
    // A permission that is no object, or a member of it that we do not know, may hide more.
    let known = |key: &String| ["add", "remove"].iter().any(|name| key.eq_ignore_ascii_case(name));
    let is_known = permission.is_none_or(|value| value.as_object().is_some_and(|map| map.keys().all(known)));
    // A call changes one attribute. Where it claims to change another, the parameters were read wrong: those of
    // Elastic have no quotes, and a description can look like anything in them.
    let is_clear = is_known && attribute_word(request).is_none_or(|word| is_word_for(&word, attribute));
    Grants { changes, is_clear }
}

/// Whether a call that names nobody certainly changes no grant.
fn is_about_another_attribute(request: &Value, attribute: &str) -> bool {
    if member(request, attribute).is_some() || member(request, "operationType").is_some() {
        return false;
    }
    match attribute_word(request) {
        Some(word) => !is_word_for(&word, attribute),
        // Without a word for it, one of the other attributes must be there.
        None => ["description", "imdsSupport", "value", "productCodes"]
            .iter()
            .any(|name| member(request, name).is_some()),
    }
}

/// The attribute that a call says it is about.
fn attribute_word(request: &Value) -> Option<String> {
    let named = ["attributeType", "attribute"].iter().find_map(|name| member(request, name));
    named.map(|value| text(Some(value)))
}

/// `launchPermission` and `LAUNCH_PERMISSION` alike.
fn is_word_for(word: &str, attribute: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    letters(word).eq_ignore_ascii_case(attribute) || word.is_empty()
}

impl Grants {
    fn none(is_clear: bool) -> Self {
        Self { changes: vec![GrantChange { operation: Operation::Other, grantee: None }], is_clear }
    }
}

/// The items under `add` or `remove`.
fn add_from(permission: &Value, name: &str, operation: Operation, changes: &mut Vec<GrantChange>) {
    let Some(list) = member(permission, name) else { return };
    let items = member(list, "items").unwrap_or(list);
    let mut add = |grantee| changes.push(GrantChange { operation, grantee: Some(grantee) });
    match items {
        Value::Array(items) => items.iter().flat_map(grantees).for_each(&mut add),
        Value::Object(map) if map.is_empty() => {}
        other => grantees(other).into_iter().for_each(&mut add),
    }
}

/// The grantees of one item: it has one member.
fn grantees(item: &Value) -> Vec<Grantee> {
    match item {
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .map(|(name, value)| Grantee::from_member(&as_documented(name), &text(Some(value))))
            .collect(),
        other => vec![Grantee::unreadable(&other.to_string())],
    }
}

/// The wire name of a member, whatever case it was logged in.
fn as_documented(name: &str) -> String {
    let known = ["userId", "group", "organizationArn", "organizationalUnitArn"];
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(name));
    found.map_or(name, |known| known).to_owned()
}

/// The form that EC2 still takes, with the operation apart from the lists. No record of it was ever seen.
fn legacy(request: &Value, changes: &mut Vec<GrantChange>) {
    let Some(word) = member(request, "operationType") else { return };
    let operation = match text(Some(word)).as_str() {
        "add" => Operation::Add,
        "remove" => Operation::Remove,
        _ => return,
    };
    const LISTS: [(&str, &[&str]); 4] = [
        ("userId", &["userId", "userIds", "userIdSet"]),
        ("group", &["userGroup", "userGroups", "userGroupSet", "group", "groups", "groupNames"]),
        ("organizationArn", &["organizationArn", "organizationArns", "organizationArnSet"]),
        (
            "organizationalUnitArn",
            &["organizationalUnitArn", "organizationalUnitArns", "organizationalUnitArnSet"],
        ),
    ];
    for (wire, names) in LISTS {
        for list in names.iter().filter_map(|name| member(request, name)) {
            let values = values(list);
            changes.extend(
                values.into_iter().map(|value| GrantChange {
                    operation,
                    grantee: Some(Grantee::from_member(wire, &value)),
                }),
            );
        }
    }
}

/// The texts of a list, whatever it is wrapped in.
fn values(list: &Value) -> Vec<String> {
    match list {
        Value::Array(items) => items.iter().flat_map(values).collect(),
        Value::Object(map) => map.values().flat_map(values).collect(),
        Value::Null => Vec::new(),
        other => vec![text(Some(other))],
    }
}
