//! From an expression to its terms: one pass, one character ahead, nothing read twice.

use super::pattern::{Glob, RegionPattern};
use super::{Atom, MOST_CHARACTERS, MOST_TERMS, Term};
use crate::domain::text::{Foreign, Safe, safe};

/// The character at fault, counted from zero, and what is wrong with it.
pub(super) type Fault = (usize, Safe);

const FIELDS: &str = "state region role account alias tag spec origin missing unknown";

const STATES: [&str; 8] = [
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "PendingImport",
    "Unavailable",
    "Updating",
];

const ROLES: [&str; 2] = ["PRIMARY", "REPLICA"];

/// Every term of the expression.
pub(super) fn terms(expression: &str) -> Result<Vec<Term>, Fault> {
    if expression.chars().nth(MOST_CHARACTERS).is_some() {
        return Err((MOST_CHARACTERS, safe!("a filter has at most {MOST_CHARACTERS} characters")));
    }
    let mut cursor = Cursor { characters: expression.chars().collect(), at: 0 };
    let mut terms = Vec::new();
    loop {
        cursor.skip_blanks();
        if cursor.peek().is_none() {
            break;
        }
        if terms.len() == MOST_TERMS {
            return Err((cursor.at, safe!("a filter has at most {MOST_TERMS} terms")));
        }
        terms.push(term(&mut cursor)?);
    }
    if terms.is_empty() {
        return Err((cursor.at, Safe::from_static("a filter needs at least one term")));
    }
    Ok(terms)
}

struct Cursor {
    characters: Vec<char>,
    at: usize,
}

impl Cursor {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(character) = self.peek().filter(|character| belongs(*character)) {
            taken.push(character);
            self.at += 1;
        }
        taken
    }

    fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }
}

fn term(cursor: &mut Cursor) -> Result<Term, Fault> {
    let negated = cursor.take('!');
    if cursor.peek() == Some('!') {
        return Err((cursor.at, Safe::from_static("one ! is enough")));
    }
    let mut atoms = Vec::new();
    let mut field = Field::Word;
    loop {
        let (taken, atom) = atom(cursor, field)?;
        atoms.push(atom);
        field = taken;
        if !cursor.take('|') {
            return Ok(Term { negated, atoms });
        }
    }
}

/// One atom, and the field that the next one takes if it names none.
fn atom(cursor: &mut Cursor, inherited: Field) -> Result<(Field, Atom), Fault> {
    let start = cursor.at;
    if cursor.peek() == Some('"') {
        let value = quoted(cursor)?;
        return Ok((inherited, compare(inherited, &value, start)?));
    }
    let word = cursor.take_while(|character| is_bare(character) && character != ':');
    if !cursor.take(':') {
        ends(cursor)?;
        return Ok((inherited, compare(inherited, &word, start)?));
    }
    let field = Field::parse(&word).map_err(|message| (start, message))?;
    let start = cursor.at;
    let value = if cursor.peek() == Some('"') { quoted(cursor)? } else { cursor.take_while(is_bare) };
    ends(cursor)?;
    Ok((field, compare(field, &value, start)?))
}

fn is_bare(character: char) -> bool {
    !character.is_whitespace() && !matches!(character, '|' | '"')
}

/// A value ends at a blank, at `|` and at the end.
fn ends(cursor: &Cursor) -> Result<(), Fault> {
    match cursor.peek() {
        None | Some('|') => Ok(()),
        Some(character) if character.is_whitespace() => Ok(()),
        Some('"') => Err((cursor.at, Safe::from_static("a quote can only begin a value"))),
        Some(_) => Err((cursor.at, Safe::from_static("a blank is missing after the quote"))),
    }
}

fn quoted(cursor: &mut Cursor) -> Result<String, Fault> {
    let start = cursor.at;
    cursor.at += 1;
    let mut value = String::new();
    while let Some(character) = cursor.peek() {
        cursor.at += 1;
        match character {
            '"' => {
                ends(cursor)?;
                return Ok(value);
            }
            '\\' if matches!(cursor.peek(), Some('"' | '\\')) => {
                value.extend(cursor.peek());
                cursor.at += 1;
            }
            other => value.push(other),
        }
    }
    Err((start, Safe::from_static("this quote is never closed")))
}

/// What an atom compares.
#[derive(Clone, Copy)]
enum Field {
    Word,
    State,
    Region,
    Role,
    Account,
    Alias,
    Spec,
    Origin,
    Missing,
    Unknown,
    Tag,
}

impl Field {
    fn parse(name: &str) -> Result<Self, Safe> {
        match name.to_ascii_lowercase().as_str() {
            "state" => Ok(Field::State),
            "region" => Ok(Field::Region),
            "role" => Ok(Field::Role),
            "account" => Ok(Field::Account),
            "alias" => Ok(Field::Alias),
            "spec" => Ok(Field::Spec),
            "origin" => Ok(Field::Origin),
            "missing" => Ok(Field::Missing),
            "unknown" => Ok(Field::Unknown),
            "tag" => Ok(Field::Tag),
            "drift" => Err(Safe::from_static("drift needs a reading that is not made yet")),
            "" => Err(Safe::from_static("a field is missing before the colon")),
            _ => Err(safe!("no such field; fields: {FIELDS}. Quote a word that has a colon")),
        }
    }
}

/// The comparison of a field with a value, unless it could never hold.
fn compare(field: Field, value: &str, start: usize) -> Result<Atom, Fault> {
    if value.is_empty() {
        return Err((start, Safe::from_static("a value is missing here")));
    }
    let atom = match field {
        Field::Word => Ok(Atom::Word(Glob::anywhere(value))),
        Field::Alias => Ok(Atom::Alias(Glob::whole(value))),
        Field::Spec => Ok(Atom::Spec(Glob::beginning(value))),
        Field::Origin => Ok(Atom::Origin(Glob::beginning(value))),
        Field::State => name_of(value, &STATES, "key state").map(Atom::State),
        Field::Role => name_of(value, &ROLES, "role").map(Atom::Role),
        Field::Account => account(value).map(Atom::Account),
        Field::Region => region(value).map(Atom::Region),
        Field::Missing => region(value).map(Atom::Missing),
        Field::Unknown => region(value).map(Atom::Unknown),
        Field::Tag => Ok(tag(value)),
    };
    atom.map_err(|message| (start, message))
}

/// The beginning of one of AWS's names. With a `*` it may also be a name that is newer than this list.
fn name_of(value: &str, names: &[&str], what: &str) -> Result<Glob, Safe> {
    let glob = Glob::beginning(value);
    if value.contains('*') || names.iter().any(|name| glob.matches(name)) {
        return Ok(glob);
    }
    Err(safe!("no {what} begins so; there are {}", names.join(" ")))
}

/// `key=value`, or a key with any value. AWS forbids no `=` in values, and none in keys either: the first one divides.
fn tag(value: &str) -> Atom {
    match value.split_once('=') {
        Some((key, value)) => Atom::Tag(Glob::whole(key), Some(Glob::whole(value))),
        None => Atom::Tag(Glob::whole(value), None),
    }
}

fn account(value: &str) -> Result<Glob, Safe> {
    let has_star = value.contains('*');
    let fits = value.chars().all(|character| character.is_ascii_digit() || character == '*');
    if fits && (has_star || value.len() == 12) {
        return Ok(Glob::whole(value));
    }
    Err(Safe::from_static("an account is 12 digits, or some of them and *"))
}

fn region(value: &str) -> Result<RegionPattern, Safe> {
    RegionPattern::parse(value).ok_or_else(|| {
        let shown = Foreign::new(value).safe();
        safe!("{shown} is no Region; write one as us-east-1, use1 or us-*")
    })
}
