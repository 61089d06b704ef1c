//! Policies as they are found in the field, and as they are not.

mod differences;
mod exposure;
mod parsing;
mod permissions;
mod places;
mod properties;
mod simulate;

use super::*;
use crate::domain::id::{AccountId, KeyArn, Region};

const ACCOUNT: &str = "111122223333";

fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

fn key(region: &str) -> KeyArn {
    KeyArn::parse(&format!("arn:aws:kms:{region}:{ACCOUNT}:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00")).unwrap()
}

/// A policy with one statement: the given elements, and what every statement needs if they lack it.
fn policy(elements: &str) -> String {
    let mut all = vec![elements.to_owned()];
    let needed = [("Effect", r#""Allow""#), ("Principal", r#""*""#), ("Action", r#""kms:*""#), ("Resource", r#""*""#)];
    for (name, value) in needed {
        if !elements.contains(&format!("{name}\":")) {
            all.push(format!("\"{name}\":{value}"));
        }
    }
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{}}}]}}"#, all.join(","))
}

fn parsed(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
