//! Launch permissions, from EC2's DescribeImageAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html>

use aws_sdk_ec2::types::{ImageAttributeName, LaunchPermission};
use quick_xml::events::Event;

use super::SdkCloud;
use crate::aws::action::DESCRIBE_IMAGE_ATTRIBUTE;
use crate::aws::{BodyCapture, Target};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::place::Place;

impl SdkCloud {
    pub(super) async fn describe_launch_permissions(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Vec<Grantee>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_IMAGE_ATTRIBUTE };
        let body = BodyCapture::default();
        let send = || {
            client
                .describe_image_attribute()
                .image_id(image.as_str())
                .attribute(ImageAttributeName::LaunchPermission)
                .customize()
                .interceptor(body.clone())
                .send()
        };
        let answer = self.aws.sender().call(target, send).await?;
        let permissions = answer.launch_permissions.unwrap_or_default();
        let mut grantees: Vec<Grantee> = permissions.iter().flat_map(grantees_of).collect();
        if permissions.iter().any(|permission| members(permission).next().is_none()) {
            grantees.extend(unknown_members(&body.text().unwrap_or_default()));
        }
        grantees.sort();
        grantees.dedup();
        Ok(grantees)
    }
}

/// The members of an entry by wire name. AWS writes exactly one.
fn members(permission: &LaunchPermission) -> impl Iterator<Item = (&'static str, &str)> {
    let LaunchPermission { user_id, group, organization_arn, organizational_unit_arn, .. } = permission;
    [
        ("userId", user_id.as_deref()),
        ("group", group.as_ref().map(|group| group.as_str())),
        ("organizationArn", organization_arn.as_deref()),
        ("organizationalUnitArn", organizational_unit_arn.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}

fn grantees_of(permission: &LaunchPermission) -> impl Iterator<Item = Grantee> {
    members(permission).map(|(name, value)| Grantee::from_member(name, value))
}

/// The entries of which the SDK knows no member, read from the raw answer. Where even that says
/// nothing, one unreadable grantee stands for them: an entry is never dropped.
fn unknown_members(xml: &str) -> Vec<Grantee> {
    let mut found = Vec::new();
    for entry in entries(xml).unwrap_or_default() {
        if entry.iter().any(|(name, _)| Grantee::is_known_member(name)) {
            continue;
        }
        if entry.is_empty() {
            found.push(Grantee::unreadable(""));
        }
        found.extend(entry.iter().map(|(name, value)| Grantee::from_member(name, value)));
    }
    if found.is_empty() {
        found.push(Grantee::unreadable(""));
    }
    found
}

/// The members of each `item` right under `launchPermission`; `None` where the XML breaks.
fn entries(xml: &str) -> Option<Vec<Vec<(String, String)>>> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut entries: Vec<Vec<(String, String)>> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                text.clear();
                if is_entry(&path) {
                    entries.push(Vec::new());
                }
            }
            Event::Empty(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                if is_entry(&path) {
                    entries.push(Vec::new());
                }
                add_member(&path, String::new(), &mut entries);
                path.pop();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*reference)).ok()?);
            }
            Event::End(_) => {
                add_member(&path, std::mem::take(&mut text), &mut entries);
                path.pop();
            }
            Event::Eof => return Some(entries),
            _ => {}
        }
    }
}

fn is_entry(path: &[String]) -> bool {
    matches!(path, [.., list, item] if list == "launchPermission" && item == "item")
}

fn add_member(path: &[String], text: String, entries: &mut [Vec<(String, String)>]) {
    if let ([above @ .., name], Some(entry)) = (path, entries.last_mut())
        && is_entry(above)
    {
        entry.push((name.clone(), text));
    }
}
