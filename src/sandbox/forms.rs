//! What calls are called with and answered, as CloudTrail writes it. Of the newer calls of EC2 it writes both inside
//! a member that is named after the call.

use serde_json::{Map, Value, json};

use super::world::Grant;

/// What a call says, for its record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) name: &'a str,
    pub(super) image: &'a str,
    /// The snapshot; empty but for calls about one.
    pub(super) snapshot: &'a str,
    /// The image's name, where it is made.
    pub(super) image_name: &'a str,
    pub(super) add: &'a [Grant],
    pub(super) remove: &'a [Grant],
    /// Another attribute than the launch permission, and its new value.
    pub(super) attribute: Option<(&'a str, &'a str)>,
}

impl Said<'_> {
    /// `requestParameters`.
    pub(super) fn parameters(&self) -> Value {
        let Self { name, image, image_name, .. } = *self;
        match name {
            "ModifyImageAttribute" => self.modify(),
            "ModifySnapshotAttribute" if !self.snapshot.is_empty() => json!({
                "snapshotId": self.snapshot,
                "createVolumePermission": self.permission(),
                "attributeType": "CREATE_VOLUME_PERMISSION",
            }),
            "ResetImageAttribute" => json!({ "imageId": image, "attribute": "launchPermission" }),
            "CreateImage" => {
                let instance = image.replacen("ami-", "i-", 1);
                json!({ "instanceId": instance, "name": image_name, "noReboot": false })
            }
            "RegisterImage" => json!({ "name": image_name, "rootDeviceName": "/dev/xvda" }),
            "CopyImage" => json!({ "name": image_name }),
            "DeregisterImage" => json!({ "imageId": image }),
            "EnableImageBlockPublicAccess" => {
                wrapped(name, "Request", json!({ "ImageBlockPublicAccessState": "block-new-sharing" }))
            }
            "DisableImage" | "EnableImage" | "RestoreImageFromRecycleBin" | "CreateStoreImageTask" => {
                wrapped(name, "Request", json!({ "ImageId": image }))
            }
            "DisableImageBlockPublicAccess" => wrapped(name, "Request", json!({})),
            _ if image.is_empty() => Value::Null,
            _ => json!({ "imageId": image }),
        }
    }

    fn modify(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("imageId".to_owned(), json!(self.image));
        let permission = self.permission();
        let attribute = match self.attribute {
            Some((attribute, value)) if permission.is_empty() => {
                fields.insert(attribute.to_owned(), json!({ "value": value }));
                attribute
            }
            _ => {
                fields.insert("launchPermission".to_owned(), Value::Object(permission));
                "launchPermission"
            }
        };
        fields.insert("attributeType".to_owned(), json!(attribute));
        Value::Object(fields)
    }

    /// Whom it lets in and keeps out.
    fn permission(&self) -> Map<String, Value> {
        let items = |grants: &[Grant]| -> Vec<Value> {
            grants.iter().map(|grant| json!({ grant.member.clone(): grant.value })).collect()
        };
        let mut permission = Map::new();
        for (word, grants) in [("add", self.add), ("remove", self.remove)] {
            if !grants.is_empty() {
                permission.insert(word.to_owned(), json!({ "items": items(grants) }));
            }
        }
        permission
    }

    /// `responseElements`, without the request's id.
    pub(super) fn response(&self) -> Value {
        let Self { name, image, .. } = *self;
        match name {
            "CreateImage" | "RegisterImage" | "CopyImage" => json!({ "imageId": image }),
            "EnableImageBlockPublicAccess" => state(name, "block-new-sharing"),
            "DisableImageBlockPublicAccess" => state(name, "unblocked"),
            "DisableImage" | "EnableImage" | "RestoreImageFromRecycleBin" => {
                wrapped(name, "Response", json!({ "return": true }))
            }
            "CreateStoreImageTask" => {
                wrapped(name, "Response", json!({ "objectKey": format!("{image}.bin") }))
            }
            "ModifyImageAttribute"
            | "ModifySnapshotAttribute"
            | "ResetImageAttribute"
            | "DeregisterImage" => {
                json!({ "_return": true })
            }
            _ => Value::Null,
        }
    }
}

fn state(name: &str, state: &str) -> Value {
    wrapped(name, "Response", json!({ "imageBlockPublicAccessState": state }))
}

fn wrapped(name: &str, what: &str, inner: Value) -> Value {
    json!({ format!("{name}{what}"): inner })
}

/// Lays given parameters over the usual ones: inside the member that is named after the call, if there is one.
pub(super) fn lay_over(usual: Value, given: &Map<String, Value>) -> Value {
    let mut all = if usual.is_null() { json!({}) } else { usual };
    let is_wrapped = |map: &Map<String, Value>| map.len() == 1 && map.values().all(Value::is_object);
    let fields = match all.as_object_mut() {
        Some(map) if is_wrapped(map) => map.values_mut().next().and_then(Value::as_object_mut),
        plain => plain,
    };
    if let Some(fields) = fields {
        fields.extend(given.clone());
    }
    all
}
