//! The journal as a program reads it: files in, words and an exit code out. The lines are made here by the documented format, not by keyfleet's own code.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::program::{Program, Run};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-00d18cbb72904f3aa1d0c5e9e3317c00";

/// A promotion that was made, in a state directory of its own.
struct Kept {
    program: Program,
    lines: Vec<String>,
    heads: Vec<String>,
}

impl Kept {
    fn new() -> Self {
        let mut kept = Self { program: Program::new(), lines: Vec::new(), heads: vec!["0".repeat(64)] };
        let parameters = format!("{{\"KeyId\":\"{KEY}\",\"PrimaryRegion\":\"eu-west-1\"}}");
        kept.add("intent", &parameters, "null,\"code\":null,\"request_id\":null,\"detail\":null");
        kept.add("outcome", "null", "\"done\",\"code\":null,\"request_id\":\"8f2e\",\"detail\":\"accepted\"");
        let directory = kept.file().parent().unwrap().to_owned();
        fs::create_dir_all(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
        kept.write(&kept.lines);
        kept
    }

    fn add(&mut self, kind: &str, parameters: &str, outcome: &str) {
        let body = format!(
            "{{\"v\":1,\"n\":{},\"prev\":\"{}\",\"at\":\"2026-11-22T08:00:00Z\",\"kind\":\"{kind}\",\"intent\":\"i-1\",\"plan\":\"p-1\",\
             \"step\":1,\"account\":\"111122223333\",\"caller_arn\":\"arn:aws:iam::111122223333:user/maria\",\"host\":\"ops-1\",\
             \"pid\":41,\"operation\":\"UpdatePrimaryRegion\",\"key_arn\":\"{KEY}\",\"sent_to\":\"us-east-1\",\
             \"parameters\":{parameters},\"outcome\":{outcome}",
            self.heads.len(),
            self.heads.last().unwrap(),
        );
        let mut hash = String::new();
        for byte in Sha256::digest(format!("{body}}}").as_bytes()) {
            write!(hash, "{byte:02x}").unwrap();
        }
        self.lines.push(format!("{body},\"hash\":\"{hash}\"}}"));
        self.heads.push(hash);
    }

    fn file(&self) -> PathBuf {
        let below =
            if cfg!(target_os = "macos") { "Library/Application Support/keyfleet" } else { ".local/state/keyfleet" };
        self.program.home().join(below).join("journal-aws-111122223333.jsonl")
    }

    fn write(&self, lines: &[String]) {
        fs::write(self.file(), lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>()).unwrap();
        fs::set_permissions(self.file(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.program.run(&[&["journal"], arguments].concat())
    }
}

fn check(run: &Run, code: i32, stdout: &[&str], stderr: &[&str]) {
    assert_eq!(run.code, Some(code), "{run:?}");
    assert!(stdout.iter().all(|words| run.stdout.contains(words)), "no {stdout:?} in {}", run.stdout);
    assert!(stderr.iter().all(|words| run.stderr.contains(words)), "no {stderr:?} in {}", run.stderr);
    assert_eq!(run.stderr.is_empty(), stderr.is_empty(), "{}", run.stderr);
    assert!(run.stderr.lines().count() <= 3, "{}", run.stderr);
}

#[test]
fn a_journal_by_the_documented_format_is_shown_and_verified() {
    let kept = Kept::new();
    let events = "UpdatePrimaryRegion in us-east-1 with intent/i-1 in its userAgent, UpdatePrimaryRegion in eu-west-1";
    check(&kept.run(&["show"]), 0, &["2 records", events, "request 8f2e", &format!("head {}", kept.heads[2])], &[]);
    let json = kept.run(&["show", "--account", "111122223333", "--output", "json"]).json();
    assert_eq!(json["journals"][0]["records"][1]["request_id"], "8f2e");
    assert_eq!(json["journals"][0]["head"], kept.heads[2].as_str());
    check(&kept.run(&["verify"]), 0, &["2 records, each as it was written"], &[]);
    check(&kept.run(&["verify", "--head", &kept.heads[1]]), 0, &["that of record 1; 1 came after"], &[]);
    let lock = kept.file().with_file_name("lock-aws-111122223333");
    assert!(!lock.exists(), "reading takes no lock");
}

#[test]
fn a_journal_that_is_not_as_it_was_written_ends_with_2() {
    let kept = Kept::new();
    kept.write(&kept.lines[..1]);
    check(&kept.run(&["verify"]), 0, &["1 records"], &[]);
    check(&kept.run(&["verify", "--head", &kept.heads[2]]), 2, &[], &["no record has the hash", "CloudTrail"]);
    kept.write(&kept.lines[1..]);
    check(&kept.run(&["verify"]), 2, &["line 1 follows a gap"], &["record 1 was removed"]);
    kept.write(&[kept.lines[0].replace("maria", "mallory"), kept.lines[1].clone()]);
    check(&kept.run(&["verify"]), 2, &["NOT AS KEYFLEET WROTE IT"], &["line 1 was changed"]);
    check(&kept.run(&["show"]), 2, &["mallory", "NOT AS IT WAS WRITTEN"], &["line 1 was changed"]);
    fs::set_permissions(kept.file(), fs::Permissions::from_mode(0o666)).unwrap();
    check(&kept.run(&["verify"]), 2, &["chmod"], &["cannot be read"]);
}

#[test]
fn bad_flags_are_named() {
    let kept = Kept::new();
    check(&kept.run(&["verify", "--head", "abc"]), 2, &[], &["--head", "64"]);
    check(&kept.run(&["verify", "--account", "12"]), 2, &[], &["--account", "twelve"]);
    for wrong in [&["show", "--output", "csv"][..], &["resolve", "i-1"], &["verify", "--output", "json"]] {
        assert_eq!(kept.run(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn the_demo_looks_at_nobodys_journal() {
    let kept = Kept::new();
    check(&kept.run(&["show", "--demo"]), 0, &["No journal"], &[]);
}
