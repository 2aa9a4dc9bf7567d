//! Walks XML of the plain form that AWS writes: elements in elements with text between, attributes on the first
//! one only, no comments and no CDATA. Every answer is walked, so this is much cheaper than a parser, and it
//! decides nothing: text that is not of that form is left to one.

use memchr::memchr;

/// Whether the text is one whole document of that form. `opened` is told of every element that begins, by the
/// names from the outermost in.
pub(super) fn walk<'a>(text: &'a str, mut opened: impl FnMut(&[&'a str])) -> bool {
    let mut path: Vec<&'a str> = Vec::with_capacity(8);
    let mut rest = after_declaration(text);
    let mut begun = false;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        let Some((before, tag)) = rest.split_at_checked(at) else { return false };
        let Some(end) = memchr(b'>', tag.as_bytes()) else { return false };
        let (Some(inside), Some(after)) = (tag.get(1..end), tag.get(end + 1..)) else { return false };
        if !is_text(before) || (path.is_empty() && !before.trim_ascii().is_empty()) {
            return false;
        }
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            if path.pop() != Some(name) {
                return false;
            }
            continue;
        }
        let empty = inside.strip_suffix('/');
        let Some(name) = name_of(empty.unwrap_or(inside), begun) else { return false };
        if begun && path.is_empty() {
            return false;
        }
        begun = true;
        path.push(name);
        opened(&path);
        if empty.is_some() {
            path.pop();
        }
    }
    begun && path.is_empty() && rest.trim_ascii().is_empty()
}

fn after_declaration(text: &str) -> &str {
    let text = text.trim_ascii_start();
    match text.strip_prefix("<?xml ").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest,
        None => text,
    }
}

/// The name of an element that begins; only the first one may have attributes.
fn name_of(tag: &str, begun: bool) -> Option<&str> {
    let name = if begun { tag } else { tag.split_ascii_whitespace().next()? };
    let mut bytes = name.bytes();
    let first = bytes.next()?;
    let good = first.is_ascii_alphabetic() && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    good.then_some(name)
}

/// Whether the text is such as AWS writes between tags: no `>`, which it escapes, and only XML's characters.
fn is_text(text: &str) -> bool {
    !text.contains('>') && has_only_xml_chars(text)
}

/// Whether the text has none of the characters that XML forbids, at which the SDK's parser gives up in silence.
/// <https://www.w3.org/TR/xml/#charsets>
pub(super) fn has_only_xml_chars(text: &str) -> bool {
    let fine = |byte: u8| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
    text.bytes().all(fine) && (text.is_ascii() || !text.contains(['\u{fffe}', '\u{ffff}']))
}

#[cfg(test)]
mod tests {
    use super::walk;

    fn walked(text: &str) -> Option<Vec<String>> {
        let mut paths = Vec::new();
        walk(text, |path| paths.push(path.join("/"))).then_some(paths)
    }

    #[test]
    fn plain_text_is_walked_in_order() {
        let text =
            "<?xml version=\"1.0\"?>\n<A xmlns=\"u\"><b>x &amp; y</b><c/><d><item><e>1</e></item></d></A>\n";
        let paths = ["A", "A/b", "A/c", "A/d", "A/d/item", "A/d/item/e"];
        assert_eq!(walked(text), Some(paths.map(str::to_owned).to_vec()));
    }

    #[test]
    fn anything_else_is_left_to_a_parser() {
        for text in [
            "",
            "text",
            "<a>",
            "<a><b></a>",
            "<a></a><b></b>",
            "<a></a>text",
            "text<a></a>",
            "<a><b x=\"1\"></b></a>",
            "<a><></></a>",
            "<a><1></1></a>",
            "<a><!-- c --></a>",
            "<a><![CDATA[x]]></a>",
            "<a>\u{1}</a>",
            "<a>\u{ffff}</a>",
            "<a>]]></a>",
            "<a></a",
            "<a><b</a>",
            "</a>",
        ] {
            assert_eq!(walked(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_beginning_of_a_whole_text_is_whole() {
        let text = "<A xmlns=\"u\"><b>é</b><c/><d><item><e>1</e></item></d></A>";
        for (end, _) in text.char_indices() {
            assert_eq!(walked(&text[..end]), None, "{end}");
        }
        assert!(walked(text).is_some());
    }
}
