//! XML 1.0, as much of it as a report needs: elements, attributes, text.
//!
//! Takes [`Safe`] alone. What XML cannot hold in any spelling, control characters among it, stands escaped and visible in that already; here only markup is.

use std::fmt::Write as _;

use crate::domain::text::Safe;

/// A document that grows.
#[derive(Debug)]
pub(super) struct Document(String);

impl Document {
    pub(super) fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    /// An element, with what is put into it.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, Safe)],
        inside: impl FnOnce(&mut Self),
    ) {
        let _infallible = write!(self.0, "<{name}");
        for (attribute, value) in attributes {
            let _infallible = write!(self.0, " {attribute}=\"{}\"", escaped(value));
        }
        let start = self.0.len();
        inside(self);
        if self.0.len() == start {
            self.0.push_str("/>\n");
            return;
        }
        self.0.insert(start, '>');
        let _infallible = writeln!(self.0, "</{name}>");
    }

    pub(super) fn text(&mut self, text: &Safe) {
        self.0.push_str(&escaped(text));
    }

    /// The next element or line of text begins on a line of its own.
    pub(super) fn line(&mut self) {
        self.0.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// What would be markup. A `>` too: `]]>` may not stand in text.
fn escaped(text: &Safe) -> String {
    let mut escaped = String::with_capacity(text.as_str().len());
    for character in text.as_str().chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Foreign;

    fn check(text: &str, expected: &str) {
        assert_eq!(escaped(&Foreign::new(text).safe()), expected);
    }

    #[test]
    fn markup_is_made_text_and_what_xml_forbids_is_visible() {
        check("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&apos;");
        check("]]>", "]]&gt;");
        check("\0\u{1b}\u{fffe}\u{202e}", "\\u{0}\\u{1b}\\u{fffe}\\u{202e}");
    }

    #[test]
    fn elements_nest_and_empty_ones_close_themselves() {
        let mut document = Document::new();
        document.element("a", &[("b", "\"1\"".into())], |document| {
            document.element("c", &[], |_| {});
            document.element("d", &[], |document| document.text(&"<x>".into()));
        });
        let expected =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&quot;1&quot;\"><c/>\n<d>&lt;x&gt;</d>\n</a>\n";
        assert_eq!(document.finish(), expected);
    }
}
