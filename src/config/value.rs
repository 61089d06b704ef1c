//! Values as they are written, before it is known what they are for: the same shape from a file, a variable and a flag.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Source, Spot};
use crate::domain::text::{Safe, safe};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) spot: Spot,
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) spot: Spot,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Text(String),
    Number(f64),
    Bool(bool),
    Date,
    List(Vec<Value>),
    Table(Vec<(Text, Value)>),
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Kind::Text(_) => "text",
            Kind::Number(_) => "a number",
            Kind::Bool(_) => "true or false",
            Kind::Date => "a date",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }
}

impl Text {
    /// All of a spot's own text.
    pub(super) fn at(spot: Spot) -> Self {
        Self { text: spot.text().to_owned(), spot }
    }

    /// The place of a byte of the text, or its beginning where the file writes the text otherwise than it is: with escapes.
    pub(super) fn inner(&self, byte: usize) -> Spot {
        match self.spot.text().find(&self.text) {
            Some(begin) => self.spot.part(begin + byte, 0),
            None => self.spot.clone(),
        }
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self { kind: Kind::Text(text.text), spot: text.spot }
    }
}

/// A setting takes another type of value than it was given.
pub(super) fn wrong_type(value: &Value, takes: &str, example: &'static str) -> ConfigError {
    let what = safe!("this takes {takes}, not {}", value.kind.name());
    value.spot.error(&what, safe!("for example {example}"))
}

impl Value {
    pub(super) fn into_text(self, example: &'static str) -> Result<Text, ConfigError> {
        match self.kind {
            Kind::Text(text) => Ok(Text { text, spot: self.spot }),
            Kind::Number(_) | Kind::Bool(_) | Kind::Date | Kind::List(_) | Kind::Table(_) => {
                Err(wrong_type(&self, "text", example))
            }
        }
    }

    pub(super) fn into_list(self, example: &'static str) -> Result<Vec<Value>, ConfigError> {
        match self.kind {
            Kind::List(items) => Ok(items),
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Date | Kind::Table(_) => {
                Err(wrong_type(&self, "a list", example))
            }
        }
    }

    pub(super) fn into_table(self, example: &'static str) -> Result<Vec<(Text, Value)>, ConfigError> {
        match self.kind {
            Kind::Table(entries) => Ok(entries),
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Date | Kind::List(_) => {
                Err(wrong_type(&self, "a table", example))
            }
        }
    }
}

/// Every top-level entry of a file, in the order of the file.
pub(super) fn parse_file(source: Source) -> Result<Vec<(Text, Value)>, ConfigError> {
    let whole = Spot::whole(source);
    match DeTable::parse(whole.text()) {
        Ok(table) => Ok(entries(&whole, table.get_ref())),
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let spot = whole.part(span.start, span.len());
            Err(spot.error(&Safe::from_static("this is not TOML"), safe!("{}", error.message())))
        }
    }
}

fn entries(whole: &Spot, table: &DeTable<'_>) -> Vec<(Text, Value)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let text = |name: &Spanned<std::borrow::Cow<'_, str>>| Text {
        text: name.get_ref().as_ref().to_owned(),
        spot: whole.part(name.span().start, name.span().len()),
    };
    entries.into_iter().map(|(name, value)| (text(name), from_toml(whole, value))).collect()
}

fn from_toml(whole: &Spot, value: &Spanned<DeValue<'_>>) -> Value {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.as_ref().to_owned()),
        DeValue::Integer(number) => Kind::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Float(number) => Kind::Number(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(holds) => Kind::Bool(*holds),
        DeValue::Datetime(_) => Kind::Date,
        DeValue::Array(items) => Kind::List(items.iter().map(|item| from_toml(whole, item)).collect()),
        DeValue::Table(table) => Kind::Table(entries(whole, table)),
    };
    Value { kind, spot: whole.part(value.span().start, value.span().len()) }
}

/// The parts of a text between separators, without the blanks around them. An empty text has none.
pub(super) fn split(spot: &Spot, separator: char) -> Vec<Text> {
    if spot.text().trim().is_empty() {
        return Vec::new();
    }
    let mut from = 0;
    let mut parts = Vec::new();
    for piece in spot.text().split(separator) {
        parts.push(trimmed(&spot.part(from, piece.len())));
        from += piece.len() + separator.len_utf8();
    }
    parts
}

/// The text without the blanks around it.
pub(super) fn trimmed(spot: &Spot) -> Text {
    let text = spot.text();
    let blanks = text.len() - text.trim_start().len();
    Text::at(spot.part(blanks, text.trim().len()))
}

/// `name=value`, if there is an `=`.
pub(super) fn pair(text: &Text) -> Option<(Text, Text)> {
    let (name, value) = text.spot.text().split_once('=')?;
    let (name, value) = (text.spot.part(0, name.len()), text.spot.part(name.len() + 1, value.len()));
    Some((trimmed(&name), trimmed(&value)))
}

/// What stands in an environment variable.
pub(super) fn variable(name: &str, text: &str) -> Spot {
    Spot::whole(Source::Variable { name: name.to_owned(), text: text.to_owned() })
}

/// What follows a flag.
pub(super) fn flag(name: &'static str, text: &str) -> Spot {
    Spot::whole(Source::Flag { name, text: text.to_owned() })
}

/// A list whose items stand in texts of their own; it stands where its first item does.
pub(super) fn list_of_flags(name: &'static str, texts: &[String]) -> Option<Value> {
    let items: Vec<Value> = texts.iter().map(|text| Value::from(Text::at(flag(name, text)))).collect();
    let spot = items.first()?.spot.clone();
    Some(Value { kind: Kind::List(items), spot })
}

/// A file's text as a source.
pub(super) fn file(path: &std::path::Path, text: String) -> Source {
    Source::File { path: path.to_owned(), text }
}
