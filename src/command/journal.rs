//! `keyfleet journal show`: what keyfleet has changed. It reads files and nothing else: no credentials, no network, no lock.

use std::fmt::Write as _;
use std::path::Path;

use comfy_table::{ContentArrangement, Table, presets};

use crate::domain::id::AccountId;
use crate::domain::text::{Foreign, Safe, safe};
use crate::state::journal::entries::{Entries, Entry};
use crate::state::journal::{self, JournalError};
use crate::state::journals::{Subject, found_in};
use crate::state::private::shown;

/// Every journal in the state directory, or those of one account: what is still open first, then every line, then the head hash.
pub(crate) fn show(state_dir: &Path, account: Option<AccountId>) -> Result<String, JournalError> {
    let mut found = found_in(state_dir)?;
    found.retain(|((_, of), _)| account.is_none_or(|wanted| wanted == *of));
    if found.is_empty() {
        let whose = account.map(|account| format!(" of account {account}")).unwrap_or_default();
        return Ok(format!("No journal{whose} in {}: keyfleet has changed nothing from here.\n", shown(state_dir)));
    }
    let journals: Result<Vec<(Subject, Entries)>, JournalError> =
        found.into_iter().map(|(subject, path)| Ok((subject, journal::read(&path)?))).collect();
    let journals = journals?;
    let mut text = still_open(&journals);
    for (subject, entries) in &journals {
        text.push_str(&one(*subject, entries));
    }
    Ok(text)
}

fn still_open(journals: &[(Subject, Entries)]) -> String {
    let mut text = String::new();
    for ((_, account), entries) in journals {
        for entry in entries.open_intents() {
            let line = safe!("OPEN  account {account}: {}; its outcome is not known: look at the key", entry.summary());
            text.push_str(line.as_str());
            text.push('\n');
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn one((partition, account): Subject, entries: &Entries) -> String {
    let mut text = format!("account {account}, partition {}: {} lines\n", partition.name(), entries.all.len());
    if let Some((line, why)) = &entries.broken {
        let _infallible = writeln!(text, "CHANGED BY SOMETHING ELSE: line {line} {why}");
    }
    if !entries.torn.is_empty() {
        let _infallible = writeln!(text, "the last line was cut off: {} bytes, not counted here", entries.torn.len());
    }
    if let Some(line) = entries.later {
        let _infallible = writeln!(text, "line {line} was written by a later keyfleet and is not shown");
    }
    if !entries.all.is_empty() {
        text.push_str(&table(entries));
        text.push('\n');
    }
    text.push_str(safe!("head {}", Foreign::new(entries.head()).safe()).as_str());
    text.push_str("\n\n");
    text
}

fn table(entries: &Entries) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    table.set_header(["N", "AT", "KIND", "OPERATION", "KEY", "OUTCOME", "DETAIL"]);
    for entry in &entries.all {
        table.add_row(row(entry).map(|cell| cell.to_string()));
    }
    table.trim_fmt()
}

fn row(entry: &Entry) -> [Safe; 7] {
    [
        safe!("{}", entry.number),
        entry.at.safe(),
        Safe::from_static(entry.kind.name()),
        operation(entry),
        entry.key_arn.safe(),
        optional(entry.outcome.as_ref()),
        detail(entry),
    ]
}

/// The operation and, where there is one, the other Region that it concerns.
fn operation(entry: &Entry) -> Safe {
    let parameters = entry.parameters.as_ref();
    let target = ["ReplicaRegion", "PrimaryRegion"].iter().find_map(|name| parameters?.get(name)?.as_str());
    match target {
        Some(target) => safe!("{} → {}", entry.operation.safe(), Foreign::new(target).safe()),
        None => entry.operation.safe(),
    }
}

/// For an intent who asked, for an outcome what was said.
fn detail(entry: &Entry) -> Safe {
    let mut parts: Vec<Safe> = Vec::new();
    parts.extend(entry.code.as_ref().map(Foreign::safe));
    parts.extend(entry.detail.as_ref().map(Foreign::safe));
    parts.extend(entry.request_id.as_ref().map(|id| safe!("request {}", id.safe())));
    if parts.is_empty() {
        parts.push(entry.caller_arn.safe());
    }
    safe!("{}", parts.iter().map(Safe::as_str).collect::<Vec<_>>().join("; "))
}

fn optional(text: Option<&Foreign>) -> Safe {
    text.map(Foreign::safe).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::{Outcome, RecordKind};
    use crate::state::StateDir;
    use crate::state::journal::Writer;
    use crate::state::journal::tests::{at, claim, intent};
    use crate::state::journals::Journals;

    fn other_account() -> Option<AccountId> {
        AccountId::parse("444455556666")
    }

    #[test]
    fn what_is_open_comes_first_and_the_head_last() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().join("state");
        let mut journals = Journals::new(StateDir(directory.clone()), Writer { host: "ops-1".into(), pid: 41 });
        for id in ["i-1", "i-2"] {
            journals.append_intent(&intent(id), at(1)).unwrap();
        }
        journals.append_outcome(&intent("i-1"), RecordKind::Outcome, &claim(Outcome::Done), at(2)).unwrap();
        let head = journals.heads().next().unwrap().1.to_owned();
        let text = show(&directory, None).unwrap();
        let key = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";
        assert!(text.starts_with(&format!("OPEN  account 111122223333: ReplicateKey {key} recorded ")), "{text}");
        assert_eq!(text.matches("OPEN").count(), 1);
        assert!(text.contains("account 111122223333, partition aws: 3 lines"));
        assert_eq!(text.matches("ReplicateKey → us-west-2").count(), 2, "{text}");
        assert!(text.contains("done") && text.contains("as AWS said; request 8f2e"));
        assert_eq!(text.trim_end().lines().last().unwrap(), format!("head {head}"));
        assert!(!text.contains("CHANGED"));
        assert!(show(&directory, other_account()).unwrap().starts_with("No journal of account 444455556666 in "));
    }

    #[test]
    fn a_changed_or_cut_journal_is_shown_and_named() {
        let temporary = tempfile::tempdir().unwrap();
        let mut journals =
            Journals::new(StateDir(temporary.path().join("state")), Writer { host: "ops-1".into(), pid: 41 });
        journals.append_intent(&intent("i-1"), at(1)).unwrap();
        let file = temporary.path().join("state/journal-aws-111122223333.jsonl");
        let text = std::fs::read_to_string(&file).unwrap().replace("maria", "mar\\u001bia");
        std::fs::write(&file, text + "{\"v\":1").unwrap();
        let shown = show(&temporary.path().join("state"), None).unwrap();
        assert!(shown.contains("CHANGED BY SOMETHING ELSE: line 1 was changed after it was written"));
        assert!(shown.contains("the last line was cut off: 6 bytes"));
        assert!(shown.contains("mar\\u{1b}ia") && !shown.contains('\u{1b}'));
    }

    #[test]
    fn nothing_there_is_no_error_and_makes_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().join("state");
        assert!(show(&directory, None).unwrap().starts_with("No journal in "));
        assert!(!directory.exists());
    }
}
