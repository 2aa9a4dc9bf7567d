//! Launch permissions, from EC2's DescribeImageAttribute.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html>

use aws_sdk_ec2::types::ImageAttributeName;
use quick_xml::events::Event;

use super::{SdkCloud, malformed};
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
        // Read from the raw answer: the SDK skips the members of an entry that it does not know.
        let entries = body.text().as_deref().and_then(entries);
        let listed = answer.launch_permissions.map(|list| list.len());
        match (listed, entries) {
            (Some(listed), Some(entries)) if listed == entries.len() => {
                let mut grantees: Vec<Grantee> =
                    entries.iter().flat_map(|entry| grantees_of(entry)).collect();
                grantees.sort();
                grantees.dedup();
                Ok(grantees)
            }
            _ => Err(malformed(
                DESCRIBE_IMAGE_ATTRIBUTE,
                "the answer has no launch permissions that can be read",
            )),
        }
    }
}

/// The grantees of an entry. AWS writes exactly one member; an entry with none is not dropped either.
fn grantees_of(entry: &[(String, String)]) -> Vec<Grantee> {
    if entry.is_empty() {
        return vec![Grantee::unreadable("")];
    }
    entry.iter().map(|(name, value)| Grantee::from_member(name, value)).collect()
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
