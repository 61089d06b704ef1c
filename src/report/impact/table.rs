//! For eyes at a pipe: what it is about, how many keys there are of each kind, then each key with why, what to do now, and its survivors' ARNs whole.

use super::ABOUT;
use crate::domain::filter::Truth;
use crate::domain::impact::{Effect, Impact, KeyImpact, PolicyIs, Survivor};
use crate::domain::text::{Safe, safe};
use crate::domain::time::span;
use crate::report::table::called;
use crate::wire::impact::ImpactReport;

pub(crate) fn render(report: &ImpactReport<'_>) -> String {
    let mut text = format!("{ABOUT}\n{}", summary(report));
    for effect in Effect::ALL {
        let keys: Vec<&KeyImpact> = report.impact.keys.iter().filter(|key| key.effect == effect).collect();
        if !keys.is_empty() {
            text.push_str(&section(report, effect, &keys));
        }
    }
    text
}

/// What is said of the loss as a whole, before any key.
pub(super) fn summary(report: &ImpactReport<'_>) -> String {
    let impact = report.impact;
    let mut lines = vec![format!("Without {}: {}", impact.names(), impact.counts())];
    lines.push(match impact.single_region_keys {
        Some(1) => format!("1 single-Region key is in {}, and in no other Region", impact.names()),
        Some(count) => format!("{count} single-Region keys are in {}, and in no other Region", impact.names()),
        None => format!("how many single-Region keys are in {} could not be read", impact.names()),
    });
    lines.extend(in_the_dark(report, impact));
    lines.push(if impact.is_complete() {
        format!("complete: everything that this rests on was read, {}", report.finished_at.minute())
    } else {
        format!("NOT COMPLETE: something that this rests on could not be read, {}", report.finished_at.minute())
    });
    if let Some(selection) = report.selection {
        let undecided = impact.keys.iter().filter(|key| selection.undecided.contains(&key.key)).count();
        lines.push(format!("filtered: {} keys, {undecided} of them undecided", impact.keys.len()));
    }
    lines.join("\n") + "\n"
}

/// Lost Regions that cannot be read: what is known of them all the same.
fn in_the_dark(report: &ImpactReport<'_>, impact: &Impact) -> Vec<String> {
    let known = impact.last_known.iter().map(|(region, at)| {
        let age = span(report.finished_at.since(*at));
        format!("{region} CANNOT BE READ: shown as last known {age} ago, {}", at.minute())
    });
    let unseen = impact.unseen.iter().map(|region| {
        format!("{region} CANNOT BE READ, and nothing was kept of it: keys that lived only there CANNOT BE LISTED")
    });
    known.chain(unseen).collect()
}

fn section(report: &ImpactReport<'_>, effect: Effect, keys: &[&KeyImpact]) -> String {
    let mut text = format!("\n{} {}: {}\n", effect.name().to_uppercase(), keys.len(), effect.words());
    for key in keys {
        text.push_str(&head_line(report, key));
        match effect {
            Effect::Unaffected => {}
            Effect::Lost | Effect::Frozen | Effect::Reduced | Effect::Unknown => text.push_str(&body(key)),
        }
    }
    text
}

fn head_line(report: &ImpactReport<'_>, key: &KeyImpact) -> String {
    let undecided = report.selection.is_some_and(|selection| selection.undecided.contains(&key.key));
    let mark = if undecided { "  (filter undecided)" } else { "" };
    let account = match (report.accounts, key.account) {
        ([] | [_], _) | (_, None) => String::new(),
        (_, Some(account)) => format!("  {account}"),
    };
    format!("  {}  {}{account}{mark}\n", called(&key.name, &key.key.id), key.key.id)
}

fn body(key: &KeyImpact) -> String {
    let mut lines = vec![format!("    why: {}", key.detail), format!("    now: {}", key.now)];
    let width = key.survivors.iter().map(|survivor| survivor.region.as_str().len()).max().unwrap_or(0);
    lines.extend(key.survivors.iter().map(|survivor| survivor_line(survivor, width)));
    lines.join("\n") + "\n"
}

fn survivor_line(survivor: &Survivor, width: usize) -> String {
    let state = survivor.state.as_ref().map_or(Safe::from_static("?"), crate::domain::key::KeyState::safe);
    let mut notes: Vec<String> = Vec::new();
    notes.extend(match survivor.policy {
        PolicyIs::Same => None,
        PolicyIs::Default => Some("DEFAULT POLICY".to_owned()),
        PolicyIs::Differs => Some("OTHER POLICY".to_owned()),
        PolicyIs::Unknown => Some("policy ?".to_owned()),
    });
    notes.extend(match survivor.missing_aliases.as_deref() {
        Some([]) => None,
        Some(missing) => Some(safe!("LACKS {}", joined(missing)).to_string()),
        None => Some("primary's alias ?".to_owned()),
    });
    if survivor.is_usable == Truth::No {
        notes.push("NOT USABLE".to_owned());
    }
    if let Some(reason) = survivor.reason {
        notes.push(reason.words().to_owned());
    }
    let line = format!("    {:width$}  {state:15}  {}  {}", survivor.region.as_str(), survivor.arn, notes.join(", "));
    line.trim_end().to_owned()
}

fn joined(names: &[crate::domain::text::Foreign]) -> String {
    names.iter().map(|name| name.safe().to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::impact::tests::with_impact;

    #[test]
    fn it_says_first_what_it_is_about_and_then_the_worst() {
        let text = with_impact(&["us-east-1"], render);
        let expected = "\
This is about keys, not about data: keyfleet cannot see which data a key protects, or where that is.
A primary key in a lost Region cannot be moved: UpdatePrimaryRegion is sent to that Region, and has no way to force it.

Without us-east-1: 3 keys: 1 lost · 1 unknown · 1 unaffected
38 single-Region keys are in us-east-1, and in no other Region
NOT COMPLETE: something that this rests on could not be read, 2026-11-21 19:12 UTC
filtered: 3 keys, 1 of them undecided

LOST 1: no usable member would remain
  (no alias) “card \\u{1b}[2J\\u{202e}\"keys\"\\u{d}\\u{a}line, two”  mrk-b
    why: every member is in us-east-1; ap-south-1 could not be read; the primary names no member there
    now: enable the primary in us-east-1 first, then ask again: keyfleet plan enable arn:aws:kms:us-east-1:111122223333:key/mrk-b

UNKNOWN 1: what could not be read decides it
  payments +1  mrk-a
    why: a member in ap-south-1 could not be read: access denied; a member in sa-east-1 could not be read: outside the Regions asked for
    now: find out about ap-south-1: allow kms:ListKeys, kms:DescribeKey and kms:ListAliases to this caller
    ap-south-1  ?                arn:aws:kms:ap-south-1:111122223333:key/mrk-a  policy ?, primary's alias ?, access denied
    eu-west-1   PendingDeletion  arn:aws:kms:eu-west-1:111122223333:key/mrk-a  policy ?, primary's alias ?, NOT USABLE
    sa-east-1   ?                arn:aws:kms:sa-east-1:111122223333:key/mrk-a  policy ?, primary's alias ?, outside the Regions asked for

UNAFFECTED 1: no member there
  (denied) mrk-c  mrk-c  (filter undecided)
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_region_in_the_dark_is_said_before_any_key() {
        let text = with_impact(&["ap-south-1"], render);
        let dark = text.find("ap-south-1 CANNOT BE READ, and nothing was kept of it").unwrap();
        assert!(dark < text.find("REDUCED").or(text.find("UNKNOWN")).unwrap());
        assert!(text.contains("how many single-Region keys are in ap-south-1 could not be read"));
    }
}
