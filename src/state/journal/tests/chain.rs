//! Whatever is done to the file is noticed, at its line.

use super::*;
use crate::state::journal::entries::Fault;

/// The lines of a sound journal.
fn lines(count: i64) -> Vec<String> {
    text(&written(count)).lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}

fn check(lines: &[String], expected: &[(usize, Fault)]) {
    let entries = parse(&joined(lines));
    assert_eq!(entries.faults, expected);
    assert_eq!(entries.is_sound(), expected.is_empty());
}

fn swapped(mut lines: Vec<String>, first: usize, second: usize) -> Vec<String> {
    lines.swap(first, second);
    lines
}

fn with(mut lines: Vec<String>, at: usize, line: &str) -> Vec<String> {
    lines.insert(at, line.to_owned());
    lines
}

fn without(mut lines: Vec<String>, at: usize) -> Vec<String> {
    lines.remove(at);
    lines
}

fn edited(mut lines: Vec<String>, at: usize, from: &str, to: &str) -> Vec<String> {
    let changed = lines[at].replacen(from, to, 1);
    assert_ne!(changed, lines[at]);
    lines[at] = changed;
    lines
}

#[test]
fn each_way_of_tampering_is_named_at_its_line() {
    let all = lines(3);
    check(&all, &[]);
    check(&edited(all.clone(), 1, "\"outcome\":\"done\"", "\"outcome\":\"failed\""), &[(2, Fault::Altered)]);
    check(&edited(all.clone(), 0, "\"pid\":41", "\"pid\": 41"), &[(1, Fault::Altered)]);
    check(&edited(all.clone(), 2, "\"n\":3", "\"n\":9"), &[(3, Fault::Altered)]);
    check(&edited(all.clone(), 2, "\"v\":1", "\"v\":2"), &[(3, Fault::Later), (4, Fault::Missing { from: 3, to: 3 })]);
    check(&edited(all.clone(), 3, "\"}", "\"} "), &[(4, Fault::Altered)]);
    check(&edited(all.clone(), 3, "\"}", "\"}\r"), &[(4, Fault::Altered)]);
    check(&edited(all.clone(), 3, "\"}", "\",\"plan2\":\"x\"}"), &[(4, Fault::Altered)]);
    check(&with(all.clone(), 1, ""), &[(2, Fault::NotALine)]);
    check(&with(all.clone(), 1, "garbage"), &[(2, Fault::NotALine)]);
    let gap = Fault::Missing { from: 2, to: 3 };
    check(&without(without(all.clone(), 2), 1), &[(2, gap.clone())]);
    assert_eq!(gap.words().as_str(), "follows a gap: records 2 to 3 were removed before it");
    check(
        &with(all.clone(), 3, &all[0]),
        &[(4, Fault::OutOfPlace { expected: 4 }), (5, Fault::Missing { from: 2, to: 3 })],
    );
}

#[test]
fn a_line_with_a_hash_of_its_own_does_not_fit_what_follows() {
    let all = lines(2);
    let other = Disk::default();
    let (mut journal, _) = open(&other).unwrap();
    journal.append_intent(&intent("i-9"), at(9)).unwrap();
    let forged = text(&other).trim_end().to_owned();
    let mut lines = all.clone();
    lines[0] = forged;
    check(&lines, &[(2, Fault::Unlinked)]);
}

#[test]
fn no_line_can_be_removed_or_exchanged() {
    let all = lines(10);
    assert_eq!(all.len(), 20);
    let head = parse(&joined(&all)).head().to_owned();
    for line in 0..all.len() {
        let entries = parse(&joined(&without(all.clone(), line)));
        let is_last = line + 1 == all.len();
        assert_eq!(entries.is_sound(), is_last, "without line {}", line + 1);
        // The end is proved by a head alone.
        assert_eq!(entries.records_at(&head).is_none(), is_last, "without line {}", line + 1);
        for other in line + 1..all.len() {
            let entries = parse(&joined(&swapped(all.clone(), line, other)));
            assert_eq!(entries.faults.first().map(|(at, _)| *at), Some(line + 1), "lines {} {}", line + 1, other + 1);
        }
    }
}

#[test]
fn every_flipped_bit_of_twenty_records_is_noticed() {
    let original = joined(&lines(10));
    for position in 0..original.len() {
        // One bit each, another from byte to byte, and at the line breaks all of them.
        let bits = if original[position] == b'\n' { 0..8 } else { position % 8..position % 8 + 1 };
        for bit in bits {
            let mut changed = original.clone();
            changed[position] ^= 1 << bit;
            let entries = parse(&changed);
            assert!(!entries.is_sound(), "bit {bit} of byte {position}");
            let line = whole_lines(&original[..position]) + 1;
            let first = entries.faults.first().map_or(line, |(at, _)| *at);
            assert!(first == line, "bit {bit} of byte {position} is in line {line}, not {first}");
        }
    }
}

#[test]
fn no_byte_can_be_taken_out_or_put_in() {
    let original = joined(&lines(2));
    for position in 0..original.len() {
        let mut shorter = original.clone();
        shorter.remove(position);
        assert!(!parse(&shorter).is_sound(), "without byte {position}");
        for byte in [b' ', b'\n', b'"', 0, 0xbf] {
            let mut longer = original.clone();
            longer.insert(position, byte);
            assert!(!parse(&longer).is_sound(), "with {byte} at {position}");
        }
    }
}

#[test]
fn cut_at_any_byte_the_cut_is_seen_at_once_or_against_the_head() {
    let original = joined(&lines(10));
    let head = parse(&original).head().to_owned();
    for cut in 0..original.len() {
        let kept = &original[..cut];
        let entries = parse(kept);
        let is_between_lines = kept.is_empty() || kept.ends_with(b"\n");
        assert_eq!((entries.faults.as_slice(), entries.is_sound()), ([].as_slice(), is_between_lines), "cut at {cut}");
        assert_eq!(entries.records_at(&head), None, "cut at {cut}");
    }
}

#[test]
fn the_head_of_any_moment_is_known_and_a_foreign_one_is_not() {
    let entries = parse(&joined(&lines(5)));
    assert_eq!(entries.records_at(NO_HASH), Some(0));
    for (index, entry) in entries.all.iter().enumerate() {
        assert_eq!(entries.records_at(&entry.hash), Some(index + 1));
    }
    let mut other = intent("i-0").as_ref().clone();
    other.caller_arn = Foreign::new("arn:aws:iam::111122223333:user/other");
    let disk = Disk::default();
    let (mut journal, _) = open(&disk).unwrap();
    journal.append_intent(&Arc::new(other), at(0)).unwrap();
    assert_eq!(entries.records_at(journal.head()), None);
}

#[test]
fn a_file_under_another_accounts_name_is_not_taken_for_its_journal() {
    let bytes = joined(&lines(1));
    let other = AccountId::parse("444455556666").unwrap();
    let check = |subject, expected| {
        let entries = Entries::parse(&bytes, subject);
        assert_eq!(entries.faults.iter().filter(|(_, fault)| *fault == Fault::OtherAccount).count(), expected);
    };
    check(subject(), 0);
    check((Partition::Aws, other), 2);
    check((Partition::AwsCn, subject().1), 2);
}
