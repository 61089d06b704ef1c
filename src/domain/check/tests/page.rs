//! docs/checks.md is made from the registry.

use std::fmt::Write as _;
use std::fs;

use crate::domain::check::{CHECKS, Check};
use crate::domain::reading::Deep;

const PAGE: &str = "docs/checks.md";

const HEAD: &str = "# Checks

Made from the registry of checks, `src/domain/check.rs`.

Each check says of a key, in a Region or as a whole, that something is certainly wrong (`fail`), that it holds (`pass`, shown with
`--all`), or that it cannot be told because something could not be read (`unknown`). A failure that is certain from what was
read is given whatever else is dark; a pass never rests on what was not read.

Every check can be tuned in the configuration, in a table named after it:

```toml
[checks.policy_drift]
enabled = false          # leave it out
severity = \"high\"        # high, medium, low or info
```

`keyfleet check --fail-on` says from which severity on a failure counts: `medium` unless told otherwise. What is not known always counts.
";

#[test]
fn the_page_of_checks_is_the_registry() {
    let made = page();
    #[expect(clippy::disallowed_methods, reason = "the switch that also renews the snapshots and the pictures")]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(PAGE, &made).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(kept == made, "{PAGE} is not what the registry says: run `INSTA_UPDATE=always cargo test page_of_checks`");
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n| check | severity | what is wrong where it fires |\n|---|---|---|\n");
    for check in CHECKS {
        let severity = severity(check);
        let _infallible = writeln!(text, "| [`{0}`](#{0}) | {severity} | {1} |", check.id, check.title);
    }
    for check in CHECKS {
        let _infallible = write!(
            text,
            "\n## {}\n\n**{}.** {}\n\n- severity: {}\n- reads: {}\n- remedy: {}\n",
            check.id,
            check.title,
            check.rationale,
            severity(check),
            reads(check),
            check.remedy
        );
        if let Some(setting) = setting(check.id) {
            let _infallible = writeln!(text, "- setting: {setting}");
        }
    }
    text
}

fn severity(check: &Check) -> &'static str {
    if check.id == "coverage" { "the rule's" } else { check.severity.name() }
}

fn reads(check: &Check) -> String {
    let mut read = vec!["the listings and the members' descriptions"];
    if check.id == "alias_drift" {
        read.push("the aliases of each Region (ListAliases)");
    }
    read.extend(check.needs.iter().map(|deep| match deep {
        Deep::Policy => "each member's policy (GetKeyPolicy)",
        Deep::Tags => "each member's tags (ListResourceTags)",
        Deep::Rotation => "the primary's rotation (GetKeyRotationStatus)",
    }));
    read.join(", ")
}

fn setting(id: &str) -> Option<&'static str> {
    match id {
        "coverage" => Some("the `[[rules]]` of the configuration, or `--rules FILE`"),
        "material_expiry" => Some("`within = \"30d\"`: how long before its end material counts as expiring"),
        "moving_long" => Some("`after = \"10m\"`: how long a member may be Creating or Updating"),
        "tags_drift" => Some("`ignore = [\"aws:*\"]`: tag keys that may differ; `*` is any run of characters"),
        "alias_drift" => Some("`ignore = []`: aliases that may differ, such as `\"alias/*-old\"`"),
        _ => None,
    }
}
