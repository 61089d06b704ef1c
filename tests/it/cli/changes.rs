//! `plan` and `apply` as processes against the embedded KMS: what is sent by the server's own log, what is claimed, and every exit code.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use keyfleet::emulator::{Clock, Fleet, Running, start};
use serde_json::{Value, json};

use super::throttling::Log;
use crate::program::{Program, Run, run};

const REGIONS: &str = "us-east-1,us-west-2,eu-west-1";

/// Keys in us-east-1 with a replica in eu-west-1 that is Disabled.
fn disabled(count: usize) -> String {
    let key = |number: usize| {
        format!(
            "[[keys]]\nname = \"k{number:02}\"\nalias = \"alias/k{number:02}\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\"]\n\
             [keys.members.eu-west-1]\nstate = \"Disabled\"\n"
        )
    };
    let accounts = "regions = [\"us-east-1\", \"us-west-2\", \"eu-west-1\"]\n[[accounts]]\nid = \"111122223333\"\n\
                    [[accounts.credentials]]\naccess_key = \"AKIDEXAMPLE\"\n\
                    [[accounts.credentials]]\naccess_key = \"test\"\ncaller_arn = \"arn:aws:iam::111122223333:user/maria\"\n\
                    [[accounts]]\nid = \"444455556666\"\n\
                    [[accounts.credentials]]\naccess_key = \"other\"\ncaller_arn = \"arn:aws:iam::444455556666:user/maria\"\n";
    accounts.to_owned() + &(1..=count).map(key).collect::<String>()
}

/// A server, and the program with its home.
pub(crate) struct Bench {
    pub(crate) server: Running,
    pub(crate) program: Program,
}

impl Bench {
    pub(crate) fn new(fleet: &str) -> Self {
        let fleet = Fleet::parse(fleet).unwrap_or_else(|error| panic!("{error}"));
        let started = std::time::Instant::now();
        let clock = Clock::new(1_795_284_000_000, move || u64::try_from(started.elapsed().as_millis()).unwrap());
        let server = start(fleet, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock).unwrap();
        Self { server, program: Program::new() }
    }

    pub(crate) fn arguments<'a>(endpoint: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        [&["--endpoint-url", endpoint, "--region", REGIONS], rest].concat()
    }

    pub(crate) fn run(&self, rest: &[&str]) -> Run {
        let endpoint = self.server.endpoint();
        let mut command = self.program.command(&Self::arguments(&endpoint, rest));
        command.env("KEYFLEET_QUOTA_SHARE", "1.0");
        run(command)
    }

    /// Makes a plan and keeps it in a file.
    pub(crate) fn plan(&self, rest: &[&str]) -> PathBuf {
        let made = self.run(&[&["plan"], rest].concat());
        assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""), "{made:?}");
        let path = self.program.home().join("plan.json");
        std::fs::write(&path, made.stdout).unwrap();
        path
    }

    fn plan_to_enable(&self, count: usize) -> PathBuf {
        let keys: Vec<String> = (1..=count).map(|number| format!("alias/k{number:02}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.plan(&[&["enable"], keys.as_slice()].concat())
    }

    pub(crate) fn apply(&self, file: &std::path::Path, rest: &[&str]) -> Run {
        let file = file.to_str().unwrap();
        self.run(&[&["apply", file, "--account", "111122223333", "--yes", "--output", "json"], rest].concat())
    }

    fn sent(&self, operation: &str) -> usize {
        Log::of(&self.server).0.iter().filter(|line| line["operation"] == operation).count()
    }

    fn mutations(&self) -> usize {
        ["ReplicateKey", "CancelKeyDeletion", "UpdatePrimaryRegion", "EnableKey", "CreateAlias"]
            .iter()
            .map(|operation| self.sent(operation))
            .sum()
    }
}

fn fault(rest: &str) -> String {
    format!("[[faults]]\noperation = \"EnableKey\"\n{rest}\n")
}

fn outcomes(run: &Run) -> Vec<String> {
    let report = run.json();
    assert_eq!(report["schema"], "keyfleet.outcome/1");
    report["steps"].as_array().unwrap().iter().map(|step| step["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_plan_is_applied_once_and_said_again() {
    let bench = Bench::new(&disabled(2));
    let plan = bench.plan_to_enable(2);
    let first = bench.apply(&plan, &[]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(outcomes(&first), ["done", "done"]);
    let step = &first.json()["steps"][0];
    assert_eq!((&step["settled"], &step["state"]), (&json!(true), &json!("Enabled")));
    assert_eq!(step["cloudtrail"], json!([{"event": "EnableKey", "region": "eu-west-1"}]));
    let again = bench.apply(&plan, &[]);
    assert_eq!((again.code, outcomes(&again)), (Some(0), vec!["done".to_owned(); 2]), "{again:?}");
    assert_eq!(bench.sent("EnableKey"), 2, "nothing is sent twice");
}

#[test]
fn a_bulk_stops_at_the_first_unknown_and_goes_on_when_it_is_applied_again() {
    let refused = fault("from = 7\ncount = 1\nkind = \"error\"\nstatus = 400\ncode = \"KMSInvalidStateException\"");
    let lost = fault("from = 12\ncount = 1\nkind = \"drop_close\"");
    let bench = Bench::new(&(disabled(20) + &refused + &lost));
    let plan = bench.plan_to_enable(20);
    let first = bench.apply(&plan, &["--wait", "2s"]);
    let expected = |rest: &str| -> Vec<String> {
        let outcome = |number| match number {
            7 => "failed",
            12 => "unknown",
            13.. => rest,
            _ => "done",
        };
        (1..=20).map(|number| outcome(number).to_owned()).collect()
    };
    assert_eq!((first.code, outcomes(&first)), (Some(9), expected("not_sent")), "{}", first.stderr);
    assert_eq!(bench.sent("EnableKey"), 12);
    let again = bench.apply(&plan, &["--wait", "2s"]);
    assert_eq!((again.code, outcomes(&again)), (Some(9), expected("done")), "{}", again.stderr);
    assert_eq!(bench.sent("EnableKey"), 20, "only what was not sent");
    let verified = bench.program.run(&["journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn a_reply_lost_after_it_was_applied_is_settled_by_reading() {
    let bench = Bench::new(&(disabled(1) + &fault("kind = \"apply_close\"")));
    let plan = bench.plan_to_enable(1);
    let run = bench.apply(&plan, &[]);
    assert_eq!((run.code, outcomes(&run)), (Some(0), vec!["done".to_owned()]), "{run:?}");
    assert_eq!(bench.sent("EnableKey"), 1);
}

#[test]
fn a_key_that_another_changed_since_the_plan_is_left_alone() {
    let bench = Bench::new(&disabled(2));
    let plan = bench.plan_to_enable(2);
    let key =
        serde_json::from_str::<Value>(&std::fs::read_to_string(&plan).unwrap()).unwrap()["steps"][1]["key_arn"].clone();
    let answer = crate::emulator::ask(&bench.server, "eu-west-1", "EnableKey", &json!({"KeyId": key}));
    assert_eq!(answer, Value::Null);
    let run = bench.apply(&plan, &[]);
    assert_eq!((run.code, outcomes(&run)), (Some(6), vec!["not_sent".to_owned(); 2]), "{run:?}");
    assert_eq!(bench.sent("EnableKey"), 1, "the other's own");
}

#[test]
fn edited_expired_and_foreign_plans_are_refused_each_in_its_own_words() {
    let bench = Bench::new(&disabled(1));
    let plan = bench.plan_to_enable(1);
    let text = std::fs::read_to_string(&plan).unwrap();
    let check = |content: &str, account: &str, words: &str| {
        std::fs::write(&plan, content).unwrap();
        let run = bench.run(&["apply", plan.to_str().unwrap(), "--account", account, "--yes"]);
        assert_eq!(run.code, Some(5), "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert!(run.stderr.trim_end().lines().count() <= 3, "{}", run.stderr);
    };
    check(&text.replace("EnableKey\",", "EnableKey\" ,").replace("eu-west-1", "us-west-2"), "111122223333", "edited");
    check(&text, "444455556666", "111122223333");
    let run = bench.run(&["apply", plan.to_str().unwrap(), "--yes"]);
    assert_eq!(run.code, Some(5), "{run:?}");
    let run = bench.run(&["apply", plan.to_str().unwrap(), "--account", "111122223333", "--yes", "--read-only"]);
    assert_eq!(run.code, Some(5), "{run:?}");
    let run = bench.run(&["apply", plan.to_str().unwrap(), "--account", "111122223333"]);
    assert_eq!(run.code, Some(2), "nobody can be asked: {run:?}");
    assert_eq!(bench.mutations(), 0);
}

#[test]
fn another_account_behind_the_same_name_is_refused() {
    let bench = Bench::new(&disabled(1));
    let plan = bench.plan_to_enable(1);
    let endpoint = bench.server.endpoint();
    let file = plan.to_str().unwrap();
    let arguments = Bench::arguments(&endpoint, &["apply", file, "--account", "111122223333", "--yes"]);
    let mut command = bench.program.command(&arguments);
    command.env("AWS_ACCESS_KEY_ID", "other");
    let refused = run(command);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("444455556666"), "{}", refused.stderr);
    assert_eq!(bench.mutations(), 0);
}

#[test]
fn credentials_that_change_hands_before_the_request_send_nothing() {
    let bench = Bench::new(&disabled(1));
    let plan = bench.plan_to_enable(1);
    let home = bench.program.home();
    let script = home.join("credentials");
    // The first few to ask are told who reads; whoever asks after that is somebody else.
    let text = "#!/bin/sh\necho >>\"$0.asked\"\nif [ $(wc -l <\"$0.asked\") -gt $(cat \"$0.own\") ]; then key=other; else key=test; fi\n\
                printf '{\"Version\": 1, \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"x\"}' $key\n";
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::create_dir(home.join(".aws")).unwrap();
    let profile = format!("[default]\nregion = us-east-1\ncredential_process = {}\n", script.display());
    std::fs::write(home.join(".aws/config"), profile).unwrap();
    let endpoint = bench.server.endpoint();
    let file = plan.to_str().unwrap();
    let arguments =
        Bench::arguments(&endpoint, &["apply", file, "--account", "111122223333", "--yes", "--output", "json"]);
    let mut late = 0;
    for own in 0..6 {
        std::fs::write(home.join("credentials.own"), own.to_string()).unwrap();
        let _first_time = std::fs::remove_file(home.join("credentials.asked"));
        let mut command = bench.program.bare(&arguments);
        command.env("PATH", "/usr/bin:/bin");
        let ended = run(command);
        if ended.code == Some(0) {
            break;
        }
        assert_eq!(ended.code, Some(5), "{ended:?}");
        assert_eq!(bench.mutations(), 0);
        late += usize::from(!ended.stdout.is_empty());
    }
    assert!(late > 0, "they changed hands after the plan was confirmed, once at least");
}

#[test]
fn an_endpoint_that_nobody_typed_refuses() {
    let bench = Bench::new(&disabled(1));
    let plan = bench.plan_to_enable(1);
    let arguments = ["--region", REGIONS, "apply", plan.to_str().unwrap(), "--account", "111122223333", "--yes"];
    let mut command = bench.program.command(&arguments);
    command.env("AWS_ENDPOINT_URL", bench.server.endpoint());
    let refused = run(command);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert_eq!(bench.mutations(), 0);
}

#[test]
fn a_journal_that_cannot_be_written_stops_everything() {
    let bench = Bench::new(&disabled(2));
    let plan = bench.plan_to_enable(2);
    let state = bench.program.home().join(".local/state");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("keyfleet"), "a file where the directory should be").unwrap();
    let run = bench.apply(&plan, &[]);
    assert_eq!(run.code, Some(8), "{run:?}");
    assert_eq!(bench.mutations(), 0);
}

#[test]
fn refusals_are_failed_each_in_its_words() {
    for (code, words) in [
        ("AccessDeniedException", "may not do this"),
        ("ThrottlingException", "quota"),
        ("LimitExceededException", "resource quota"),
    ] {
        let refusal = fault(&format!("kind = \"error\"\nstatus = 400\ncode = \"{code}\""));
        let bench = Bench::new(&(disabled(1) + &refusal));
        let plan = bench.plan_to_enable(1);
        let run = bench.apply(&plan, &[]);
        assert_eq!((run.code, outcomes(&run)), (Some(4), vec!["failed".to_owned()]), "{run:?}");
        assert!(run.json()["steps"][0]["detail"].as_str().unwrap().contains(words), "{code}: {run:?}");
        assert_eq!(bench.sent("EnableKey"), 1);
    }
}

#[test]
fn termination_while_reconciling_keeps_the_journal_and_says_unknown() {
    let bench = Bench::new(&(disabled(1) + &fault("kind = \"drop_close\"")));
    let plan = bench.plan_to_enable(1);
    let endpoint = bench.server.endpoint();
    let file = plan.to_str().unwrap().to_owned();
    let arguments =
        Bench::arguments(&endpoint, &["apply", &file, "--account", "111122223333", "--yes", "--output", "json"]);
    let mut command = bench.program.command(&arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let journal = bench.program.home().join(".local/state/keyfleet/journal-aws-111122223333.jsonl");
    let lines = || std::fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    while lines() < 2 {
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["steps"][0]["outcome"]), (Some(9), &json!("unknown")));
    let verified = bench.program.run(&["journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let shown = bench.program.run(&["journal", "show"]);
    assert!(shown.stdout.contains("EnableKey"), "{shown:?}");
}

#[test]
fn a_plan_that_is_left_in_part_says_what_and_exits_3() {
    let bench = Bench::new(&disabled(2));
    let made = bench.run(&["plan", "enable", "alias/k01", "alias/k02", "--in", "us-east-1,eu-west-1"]);
    assert_eq!(made.code, Some(3), "{made:?}");
    let plan = made.json();
    assert_eq!((plan["steps"].as_array().unwrap().len(), plan["skipped"].as_array().unwrap().len()), (2, 2));
    assert!(plan["skipped"][0]["why"].as_str().unwrap().contains("must be Disabled"), "{plan}");
    assert_eq!(bench.mutations(), 0, "a plan sends nothing");
}

#[test]
fn keys_are_named_by_arn_id_or_alias_and_nothing_else() {
    let bench = Bench::new(&disabled(1));
    let check = |key: &str, words: &str| {
        let run = bench.run(&["plan", "enable", key]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    };
    check("alias/none", "no such multi-Region key");
    check("1234abcd-12ab-34cd-56ef-1234567890ab", "single-Region");
    check("arn:aws:s3:::bucket", "service");
    check("arn:aws-cn:kms:eu-west-1:111122223333:key/mrk-1", "partition");
    check("arn:aws:kms:eu-west-1:444455556666:key/mrk-1", "account 444455556666");
    let run = bench.run(&["plan", "replicate", "alias/k01", "--to", "eu-west-1"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("already holds"), "{}", run.stderr);
    let run = bench.run(&["plan", "enable", "alias/k01", "--print-cli"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with("aws kms enable-key --region eu-west-1"), "{}", run.stdout);
}

#[test]
fn termination_while_a_request_is_on_the_wire_is_unknown_and_never_not_sent() {
    let bench = Bench::new(&(disabled(1) + &fault("kind = \"hang\"")));
    let plan = bench.plan_to_enable(1);
    let endpoint = bench.server.endpoint();
    let file = plan.to_str().unwrap().to_owned();
    let arguments =
        Bench::arguments(&endpoint, &["apply", &file, "--account", "111122223333", "--yes", "--output", "json"]);
    let child = bench.program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while bench.sent("EnableKey") == 0 {
        std::thread::yield_now();
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["steps"][0]["outcome"]), (Some(9), &json!("unknown")));
}

#[test]
fn a_second_step_that_waits_too_long_is_not_sent() {
    let fleet = disabled(0)
        + "[[keys]]\nname = \"dying\"\nalias = \"alias/dying\"\nprimary = \"us-east-1\"\nreplicas = [\"eu-west-1\"]\n\
           [keys.members.eu-west-1]\nstate = \"PendingDeletion\"\ndeletion_in = \"3d\"\n";
    let bench = Bench::new(&fleet);
    let plan = bench.plan(&["cancel-deletion", "alias/dying", "--then-enable"]);
    let denied = json!({"operation": "DescribeKey", "region": "eu-west-1", "from": 3, "kind": "error", "status": 400, "code": "AccessDeniedException"});
    let answer = crate::emulator::http::Client::connect(&bench.server).request(
        "POST",
        "/_keyfleet/faults",
        &[],
        &denied.to_string(),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let run = bench.apply(&plan, &["--wait", "2s"]);
    assert_eq!((run.code, outcomes(&run)), (Some(4), vec!["done".to_owned(), "not_sent".to_owned()]), "{run:?}");
    assert_eq!(bench.sent("EnableKey"), 0);
}

#[test]
fn a_plan_with_nothing_to_do_is_done() {
    let bench = Bench::new(&disabled(2));
    let made = bench.run(&["plan", "enable", "alias/k01", "alias/k02", "--in", "us-east-1"]);
    assert_eq!(made.code, Some(3), "{made:?}");
    let file = bench.program.home().join("empty.json");
    std::fs::write(&file, &made.stdout).unwrap();
    let run = bench.apply(&file, &["--wait", "settled"]);
    assert_eq!((run.code, outcomes(&run)), (Some(0), Vec::<String>::new()), "{run:?}");
}

#[test]
fn an_outcome_that_the_journal_cannot_take_is_said() {
    let bench = Bench::new(&disabled(1));
    let plan = bench.plan_to_enable(1);
    let endpoint = bench.server.endpoint();
    let binary = env!("CARGO_BIN_EXE_keyfleet");
    let arguments = Bench::arguments(
        &endpoint,
        &["apply", plan.to_str().unwrap(), "--account", "111122223333", "--yes", "--output", "json"],
    );
    // One kilobyte a file: the intent fits, its outcome does not.
    let line = format!("trap '' XFSZ; ulimit -f 1; exec {binary} {}", arguments.join(" "));
    let mut command = std::process::Command::new("/bin/bash");
    command.args(["-c", &line]).env_clear().env("HOME", bench.program.home()).env("PATH", "/usr/bin:/bin");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").stdin(Stdio::null());
    let ended = run(command);
    assert_eq!(ended.code, Some(9), "{ended:?}");
    let detail = ended.json()["steps"][0]["detail"].clone();
    assert!(detail.as_str().unwrap().contains("The journal could not take this outcome"), "{detail}");
}
