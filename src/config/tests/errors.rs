//! Everything that is refused, word for word: what, where, what to do.

use std::path::Path;

use super::World;

/// What a file holds, and the error it gives.
fn check(text: &str, expected: &str) {
    check_error(&World::file(text), expected);
}

fn check_error(world: &World, expected: &str) {
    let (error, exit) = world.load().unwrap_err();
    assert_eq!(error, expected);
    assert_eq!(exit, 2);
    assert!(error.lines().count() <= 3, "{error}");
}

fn check_flag(change: impl FnOnce(&mut crate::config::Flags), expected: &str) {
    check_error(&World::default().flags(change), expected);
}

fn check_variable(name: &str, value: &str, expected: &str) {
    check_error(&World::default().variable(name, value), expected);
}

fn one(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

/// The error of a file that is named by a flag, with `FILE` for its path.
fn named(path: &Path) -> String {
    let world = World::default().flags(|flags| flags.config = Some(path.to_owned()));
    let (error, exit) = world.load().unwrap_err();
    assert_eq!(exit, 2);
    error.replace(&path.to_string_lossy().into_owned(), "FILE")
}

#[test]
fn a_file_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.toml");
    assert_eq!(named(&missing), "FILE: there is no such file\n`keyfleet config init` writes one");
    assert_eq!(named(directory.path()), "FILE: this is a directory\nname the file in it with --config");
    let beyond = directory.path().join("a").join("b");
    std::fs::write(directory.path().join("a"), "").unwrap();
    assert_eq!(named(&beyond), "FILE: not readable: not a directory\nname another file with --config");
    let device = Path::new("/dev/null");
    assert_eq!(named(device), "FILE: this is not a file\nname a file with --config");
    let large = directory.path().join("large.toml");
    std::fs::write(&large, vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert_eq!(named(&large), "FILE: larger than 1 MiB\nis this the right file? A configuration has a few lines");
}

#[test]
fn a_file_without_the_right_to_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever runs the tests as root may read everything.
    if std::fs::read(&path).is_err() {
        assert_eq!(named(&path), "FILE: not readable: permission denied\ngive yourself the right to read it");
    }
}

#[test]
fn a_file_that_is_not_utf_8() {
    let world = World::file(b"theme = \"dark\"\n# \xff".to_vec());
    check_error(&world, "FILE:2:3: not UTF-8 at byte 17\nsave the file as UTF-8");
}

#[test]
fn syntax() {
    check(
        "regions = [\"us-east-1\"",
        "FILE:1:23: this is not TOML\nregions = [\"us-east-1\"\n                      ^ unclosed array, expected `]`",
    );
    check("\ntheme \"dark\"\n", "FILE:2:7: this is not TOML\ntheme \"dark\"\n      ^ key with no value, expected `=`");
    check("theme = \"dark\"\r\ntheme = \"auto\"\r\n", "FILE:2:1: this is not TOML\ntheme = \"auto\"\n^ duplicate key");
}

#[test]
fn unknown_settings() {
    check("refesh = \"60s\"", "FILE:1:1: there is no setting \"refesh\"\nrefesh = \"60s\"\n^ did you mean refresh?");
    check(
        "\n\n  nonsense = 1",
        "FILE:3:3: there is no setting \"nonsense\"\n  nonsense = 1\n  ^ there are regions, profiles, refresh, read_only, \
         protected_accounts, account_names, quota_share, theme, endpoints, keys, rules, checks",
    );
    check("mouse = true", "FILE:1:1: mouse is not a setting yet\nmouse = true\n^ take it out until it is");
    check(
        "\"\\u202e\" = 1",
        "FILE:1:1: there is no setting \"\\u{202e}\"\n\"\\u202e\" = 1\n^ there are regions, profiles, refresh, read_only, protected_accounts, account_names, quota_share, theme, endpoints, keys, rules, checks",
    );
}

#[test]
fn wrong_types() {
    check(
        "regions = 1",
        "FILE:1:11: this takes \"auto\" or a list, not a number\nregions = 1\n          ^ for example regions = \"auto\" or regions = [\"us-east-1\", \"eu-west-1\"]",
    );
    check(
        "regions = \"us-east-1\"",
        "FILE:1:11: as text only \"auto\" stands here; Regions stand in a list\nregions = \"us-east-1\"\n          ^ for example regions = \"auto\" or regions = [\"us-east-1\", \"eu-west-1\"]",
    );
    check(
        "refresh = 60",
        "FILE:1:11: this takes text, not a number\nrefresh = 60\n          ^ for example refresh = \"60s\"",
    );
    check(
        "read_only = \"yes\"",
        "FILE:1:13: this takes true or false, not text\nread_only = \"yes\"\n            ^ for example read_only = true",
    );
    check(
        "profiles = \"prod\"",
        "FILE:1:12: this takes a list, not text\nprofiles = \"prod\"\n           ^ for example profiles = [\"prod\"]",
    );
    check(
        "profiles = [1]",
        "FILE:1:13: this takes text, not a number\nprofiles = [1]\n            ^ for example profiles = [\"prod\"]",
    );
    check(
        "quota_share = \"all\"",
        "FILE:1:15: this takes a number, not text\nquota_share = \"all\"\n              ^ for example quota_share = 0.25",
    );
    check(
        "theme = 1979-05-27",
        "FILE:1:9: this takes text, not a date\ntheme = 1979-05-27\n        ^ for example theme = \"auto\"",
    );
    check(
        "keys = true",
        "FILE:1:8: this takes a table, not true or false\nkeys = true\n       ^ for example replicate = [\"R\"], or [] for no key",
    );
    check(
        "[keys]\nsort = 1",
        "FILE:2:8: this takes a key or a list of keys, not a number\nsort = 1\n       ^ for example replicate = [\"R\"], or [] for no key",
    );
    check(
        "[endpoints]\nus-east-1 = {}",
        "FILE:2:13: this takes text, not a table\nus-east-1 = {}\n            ^ for example us-east-1 = \"https://kms.example.com\"",
    );
    check_variable(
        "KEYFLEET_READ_ONLY",
        "yes",
        "KEYFLEET_READ_ONLY: this takes true or false, not text\nyes\n^ for example read_only = true",
    );
    check_variable(
        "KEYFLEET_QUOTA_SHARE",
        "all",
        "KEYFLEET_QUOTA_SHARE: this takes a number, not text\nall\n^ for example quota_share = 0.25",
    );
}

#[test]
fn regions() {
    const EXAMPLE: &str = "for example regions = \"auto\" or regions = [\"us-east-1\", \"eu-west-1\"]";
    check("regions = []", &format!("FILE:1:11: no Region is named\nregions = []\n          ^ {EXAMPLE}"));
    check_variable("KEYFLEET_REGIONS", "", &format!("KEYFLEET_REGIONS: no Region is named\n{EXAMPLE}"));
    check(
        "regions = [\n  \"us-east-1\",\n  \"us-east-1\",\n]",
        "FILE:3:3: us-east-1 stands twice\n  \"us-east-1\",\n  ^ remove one of them",
    );
    check(
        "regions = [\"us-east-1\", \"useast2\"]",
        "FILE:1:25: \"useast2\" is no Region of any partition\nregions = [\"us-east-1\", \"useast2\"]\n                        ^ did you mean us-east-2?",
    );
    check(
        "regions = [\"us-east-1\", \"cn-north-1\"]",
        "FILE:1:25: two partitions: us-east-1 is in aws, cn-north-1 in aws-cn\nregions = [\"us-east-1\", \"cn-north-1\"]\n                        ^ one run reads one partition: take this out",
    );
    check_flag(
        |flags| flags.regions = one("euw1"),
        "--region: \"euw1\" is no Region of any partition\neuw1\n^ did you mean eu-west-1?",
    );
    check_flag(
        |flags| flags.regions = one("somewhere-else"),
        "--region: \"somewhere-else\" is no Region of any partition\nsomewhere-else\n^ write it as AWS does, for example us-east-1",
    );
    check_flag(
        |flags| flags.regions = one(""),
        "--region: \"\" is no Region of any partition\nwrite it as AWS does, for example us-east-1",
    );
    check_flag(
        |flags| flags.regions = vec!["us-east-1".to_owned(), "us-east-1".to_owned()],
        "--region: us-east-1 stands twice\nus-east-1\n^ remove one of them",
    );
    check_variable(
        "KEYFLEET_REGIONS",
        "us-east-1, mars",
        "KEYFLEET_REGIONS: \"mars\" is no Region of any partition\nus-east-1, mars\n           ^ write it as AWS does, for example us-east-1",
    );
}

#[test]
fn durations() {
    const RANGE: &str = "5s to 24h, for example \"60s\" or \"5m\", or \"off\"";
    let refused = |value: &str, what: &str| {
        check(
            &format!("refresh = \"{value}\""),
            &format!("FILE:1:11: {what}\nrefresh = \"{value}\"\n          ^ {RANGE}"),
        );
    };
    refused("2s", "2s is out of range");
    refused("25h", "25h is out of range");
    refused("24h1s", "24h1s is out of range");
    for text in ["soon", "60", "60 s", "-5s", "5m5h", "99999999999999999999s", "9999999999999999999h", "1.5m", "", "5é"]
    {
        refused(text, &format!("\"{text}\" is no duration"));
    }
    check_variable("KEYFLEET_REFRESH", "1s", &format!("KEYFLEET_REFRESH: 1s is out of range\n1s\n^ {RANGE}"));
}

#[test]
fn accounts() {
    check(
        "protected_accounts = [\"11112222333\"]",
        "FILE:1:23: an account has 12 digits, this has 11\nprotected_accounts = [\"11112222333\"]\n                      ^ for example \"111122223333\"",
    );
    check(
        "protected_accounts = [111122223333]",
        "FILE:1:23: an account is text, not a number\nprotected_accounts = [111122223333]\n                      ^ put it in quotes: \"111122223333\"",
    );
    check(
        "[account_names]\nprod = \"acme\"",
        "FILE:2:1: an account is 12 digits\nprod = \"acme\"\n^ for example \"111122223333\"",
    );
    check(
        "[account_names]\n111122223333 = \" \"",
        "FILE:2:16: an account's name is empty\n111122223333 = \" \"\n               ^ for example account_names = { \"111122223333\" = \"acme-prod\" }",
    );
    check_variable(
        "KEYFLEET_ACCOUNT_NAMES",
        "111122223333",
        "KEYFLEET_ACCOUNT_NAMES: an = is missing\n111122223333\n^ write name=value, separated by commas",
    );
}

#[test]
fn shares_and_themes() {
    for share in ["0", "0.001", "1.5", "-1", "nan", "inf", "99999999999999999999"] {
        let line = format!("quota_share = {share}");
        check(
            &line,
            &format!("FILE:1:15: this share is out of range\n{line}\n              ^ 0.01 to 1, for example 0.25"),
        );
    }
    check("theme = \"drak\"", "FILE:1:9: there is no theme \"drak\"\ntheme = \"drak\"\n        ^ did you mean dark?");
    check(
        "theme = \"neon\"",
        "FILE:1:9: there is no theme \"neon\"\ntheme = \"neon\"\n        ^ there are auto, dark, monochrome",
    );
    check(
        "theme = \"monochrom\"",
        "FILE:1:9: there is no theme \"monochrom\"\ntheme = \"monochrom\"\n        ^ did you mean monochrome?",
    );
    for later in ["light", "colour-blind"] {
        check(
            &format!("theme = \"{later}\""),
            &format!(
                "FILE:1:9: the theme {later} is not available yet\ntheme = \"{later}\"\n        ^ there are auto, dark, monochrome"
            ),
        );
    }
}

#[test]
fn profiles() {
    check(
        "profiles = [\"a\", \"b\"]",
        "FILE:1:18: several profiles at once are not available yet\nprofiles = [\"a\", \"b\"]\n                 ^ name one profile",
    );
    check_flag(
        |flags| flags.profiles = vec!["a".to_owned(), "b".to_owned()],
        "--profile: several profiles at once are not available yet\nb\n^ name one profile",
    );
    check_flag(|flags| flags.profiles = one(""), "--profile: a profile needs a name\nfor example \"prod\"");
}

#[test]
fn endpoints() {
    const EXAMPLE: &str = "for example https://kms.example.com or http://127.0.0.1:4599";
    let flag = |url: &str, what: &str, next_step: &str| {
        check_flag(|flags| flags.endpoint_urls = one(url), &format!("--endpoint-url: {what}\n{url}\n^ {next_step}"));
    };
    for url in [
        "http://example.com",
        "http://10.0.0.1:80",
        "HTTP://example.com",
        "http://127.0.0.1.example.com",
        "http://[fe80::1]:80",
    ] {
        flag(url, "plain http goes to this machine only", "use https://, or a loopback address");
    }
    for url in ["ftp://example.com", "example.com", "//example.com"] {
        flag(url, "an endpoint begins with https:// or http://", EXAMPLE);
    }
    for url in [
        "https://",
        "https://host:port",
        "https://host:0",
        "https://a b",
        "https://a?b=c",
        "https://[::1",
        "http:///x",
        "https://hôst",
    ] {
        flag(url, "this is no endpoint URL", EXAMPLE);
    }
    check(
        "[endpoints]\nuseast1 = \"https://a.example\"",
        "FILE:2:1: \"useast1\" is no Region of any partition\nuseast1 = \"https://a.example\"\n^ did you mean us-east-1?",
    );
    check_flag(
        |flags| flags.endpoint_urls = vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
        "--endpoint-url: two endpoints for every Region\nhttps://b.example\n^ give one of them",
    );
    check_flag(
        |flags| flags.endpoint_urls = vec!["us-east-1=https://a.example".to_owned(); 2],
        "--endpoint-url: two endpoints for us-east-1\nus-east-1=https://a.example\n^ give one of them",
    );
    check_flag(
        |flags| flags.endpoint_urls = one("us-east-1=nowhere"),
        &format!(
            "--endpoint-url: an endpoint begins with https:// or http://\nus-east-1=nowhere\n          ^ {EXAMPLE}"
        ),
    );
}

#[test]
fn a_password_is_never_echoed() {
    const WHAT: &str = "a URL with a user or a password is not taken";
    const NEXT: &str = "remove it: AWS credentials do not stand here";
    check(
        "[endpoints]\nus-east-1 = \"https://me:se cret@host\" # mine",
        &format!("FILE:2:13: {WHAT}\nus-east-1 = … # mine\n            ^ {NEXT}"),
    );
    check_flag(
        |flags| flags.endpoint_urls = one("https://me:secret@host"),
        &format!("--endpoint-url: {WHAT}\n…\n^ {NEXT}"),
    );
    check_variable(
        "KEYFLEET_ENDPOINTS",
        "us-east-1=https://me:secret@host",
        &format!("KEYFLEET_ENDPOINTS: {WHAT}\nus-east-1=…\n          ^ {NEXT}"),
    );
    let elsewhere = [
        World::file("endpoint = \"https://me:secret@host\""),
        World::file("endpoints = { x = \"https://me:secret@host\" }"),
        World::file("endpoints = \"https://me:secret@host\""),
        World::file("theme = \"dark\" \"https://me:secret@host\""),
        World::file("[endpoints]\nus-east-1 = \"https://me:secret@host"),
        World::default().variable("KEYFLEET_ENDPOINTS", "us-east-1=https://me:secret,x@host"),
        World::default().flags(|flags| flags.endpoint_urls = one("mars=https://me:secret@host")),
        World::default().flags(|flags| flags.endpoint_urls = one("me:secret@host")),
    ];
    for world in elsewhere {
        let (error, _) = world.load().unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn keys() {
    check(
        "[keys]\nreplcate = \"n\"",
        "FILE:2:1: there is no action \"replcate\"\nreplcate = \"n\"\n^ did you mean replicate?",
    );
    check(
        "[keys]\ndance_about_wildly = \"n\"",
        "FILE:2:1: there is no action \"dance_about_wildly\"\ndance_about_wildly = \"n\"\n^ keyfleet keys lists them all",
    );
    check(
        "[keys]\nreplicate = [\"R\", \"hyper-x\"]",
        "FILE:2:19: \"hyper-x\" is no key\nreplicate = [\"R\", \"hyper-x\"]\n                  ^ for example j, R, ctrl-r, pgdn, f2, space",
    );
    check(
        "[keys]\nreplicate = \"s\"",
        "FILE:2:13: s is bound to sort and to replicate\nreplicate = \"s\"\n            ^ give one of them another key, or [] for none",
    );
    check(
        "[keys]\nreplicate = \"f5\"\nsort = [\"s\", \"F5\"]",
        "FILE:3:14: f5 is bound to sort and to replicate\nsort = [\"s\", \"F5\"]\n             ^ give one of them another key, or [] for none",
    );
    check(
        "[keys]\nplan_cancel = \"x\"",
        "FILE:2:15: x cannot be plan_cancel: it is text where that is done\nplan_cancel = \"x\"\n              ^ take a key that types nothing, for example f10",
    );
    check_variable(
        "KEYFLEET_KEYS",
        "promote=f5, replicate=s",
        "KEYFLEET_KEYS: s is bound to sort and to replicate\npromote=f5, replicate=s\n                      ^ give one of them another key, or [] for none",
    );
}

#[test]
fn unknown_variables() {
    check_variable(
        "KEYFLEET_REGION",
        "us-east-1",
        "KEYFLEET_REGION: there is no setting of this name\ndid you mean KEYFLEET_REGIONS?",
    );
    check_variable(
        "KEYFLEET_DEMO",
        "1",
        "KEYFLEET_DEMO: there is no setting of this name\nKEYFLEET_ is followed by one of REGIONS, PROFILES, REFRESH, READ_ONLY, PROTECTED_ACCOUNTS, \
         ACCOUNT_NAMES, QUOTA_SHARE, THEME, ENDPOINTS, KEYS",
    );
}

#[test]
fn write_against_read_only_is_refused_by_a_guard() {
    let world = World::file("theme = \"dark\"\nread_only = true").flags(|flags| flags.write = true);
    assert_eq!(
        world.load().unwrap_err(),
        (
            "--write: read_only = true stands in FILE:2, and no flag lifts it\nleave out --write; nothing was started"
                .to_owned(),
            5
        )
    );
}

#[test]
fn write_and_read_only_are_not_asked_for_together() {
    check_flag(
        |flags| (flags.write, flags.read_only) = (true, true),
        "--write: not together with --read-only\nleave out one of them",
    );
}

#[test]
fn filters() {
    check_flag(
        |flags| flags.filter = Some("payments stat:disabled".to_owned()),
        "--filter: wrong at character 10\npayments stat:disabled\n         ^ no such field; fields: state region role account alias tag \
         spec origin missing unknown. Quote a word that has a colon",
    );
    check_flag(
        |flags| flags.filter = Some("a drift:policy".to_owned()),
        "--filter: wrong at character 3\na drift:policy\n  ^ drift needs a reading that is not made yet",
    );
    check_flag(
        |flags| flags.filter = Some(String::new()),
        "--filter: wrong at character 1\na filter needs at least one term",
    );
}

#[test]
fn the_first_of_several_faults_is_the_one_that_is_told() {
    check(
        "theme = \"drak\"\nrefesh = 1",
        "FILE:1:9: there is no theme \"drak\"\ntheme = \"drak\"\n        ^ did you mean dark?",
    );
}
