//! Every format of the same findings: nothing from outside leaves its place, and all say the same.

use serde_json::Value;

use super::*;
use crate::wire::findings::Terms;
use crate::wire::findings::tests::{RULE, with_findings};

fn as_json(report: &FindingsReport<'_>) -> Value {
    serde_json::from_str(&json::pieces(report).collect::<Result<String, _>>().unwrap()).unwrap()
}

fn as_sarif(report: &FindingsReport<'_>) -> String {
    sarif::pieces(report).collect::<Result<String, _>>().unwrap()
}

fn everything(terms: &mut Terms<'_>) {
    terms.shows_passes = true;
}

#[test]
fn nothing_in_any_format_acts_on_a_terminal() {
    with_findings(everything, |report| {
        let texts = [
            table::render(report),
            json::pieces(report).collect::<Result<String, _>>().unwrap(),
            csv::render(report).unwrap(),
            markdown::render(report),
            junit::render(report),
            as_sarif(report),
        ];
        for text in texts {
            let acts = |character: char| character != '\n' && (character.is_control() || character == '\u{202e}');
            assert!(!text.chars().any(acts), "{text}");
        }
    });
}

#[test]
fn the_table_says_the_verdict_first_and_a_cause_once() {
    let text = with_findings(|_| {}, table::render);
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "FAIL: 3 findings of severity medium or above, certain, 5 more cannot be decided; not everything in scope was read",
        "{text}"
    );
    assert_eq!(lines.next().unwrap(), "acme-prod 111122223333  arn:aws:iam::111122223333:user/maria  profile prod");
    let places: Vec<_> =
        ["\nHIGH\n", "\nMEDIUM\n", "\nNOT KNOWN\n", "\n RULE ", "\nRegions that could not be read\n", "\nRequests: 5 "]
            .iter()
            .map(|part| text.find(part).unwrap_or_else(|| panic!("no {part:?} in {text}")))
            .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("ap-south-1 DENIED: access denied (AccessDeniedException); allow kms:ListKeys"), "{text}");
    assert!(text.contains("    required in eu-west-1, and absent there\n    next: replicate the key into eu-west-1\n"));
}

#[test]
fn rules_that_nobody_checks_are_told_of_wherever_somebody_reads() {
    let mut off = crate::domain::check::tuning::Tuning::default();
    let switch = crate::domain::check::tuning::Switch { enabled: Some(false), severity: None };
    off.checks.insert(COVERAGE.id, switch);
    let words = "1 RULE IS NOT CHECKED: coverage is off";
    with_findings(
        |_| {},
        |report| {
            let terms = Terms { tuning: &off, ..report.terms.clone() };
            let off = FindingsReport { terms: &terms, ..*report };
            for render in [table::render, markdown::render, junit::render, as_sarif] {
                assert!(render(&off).contains(words), "{}", render(&off));
                assert!(!render(report).contains(words));
            }
            assert!(junit::render(&off).contains("<testsuite name=\"coverage\""));
        },
    );
}

#[test]
fn a_snapshot_is_called_one_with_its_age() {
    let day = std::time::Duration::from_hours(24);
    with_findings(
        |_| {},
        |report| {
            let check = |age, expected: Option<&str>| {
                let of = FindingsReport { snapshot_age: age, ..*report };
                for text in [table::render(&of), markdown::render(&of)] {
                    let line = text.lines().find(|line| line.contains("judged from a snapshot of 20"));
                    assert_eq!(
                        line.map(|line| line.ends_with(expected.unwrap_or("?"))),
                        expected.map(|_| true),
                        "{text}"
                    );
                }
            };
            check(None, None);
            check(Some(day * 3), Some(" UTC, 3d0h old"));
            check(Some(day * 366), Some(" UTC, 1 year old"));
            check(Some(day * 365 * 6 + day * 200), Some(" UTC, 6 years old"));
        },
    );
}

#[test]
fn the_document_in_pieces_is_head_and_findings() {
    with_findings(everything, |report| {
        let mut document = as_json(report);
        let findings = document.as_object_mut().unwrap().remove("findings").unwrap();
        assert_eq!(document, serde_json::to_value(crate::wire::findings::head(report)).unwrap());
        let expected: Vec<_> = report.shown().map(|finding| crate::wire::findings::entry(report, finding)).collect();
        assert_eq!(findings, serde_json::to_value(expected).unwrap());
    });
}

#[test]
fn csv_is_one_row_a_finding_and_computes_nothing() {
    with_findings(
        |_| {},
        |report| {
            let text = csv::render(report).unwrap();
            let mut reader = ::csv::Reader::from_reader(text.as_bytes());
            let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert_eq!(rows.len(), report.shown().count());
            for (row, finding) in rows.iter().zip(report.shown()) {
                assert_eq!((&row[0], &row[1]), (finding.id().as_str(), finding.judgement.verdict.name()));
                assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
            }
        },
    );
}

#[test]
fn markdown_keeps_its_columns() {
    let text = with_findings(|_| {}, markdown::render);
    assert!(text.starts_with("**FAIL: "), "{text}");
    let table: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(table[0].starts_with("| verdict | severity |"), "{table:?}");
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let of_findings = table.iter().take_while(|line| columns(line) == columns(table[0])).count();
    assert_eq!(of_findings, with_findings(|_| {}, |report| report.shown().count()) + 2);
    assert!(!text.contains("<b>"), "{text}");
}

#[test]
fn a_test_s_reader_sees_red_where_the_verdict_is() {
    let count = |text: &str, word: &str| text.matches(word).count();
    with_findings(
        |_| {},
        |report| {
            let text = junit::render(report);
            assert_eq!(count(&text, "<failure "), 3, "{text}");
            // Five findings and the reading itself.
            assert_eq!(count(&text, "<error "), 6);
            assert!(
                text.contains(
                    "<testsuites name=\"keyfleet check\" tests=\"9\" failures=\"3\" errors=\"6\" skipped=\"0\""
                )
            );
            assert!(text.contains("]]&gt;") && !text.contains("]]>"), "{text}");
        },
    );
    let high = with_findings(|terms| terms.fail_on = Severity::High, junit::render);
    assert_eq!(count(&high, "<failure "), 2, "the disabled key does not decide");
    assert_eq!(count(&high, "<skipped "), 1);
    assert_eq!(count(&high, "<error "), 6, "what is not known decides, whatever it weighs");
    let nothing = with_findings(|terms| terms.rules = &[], junit::render);
    assert!(nothing.contains("<testsuite name=\"not_usable\"") && !nothing.contains("coverage"), "{nothing}");
}

#[test]
fn a_reading_that_died_of_a_bug_is_red() {
    with_findings(
        |terms| terms.rules = &[],
        |report| {
            let mut checked = report.checked.clone();
            checked.findings.clear();
            checked.complete = true;
            let whole = FindingsReport { checked: &checked, ..*report };
            assert!(!junit::render(&whole).contains("<error "));
            let died = FindingsReport { has_panicked: true, ..whole };
            assert!(junit::render(&died).contains("<error message=\"a reading died of a bug"));
            let document: Value = serde_json::from_str(&as_sarif(&died)).unwrap();
            let invocation = &document["runs"][0]["invocations"][0];
            assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&70.into(), &false.into()));
        },
    );
}

#[test]
fn code_scanning_gets_a_rule_for_each_check_and_a_place_for_each_result() {
    with_findings(everything, |report| {
        let document: Value = serde_json::from_str(&as_sarif(report)).unwrap();
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), crate::domain::check::CHECKS.len());
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), report.shown().count());
        for (result, finding) in results.iter().zip(report.shown()) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], finding.id());
            let is_certain = finding.judgement.verdict == Verdict::Fail;
            assert_eq!((result["kind"] == "fail", result["level"] != "none"), (is_certain, is_certain));
            assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "keyfleet.toml");
        }
        let gap = results.iter().find(|result| result["properties"]["key_id"] == "mrk-b").unwrap();
        let name = &gap["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
        assert_eq!(name, "arn:aws:kms:eu-west-1:111122223333:key/mrk-b");
        assert_eq!(gap["properties"]["rule"], RULE);
        let invocation = &run["invocations"][0];
        assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&1.into(), &false.into()));
        assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn nothing_in_a_message_is_a_placeholder_or_a_link() {
    let mut off = crate::domain::check::tuning::Tuning::default();
    let switch = crate::domain::check::tuning::Switch { enabled: Some(false), severity: None };
    off.checks.insert(COVERAGE.id, switch);
    with_findings(everything, |report| {
        let mut checked = report.checked.clone();
        let detail = crate::domain::text::Foreign::new("[click {0}](https://example.com)\\").safe();
        checked.findings.truncate(1);
        checked.findings[0].judgement.detail = detail;
        let terms = Terms { tuning: &off, ..report.terms.clone() };
        let hostile = FindingsReport { checked: &checked, terms: &terms, ..*report };
        let document: Value = serde_json::from_str(&as_sarif(&hostile)).unwrap();
        let text = document.pointer("/runs/0/results/0/message/text").unwrap().as_str().unwrap();
        assert!(text.ends_with("\\[click {{0}}\\](https://example.com)\\\\"), "{text}");
        let notified = document.pointer("/runs/0/invocations/0/toolConfigurationNotifications/0/message/text").unwrap();
        assert!(notified.as_str().unwrap().contains("(\\[checks.coverage\\] enabled = false)"), "{notified}");
    });
}

#[test]
fn a_rules_file_is_pointed_at_and_no_directory_of_this_machine() {
    let check = |path: &str, expected: &str| {
        let document = with_findings(
            |terms| terms.rules_file = Some(crate::domain::text::Foreign::new(path)),
            |report| serde_json::from_str::<Value>(&as_sarif(report)).unwrap(),
        );
        let uri = &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, expected, "{path}");
    };
    check("rules/kms rules.toml", "rules/kms%20rules.toml");
    check("./keys.toml", "keys.toml");
    check("/home/maria/.config/keyfleet/config.toml", "config.toml");
    check("../shared/keys.toml", "keys.toml");
    check("", "keyfleet.toml");
}
