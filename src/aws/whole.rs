//! Refuses an EC2 answer that the SDK would take for less than it is. The SDK takes XML that breaks off for a
//! shorter list (a truncated page would read as "nothing shared"), and skips the members of an entry that it
//! does not know.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use quick_xml::events::Event;

use super::plain_xml::{has_only_xml_chars, walk};

/// An interceptor for clients that speak XML: an answer that is not one whole document is an error, and so is
/// one with an odd entry.
#[derive(Debug, Clone, Copy)]
pub struct WholeXml {
    /// The answers that have entries.
    pub entries: &'static [Entries],
}

/// An answer whose entries hold one known member each.
#[derive(Debug, Clone, Copy)]
pub struct Entries {
    /// The name of its outermost element.
    pub answer: &'static str,
    /// The element whose `item`s are looked at.
    pub list: &'static str,
    /// What an `item` may hold: one of these, once.
    pub members: &'static [&'static str],
}

/// Why an answer cannot be relied on.
#[derive(Debug, thiserror::Error)]
#[error("its XML is not whole: {0}")]
struct NotWhole(String);

/// A whole answer with an entry that is not exactly one known member; the SDK would not tell.
#[derive(Debug, thiserror::Error)]
#[error("an entry of it is not one known member")]
pub struct OddEntry {
    /// The answer's body.
    pub body: String,
}

#[dyn_dispatch_hint]
impl Intercept for WholeXml {
    fn name(&self) -> &'static str {
        "WholeXml"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(());
        }
        let body = response.body().bytes().ok_or_else(|| NotWhole("it was not read".to_owned()))?;
        let text = std::str::from_utf8(body).map_err(|error| NotWhole(error.to_string()))?;
        if self.is_plain(text) {
            return Ok(());
        }
        let root = check(text).map_err(NotWhole)?;
        let has_entries = self.entries.iter().any(|entries| entries.answer == root);
        if has_entries { Err(OddEntry { body: text.to_owned() }.into()) } else { Ok(()) }
    }
}

impl WholeXml {
    /// Whether the text is of the form that AWS writes, whole, and without an odd entry: nearly all are.
    fn is_plain(&self, text: &str) -> bool {
        let (mut items, mut members, mut known) = (0_usize, 0_usize, true);
        let mut parts: Vec<&str> = Vec::new();
        let mut entries: Option<&Entries> = None;
        let walked = walk(text, |path| match (path, entries) {
            ([root], _) => entries = self.entries.iter().find(|entries| entries.answer == *root),
            ([_, part], _) => {
                // Of two lists, the SDK would keep the last.
                known &= !parts.contains(part);
                parts.push(part);
            }
            ([_, list, "item"], Some(of)) if *list == of.list => {
                known &= items == members;
                items += 1;
            }
            ([_, list, "item", member], Some(of)) if *list == of.list => {
                members += 1;
                known &= items == members && of.members.contains(member);
            }
            ([_, list, _, ..], Some(of)) if *list == of.list => known = false,
            _ => {}
        });
        walked && known && items == members
    }
}

/// Whether the text is one XML document, from its first tag to the end of that, in which the SDK finds all there
/// is. Gives the name of its outermost element.
fn check(text: &str) -> Result<String, String> {
    if !has_only_xml_chars(text) {
        return Err("it has characters that XML has not".to_owned());
    }
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut root) = (0_usize, None);
    let mut parts: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                opened(depth, &tag.name(), &mut root, &mut parts)?;
                depth += 1;
            }
            Event::Empty(tag) => opened(depth, &tag.name(), &mut root, &mut parts)?,
            Event::End(_) => depth = depth.saturating_sub(1),
            // At the one, the SDK's parser gives up in silence, and reads nothing in the other.
            Event::Text(piece) if piece.contains("]]>") => return Err("it has ]]> in a text".to_owned()),
            Event::CData(_) => return Err("it has CDATA".to_owned()),
            Event::Eof if depth > 0 => return Err("it breaks off".to_owned()),
            Event::Eof => return root.ok_or_else(|| "it is not one document".to_owned()),
            _ => {}
        }
    }
}

/// Takes in an element that begins: one outermost, and each part of that once.
fn opened(
    depth: usize,
    name: &quick_xml::name::QName<'_>,
    root: &mut Option<String>,
    parts: &mut Vec<String>,
) -> Result<(), String> {
    check_name(name)?;
    let local: String = name.local_name().as_ref().to_owned();
    match depth {
        0 if root.is_some() => return Err("it is not one document".to_owned()),
        0 => *root = Some(local),
        1 if parts.contains(&local) => return Err(format!("it has {local:?} twice")),
        1 => parts.push(local),
        _ => {}
    }
    Ok(())
}

/// XML names begin with a letter; the SDK's parser gives up in silence on others.
fn check_name(name: &quick_xml::name::QName<'_>) -> Result<(), String> {
    let name: &str = name.as_ref();
    match name.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => Ok(()),
        _ => Err(format!("{name:?} is not a name")),
    }
}
