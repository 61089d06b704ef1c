//! JSON text as a tree that remembers where each string stands, so that one string can be changed and every other byte kept.
//!
//! `serde_json` judges the text first: what it refuses, nesting without end included, is refused here too. An object that names an element twice is refused as
//! well, because readers differ on which of the two counts.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::PolicyError;
use crate::domain::text::{Foreign, safe};

/// A value and the byte where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) shape: Shape,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Object(Vec<Member>),
    List(Vec<Node>),
    Text(Text),
    /// A number, `true`, `false` or `null`, as it stands.
    Bare(String),
}

/// One element of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: Text,
    pub(super) value: Node,
}

/// A string: what it means, and the bytes between its quotes.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) inside: Range<usize>,
}

/// The tree of a document.
pub(super) fn read(text: &str) -> Result<Node, PolicyError> {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        let words = error.to_string();
        let words = Foreign::new(words.split(" at line ").next().unwrap_or_default()).safe();
        return Err(PolicyError { line: error.line(), column: error.column(), what: safe!("not JSON: {words}") });
    }
    Reader { text, at: 0 }.value()
}

impl Node {
    /// The value as text that does not depend on white space or on the order of elements.
    pub(super) fn canonical(&self) -> String {
        match &self.shape {
            Shape::Object(members) => {
                let mut parts: Vec<String> = members
                    .iter()
                    .map(|member| format!("{}:{}", quoted(&member.name.value), member.value.canonical()))
                    .collect();
                parts.sort();
                format!("{{{}}}", parts.join(","))
            }
            Shape::List(items) => {
                let parts: Vec<String> = items.iter().map(Node::canonical).collect();
                format!("[{}]", parts.join(","))
            }
            Shape::Text(text) => quoted(&text.value),
            Shape::Bare(token) => token.clone(),
        }
    }
}

/// The byte range, within the source, of a range of a string's meaning: each escape counts as the characters that it stands for.
pub(super) fn source_range(source: &str, text: &Text, wanted: &Range<usize>) -> Option<Range<usize>> {
    let raw = source.get(text.inside.clone())?;
    if !raw.contains('\\') {
        return Some(text.inside.start + wanted.start..text.inside.start + wanted.end);
    }
    let (mut meant, mut from, mut at) = (0, None, 0);
    while at <= raw.len() {
        if meant == wanted.start && from.is_none() {
            from = Some(text.inside.start + at);
        }
        if meant >= wanted.end {
            return Some(from?..text.inside.start + at);
        }
        let rest = raw.get(at..)?;
        let length = token_length(rest)?;
        meant += decoded(rest.get(..length)?)?.len();
        at += length;
    }
    None
}

/// The bytes of the first character of a string's source, as it is escaped there.
fn token_length(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some(first.len_utf8());
    }
    if rest.as_bytes().get(1) != Some(&b'u') {
        return Some(2);
    }
    let is_pair = decoded(rest.get(..6)?).is_none();
    Some(if is_pair { 12 } else { 6 })
}

fn decoded(raw: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Node, PolicyError> {
        self.skip_blanks();
        let at = self.at;
        let shape = match self.peek() {
            Some(b'{') => Shape::Object(self.members()?),
            Some(b'[') => Shape::List(self.items()?),
            Some(b'"') => Shape::Text(self.string()?),
            Some(_) => Shape::Bare(self.bare()?),
            None => return Err(self.unexpected()),
        };
        Ok(Node { at, shape })
    }

    fn members(&mut self) -> Result<Vec<Member>, PolicyError> {
        let (mut members, mut names) = (Vec::new(), BTreeSet::new());
        self.at += 1;
        while self.more(b'}')? {
            let name = self.string()?;
            if !names.insert(name.value.clone()) {
                let words = Foreign::new(name.value.as_str()).safe();
                return Err(PolicyError::at(self.text, name.inside.start, safe!("“{words}” stands here twice")));
            }
            self.expect(b':')?;
            members.push(Member { name, value: self.value()? });
        }
        Ok(members)
    }

    fn items(&mut self) -> Result<Vec<Node>, PolicyError> {
        let mut items = Vec::new();
        self.at += 1;
        while self.more(b']')? {
            items.push(self.value()?);
        }
        Ok(items)
    }

    /// Whether another item follows; the closing bracket or the comma before it is consumed.
    fn more(&mut self, closing: u8) -> Result<bool, PolicyError> {
        self.skip_blanks();
        if self.peek() == Some(closing) {
            self.at += 1;
            return Ok(false);
        }
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_blanks();
        }
        if self.peek().is_some() { Ok(true) } else { Err(self.unexpected()) }
    }

    fn string(&mut self) -> Result<Text, PolicyError> {
        self.expect(b'"')?;
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let inside = start..self.at;
        self.expect(b'"')?;
        let value = self.text.get(inside.clone()).and_then(decoded).ok_or_else(|| self.unexpected())?;
        Ok(Text { value, inside })
    }

    fn bare(&mut self) -> Result<String, PolicyError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        let token = self.text.get(start..self.at).filter(|token| !token.is_empty());
        token.map(str::to_owned).ok_or_else(|| self.unexpected())
    }

    fn expect(&mut self, wanted: u8) -> Result<(), PolicyError> {
        self.skip_blanks();
        if self.peek() != Some(wanted) {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected(&self) -> PolicyError {
        PolicyError::at(self.text, self.at, "not JSON".into())
    }
}
