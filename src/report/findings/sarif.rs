//! The findings as SARIF 2.1.0, for code scanning: a rule for each check, a result for each finding.
//!
//! A key lies in no file. Each result says where it is by a logical location, the key's ARN; and because code scanning takes no result without a file, it also points
//! at the first line of the rules. What cannot be decided is a result of the kind `open`; as the standard asks, its level and that of a pass are `none`. Results
//! are told apart by the finding's ID, not by that line.

use serde_json::{Value, json};

use super::{Names, unjudged_words};
use crate::domain::check::finding::Finding;
use crate::domain::check::{CHECKS, Check};
use crate::domain::text::{Foreign, Safe, safe};
use crate::domain::verdict::{Severity, Verdict};
use crate::report::table::regions;
use crate::wire::findings::{COMMIT, FindingsReport, digest, entry};
use crate::wire::json;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Where the rules are taken to stand if no file has them.
const USUAL_FILE: &str = "keyfleet.toml";

/// The document in pieces, one for each result, so that no more than one of them is held at a time.
pub(crate) fn pieces<'report>(
    report: &'report FindingsReport<'_>,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + 'report {
    let before = json::to_string_pretty(&run(report)).map(|run| {
        let open = run.strip_suffix("\n}").unwrap_or(&run).replace('\n', "\n    ");
        let schema = format!("\"$schema\": \"{SCHEMA}\",\n  \"version\": \"2.1.0\"");
        format!("{{\n  {schema},\n  \"runs\": [\n    {open},\n      \"results\": [")
    });
    let (names, file) = (Names::of(report), file(report));
    let results = report.shown().enumerate().map(move |(index, finding)| {
        let comma = if index == 0 { "" } else { "," };
        // No string in it holds a line break, so every line is one of the indentation.
        json::to_string_pretty(&result(report, (&names, &file), finding))
            .map(|result| format!("{comma}\n        {}", result.replace('\n', "\n        ")))
    });
    let after = "\n      ]\n    }\n  ]\n}\n".to_owned();
    std::iter::once(before).chain(results).chain(std::iter::once(Ok(after)))
}

/// The run, without its results.
fn run(report: &FindingsReport<'_>) -> Value {
    let rules: Vec<Value> = CHECKS.iter().map(rule).collect();
    json!({
        "tool": {"driver": {
            "name": "keyfleet",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation(report)],
        "properties": {
            "verdict": report.verdict().name(),
            "complete": report.checked.complete,
            "evidence": report.terms.accepted.name(),
            "failOn": report.terms.fail_on.name(),
            "filter": report.terms.filter.map(Foreign::original),
            "configDigest": digest(report),
            "commit": COMMIT,
            "requests": report.requests.total(),
            "usd": report.requests.usd,
        },
    })
}

fn rule(check: &Check) -> Value {
    json!({
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.rationale},
        "help": {"text": check.remedy},
        "defaultConfiguration": {"level": level(check.severity)},
        "properties": {"severity": check.severity.name()},
    })
}

fn invocation(report: &FindingsReport<'_>) -> Value {
    let arguments: Vec<&str> = report.terms.command.iter().skip(1).map(Foreign::original).collect();
    let unread: Vec<Value> = regions::missing(&report.fleet)
        .iter()
        .map(|line| json!({"level": "error", "message": message(line)}))
        .collect();
    let unjudged: Vec<Value> =
        unjudged_words(report).iter().map(|words| json!({"level": "warning", "message": message(words)})).collect();
    json!({
        "arguments": arguments,
        "startTimeUtc": report.fleet.taken_at.rfc3339(),
        "endTimeUtc": report.fleet.finished_at.rfc3339(),
        "exitCode": report.exit_code(),
        "executionSuccessful": report.checked.complete && !report.has_panicked,
        "toolExecutionNotifications": unread,
        "toolConfigurationNotifications": unjudged,
    })
}

/// Words as they stand: in a message of SARIF, braces would be placeholders and brackets links (sections 3.11.5 and 3.11.6).
fn message(words: &Safe) -> Value {
    let mut text = String::with_capacity(words.as_str().len());
    for character in words.as_str().chars() {
        match character {
            '{' | '}' => text.push(character),
            '\\' | '[' | ']' => text.push('\\'),
            _ => {}
        }
        text.push(character);
    }
    json!({"text": text})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn result(report: &FindingsReport<'_>, (names, file): (&Names<'_>, &str), finding: &Finding) -> Value {
    let judgement = &finding.judgement;
    let (kind, level) = match judgement.verdict {
        Verdict::Fail => ("fail", level(finding.severity)),
        Verdict::Unknown => ("open", "none"),
        Verdict::Pass => ("pass", "none"),
    };
    let id = finding.id();
    json!({
        "ruleId": finding.check,
        "ruleIndex": CHECKS.iter().position(|check| check.id == finding.check),
        "kind": kind,
        "level": level,
        "message": message(&safe!("{}: {}", names.key(finding), judgement.detail)),
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": 1}},
            "logicalLocations": [logical_location(report, names, finding)],
        }],
        // Code scanning knows only the first name, and takes it for a digest of the line.
        "partialFingerprints": {"primaryLocationLineHash": id, "keyfleetFinding/v1": id},
        "properties": entry(report, finding),
    })
}

/// The member, the key in all Regions, or the rule that is about none.
fn logical_location(report: &FindingsReport<'_>, names: &Names<'_>, finding: &Finding) -> Value {
    let Some(key) = &finding.key else {
        let rule = finding.rule.as_ref().map(Foreign::original).unwrap_or_default();
        return json!({"name": rule, "fullyQualifiedName": format!("rule/{rule}"), "kind": "rule"});
    };
    let members = report.fleet.fleet.key(key).map(|entry| &entry.members);
    let any = members.and_then(|members| members.values().next()).map(|member| &member.arn);
    let (arn, kind) = match (any, finding.region()) {
        (Some(any), Some(region)) => (any.in_region(region).to_string(), "member"),
        (Some(any), None) => (any.to_string().replacen(any.region.as_str(), "*", 1), "key"),
        (None, _) => (key.id.to_string(), "key"),
    };
    json!({"name": names.name(finding).as_str(), "fullyQualifiedName": arn, "kind": kind})
}

/// The file with the rules as a relative reference: what stands above the directory of the run is nobody's business.
fn file(report: &FindingsReport<'_>) -> String {
    let path = report.terms.rules_file.as_ref().map_or(USUAL_FILE, Foreign::original).replace('\\', "/");
    let path = path.trim_start_matches("./");
    let is_inside = !path.starts_with('/') && !path.contains(':') && path.split('/').all(|part| part != "..");
    let shown = if is_inside { path } else { path.rsplit('/').next().unwrap_or_default() };
    let encoded: String = shown.bytes().map(encoded).collect();
    if encoded.is_empty() { USUAL_FILE.to_owned() } else { encoded }
}

fn encoded(byte: u8) -> String {
    let is_plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}
