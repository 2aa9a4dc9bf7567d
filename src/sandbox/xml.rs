//! Writes the XML of the query protocols.

use std::borrow::Cow;

/// An XML document under construction.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// `<name>text</name>`
    pub(super) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name);
        self.0.push_str(&escape(text));
        self.close(name)
    }

    /// `<name>…</name>`
    pub(super) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.open(name);
        inside(self);
        self.close(name)
    }

    fn open(&mut self, name: &str) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// The document with `root` around it.
    pub(super) fn document(self, root: &str, namespace: &str) -> String {
        let name = root.split(' ').next().unwrap_or(root);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"{namespace}\">{}</{name}>",
            self.0
        )
    }

    /// The document without a namespace, as EC2 writes errors.
    pub(super) fn bare(self, root: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>{}</{root}>", self.0)
    }
}

/// Text that can stand in an element. XML 1.0 has no way to write most control characters; AWS does not
/// let them in, so here they become U+FFFD.
fn escape(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(forbidden) {
        let cleaned: String = text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c }).collect();
        return Cow::Owned(quick_xml::escape::escape(&cleaned).into_owned());
    }
    quick_xml::escape::escape(text)
}
