//! Which key a word on the command line means: an ARN, a multi-Region key ID, or an alias. What could mean two keys is refused with both.

use std::collections::BTreeSet;

use crate::command::Ended;
use crate::domain::fleet::KeyRef;
use crate::domain::id::{KeyArn, KeyId, Login, NotAKeyArn, Region};
use crate::domain::text::Foreign;
use crate::engine::{Engine, Session};

/// A key, and the Region if one of its members was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) key: KeyRef,
    pub(super) region: Option<Region>,
}

pub(super) fn find(engine: &Engine, word: &str) -> Result<Target, Ended> {
    if word.starts_with("arn:") {
        return by_arn(engine, word);
    }
    if let Some(id) = KeyId::parse(word) {
        return known(engine, word, Target { key: KeyRef { login: Login(0), id }, region: None });
    }
    if is_single_region(word) {
        let shown = Foreign::new(word).safe();
        return Err(Ended::usage(&format!(
            "{shown} is the ID of a single-Region key\nmulti-Region key IDs begin with mrk-; a single-Region key cannot become one"
        )));
    }
    by_alias(engine, word)
}

fn by_arn(engine: &Engine, word: &str) -> Result<Target, Ended> {
    let shown = Foreign::new(word).safe();
    let arn = KeyArn::parse(word).map_err(|error| {
        let words = match error {
            NotAKeyArn::Resource if word.contains(":alias/") => "it is of an alias: give the alias's name, alias/…",
            NotAKeyArn::Resource => "what it names is no key",
            NotAKeyArn::Shape => "it is no ARN",
            NotAKeyArn::Partition => "its partition is unknown, or is not that of its Region",
            NotAKeyArn::Service => "its service is not kms",
            NotAKeyArn::Region => "its Region is none",
            NotAKeyArn::Account => "its account is not 12 digits",
            NotAKeyArn::SingleRegion => "it is of a single-Region key, which cannot become a multi-Region key",
        };
        Ended::usage(&format!("{shown}: {words}\na key ARN is arn:PARTITION:kms:REGION:ACCOUNT:key/mrk-…"))
    })?;
    if let Some(Session::Open { identity }) = engine.session(Login(0))
        && let Some(identity) = identity.value()
        && identity.account != arn.account
    {
        return Err(Ended::usage(&format!(
            "{shown} is of account {}\nthe credentials are of account {}: sign in to the other with --profile",
            arn.account, identity.account
        )));
    }
    let target = Target { key: KeyRef { login: Login(0), id: arn.id.clone() }, region: Some(arn.region) };
    known(engine, word, target)
}

fn by_alias(engine: &Engine, word: &str) -> Result<Target, Ended> {
    let name = if word.starts_with("alias/") { word.to_owned() } else { format!("alias/{word}") };
    let shown = Foreign::new(name.as_str()).safe();
    let mut targets: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (place, facts) in engine.fleet().places() {
        for (id, aliases) in facts.aliases.value().into_iter().flatten() {
            if aliases.iter().any(|alias| alias.original() == name) {
                targets.insert((id, place.region.as_str()));
            }
        }
    }
    let ids: BTreeSet<&str> = targets.iter().map(|(id, _)| *id).collect();
    let [only] = ids.iter().copied().collect::<Vec<_>>()[..] else {
        if ids.is_empty() {
            return Err(absent(engine, shown.as_str()));
        }
        let candidates: Vec<String> =
            targets.iter().map(|(id, region)| format!("{} in {region}", Foreign::new(*id).safe())).collect();
        return Err(Ended::usage(&format!(
            "{shown} means different keys: {}\nname the key by its ID",
            candidates.join(", ")
        )));
    };
    let id = KeyId::parse(only).ok_or_else(|| {
        let id = Foreign::new(only).safe();
        Ended::usage(&format!(
            "{shown} points to {id}, a single-Region key\nonly multi-Region keys can be changed here"
        ))
    })?;
    known(engine, word, Target { key: KeyRef { login: Login(0), id }, region: None })
}

fn known(engine: &Engine, word: &str, target: Target) -> Result<Target, Ended> {
    if engine.fleet().key(&target.key).is_some() {
        Ok(target)
    } else {
        Err(absent(engine, Foreign::new(word).safe().as_str()))
    }
}

/// Nothing was found: for certain, or in what could be read.
fn absent(engine: &Engine, shown: &str) -> Ended {
    if engine.fleet().is_complete() {
        return Ended::usage(&format!(
            "{shown}: there is no such multi-Region key in the Regions read\n`keyfleet list` shows which there are"
        ));
    }
    Ended::incomplete(&format!(
        "{shown}: not found in what could be read, and not all could\n`keyfleet list` says which Regions are missing"
    ))
}

/// A UUID is what the IDs of all other keys are.
fn is_single_region(word: &str) -> bool {
    let groups: Vec<usize> = word.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && word.chars().all(|character| character == '-' || character.is_ascii_hexdigit())
}
