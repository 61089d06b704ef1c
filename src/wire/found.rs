//! A JSON value together with the place where it was found, so that whatever is wrong with it can be named.

use serde_json::{Map, Value};

use crate::domain::text::{Foreign, Safe, safe};

/// What is wrong with a document, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// From the document's root: `steps[0].parameters.Tags[2].TagKey`; empty for the document itself.
    pub(crate) path: String,
    pub(crate) what: Safe,
    pub(crate) kind: Wrongness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrongness {
    /// It does not have the form that the schema gives it: something is missing, of another type, or no such name.
    Form,
    /// It has the form, and contradicts the rest or asks what keyfleet never does.
    Sense,
}

impl Wrong {
    /// In one sentence.
    pub(crate) fn words(&self) -> Safe {
        let path = if self.path.is_empty() { "the document" } else { &self.path };
        safe!("{} {}", Foreign::new(path).safe(), self.what)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Found<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    pub(crate) fn at(path: &str, value: &'a Value) -> Self {
        Self { path: path.to_owned(), value }
    }

    /// It is not of the form that it should have.
    pub(crate) fn malformed(&self, what: impl Into<Safe>) -> Wrong {
        Wrong { path: self.path.clone(), what: what.into(), kind: Wrongness::Form }
    }

    /// It contradicts the rest, or asks what is never done.
    pub(crate) fn senseless(&self, what: impl Into<Safe>) -> Wrong {
        Wrong { path: self.path.clone(), what: what.into(), kind: Wrongness::Sense }
    }

    fn fields(&self) -> Result<&'a Map<String, Value>, Wrong> {
        self.value.as_object().ok_or_else(|| self.malformed("is not an object"))
    }

    fn below(&self, name: &str, value: &'a Value) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, value }
    }

    /// A field that must be there.
    pub(crate) fn field(&self, name: &str) -> Result<Self, Wrong> {
        let missing = || self.below(name, self.value).malformed("is missing");
        self.field_if(name)?.ok_or_else(missing)
    }

    /// A field that may be left out.
    pub(crate) fn field_if(&self, name: &str) -> Result<Option<Self>, Wrong> {
        Ok(self.fields()?.get(name).map(|value| self.below(name, value)))
    }

    /// The first field that has none of these names.
    pub(crate) fn stranger(&self, known: &[&str]) -> Result<Option<Self>, Wrong> {
        let stranger = self.fields()?.iter().find(|(name, _)| !known.contains(&name.as_str()));
        Ok(stranger.map(|(name, value)| self.below(name, value)))
    }

    /// `None` if it is null.
    pub(crate) fn if_given(self) -> Option<Self> {
        (!self.value.is_null()).then_some(self)
    }

    pub(crate) fn text(&self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.malformed("is not text"))
    }

    pub(crate) fn number(&self) -> Result<u32, Wrong> {
        let number = self.value.as_u64().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| self.malformed("is not a whole number"))
    }

    pub(crate) fn flag(&self) -> Result<bool, Wrong> {
        self.value.as_bool().ok_or_else(|| self.malformed("is neither true nor false"))
    }

    pub(crate) fn items(&self) -> Result<Vec<Self>, Wrong> {
        let items = self.value.as_array().ok_or_else(|| self.malformed("is not a list"))?;
        let one = |(index, value)| Self { path: format!("{}[{index}]", self.path), value };
        Ok(items.iter().enumerate().map(one).collect())
    }

    /// Every item, each read in the same way; the first that is wrong ends it.
    pub(crate) fn each<T>(&self, read: impl Fn(&Self) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        self.items()?.iter().map(read).collect()
    }

    /// Text that a parser takes; `what` says what it should have been.
    pub(crate) fn parsed<T>(&self, parse: impl FnOnce(&'a str) -> Option<T>, what: &'static str) -> Result<T, Wrong> {
        let text = self.text()?;
        parse(text).ok_or_else(|| self.malformed(safe!("is no {what}: \"{}\"", Foreign::new(text).safe())))
    }
}
