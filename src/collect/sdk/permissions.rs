//! The entries of a list of permissions, read from the raw answer where the SDK would lose some of them.

use quick_xml::events::Event;

use crate::model::grantee::Grantee;

/// Grantees in their order, each once.
pub(super) fn settled(mut grantees: Vec<Grantee>) -> Vec<Grantee> {
    grantees.sort();
    grantees.dedup();
    grantees
}

/// The members of each `item` of the list; an entry of another name has none that can be read. `None` where the XML
/// breaks, or has no list.
pub(super) fn entries(xml: &str, list: &str) -> Option<Vec<Vec<(String, String)>>> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut entries: Vec<Vec<(String, String)>> = Vec::new();
    let (mut text, mut listed) = (String::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                text.clear();
                listed |= begin_entry(&path, list, &mut entries);
            }
            Event::Empty(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                listed |= begin_entry(&path, list, &mut entries);
                add_member(&path, list, String::new(), &mut entries);
                path.pop();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*reference)).ok()?);
            }
            Event::End(_) => {
                add_member(&path, list, std::mem::take(&mut text), &mut entries);
                path.pop();
            }
            Event::Eof => return listed.then_some(entries),
            _ => {}
        }
    }
}

/// Begins an entry where one begins; whether this is the list itself.
fn begin_entry(path: &[String], list: &str, entries: &mut Vec<Vec<(String, String)>>) -> bool {
    if matches!(path, [_, found, _] if found == list) {
        entries.push(Vec::new());
    }
    matches!(path, [_, found] if found == list)
}

fn is_entry(path: &[String], list: &str) -> bool {
    matches!(path, [_, found, item] if found == list && item == "item")
}

fn add_member(path: &[String], list: &str, text: String, entries: &mut [Vec<(String, String)>]) {
    if let ([above @ .., name], Some(entry)) = (path, entries.last_mut())
        && is_entry(above, list)
    {
        entry.push((name.clone(), text));
    }
}
