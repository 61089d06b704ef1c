//! What the two verbs say of sound, open, cut and edited journals.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::cli::TableOrJson;
use crate::domain::plan::{Outcome, RecordKind};
use crate::state::StateDir;
use crate::state::journal::Writer;
use crate::state::journal::tests::{at, claim, intent};
use crate::state::journals::Journals;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";

/// A journal of one change that is done and one that is open.
struct Kept {
    _temporary: tempfile::TempDir,
    directory: PathBuf,
    head: String,
}

impl Kept {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().join("state");
        let mut journals = Journals::new(StateDir(directory.clone()), Writer { host: "ops-1".into(), pid: 41 });
        for id in ["i-1", "i-2"] {
            journals.append_intent(&intent(id), at(1)).unwrap();
        }
        journals.append_outcome(&intent("i-1"), RecordKind::Outcome, &claim(Outcome::Done), at(2)).unwrap();
        let head = journals.heads().next().unwrap().1.to_owned();
        Self { _temporary: temporary, directory, head }
    }

    fn file(&self) -> PathBuf {
        self.directory.join("journal-aws-111122223333.jsonl")
    }

    fn edit(&self, change: impl FnOnce(String) -> String) {
        fs::write(self.file(), change(fs::read_to_string(self.file()).unwrap())).unwrap();
    }

    fn show(&self, output: TableOrJson) -> Report {
        show(&self.directory, None, output).unwrap()
    }

    fn verify(&self, head: Option<&str>) -> Report {
        verify(&self.directory, None, head.map(|head| Head::parse(head).unwrap()).as_ref()).unwrap()
    }
}

fn other_account() -> Option<AccountId> {
    AccountId::parse("444455556666")
}

#[test]
fn every_record_is_shown_with_its_events_and_what_is_open_comes_last() {
    let kept = Kept::new();
    let Report { text, wrong } = kept.show(TableOrJson::Table);
    assert_eq!(wrong, None);
    assert!(text.starts_with("account 111122223333, partition aws: 3 records in /"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "N  AT                    KIND     OPERATION                 OUTCOME  SENT TO    KEY");
    let first = format!("1  2026-09-21T14:13:21Z  intent   ReplicateKey → us-west-2           us-east-1  {KEY}");
    assert_eq!(lines[2], first);
    assert_eq!(
        lines[3],
        "   intent i-1, plan plan-1 step 1; by arn:aws:iam::111122223333:user/maria on ops-1, process 41"
    );
    let events = "CloudTrail: ReplicateKey in us-east-1 with intent/i-1 in its userAgent, CreateKey in us-west-2";
    assert_eq!(lines[4].trim(), events);
    let outcome = format!("3  2026-09-21T14:13:22Z  outcome  ReplicateKey              done     us-east-1  {KEY}");
    let at = lines.iter().position(|line| *line == outcome).unwrap();
    assert_eq!(lines[at + 2..at + 4], ["   request 8f2e", "   as AWS said"]);
    assert_eq!(lines[at + 4], format!("head {}", kept.head));
    let open = lines.iter().position(|line| line.starts_with("OPEN: nobody knows how this change ended.")).unwrap();
    assert!(open > at && lines[open + 1].ends_with(&format!("ReplicateKey → us-west-2 {KEY}")), "{text}");
    assert!(lines[open + 2].ends_with("no outcome was recorded") && lines[open + 3].contains("intent/i-2"), "{text}");
    assert_eq!(lines.len(), open + 4);
}

#[test]
fn as_json_it_is_one_document_with_originals() {
    let kept = Kept::new();
    kept.edit(|text| text + "{\"v\":1");
    let report = kept.show(TableOrJson::Json);
    let document: serde_json::Value = serde_json::from_str(&report.text).unwrap();
    assert_eq!(document["schema"], "keyfleet.journal/1");
    let journal = &document["journals"][0];
    assert_eq!((&journal["account"], &journal["partition"]), (&"111122223333".into(), &"aws".into()));
    assert_eq!((&journal["torn_bytes"], &journal["unreadable"]), (&6.into(), &serde_json::Value::Null));
    assert_eq!((&journal["open"], &journal["head"]), (&serde_json::json!(["i-2"]), &kept.head.as_str().into()));
    let record = &journal["records"][0];
    assert_eq!(record["parameters"]["Description"], "Nightly \u{202e}backups");
    assert!(!report.text.contains('\u{202e}'));
    assert_eq!(record["user_agent"], "intent/i-1");
    assert_eq!(record["cloudtrail"][1], serde_json::json!({"event": "CreateKey", "region": "us-west-2"}));
    assert_eq!(journal["records"][2]["cloudtrail"], serde_json::Value::Null);
    assert!(report.wrong.is_some());
    let nothing = show(&kept.directory, other_account(), TableOrJson::Json).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&nothing.text).unwrap()["journals"], serde_json::json!([]));
}

#[test]
fn a_sound_journal_is_verified_up_to_a_head() {
    let kept = Kept::new();
    let text = kept.verify(None).text;
    assert!(text.starts_with("account 111122223333, partition aws: 3 records, each as it was written"), "{text}");
    assert!(text.contains(&format!("head {}", kept.head)) && text.contains("Without --head"), "{text}");
    let Report { text, wrong } = kept.verify(Some(&kept.head.to_uppercase()));
    assert!(wrong.is_none() && text.contains("is that of record 3; 0 came after it"), "{text}");
    let first = journal::read(&kept.file(), found_in(&kept.directory).unwrap()[0].0).unwrap().all[0].hash.clone();
    let Report { text, wrong } = kept.verify(Some(&first));
    assert!(wrong.is_none() && text.contains("is that of record 1; 2 came after it"), "{text}");
    let foreign = "ab".repeat(32);
    assert!(kept.verify(Some(&foreign)).wrong.unwrap().starts_with(&format!("no record has the hash {foreign}")));
    kept.edit(|text| text.lines().take(2).flat_map(|line| [line, "\n"]).collect());
    assert_eq!(kept.verify(None).wrong, None);
    assert!(kept.verify(Some(&kept.head)).wrong.unwrap().contains("taken off the end"));
    assert_eq!(Head::parse("ab"), None);
    assert_eq!(Head::parse(&"x".repeat(64)), None);
}

#[test]
fn what_is_wrong_is_named_by_both_with_what_to_do() {
    let check = |change: fn(String) -> String, words: &str| {
        let kept = Kept::new();
        kept.edit(change);
        for report in [kept.show(TableOrJson::Table), kept.verify(Some(&kept.head))] {
            assert!(report.text.contains(words), "no {words:?} in {}", report.text);
            let wrong = report.wrong.unwrap();
            assert!(wrong.starts_with("the journal of account 111122223333, partition aws: "), "{wrong}");
            assert!(wrong.contains(words) && wrong.lines().count() == 2, "{wrong}");
        }
    };
    check(|text| text.replacen("maria", "mallory", 1), "line 1 was changed after it was written");
    check(|text| text.lines().skip(1).flat_map(|line| [line, "\n"]).collect(), "record 1 was removed");
    check(|text| text + "{\"v\":1", "line 4, the last, was cut off after 6 bytes");
    check(|text| text.replacen('\n', "\n\n", 1), "line 2 is not a line of this journal");
    check(|text| text.replacen("\"v\":1", "\"v\":2", 1), "line 1 was written by a later keyfleet, or changed");
}

#[test]
fn nothing_that_was_put_in_reaches_the_terminal() {
    let kept = Kept::new();
    kept.edit(|text| text.replacen("maria", "mar\\u001bia", 1).replacen("i-2", "\\u202e", 1));
    for report in [kept.show(TableOrJson::Table), kept.verify(None)] {
        assert!(!report.text.contains(['\u{1b}', '\u{202e}']), "{}", report.text);
    }
    assert!(kept.show(TableOrJson::Table).text.contains("mar\\u{1b}ia"));
}

#[test]
fn a_journal_that_cannot_be_read_costs_itself_only() {
    let kept = Kept::new();
    std::os::unix::fs::symlink(kept.file(), kept.directory.join("journal-aws-444455556666.jsonl")).unwrap();
    let Report { text, wrong } = kept.show(TableOrJson::Table);
    assert!(text.contains(": 3 records in ") && text.contains("it is a symbolic link"), "{text}");
    assert!(wrong.unwrap().contains("account 444455556666, partition aws: it cannot be read"));
    let Report { text, wrong } = kept.verify(None);
    assert!(text.contains("3 records, each as it was written") && text.contains("NOT AS KEYFLEET WROTE IT"), "{text}");
    assert!(wrong.is_some());
}

#[test]
fn nothing_there_is_no_error_and_makes_nothing_unless_a_head_says_that_there_was_something() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("state");
    let report = show(&directory, None, TableOrJson::Table).unwrap();
    assert!(report.text.starts_with("No journal in ") && report.wrong.is_none());
    let report = verify(&directory, other_account(), None).unwrap();
    assert!(report.text.starts_with("No journal of account 444455556666 in ") && report.wrong.is_none());
    let head = Head::parse(&"0a".repeat(32)).unwrap();
    assert!(verify(&directory, None, Some(&head)).unwrap().wrong.is_some());
    assert!(!directory.exists());
}
