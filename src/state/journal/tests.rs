//! The journal on a disk that is cut, fails and forgets.

mod chain;
mod history;

use super::*;
use crate::domain::id::{KeyArn, Region};
use crate::domain::key::Tag;
use crate::domain::plan::{Change, Mutation};
use crate::domain::text::Foreign;
use crate::state::storage::failing::Disk;

const NAME: &str = "journal-aws-111122223333.jsonl";

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + second * 1_000)
}

pub(crate) fn intent(id: &str) -> Arc<Intent> {
    let key = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";
    let change = Change::ReplicateKey {
        to: Region::parse("us-west-2").unwrap(),
        policy: Foreign::new("{\n  \"Version\": \"2012-10-17\"}"),
        description: Foreign::new("Nightly \u{202e}backups"),
        tags: vec![Tag { key: Foreign::new("env"), value: Foreign::new("prod") }],
    };
    Arc::new(Intent {
        id: id.into(),
        plan: "plan-1".into(),
        // Each of another step: a plan has one request for each.
        step: id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(1),
        account: AccountId::parse("111122223333").unwrap(),
        caller_arn: Foreign::new("arn:aws:iam::111122223333:user/maria"),
        mutation: Mutation { arn: KeyArn::parse(key).unwrap(), change },
    })
}

pub(crate) fn claim(outcome: Outcome) -> Claim {
    let request_id = Some(Foreign::new("8f2e"));
    Claim { outcome, code: None, request_id, detail: Safe::from_static("as AWS said") }
}

pub(crate) fn subject() -> Subject {
    (Partition::Aws, AccountId::parse("111122223333").unwrap())
}

fn open(disk: &Disk) -> Result<(Journal, Vec<Notice>), JournalError> {
    let writer = Writer { host: "ops-1".into(), pid: 41 };
    let (partition, account) = subject();
    Journal::open(Box::new(disk.storage()), writer, partition, account)
}

fn parse(bytes: &[u8]) -> Entries {
    Entries::parse(bytes, subject())
}

/// How many intents the file leaves open.
fn open_on(disk: &Disk) -> usize {
    parse(&disk.content(NAME)).open_intents().all.len()
}

/// A journal of `count` changes, each with its outcome.
fn written(count: i64) -> Disk {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    for number in 0..count {
        let intent = intent(&format!("i-{number}"));
        journal.append_intent(&intent, at(number)).unwrap();
        journal.append_outcome(&intent, RecordKind::Outcome, &claim(Outcome::Done), at(number)).unwrap();
    }
    disk
}

fn whole_lines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

fn text(disk: &Disk) -> String {
    String::from_utf8(disk.content(NAME)).unwrap()
}

#[test]
fn a_line_holds_everything_and_parses_back() {
    let disk = written(1);
    let text = text(&disk);
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys = "v n prev at kind intent plan step account caller_arn host pid operation key_arn sent_to parameters outcome \
                code request_id detail hash";
    for line in &lines {
        let mut expected: Vec<&str> = keys.split_whitespace().collect();
        expected.sort_unstable();
        let mut found: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    assert_eq!(lines[0]["kind"], "intent");
    assert_eq!(lines[0]["prev"], NO_HASH);
    assert_eq!(lines[0]["sent_to"], "us-east-1");
    assert_eq!(lines[0]["parameters"]["ReplicaRegion"], "us-west-2");
    assert_eq!(lines[0]["parameters"]["Policy"], "{\n  \"Version\": \"2012-10-17\"}");
    assert_eq!(lines[0]["parameters"]["Description"], "Nightly \u{202e}backups");
    assert_eq!(lines[0]["parameters"]["Tags"][0]["TagKey"], "env");
    assert_eq!(lines[0]["outcome"], serde_json::Value::Null);
    assert_eq!(lines[1]["outcome"], "done");
    assert_eq!(lines[1]["prev"], lines[0]["hash"]);
    assert_eq!((&lines[0]["n"], &lines[1]["n"]), (&1.into(), &2.into()));
    assert!(text.contains("\\u202e") && !text.contains('\u{202e}'));
}

#[test]
fn cut_at_any_byte_it_loses_no_whole_line_and_goes_on() {
    // Short lines, because the work grows with the square of the length.
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    for number in 0..6 {
        let intent = Arc::new(Intent {
            id: number.to_string().into(),
            step: u32::try_from(number).unwrap(),
            caller_arn: Foreign::new(""),
            mutation: Mutation { change: Change::EnableKey, ..intent("").mutation.clone() },
            ..(*intent("")).clone()
        });
        journal.append_intent(&intent, at(number)).unwrap();
        journal.append_outcome(&intent, RecordKind::Outcome, &claim(Outcome::Done), at(number)).unwrap();
    }
    let bytes = disk.content(NAME);
    for cut in 0..=bytes.len() {
        let kept = &bytes[..cut];
        let disk = Disk::holding(NAME, kept);
        let (mut journal, notices) = open(&disk).unwrap();
        let whole = whole_lines(kept);
        let torn: Vec<&Notice> = notices.iter().filter(|notice| matches!(notice, Notice::TornLine { .. })).collect();
        let is_torn = !kept.is_empty() && !kept.ends_with(b"\n");
        assert_eq!(torn.len(), usize::from(is_torn), "cut at {cut}");
        if is_torn {
            let length = kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            assert_eq!(disk.content(&format!("{NAME}.torn-at-{length}")), kept[length..], "cut at {cut}");
        }
        assert!(!notices.iter().any(|notice| matches!(notice, Notice::Broken { .. })), "cut at {cut}");
        assert_eq!(journal.open.len(), whole % 2, "cut at {cut}");
        journal.append_intent(&intent("next-99"), at(99)).unwrap();
        if cut % 97 == 0 {
            let entries = parse(&disk.content(NAME));
            assert_eq!((entries.all.len(), entries.is_sound()), (whole + 1, true), "cut at {cut}");
        }
    }
}

#[test]
fn whichever_call_fails_there_is_no_receipt_without_a_durable_line() {
    let torn = {
        let mut bytes = written(2).content(NAME);
        bytes.truncate(bytes.len() - 10);
        bytes
    };
    let mut failed_at = Vec::new();
    for call in 0.. {
        let disk = Disk::holding(NAME, &torn);
        disk.fail_at(call);
        let mut receipts = Vec::new();
        let mut refused = 0;
        if let Ok((mut journal, _)) = open(&disk) {
            for id in ["i-7", "i-8"] {
                match journal.append_intent(&intent(id), at(7)) {
                    Ok(receipt) => receipts.push(receipt),
                    Err(_) => refused += 1,
                }
            }
            let outcome = journal.append_outcome(&intent("i-8"), RecordKind::Outcome, &claim(Outcome::Done), at(8));
            refused += usize::from(outcome.is_err());
            disk.heal();
            let healed = journal.append_intent(&intent("i-9"), at(9));
            assert_eq!(healed.is_err(), refused > 0, "a journal that failed once stays closed: call {call}");
            receipts.extend(healed.ok());
        }
        let failed = disk.has_failed() || receipts.len() < 3;
        disk.crash();
        let entries = parse(&disk.content(NAME));
        for receipt in &receipts {
            assert!(entries.intents().any(|id| id == &*receipt.intent().id), "call {call}");
        }
        let acknowledged = whole_lines(&torn);
        assert!(entries.all.len() >= acknowledged + receipts.len(), "call {call}");
        let (_, notices) = open(&disk).unwrap();
        assert!(!notices.iter().any(|notice| matches!(notice, Notice::Broken { .. })), "call {call}");
        if !failed {
            break;
        }
        failed_at.push(call);
    }
    assert!(failed_at.len() >= 12, "every step was made to fail: {failed_at:?}");
}

#[test]
fn a_line_that_was_written_but_not_synced_is_found_again_as_open() {
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    // Append is the first call, sync the second.
    disk.fail_at(1);
    assert!(journal.append_intent(&intent("i-1"), at(1)).is_err());
    assert!(matches!(journal.append_intent(&intent("i-2"), at(2)), Err(JournalError::Poisoned)));
    disk.heal();
    let (journal, notices) = open(&disk).unwrap();
    assert_eq!(journal.open.len(), 1);
    assert!(notices[0].words().as_str().starts_with("not known to have ended: ReplicateKey arn:aws:kms"));
}

#[test]
fn an_intent_is_open_until_a_line_says_how_it_ended() {
    let check = |records: &[(RecordKind, Outcome)], is_open: bool| {
        let disk = Disk::default();
        let (mut journal, _) = open(&disk).unwrap();
        journal.append_intent(&intent("i-1"), at(1)).unwrap();
        for (kind, outcome) in records {
            journal.append_outcome(&intent("i-1"), *kind, &claim(*outcome), at(2)).unwrap();
        }
        assert_eq!(journal.open.len(), usize::from(is_open), "{records:?}");
        drop(journal);
        assert_eq!(open(&disk).unwrap().0.open.len(), usize::from(is_open), "{records:?}");
        assert_eq!(open_on(&disk), usize::from(is_open), "{records:?}");
    };
    check(&[], true);
    check(&[(RecordKind::Outcome, Outcome::Unknown)], true);
    check(&[(RecordKind::Outcome, Outcome::Done)], false);
    check(&[(RecordKind::Outcome, Outcome::NotSent)], false);
    check(&[(RecordKind::Outcome, Outcome::Unknown), (RecordKind::Note, Outcome::Done)], true);
    check(&[(RecordKind::Outcome, Outcome::Unknown), (RecordKind::Reconciled, Outcome::Done)], false);
    check(&[(RecordKind::Outcome, Outcome::Unknown), (RecordKind::Reconciled, Outcome::Unknown)], true);
    check(&[(RecordKind::Reconciled, Outcome::Done), (RecordKind::Reconciled, Outcome::Unknown)], true);
    check(&[(RecordKind::Outcome, Outcome::Unknown), (RecordKind::ResolvedByHand, Outcome::Failed)], false);
}

#[test]
fn an_intent_is_recorded_once_and_in_its_own_account() {
    let disk = written(1);
    let (mut journal, _) = open(&disk).unwrap();
    assert!(matches!(journal.append_intent(&intent("i-0"), at(1)), Err(JournalError::Repeated)));
    let mut other = (*intent("i-1")).clone();
    other.account = AccountId::parse("444455556666").unwrap();
    assert!(matches!(journal.append_intent(&Arc::new(other), at(1)), Err(JournalError::Misplaced)));
    let as_outcome = journal.append_outcome(&intent("i-0"), RecordKind::Intent, &claim(Outcome::Done), at(1));
    assert!(matches!(as_outcome, Err(JournalError::Misplaced)));
    journal.append_intent(&intent("i-1"), at(1)).unwrap();
}

#[test]
fn a_broken_journal_is_named_and_goes_on_and_a_later_one_is_left_alone() {
    let broken = text(&written(2)).replacen("us-west-2", "eu-west-1", 1);
    let disk = Disk::holding(NAME, broken.as_bytes());
    let (mut journal, notices) = open(&disk).unwrap();
    assert_eq!(
        notices[0].words().as_str(),
        "the journal was changed by something else: line 1 was changed after it was written"
    );
    journal.append_intent(&intent("i-9"), at(9)).unwrap();
    assert_eq!(parse(&disk.content(NAME)).all.len(), 5);
    let later = Disk::holding(NAME, b"{\"v\":2,\"n\":1}\n");
    assert!(matches!(open(&later), Err(JournalError::Later { line: 1 })));
    assert_eq!(later.content(NAME), b"{\"v\":2,\"n\":1}\n");
}
