//! Rules and checks: what they become, how they are laid over each other, and what is refused, word for word.

use std::time::Duration;

use super::World;
use crate::config::{Settings, rules_of};
use crate::domain::check::finding::COVERAGE;
use crate::domain::check::tuning::{Switch, Tuning};
use crate::domain::filter::{Filter, Glob, RegionPattern};
use crate::domain::reading::Deep;
use crate::domain::rule::Rule;
use crate::domain::text::{Foreign, Safe};
use crate::domain::verdict::Severity;

/// What a file holds, and the error it gives.
fn check(text: &str, expected: &str) {
    let (error, exit) = World::file(text).load().unwrap_err();
    assert_eq!((error.as_str(), exit), (expected, 2), "{text}");
}

/// A line of a rule that asks for something, in the fourth line, and its error there.
fn check_line(line: &str, column: usize, what: &str, next_step: &str) {
    let blanks = " ".repeat(column - 1);
    let expected = format!("FILE:4:{column}: {what}\n{line}\n{blanks}^ {next_step}");
    check(&format!("[[rules]]\nname = \"a\"\nmin_related = 2\n{line}\n"), &expected);
}

/// The same of a line of a check's table.
fn check_tuning(table: &str, line: &str, column: usize, what: &str, next_step: &str) {
    let blanks = " ".repeat(column - 1);
    let expected = format!("FILE:2:{column}: {what}\n{line}\n{blanks}^ {next_step}");
    check(&format!("[checks.{table}]\n{line}\n"), &expected);
}

fn patterns(names: &[&str]) -> Vec<RegionPattern> {
    names.iter().map(|name| RegionPattern::parse(name).unwrap()).collect()
}

fn effective(settings: &Settings, name: &str) -> String {
    settings.effective.iter().find(|setting| setting.name == name).unwrap().value.to_string()
}

fn names(settings: &Settings) -> Vec<&str> {
    settings.engine.rules.iter().map(|rule| rule.name.original()).collect()
}

#[test]
fn a_rule_says_everything() {
    let text = "[[rules]]\nname = \"payments\"\nmatch = \"alias:alias/payments-* tag:env=prod\"\n\
                required = [\"us-east-1\", \"euw1\"]\nforbidden = [\"ap-*\"]\nallowed = [\"us-*\", \"eu-*\"]\n\
                primary = [\"us-east-1\"]\nmin_related = 2\nseverity = \"low\"\n[[rules]]\nname = \"all\"\nmin_related = 1\n";
    let settings = World::file(text).load().unwrap();
    let payments = Rule {
        name: Foreign::new("payments"),
        matching: Filter::parse("alias:alias/payments-* tag:env=prod").unwrap(),
        required: patterns(&["us-east-1", "eu-west-1"]),
        allowed: patterns(&["us-*", "eu-*"]),
        forbidden: patterns(&["ap-*"]),
        primary: patterns(&["us-east-1"]),
        min_related: Some(2),
        severity: Severity::Low,
    };
    let all = Rule {
        name: Foreign::new("all"),
        matching: Filter::parse("*").unwrap(),
        required: Vec::new(),
        allowed: Vec::new(),
        forbidden: Vec::new(),
        primary: Vec::new(),
        min_related: Some(1),
        severity: Severity::High,
    };
    assert_eq!(*settings.engine.rules, [payments, all]);
    assert_eq!(effective(&settings, "rules"), "[\"payments\", \"all\"]");
    assert_eq!(settings.deep_needed(), [Deep::Tags]);
}

#[test]
fn no_rule_needs_no_reading() {
    let settings = World::file("[[rules]]\nname = \"a\"\nmatch = \"alias:x\"\nmin_related = 2\n").load().unwrap();
    assert_eq!(settings.deep_needed(), []);
    assert!(settings.says_rules() && !World::default().load().unwrap().says_rules());
    assert!(World::file("rules = []").load().unwrap().says_rules(), "none is also an answer");
}

#[test]
fn a_filter_needs_what_it_asks_about() {
    let needs = |filter: &str| {
        let world = World::file("[[rules]]\nname = \"a\"\nmatch = \"alias:x\"\nmin_related = 2\n");
        world.flags(|flags| flags.filter = Some(filter.to_owned())).load().unwrap().deep_needed()
    };
    assert_eq!(needs("tag:env=prod"), [Deep::Tags]);
    assert_eq!(needs("state:disabled"), []);
}

#[test]
fn checks_are_tuned() {
    let text = "[checks.not_usable]\nenabled = false\nseverity = \"high\"\n[checks.tags_drift]\nignore = [\"aws:*\", \"owner\"]\n\
                [checks.alias_drift]\nignore = [\"alias/legacy-*\"]\n[checks.moving_long]\nafter = \"1h30m\"\n\
                [checks.material_expiry]\nwithin = \"90d\"\n[checks.coverage]\nenabled = false\n";
    let settings = World::file(text).load().unwrap();
    let tuning = settings.tuning.clone();
    assert_eq!(tuning.checks["not_usable"], Switch { enabled: Some(false), severity: Some(Severity::High) });
    assert_eq!(tuning.checks["coverage"], Switch { enabled: Some(false), severity: None });
    assert_eq!(tuning.ignored_tags, [Glob::whole("aws:*"), Glob::whole("owner")]);
    assert_eq!(tuning.ignored_aliases, [Glob::whole("alias/legacy-*")]);
    assert_eq!(tuning.moving_at_most, Duration::from_mins(90));
    assert_eq!(tuning.expires_within, Duration::from_hours(90 * 24));
    assert_eq!(
        effective(&settings, "checks"),
        "{ coverage.enabled = false, not_usable.enabled = false, not_usable.severity = \"high\", tags_drift.ignore = \
         [\"aws:*\", \"owner\"], alias_drift.ignore = [\"alias/legacy-*\"], moving_long.after = \"90m\", \
         material_expiry.within = \"90d\" }"
    );
}

#[test]
fn what_is_at_its_default_is_not_told() {
    let settings = World::file(
        "[checks.not_usable]\nenabled = true\nseverity = \"medium\"\n[checks.moving_long]\nafter = \"10m\"\n",
    );
    assert_eq!(effective(&settings.load().unwrap(), "checks"), "{}");
    assert_eq!(World::default().load().unwrap().tuning, Tuning::default());
}

#[test]
fn a_file_of_rules_replaces_those_of_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.toml");
    let over = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let configured = "[[rules]]\nname = \"a\"\nmin_related = 2\n[checks.moving_long]\nafter = \"1h\"\n\
                          [checks.not_usable]\nenabled = false\n";
        World::file(configured).flags(|flags| flags.rules = Some(path.clone())).load()
    };
    let rules = over("[[rules]]\nname = \"b\"\nmin_related = 3\n").unwrap();
    assert_eq!((names(&rules), rules.tuning.moving_at_most), (vec!["b"], Duration::from_hours(1)));
    let checks = over("[checks.moving_long]\nafter = \"2h\"\n").unwrap();
    assert_eq!((names(&checks), checks.tuning.moving_at_most), (vec!["a"], Duration::from_hours(2)));
    // What the file does not say stands as the configuration has it, check by check and value by value.
    let merged = over("[checks.not_usable]\nseverity = \"low\"\n").unwrap().tuning;
    assert_eq!(merged.moving_at_most, Duration::from_hours(1));
    assert_eq!(merged.checks["not_usable"], Switch { enabled: Some(false), severity: Some(Severity::Low) });
    assert_eq!(names(&over("rules = []\n").unwrap()), [""; 0]);
    let refused = |text: &str, expected: &str| {
        let (error, exit) = over(text).unwrap_err();
        assert_eq!((error.replace(&path.to_string_lossy().into_owned(), "RULES").as_str(), exit), (expected, 2));
    };
    refused("# later", "RULES: no rule stands in this file\nwrite [[rules]], or name another file");
    refused(
        "regions = \"auto\"",
        "RULES:1:1: a file of rules holds rules and checks, not \"regions\"\nregions = \"auto\"\n^ settings stand in the configuration file",
    );
    refused(
        "[[rulez]]\nname = \"b\"",
        "RULES:1:3: a file of rules holds rules and checks, not \"rulez\"\n[[rulez]]\n  ^ take it out",
    );
    refused(
        "[[rules]]\nmin_related = 2",
        "RULES:1:1: this rule has no name\n[[rules]]\n^ a finding says which rule it is of, for example name = \"payments\"",
    );
}

#[test]
fn a_file_of_rules_switches_coverage_on_unless_it_switches_it_off() {
    const RULE: &str = "[[rules]]\nname = \"a\"\nmin_related = 2\n";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.toml");
    let check = |text: &str, expected: bool| {
        std::fs::write(&path, text).unwrap();
        let configured = World::file("[checks.coverage]\nenabled = false\n");
        let settings = configured.flags(|flags| flags.rules = Some(path.clone())).load().unwrap();
        assert_eq!(settings.tuning.is_enabled(&COVERAGE), expected, "{text}");
    };
    check(RULE, true);
    check(&format!("{RULE}[checks.moving_long]\nafter = \"2h\"\n"), true);
    check(&format!("{RULE}[checks.coverage]\nenabled = false\n"), false);
    check("[checks.moving_long]\nafter = \"2h\"\n", false);
    check("rules = []\n", false);
}

#[test]
fn a_variable_holds_no_table() {
    let check = |name: &str, expected: &str| {
        let (error, exit) = World::default().variable(name, "[]").load().unwrap_err();
        assert_eq!((error.as_str(), exit), (expected, 2));
    };
    let next = "write them in the configuration file, or in one that `keyfleet check --rules` names";
    check("KEYFLEET_RULES", &format!("KEYFLEET_RULES: rules cannot stand in a variable\n{next}"));
    check("KEYFLEET_CHECKS", &format!("KEYFLEET_CHECKS: checks cannot stand in a variable\n{next}"));
}

#[test]
fn rules_that_are_none() {
    check(
        "rules = true",
        "FILE:1:9: this takes a list, not true or false\nrules = true\n        ^ for example [[rules]], and below it name = \"payments\", required = [\"us-east-1\", \"eu-west-1\"]",
    );
    check(
        "[rules]\nname = \"a\"",
        "FILE:1:1: this takes a list, not a table\n[rules]\n^ for example [[rules]], and below it name = \"payments\", required = [\"us-east-1\", \"eu-west-1\"]",
    );
    check(
        "[[rules]]\nname = \"a\"",
        "FILE:1:1: this rule asks for nothing\n[[rules]]\n^ give it required, allowed, forbidden, primary or min_related",
    );
    check(
        "[[rules]]\nname = \"a\"\nmin_related = 2\n[[rules]]\nname = \"a\"\nmin_related = 3",
        "FILE:5:8: two rules are called \"a\"\nname = \"a\"\n       ^ a finding says which rule it is of: rename one",
    );
    let name = "for example name = \"payments\"";
    check(
        "[[rules]]\nname = \" \"\nmin_related = 2",
        &format!("FILE:2:8: a rule's name is empty\nname = \" \"\n       ^ {name}"),
    );
    check(
        "[[rules]]\nname = \"a\\nb\"\nmin_related = 2",
        &format!("FILE:2:8: a rule's name is one line of text\nname = \"a\\nb\"\n       ^ {name}"),
    );
    check("[[rules]]\nname = 1", &format!("FILE:2:8: this takes text, not a number\nname = 1\n       ^ {name}"));
    check_line("requires = [\"us-east-1\"]", 1, "a rule has no \"requires\"", "did you mean required?");
    check_line(
        "colour = 1",
        1,
        "a rule has no \"colour\"",
        "there are name, match, required, allowed, forbidden, primary, min_related, severity",
    );
    check_line("severity = \"hihg\"", 12, "there is no severity \"hihg\"", "did you mean high?");
    check_line("severity = \"urgent\"", 12, "there is no severity \"urgent\"", "there are high, medium, low, info");
    check_line("severity = 1", 12, "this takes text, not a number", "for example severity = \"high\"");
}

#[test]
fn counts() {
    let check = |count: &str, expected: &str| {
        let text = format!("[[rules]]\nname = \"a\"\nmin_related = {count}\n");
        check(&text, &format!("FILE:3:15: {expected}"));
    };
    for count in ["0", "-1", "2.5", "101", "nan"] {
        let next = "1 to 100, the primary included, for example min_related = 2";
        check(count, &format!("this count is out of range\nmin_related = {count}\n              ^ {next}"));
    }
    check("\"2\"", "this takes a number, not text\nmin_related = \"2\"\n              ^ for example min_related = 2");
}

#[test]
fn regions_of_rules() {
    check_line(
        "required = [\"us-east-1\", \"euwest1\"]",
        26,
        "\"euwest1\" is no Region of any partition",
        "did you mean eu-west-1?",
    );
    check_line("forbidden = [\"ue-*\"]", 14, "no Region fits \"ue-*\"", "did you mean us-*?");
    check_line(
        "forbidden = [\"mars-*\"]",
        14,
        "no Region fits \"mars-*\"",
        "for example eu-*; a Region that is newer than keyfleet is named whole",
    );
    check_line("primary = [\"us-east-1\", \"use1\"]", 25, "us-east-1 stands twice", "remove one of them");
    check_line("required = \"us-east-1\"", 12, "this takes a list, not text", "for example [\"us-east-1\", \"eu-*\"]");
    check_line("required = [1]", 13, "this takes text, not a number", "for example [\"us-east-1\", \"eu-*\"]");
    check_line("allowed = []", 11, "nothing would be allowed", "name the Regions that are, or leave allowed out");
    let newer = World::file("[[rules]]\nname = \"a\"\nrequired = [\"eu-northwest-7\"]\n").load().unwrap();
    let notices: Vec<&str> = newer.notices.iter().map(Safe::as_str).collect();
    assert_eq!(notices, ["rule a names eu-northwest-7, which is not in keyfleet's list of Regions"]);
}

#[test]
fn a_rule_does_not_contradict_itself() {
    const NEXT: &str = "no key can satisfy both: change one of them";
    let check = |lines: &str, column: usize, what: &str| {
        let last = lines.lines().last().unwrap();
        let blanks = " ".repeat(column - 1);
        let expected = format!("FILE:4:{column}: {what}\n{last}\n{blanks}^ {NEXT}");
        check(&format!("[[rules]]\nname = \"a\"\n{lines}\n"), &expected);
    };
    check(
        "forbidden = [\"us-*\"]\nrequired = [\"eu-*\", \"us-west-2\"]",
        21,
        "us-west-2 is required, and the same rule forbids it",
    );
    check(
        "allowed = [\"eu-*\"]\nrequired = [\"us-west-2\"]",
        13,
        "us-west-2 is required, and the same rule does not allow it",
    );
    check(
        "allowed = [\"eu-*\"]\nprimary = [\"us-west-2\"]",
        12,
        "us-west-2 may hold the primary, and the same rule does not allow it",
    );
    check(
        "allowed = [\"eu-*\"]\nrequired = [\"eu-west-1\", \"us-*\"]",
        26,
        "us-* is required, and the same rule does not allow any Region that fits it",
    );
    check(
        "forbidden = [\"eu-*\"]\nprimary = [\"eu-west-*\"]",
        12,
        "eu-west-* may hold the primary, and the same rule forbids any Region that fits it",
    );
    for fitting in [
        "allowed = [\"eu-*\"]\nrequired = [\"eu-west-1\", \"*\"]",
        "forbidden = [\"eu-west-1\"]\nrequired = [\"eu-*\"]",
        "allowed = [\"us-east-1\", \"eu-northwest-7\"]\nrequired = [\"eu-*\"]",
    ] {
        let rule = World::file(format!("[[rules]]\nname = \"a\"\n{fitting}\n")).load();
        assert!(rule.is_ok(), "a pattern may still mean an allowed Region: {fitting}");
    }
}

#[test]
fn one_partition() {
    check_line(
        "required = [\"us-east-1\", \"cn-north-1\"]",
        26,
        "two partitions: us-east-1 is in aws, cn-north-1 in aws-cn",
        "one run reads one partition: take this out",
    );
    check(
        "regions = [\"us-east-1\"]\n[[rules]]\nname = \"a\"\nrequired = [\"cn-north-1\"]\n",
        "FILE:4:13: two partitions: the Regions that are read are in aws, cn-north-1 is in aws-cn\n\
         required = [\"cn-north-1\"]\n            ^ one run reads one partition: take this out, or read that one",
    );
    let by_flag = World::file("[[rules]]\nname = \"a\"\nrequired = [\"cn-north-1\"]\n");
    let by_flag = by_flag.flags(|flags| flags.regions = vec!["us-gov-west-1".to_owned()]);
    let (error, _) = by_flag.load().unwrap_err();
    assert!(error.starts_with("FILE:3:13: two partitions: the Regions that are read are in aws-us-gov"), "{error}");
    let patterns = "regions = [\"us-east-1\"]\n[[rules]]\nname = \"a\"\nforbidden = [\"cn-*\"]\n";
    assert!(World::file(patterns).load().is_ok(), "one file for several partitions");
}

#[test]
fn matches() {
    check_line(
        "match = \"payments stat:disabled\"",
        19,
        "the match is wrong at character 10",
        "no such field; fields: state region role account alias tag spec origin missing unknown. Quote a word that has a colon",
    );
    check_line("match = ''", 9, "the match is wrong at character 1", "a filter needs at least one term");
    check_line(
        "match = \"tag:\\\"a b\\\" stat:x\"",
        9,
        "the match is wrong at character 11",
        "no such field; fields: state region role account alias tag spec origin missing unknown. Quote a word that has a colon",
    );
    check_line("match = 'é !!b'", 13, "the match is wrong at character 4", "one ! is enough");
    check_line("match = [\"a\"]", 9, "this takes text, not a list", "for example match = \"alias:alias/payments-*\"");
}

#[test]
fn checks_that_are_none() {
    const EXAMPLE: &str = "for example [checks.not_usable], and below it severity = \"high\"";
    check("checks = 1", &format!("FILE:1:10: this takes a table, not a number\nchecks = 1\n         ^ {EXAMPLE}"));
    check(
        "[checks]\nnot_usable = false",
        &format!("FILE:2:14: this takes a table, not true or false\nnot_usable = false\n             ^ {EXAMPLE}"),
    );
    check(
        "[checks.not_usabel]\nenabled = false",
        "FILE:1:9: there is no check \"not_usabel\"\n[checks.not_usabel]\n        ^ did you mean not_usable?",
    );
    check_tuning("not_usable", "enable = false", 1, "the check not_usable has no \"enable\"", "did you mean enabled?");
    check_tuning(
        "not_usable",
        "after = \"1h\"",
        1,
        "the check not_usable has no \"after\"",
        "there are enabled, severity",
    );
    check_tuning(
        "moving_long",
        "within = 1",
        1,
        "the check moving_long has no \"within\"",
        "there are enabled, severity, after",
    );
    check_tuning(
        "not_usable",
        "enabled = 1",
        11,
        "this takes true or false, not a number",
        "for example enabled = false",
    );
    check_tuning("not_usable", "severity = \"hihg\"", 12, "there is no severity \"hihg\"", "did you mean high?");
    check_tuning(
        "coverage",
        "severity = \"low\"",
        1,
        "coverage weighs what each rule says",
        "give the severity to the rule, in [[rules]]",
    );
    check_tuning("coverage", "colour = 1", 1, "the check coverage has no \"colour\"", "there are enabled");
}

#[test]
fn numbers_of_checks() {
    let after = |value: &str, what: &str| {
        let line = format!("after = \"{value}\"");
        check_tuning("moving_long", &line, 9, what, "1m to 24h, for example \"10m\"");
    };
    after("0m", "0m is out of range");
    after("25h", "25h is out of range");
    after("2d", "2d is out of range");
    for text in ["90s", "soon", "10", "", "5m1h", "99999999999999999999d"] {
        after(text, &format!("\"{text}\" is no duration in d, h or m"));
    }
    let within = |value: &str, what: &str| {
        let line = format!("within = \"{value}\"");
        check_tuning("material_expiry", &line, 10, what, "1d to 3650d, for example \"30d\"");
    };
    within("23h", "23h is out of range");
    within("3651d", "3651d is out of range");
    check_tuning("moving_long", "after = 10", 9, "this takes text, not a number", "for example after = \"10m\"");
    let tags = "for example ignore = [\"aws:*\", \"owner\"]";
    check_tuning("tags_drift", "ignore = \"owner\"", 10, "this takes a list, not text", tags);
    check_tuning("tags_drift", "ignore = [\"\"]", 11, "an empty name ignores nothing", tags);
    let aliases = "for example ignore = [\"alias/legacy-*\"]";
    check_tuning("alias_drift", "ignore = [\"legacy-*\"]", 11, "an alias begins with alias/", aliases);
}

#[test]
fn the_rules_of_the_demo_are_rules() {
    let rules = rules_of("demo-rules.toml", include_str!("../../../assets/demo-rules.toml")).unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.original()).collect();
    assert_eq!(names, ["dr-tier1", "eu-residency"]);
}
