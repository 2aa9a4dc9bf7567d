//! Launch permissions, from EC2's DescribeImageAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html>

use aws_sdk_ec2::types::{ImageAttributeName, LaunchPermission};
use quick_xml::events::Event;

use super::{SdkCloud, malformed};
use crate::aws::action::DESCRIBE_IMAGE_ATTRIBUTE;
use crate::aws::{OddEntry, Target, cause};
use crate::model::caller::Caller;
use crate::model::failure::Failure;
use crate::model::grantee::Grantee;
use crate::model::ids::ImageId;
use crate::model::place::Place;

/// The answer on the wire.
pub(super) const ANSWER: &str = "DescribeImageAttributeResponse";
/// The list of launch permissions in it.
pub(super) const LIST: &str = "launchPermission";
/// The members of an entry that the SDK knows: AWS writes exactly one of them.
pub(super) const MEMBERS: &[&str] = &["userId", "group", "organizationArn", "organizationalUnitArn"];

impl SdkCloud {
    pub(super) async fn describe_launch_permissions(
        &self,
        caller: &Caller,
        place: &Place,
        image: &ImageId,
    ) -> Result<Vec<Grantee>, Failure> {
        let client = self.client(caller, place).await?;
        let target = Target { place, action: DESCRIBE_IMAGE_ATTRIBUTE };
        let send = || {
            let call = client.describe_image_attribute().image_id(image.as_str());
            let call = call.attribute(ImageAttributeName::LaunchPermission);
            async move {
                match call.send().await {
                    Ok(answer) => Ok(answer.launch_permissions.map(|list| known(&list))),
                    Err(error) => match cause::<OddEntry>(&error) {
                        // Read from the raw answer: the SDK skips the members of an entry that it does not know.
                        Some(odd) => Ok(entries(&odd.body).map(|entries| raw(&entries))),
                        None => Err(error),
                    },
                }
            }
        };
        let listed = self.aws.sender().call(target, send).await?;
        let unreadable = "the answer has no launch permissions that can be read";
        let mut grantees = listed.ok_or_else(|| malformed(DESCRIBE_IMAGE_ATTRIBUTE, unreadable))?;
        grantees.sort();
        grantees.dedup();
        Ok(grantees)
    }
}

/// The grantees of entries that hold one known member each.
fn known(list: &[LaunchPermission]) -> Vec<Grantee> {
    let of = |entry: &LaunchPermission| {
        let members = [
            ("userId", entry.user_id()),
            ("group", entry.group().map(|group| group.as_str())),
            ("organizationArn", entry.organization_arn()),
            ("organizationalUnitArn", entry.organizational_unit_arn()),
        ];
        let member = members.into_iter().find_map(|(name, value)| Some((name, value?)));
        // The SDK was given one; where it lost it, the entry is not dropped either.
        member.map_or_else(|| Grantee::unreadable(""), |(name, value)| Grantee::from_member(name, value))
    };
    list.iter().map(of).collect()
}

fn raw(entries: &[Vec<(String, String)>]) -> Vec<Grantee> {
    entries.iter().flat_map(|entry| grantees_of(entry)).collect()
}

/// The grantees of an entry. AWS writes exactly one member; an entry with none is not dropped either.
fn grantees_of(entry: &[(String, String)]) -> Vec<Grantee> {
    if entry.is_empty() {
        return vec![Grantee::unreadable("")];
    }
    entry.iter().map(|(name, value)| Grantee::from_member(name, value)).collect()
}

/// The members of each `item` of the list; an entry of another name has none that can be read. `None` where the XML
/// breaks, or has no list.
fn entries(xml: &str) -> Option<Vec<Vec<(String, String)>>> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut entries: Vec<Vec<(String, String)>> = Vec::new();
    let (mut text, mut listed) = (String::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                text.clear();
                listed |= begin_entry(&path, &mut entries);
            }
            Event::Empty(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                listed |= begin_entry(&path, &mut entries);
                add_member(&path, String::new(), &mut entries);
                path.pop();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*reference)).ok()?);
            }
            Event::End(_) => {
                add_member(&path, std::mem::take(&mut text), &mut entries);
                path.pop();
            }
            Event::Eof => return listed.then_some(entries),
            _ => {}
        }
    }
}

/// Begins an entry where one begins; whether this is the list itself.
fn begin_entry(path: &[String], entries: &mut Vec<Vec<(String, String)>>) -> bool {
    if matches!(path, [_, list, _] if list == LIST) {
        entries.push(Vec::new());
    }
    matches!(path, [_, list] if list == LIST)
}

fn is_entry(path: &[String]) -> bool {
    matches!(path, [_, list, item] if list == LIST && item == "item")
}

fn add_member(path: &[String], text: String, entries: &mut [Vec<(String, String)>]) {
    if let ([above @ .., name], Some(entry)) = (path, entries.last_mut())
        && is_entry(above)
    {
        entry.push((name.clone(), text));
    }
}
