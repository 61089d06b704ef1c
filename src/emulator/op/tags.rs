//! The rules of tags, for every operation that takes some.

use serde::{Deserialize, Serialize};

use crate::emulator::refusal::Refusal;

/// The documented number of tags on a key.
const MOST_TAGS: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) tag_key: String,
    pub(crate) tag_value: String,
}

/// The tags of a member: sorted by key.
pub(crate) type Tags = Vec<(Box<str>, Box<str>)>;

/// Accepts tags for a new key.
pub(crate) fn accept(sent: &[Tag]) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    add(&mut tags, sent)?;
    Ok(tags)
}

/// Adds tags to those of a key; all of them or none.
pub(crate) fn add(tags: &mut Tags, sent: &[Tag]) -> Result<(), Refusal> {
    for (number, tag) in sent.iter().enumerate() {
        check(tag)?;
        if sent.iter().take(number).any(|earlier| earlier.tag_key == tag.tag_key) {
            return Err(Refusal::new("TagException", format!("Duplicate tag key: {}", tag.tag_key)));
        }
    }
    let added = sent.iter().filter(|tag| find(tags, &tag.tag_key).is_err()).count();
    if tags.len() + added > MOST_TAGS {
        return Err(Refusal::new("TagException", format!("A key may have {MOST_TAGS} tags at most.")));
    }
    for tag in sent {
        let value: Box<str> = tag.tag_value.as_str().into();
        match find(tags, &tag.tag_key) {
            Ok(position) => tags.get_mut(position).into_iter().for_each(|(_, held)| held.clone_from(&value)),
            Err(position) => tags.insert(position, (tag.tag_key.as_str().into(), value)),
        }
    }
    Ok(())
}

fn find(tags: &Tags, key: &str) -> Result<usize, usize> {
    tags.binary_search_by(|(held, _)| (**held).cmp(key))
}

fn check(tag: &Tag) -> Result<(), Refusal> {
    let length = |text: &str| text.chars().count();
    if !(1..=LONGEST_KEY).contains(&length(&tag.tag_key)) {
        let rule = format!("Member must have length between 1 and {LONGEST_KEY}, inclusive");
        return Err(Refusal::validation("tagKey", &tag.tag_key, &rule));
    }
    if length(&tag.tag_value) > LONGEST_VALUE {
        let rule = format!("Member must have length less than or equal to {LONGEST_VALUE}");
        return Err(Refusal::validation("tagValue", &tag.tag_value, &rule));
    }
    let reserved = tag.tag_key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    if reserved {
        let message = "aws: prefixed tag key names are not allowed for external use.";
        return Err(Refusal::new("TagException", message));
    }
    Ok(())
}
